// Signatures of RPM packages, versions 3, 4 and 6. Source: rpm's
// docs/manual/format_v3.md, format_v4.md, format_v6.md, lib/rpmvs.c.
//
// A signature in the signature header is over the main header, which names
// digests of the payload; older ones are over header and payload. The lead and
// the signature header are signed by nobody. A signature over the header counts
// for the payload only through a digest that the header names.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "signatures/openpgp.h"
#include "signatures/rpm_ranges.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/rpm_header.h"

namespace assay::signatures {
namespace {

using formats::RpmEntry;
using formats::RpmHeader;

constexpr std::size_t kMaxMessage = 4UL << 20U;
constexpr std::size_t kMaxMessages = 16UL << 20U;  // of one package
constexpr std::size_t kMaxSignature = 1UL << 20U;
constexpr std::size_t kMostSignatures = 16;

constexpr std::uint32_t kBinaryType = 7;
constexpr std::uint32_t kStringArrayType = 8;

enum class Reach { kHeader, kHeaderAndPayload };

struct SignatureTag {
  std::uint32_t tag;
  Reach reach;
  std::uint32_t type;
};
constexpr std::array<SignatureTag, 6> kSignatureTags = {{
    {267, Reach::kHeader, kBinaryType},             // DSA
    {268, Reach::kHeader, kBinaryType},             // RSA
    {278, Reach::kHeader, kStringArrayType},        // OPENPGP, base64
    {1002, Reach::kHeaderAndPayload, kBinaryType},  // PGP
    {1005, Reach::kHeaderAndPayload, kBinaryType},  // GPG
    {1006, Reach::kHeaderAndPayload, kBinaryType},  // PGP5
}};

const SignatureTag* FindSignatureTag(std::uint32_t tag) {
  const auto* found =
      std::ranges::find(kSignatureTags, tag, &SignatureTag::tag);
  return found == kSignatureTags.end() ? nullptr : found;
}

class Finder {
 public:
  Finder(const RpmPackage& package, Observations& into)
      : package_(package),
        into_(into),
        outside_(RangesOutside(package)),
        payload_(PayloadByDigest(package)),
        problems_(ProblemsOf(package)) {}

  void Run() {
    const std::size_t before = into_.candidates.size();
    for (const RpmEntry& entry : package_.signature.Entries()) {
      if (const SignatureTag* tag = FindSignatureTag(entry.tag)) {
        AddAll(*tag, entry);
      }
    }
    if (into_.candidates.size() == before) {
      AddDigests();
    }
  }

 private:
  void AddAll(const SignatureTag& tag, const RpmEntry& entry) {
    Range place = package_.signature.PlaceOf(entry);
    const ByteView header = package_.At(package_.parts.signature);
    ByteView value =
        Slice(header, place.offset, place.length).value_or(ByteView());
    place.offset += package_.parts.signature.offset;
    if (entry.type != tag.type) {
      Add(tag, place,
          Fail(ErrorCode::kMalformed,
               fmt::format("tag {} has the type {}", tag.tag, entry.type)));
    } else if (tag.type == kBinaryType) {
      Add(tag, place, CopyOf(value));
    } else {
      for (const std::string_view text : Split(AsText(value), '\0')) {
        if (!text.empty()) {
          Add(tag, {place.offset, text.size()}, FromBase64Text(text));
        }
        place.offset += text.size() + 1;
      }
    }
  }

  static Result<Bytes> FromBase64Text(std::string_view text) {
    const auto decoded = FromBase64(text);
    if (!decoded) {
      return Fail(ErrorCode::kMalformed, "a signature is not base64");
    }
    return CopyOf(AsBytes(*decoded));
  }

  void Add(const SignatureTag& tag, Range place, const Result<Bytes>& packets) {
    if (++count_ > kMostSignatures) {
      if (count_ == kMostSignatures + 1) {
        into_.candidates.back().problems.push_back(
            fmt::format("more than {} signatures", kMostSignatures));
      }
      return;
    }
    SignatureCandidate candidate{.scheme = kRpmSignature.name,
                                 .place = place,
                                 .ranges = outside_,
                                 .problems = problems_};
    if (!packets) {
      candidate.problems.push_back(packets.error().what);
    } else if (packets->size() > kMaxSignature) {
      candidate.problems.emplace_back("a signature is over the limit of 1 MiB");
    } else {
      candidate.signature = *packets;
      Describe(candidate);
    }
    Reaches(tag.reach, candidate);
    into_.candidates.push_back(std::move(candidate));
  }

  static void Describe(SignatureCandidate& candidate) {
    const auto signatures = SplitSignatures(candidate.signature);
    if (!signatures) {
      candidate.problems.push_back(signatures.error().what);
    } else if (signatures->size() != 1) {
      candidate.problems.push_back(
          fmt::format("{} signatures where rpm reads one", signatures->size()));
    } else {
      candidate.key_hint = signatures->front().issuer;
    }
  }

  void Reaches(Reach reach, SignatureCandidate& candidate) {
    const Range header = package_.parts.header;
    Range message = header;
    candidate.ranges.push_back({.range = header, .what = "header"});
    if (reach == Reach::kHeader) {
      if (!package_.header.IsAllRegion(kRpmHeaderRegion)) {
        candidate.problems.emplace_back(
            "the header's immutable region, which is what is signed, is not "
            "all of the header");
      }
      candidate.ranges.push_back(payload_);
    } else {
      message.length += package_.parts.payload.length;
      candidate.ranges.push_back(
          {.range = package_.parts.payload, .what = "payload"});
    }
    if (message.length <= kMaxMessage &&
        kept_ + message.length <= kMaxMessages) {
      kept_ += message.length;
      candidate.message = CopyOf(package_.At(message));
    }
  }

  // A package that nobody signed says what its bytes should be.
  void AddDigests() {
    SignatureCandidate candidate{.scheme = kRpmSignature.name,
                                 .place = package_.parts.signature,
                                 .ranges = outside_,
                                 .problems = problems_};
    candidate.ranges.push_back(HeaderByDigest(package_));
    candidate.ranges.push_back(payload_);
    into_.candidates.push_back(std::move(candidate));
  }

  const RpmPackage& package_;
  Observations& into_;
  const std::vector<ClaimedRange> outside_;
  const ClaimedRange payload_;
  const std::vector<std::string> problems_;
  std::size_t count_ = 0;
  std::size_t kept_ = 0;
};

bool Find(const Subject& subject, Observations& into) {
  if (!formats::IsRpmPackage(subject.content)) {
    return false;
  }
  const auto package = RpmPackage::Parse(subject.content);
  if (!package) {
    into.candidates.push_back({.scheme = kRpmSignature.name,
                               .place = {0, subject.content.size()},
                               .problems = {package.error().what}});
    return false;
  }
  Finder(*package, into).Run();
  return true;
}

// What of the package the signature does not reach, for people.
void SayWhatIsReached(const SignatureCandidate& candidate,
                      SignatureCheck& check) {
  for (const ClaimedRange& range : candidate.ranges) {
    if (range.coverage == Coverage::kByDigest) {
      check.steps.push_back(fmt::format("the header names the {} of the {}",
                                        NameOf(range.expected->algorithm),
                                        range.what));
    } else if (range.coverage == Coverage::kUncoveredLive) {
      check.skipped.push_back(fmt::format("{}: signed by nobody", range.what));
    }
  }
}

// `message` is what the signed ranges hold, one after the other, where that is
// too large to keep in the candidate.
SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kRpmSignature.name)};
  if (!candidate.problems.empty()) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.front();
    return check;
  }
  if (candidate.signature.empty()) {
    const bool digests =
        std::ranges::any_of(candidate.ranges, [](const ClaimedRange& range) {
          return range.coverage == Coverage::kByDigest;
        });
    check.indication = digests ? Indication::kDigestOnly : Indication::kNone;
    check.detail = digests ? "the package is not signed; its digests, which "
                             "anybody can compute, are all that it has"
                           : "the package is neither signed nor names digests";
    return check;
  }
  const ByteView signed_bytes =
      candidate.message.empty() ? message : ByteView(candidate.message);
  if (signed_bytes.empty()) {
    check.indication = Indication::kUnsupported;
    check.detail =
        "what is signed is over the limit of 4 MiB (16 MiB for all "
        "signatures of a package)";
    return check;
  }
  check = CheckOpenPgp(kRpmSignature.name, candidate.signature, signed_bytes,
                       trust, SignedForm::kBinary);
  SayWhatIsReached(candidate, check);
  return check;
}

}  // namespace

const SignatureScheme kRpmSignature = {
    .name = "rpm_signature",
    .title = "RPM package signature",
    .reference = "rpm, docs/manual/format_v4.md, format_v6.md",
    .reproduce =
        "rpmkeys --define \"_dbpath $PWD/keys\" --import {anchor}\n"
        "rpmkeys --define \"_dbpath $PWD/keys\" -Kv {holder}",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
