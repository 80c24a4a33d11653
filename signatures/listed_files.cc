#include "signatures/listed_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/text.h"
#include "verifier/formats/disks/avb_tree.h"

namespace assay::signatures {
namespace {

bool IsWeak(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::kMd5 ||
         algorithm == DigestAlgorithm::kSha1;
}

struct Comparison {
  std::string mismatch = {};  // "" or expected against found
  bool compared_strong = false;
  bool compared_weak = false;
};

Comparison Compare(const ListedFile& listed, const PresentFile& present) {
  Comparison result;
  if (!present.problem.empty()) {
    result.mismatch = present.problem;
    return result;
  }
  if (listed.size && *listed.size != present.size) {
    result.mismatch = fmt::format("the list says {} bytes, found {}",
                                  *listed.size, present.size);
    return result;
  }
  for (const Digest& expected : listed.digests) {
    const auto found = std::ranges::find(present.digests, expected.algorithm,
                                         &Digest::algorithm);
    if (found == present.digests.end()) {
      continue;
    }
    if (found->hex != expected.hex) {
      result.mismatch =
          fmt::format("the list says {} {}, found {}",
                      NameOf(expected.algorithm), expected.hex, found->hex);
      return result;
    }
    (IsWeak(expected.algorithm) ? result.compared_weak
                                : result.compared_strong) = true;
  }
  return result;
}

void Set(SignatureCheck& check, Indication indication,
         std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
  check.good_keys.clear();
}

void Judge(const ListedFile& listed, const PresentFile& present,
           bool legacy_algorithms, SignatureCheck& check) {
  const Comparison result = Compare(listed, present);
  if (!result.mismatch.empty()) {
    Set(check, Indication::kTotalFailed, "HASH_FAILURE", result.mismatch);
    return;
  }
  if (!result.compared_strong && !result.compared_weak) {
    Set(check, Indication::kIndeterminate, "SIGNED_DATA_NOT_FOUND",
        "none of the listed digests was computed for this file");
    return;
  }
  const bool passed = check.indication == Indication::kTotalPassed;
  if (passed && !result.compared_strong && !legacy_algorithms) {
    Set(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
        "only MD5 or SHA-1 tie the file to the list");
    return;
  }
  if (passed && listed.part) {
    check.covers = present.reached;
  } else if (passed) {
    check.covers = {{.artifact = present.artifact,
                     .range = {0, present.size},
                     .coverage = Coverage::kByDigest}};
  }
}

}  // namespace

void ReadListedPart(const ListedFile& listed, ByteView content,
                    PresentFile& file) {
  const DigestedPart& part = *listed.part;
  const auto image = Slice(content, 0, part.length);
  file.digests.clear();
  if (!image || listed.digests.empty()) {
    file.problem = fmt::format("the list says {} bytes at least, found {}",
                               part.length, content.size());
    return;
  }
  const DigestAlgorithm algorithm = listed.digests.front().algorithm;
  const std::string name(NameOf(algorithm));
  const auto reach = [&](Range range, Coverage coverage) {
    if (range.length > 0) {
      file.reached.push_back({file.artifact, range, coverage});
    }
  };
  reach({0, part.length}, Coverage::kByDigest);
  if (part.block == 0) {
    if (const auto digest =
            formats::avb::SaltedDigest(name, part.salt, *image)) {
      file.digests = {{algorithm, HexOf(*digest)}};
    }
    return;
  }
  const auto tree =
      formats::avb::ComputeTree(name, part.salt, *image, part.block);
  if (!tree) {
    return;
  }
  file.digests = {{algorithm, HexOf(tree->root)}};
  const auto stored = Slice(content, part.tree.offset, part.tree.length);
  if (!stored ||
      (!stored->empty() && !std::ranges::equal(*stored, tree->levels))) {
    // It is the stored one that is read, down from the signed root.
    file.problem = "its hash tree is not that of its bytes";
    return;
  }
  reach(part.tree, Coverage::kByDigest);
  if (Slice(content, part.correction.offset, part.correction.length)) {
    reach(part.correction, Coverage::kUncoveredInert);
  }
}

std::vector<SignatureCheck> CheckListed(const SignatureCandidate& candidate,
                                        const SignatureCheck& outer,
                                        const FileLookup& lookup,
                                        bool legacy_algorithms) {
  std::vector<SignatureCheck> checks;
  for (const ListedFile& listed : candidate.listed) {
    SignatureCheck check = outer;
    check.covers.clear();
    check.target = Escaped(listed.name);
    check.steps.push_back(fmt::format(
        "{} lists {}{}", outer.holder.empty() ? "the list" : outer.holder,
        Escaped(listed.name),
        listed.digests.empty()
            ? ""
            : fmt::format(", {} {}", NameOf(listed.digests[0].algorithm),
                          listed.digests[0].hex)));
    if (const auto present = lookup(listed)) {
      check.target = present->path;
      Judge(listed, *present, legacy_algorithms, check);
    } else {
      Set(check, Indication::kIndeterminate, "SIGNED_DATA_NOT_FOUND",
          "a listed file that is not there");
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace assay::signatures
