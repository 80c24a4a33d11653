#include "signatures/rpm_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

using formats::RpmEntry;
using formats::RpmHeader;

constexpr std::uint32_t kSignatureRegion = 62;
constexpr std::uint32_t kReserved = 999;        // version 6
constexpr std::uint32_t kReservedSpace = 1008;  // version 4
constexpr std::uint32_t kLongSize = 270;
constexpr std::uint32_t kSize = 1000;
constexpr std::uint32_t kSha1 = 269;
constexpr std::uint32_t kSha256 = 273;
constexpr std::uint32_t kPayloadSha256 = 5092;
constexpr std::uint32_t kPayloadAlgorithm = 5093;
constexpr std::uint32_t kPayloadSha512 = 5121;
constexpr std::size_t kMostLive = 64;

// Tags of the signature header (include/rpm/rpmtag.h, RPMSIGTAG_*) with a
// meaning of their own: sizes, digests, signatures of the package and of its
// files.
constexpr std::array<std::uint32_t, 23> kKnownTags = {
    62,  257, 259, 261, 262, 267,  268,  269,  270,  271,  273, 274,
    275, 276, 277, 278, 279, 1000, 1002, 1004, 1005, 1006, 1007};

// Tags below 100 are regions; 256 to 999 belong to the signature header.
bool IsForeignTag(std::uint32_t tag) {
  constexpr std::uint32_t kFirstHeaderTag = 100;
  return tag < kFirstHeaderTag || (tag >= 256 && tag < 1000);
}

void CheckRegion(const RpmHeader& header, std::uint32_t region,
                 std::string_view what, std::vector<std::string>& into) {
  if (header.has(region) && header.OutsideRegion(region) != std::uint32_t{0}) {
    into.push_back(
        fmt::format("entries of the {} lie outside of its immutable "
                    "region, or it is damaged",
                    what));
  }
}

void CheckRepeated(const RpmHeader& header, std::string_view what,
                   std::vector<std::string>& into) {
  std::unordered_set<std::uint32_t> seen;
  for (const RpmEntry& entry : header.Entries()) {
    if (!seen.insert(entry.tag).second) {
      into.push_back(
          fmt::format("tag {} stands in the {} twice", entry.tag, what));
      return;
    }
  }
}

void CheckOrder(const RpmHeader& header, std::vector<std::string>& into) {
  const std::vector<RpmEntry> entries = header.Entries();
  const bool sorted = std::is_sorted(
      entries.begin() + 1, entries.end(),
      [](const RpmEntry& a, const RpmEntry& b) { return a.tag < b.tag; });
  if (header.has(kRpmHeaderRegion) && !sorted) {
    into.emplace_back("the header's tags are not in order");
  }
  const auto foreign = std::find_if(
      entries.begin() + (header.has(kRpmHeaderRegion) ? 1 : 0), entries.end(),
      [](const RpmEntry& entry) { return IsForeignTag(entry.tag); });
  if (foreign != entries.end()) {
    into.push_back(fmt::format(
        "tag {} of the signature header stands in the header", foreign->tag));
  }
}

// A digest as a header has it: of that algorithm's length, lower case.
std::optional<Digest> DigestIn(DigestAlgorithm algorithm,
                               std::string_view hex) {
  const auto bytes = BytesFromHex(hex);
  return bytes && bytes->size() == SizeOf(algorithm)
             ? std::optional(Digest{algorithm, HexOf(*bytes)})
             : std::nullopt;
}

ClaimedRange ByDigest(const RpmPackage& package, Range range, std::string what,
                      const std::vector<Digest>& expected) {
  ClaimedRange claimed{.range = range,
                       .coverage = Coverage::kUncoveredLive,
                       .what = std::move(what)};
  for (const Digest& one : expected) {
    // All have to match: one that does not speaks for the range.
    Digest found = DigestOf(one.algorithm, package.At(range));
    if (!claimed.expected || found != one) {
      claimed.coverage = Coverage::kByDigest;
      claimed.expected = one;
      claimed.found = std::move(found);
    }
    if (claimed.expected != claimed.found) {
      break;
    }
  }
  return claimed;
}

// RFC 9580 section 9.5, as PAYLOADDIGESTALGO has it.
std::optional<DigestAlgorithm> PayloadAlgorithm(const RpmHeader& header) {
  switch (header.Number(kPayloadAlgorithm).value_or(8)) {
    case 8:
      return DigestAlgorithm::kSha256;
    case 9:
      return DigestAlgorithm::kSha384;
    case 10:
      return DigestAlgorithm::kSha512;
    default:
      return std::nullopt;
  }
}

bool IsZero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

// Parts of the signature header that could say something to somebody.
std::vector<ClaimedRange> LiveIn(const RpmPackage& package) {
  std::vector<ClaimedRange> live;
  for (const RpmEntry& entry : package.signature.Entries()) {
    const bool reserved = entry.tag == kReserved || entry.tag == kReservedSpace;
    const bool known =
        std::ranges::find(kKnownTags, entry.tag) != kKnownTags.end();
    if (known || live.size() == kMostLive) {
      continue;
    }
    Range place = package.signature.PlaceOf(entry);
    place.offset += package.parts.signature.offset;
    if (reserved && IsZero(package.At(place))) {
      continue;
    }
    live.push_back(
        {.range = place,
         .coverage = Coverage::kUncoveredLive,
         .what = reserved
                     ? "reserved space that is not empty"
                     : fmt::format("tag {} of the signature header, which rpm "
                                   "does not know",
                                   entry.tag)});
  }
  std::ranges::sort(live, {}, &ClaimedRange::range);
  return live;
}

}  // namespace

Result<RpmPackage> RpmPackage::Parse(ByteView bytes) {
  const auto parts = formats::PartsOfRpm(bytes);
  if (!parts) {
    return Fail(parts.error());
  }
  RpmPackage package{.bytes = bytes, .parts = *parts};
  auto signature = RpmHeader::Parse(package.At(parts->signature));
  auto header = RpmHeader::Parse(package.At(parts->header));
  if (!signature || !header) {
    return Fail(signature ? header.error() : signature.error());
  }
  package.signature = std::move(*signature);
  package.header = std::move(*header);
  return package;
}

std::vector<std::string> ProblemsOf(const RpmPackage& package) {
  std::vector<std::string> problems;
  CheckRegion(package.signature, kSignatureRegion, "signature header",
              problems);
  CheckRegion(package.header, kRpmHeaderRegion, "header", problems);
  CheckRepeated(package.signature, "signature header", problems);
  CheckRepeated(package.header, "header", problems);
  CheckOrder(package.header, problems);
  const auto size = package.signature.Number(
      package.signature.has(kLongSize) ? kLongSize : kSize);
  const std::uint64_t found =
      package.parts.header.length + package.parts.payload.length;
  if (size && *size != found) {
    problems.push_back(
        fmt::format("header and payload should be {} bytes, "
                    "they are {}",
                    *size, found));
  }
  return problems;
}

std::vector<ClaimedRange> RangesOutside(const RpmPackage& package) {
  const Range signature = package.parts.signature;
  std::vector<ClaimedRange> ranges = {{.range = package.parts.lead,
                                       .coverage = Coverage::kUncoveredInert,
                                       .what = "lead"}};
  std::uint64_t at = signature.offset;
  const auto inert_to = [&](std::uint64_t end) {
    if (end > at) {
      ranges.push_back({.range = {at, end - at},
                        .coverage = Coverage::kUncoveredInert,
                        .what = "signature header"});
    }
  };
  for (ClaimedRange& live : LiveIn(package)) {
    const std::uint64_t begin = std::max(live.range.offset, at);
    const std::uint64_t end = std::min(live.range.end(), signature.end());
    if (begin < end) {
      inert_to(begin);
      live.range = {begin, end - begin};
      ranges.push_back(std::move(live));
      at = end;
    }
  }
  inert_to(signature.end());
  if (const Range padding = package.parts.padding; padding.length > 0) {
    ranges.push_back({.range = padding,
                      .coverage = IsZero(package.At(padding))
                                      ? Coverage::kUncoveredInert
                                      : Coverage::kUncoveredLive,
                      .what = "padding of the signature header"});
  }
  return ranges;
}

ClaimedRange PayloadByDigest(const RpmPackage& package) {
  std::vector<Digest> expected;
  const auto algorithm = PayloadAlgorithm(package.header);
  const auto named = package.header.Strings(kPayloadSha256);
  if (algorithm && !named.empty()) {
    if (auto digest = DigestIn(*algorithm, named.front())) {
      expected.push_back(std::move(*digest));
    }
  }
  if (auto digest = DigestIn(DigestAlgorithm::kSha512,
                             package.header.String(kPayloadSha512))) {
    expected.push_back(std::move(*digest));
  }
  return ByDigest(package, package.parts.payload, "payload", expected);
}

ClaimedRange HeaderByDigest(const RpmPackage& package) {
  std::vector<Digest> expected;
  for (const auto& [tag, algorithm] :
       {std::pair{kSha256, DigestAlgorithm::kSha256},
        std::pair{kSha1, DigestAlgorithm::kSha1}}) {
    if (auto digest = DigestIn(algorithm, package.signature.String(tag))) {
      expected.push_back(std::move(*digest));
    }
  }
  return ByDigest(package, package.parts.header, "header", expected);
}

}  // namespace assay::signatures
