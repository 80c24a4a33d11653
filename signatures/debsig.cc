// Signatures inside of Debian packages: members _gpgorigin, _gpgmaint ... of
// the ar archive, each an OpenPGP signature over the contents of debian-binary,
// control.tar* and data.tar*, one after the other. Source: debsig-verify(1),
// debsigs(1); deb(5) for the members.
//
// dpkg passes over members whose names begin with '_', and debsig-verify 0.28
// over everything that it does not know: whatever else lies in the archive is
// signed by nobody, and some reader may take it for the package.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "signatures/openpgp.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/ar_members.h"

namespace assay::signatures {
namespace {

using formats::ArMember;

constexpr std::string_view kArMagic = "!<arch>\n";
constexpr std::string_view kPrefix = "_gpg";
constexpr std::size_t kMaxMessage = 4UL << 20U;
constexpr std::size_t kMaxSignature = 1UL << 20U;
constexpr std::size_t kMostSignatures = 16;
constexpr std::array<std::string_view, 6> kCompressions = {
    "", ".gz", ".xz", ".zst", ".bz2", ".lzma"};

bool IsTar(std::string_view name, std::string_view stem) {
  return std::ranges::any_of(kCompressions, [&](std::string_view ending) {
    return name == fmt::format("{}{}", stem, ending);
  });
}

// Which of the three parts of a package a member is.
enum class Part : std::size_t { kVersion, kControl, kData, kSignature, kOther };

Part PartOf(const ArMember& member) {
  if (member.name == "debian-binary") {
    return Part::kVersion;
  }
  if (IsTar(member.name, "control.tar")) {
    return Part::kControl;
  }
  if (IsTar(member.name, "data.tar")) {
    return Part::kData;
  }
  return member.name.starts_with(kPrefix) ? Part::kSignature : Part::kOther;
}

struct Package {
  ByteView bytes = {};
  std::vector<ArMember> members = {};
  std::array<const ArMember*, 3> parts = {};  // in the order that is signed
  std::vector<std::string> problems = {};
};

// Each part once, in the order of deb(5).
void FindParts(Package& package) {
  std::size_t next = 0;
  for (const ArMember& member : package.members) {
    const auto part = static_cast<std::size_t>(PartOf(member));
    if (part >= package.parts.size()) {
      continue;
    }
    if (package.parts.at(part) != nullptr) {
      package.problems.push_back(
          fmt::format("a second {}: readers of the package take either",
                      Escaped(member.name)));
      continue;
    }
    if (part != next++) {
      package.problems.push_back(
          fmt::format("{} is out of its place", Escaped(member.name)));
    }
    package.parts.at(part) = &member;
  }
  if (std::ranges::find(package.parts, nullptr) != package.parts.end()) {
    package.problems.emplace_back(
        "not debian-binary, control.tar and data.tar");
  }
}

std::vector<ClaimedRange> RangesOf(const Package& package) {
  constexpr Coverage kInert = Coverage::kUncoveredInert;
  std::vector<ClaimedRange> ranges = {
      {.range = {0, kArMagic.size()}, .coverage = kInert, .what = "ar magic"}};
  for (const ArMember& member : package.members) {
    const Part part = PartOf(member);
    const bool is_part =
        part < Part::kSignature &&
        package.parts.at(static_cast<std::size_t>(part)) == &member;
    const Range tail{member.content.end(), member.end - member.content.end()};
    ranges.push_back(
        {.range = member.header,
         .coverage = part == Part::kOther ? Coverage::kUncoveredLive : kInert,
         .what = "ar header"});
    ranges.push_back({.range = member.content,
                      .coverage = is_part ? Coverage::kSigned
                                  : part == Part::kSignature
                                      ? kInert
                                      : Coverage::kUncoveredLive,
                      .what = Escaped(member.name)});
    if (tail.length > 0) {
      ranges.push_back({.range = tail, .coverage = kInert, .what = "padding"});
    }
  }
  return ranges;
}

Result<Bytes> PacketsOf(ByteView content) {
  return AsText(content).starts_with("-----BEGIN ")
             ? Dearmor(AsText(content), "PGP SIGNATURE")
             : CopyOf(content);
}

Bytes MessageOf(const Package& package) {
  Bytes message;
  for (const ArMember* part : package.parts) {
    if (part == nullptr ||
        part->content.length > kMaxMessage - message.size()) {
      return {};
    }
    const ByteView content =
        *Slice(package.bytes, part->content.offset, part->content.length);
    message.insert(message.end(), content.begin(), content.end());
  }
  return message;
}

void AddSignature(const Package& package, const ArMember& member,
                  Observations& into) {
  SignatureCandidate candidate{.scheme = kDebsig.name,
                               .place = member.content,
                               .ranges = RangesOf(package),
                               .problems = package.problems};
  if (member.content.length > kMaxSignature) {
    candidate.problems.emplace_back("the signature is over the limit of 1 MiB");
    into.candidates.push_back(std::move(candidate));
    return;
  }
  candidate.signature = CopyOf(
      *Slice(package.bytes, member.content.offset, member.content.length));
  const auto packets = PacketsOf(candidate.signature);
  const auto signatures =
      packets ? SplitSignatures(*packets) : Fail(packets.error());
  if (!signatures) {
    candidate.problems.push_back(signatures.error().what);
  } else {
    candidate.key_hint = signatures->front().issuer;
  }
  if (candidate.problems.empty()) {
    candidate.message = MessageOf(package);
  }
  into.candidates.push_back(std::move(candidate));
}

bool Find(const Subject& subject, Observations& into) {
  if (!AsText(subject.content).starts_with(kArMagic)) {
    return false;
  }
  const auto members = formats::ReadArMembers(subject.content);
  if (members.empty() || members.front().name != "debian-binary") {
    return false;
  }
  Package package{.bytes = subject.content, .members = members};
  FindParts(package);
  if (const std::uint64_t end = members.back().end;
      end < subject.content.size()) {
    package.problems.push_back(fmt::format("{} bytes behind the last member",
                                           subject.content.size() - end));
  }
  std::size_t count = 0;
  for (const ArMember& member : package.members) {
    if (PartOf(member) != Part::kSignature) {
      continue;
    }
    if (++count > kMostSignatures) {
      into.candidates.back().problems.push_back(
          fmt::format("more than {} signatures", kMostSignatures));
      break;
    }
    AddSignature(package, member, into);
  }
  return count > 0;
}

// `message` is what the signed ranges hold, one after the other, where that is
// too large to keep in the candidate.
SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kDebsig.name)};
  const auto packets = PacketsOf(candidate.signature);
  if (!candidate.problems.empty() || !packets) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.empty() ? packets.error().what
                                              : candidate.problems.front();
    return check;
  }
  const ByteView signed_bytes =
      candidate.message.empty() ? message : ByteView(candidate.message);
  if (signed_bytes.empty()) {
    check.indication = Indication::kUnsupported;
    check.detail = "what is signed is over the limit of 4 MiB";
    return check;
  }
  check = CheckOpenPgp(kDebsig.name, *packets, signed_bytes, trust,
                       SignedForm::kBinary);
  for (const ClaimedRange& range : candidate.ranges) {
    if (range.coverage == Coverage::kUncoveredLive &&
        range.what != "ar header") {
      check.skipped.push_back(
          fmt::format("member {}: signed by nobody", range.what));
    }
  }
  return check;
}

}  // namespace

const SignatureScheme kDebsig = {
    .name = "debsig",
    .title = "signature inside of a Debian package",
    .reference = "debsig-verify(1), deb(5)",
    .reproduce =
        "ar p {holder} debian-binary >message\n"
        "ar t {holder} | grep '^control.tar' | xargs ar p {holder} >>message\n"
        "ar t {holder} | grep '^data.tar' | xargs ar p {holder} >>message\n"
        "tail -c +$(({offset} + 1)) {holder} | head -c {length} >signature\n"
        "gpgv --keyring {anchor} signature message",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
