// SWUpdate: a cpio archive whose first member, sw-description, lists the
// others, and whose second, sw-description.sig, signs it.
// Layout: SWUpdate documentation, "Software management" and "Update images
// from verified source"; swupdate/corelib.
//
// The description is a list: what it names has the authority of whatever
// signature covers it. OpenPGP signatures are openpgp_detached's.

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "signatures/bundle_signers.h"
#include "signatures/cms.h"
#include "signatures/der.h"
#include "signatures/libconfig.h"
#include "signatures/openpgp.h"
#include "signatures/raw_signature.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kDescription = "sw-description";
constexpr std::string_view kSignature = "sw-description.sig";
constexpr std::size_t kMaxSize = 1UL << 20U;

// An image, file or script: each needs a digest, and one alone.
void AddFile(const ConfigGroup& group, SignatureCandidate& candidate) {
  const auto name = group.strings.find("filename");
  if (name == group.strings.end()) {
    return;
  }
  const auto sha256 = group.strings.find("sha256");
  const auto value = sha256 == group.strings.end()
                         ? std::nullopt
                         : BytesFromHex(sha256->second);
  if (!value || value->size() != SizeOf(DigestAlgorithm::kSha256)) {
    candidate.problems.push_back(fmt::format("{} has no sha256 (in {})",
                                             Escaped(name->second),
                                             Escaped(group.path)));
    return;
  }
  const Digest digest{DigestAlgorithm::kSha256, HexOf(*value)};
  const auto known = std::ranges::find_if(
      candidate.listed,
      [&](const ListedFile& file) { return file.name == name->second; });
  if (known == candidate.listed.end()) {
    candidate.listed.push_back({.name = name->second, .digests = {digest}});
  } else if (known->digests.front() != digest) {
    candidate.problems.push_back(fmt::format(
        "{} is listed twice, with two digests", Escaped(name->second)));
  }
}

bool FindDescription(const Subject& subject, Observations& into) {
  SignatureCandidate candidate{.scheme = kSwupdate.name,
                               .place = {0, subject.content.size()}};
  candidate.age.scheme = kSwupdate.name;
  if (subject.content.size() > kMaxSize) {
    candidate.problems.emplace_back("a description of more than 1 MiB");
  } else if (const auto groups = ReadLibconfig(AsText(subject.content))) {
    for (const ConfigGroup& group : *groups) {
      AddFile(group, candidate);
      const auto version = group.strings.find("version");
      if (group.path == "/software" && version != group.strings.end()) {
        candidate.age.version = version->second;
      }
    }
  } else {
    candidate.problems.push_back(groups.error().what);
  }
  const bool understood = candidate.problems.empty();
  into.candidates.push_back(std::move(candidate));
  return understood;
}

// openpgp_detached finds those.
bool IsOpenPgp(ByteView content) {
  return AsText(content).starts_with("-----BEGIN PGP") ||
         SplitSignatures(content).has_value();
}

bool FindSignature(const Subject& subject, Observations& into) {
  const ByteView content = subject.content;
  if (IsOpenPgp(content)) {
    return false;
  }
  SignatureCandidate candidate{.scheme = kSwupdate.name,
                               .place = {0, content.size()},
                               .targets = {std::string(kDescription)}};
  const auto der = ReadDer(content);
  if (content.empty() || content.size() > kMaxSize) {
    candidate.problems.emplace_back("no signature, or one of more than 1 MiB");
  } else if (der && der->tag == kDerSequence &&
             der->whole.size() == content.size()) {
    candidate.signature = CopyOf(content);
  } else {
    // CONFIG_SIGALG_RAWRSA and _RSAPSS write the number alone.
    candidate.signature = Encode({.kind = RawSignature::Kind::kByKey,
                                  .digest = DigestAlgorithm::kSha256,
                                  .algorithm = "RSA, sha256",
                                  .value = CopyOf(content)});
  }
  into.candidates.push_back(std::move(candidate));
  return true;
}

bool Find(const Subject& subject, Observations& into) {
  const std::string_view name = BaseName(subject.artifact.name);
  if (name == kDescription) {
    return FindDescription(subject, into);
  }
  return name == kSignature && FindSignature(subject, into);
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kSwupdate.name)};
  if (!candidate.problems.empty()) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.front();
    return check;
  }
  if (candidate.signature.empty()) {
    check.indication = Indication::kDigestOnly;
    check.detail = "a description; nothing in it says who wrote it";
    return check;
  }
  if (DecodeRaw(candidate.signature)) {
    return CheckRaw(candidate, message, trust, {.scheme = kSwupdate.name});
  }
  CheckCms(candidate.signature, {.bytes = message}, {}, trust, check);
  ERR_clear_error();
  KeepBundleSigners(candidate.signature, trust, check);
  return check;
}

}  // namespace

const SignatureScheme kSwupdate = {
    .name = "swupdate",
    .title = "SWUpdate description and its signature",
    .reference =
        "SWUpdate documentation, \"Update images from verified source\"",
    .reproduce =
        "openssl dgst -sha256 -verify {anchor} -signature {holder} {target} || "
        "openssl cms -verify -binary -inform DER -in {holder} -content "
        "{target} -CAfile {anchor} -purpose any -out /dev/null",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
