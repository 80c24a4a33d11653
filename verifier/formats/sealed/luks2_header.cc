#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/part_layout.h"
#include "verifier/formats/sealed/key_derivation.h"
#include "verifier/formats/sealed/luks2_json.h"
#include "verifier/formats/sealed/luks_volume.h"

namespace assay::formats::luks {
namespace {

constexpr std::uint64_t kBinarySize = 4096;
constexpr std::size_t kChecksumAt = 448;
constexpr std::size_t kChecksumSize = 64;

struct Header {
  std::array<std::uint8_t, 6> magic = {};
  Be16 version;
  Be64 size, sequence;
  std::array<std::uint8_t, 48> label = {};
  std::array<std::uint8_t, 32> checksum_hash = {};
  std::array<std::uint8_t, 64> salt = {};
  std::array<std::uint8_t, 40> uuid = {};
  std::array<std::uint8_t, 48> subsystem = {};
  Be64 offset;
  std::array<std::uint8_t, 184> padding = {};
  std::array<std::uint8_t, kChecksumSize> checksum = {};
};
static_assert(sizeof(Header) == 512 && FileStruct<Header>);

// A header whose own fields agree with each other and with its place.
std::optional<Header> HeaderAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<Header>(bytes, at);
  if (!header || header->version != 2 || header->offset != at ||
      AsText(header->magic) != (at == 0 ? kMagic : kSecondMagic)) {
    return std::nullopt;
  }
  const std::uint64_t size = header->size;
  const bool fits = size >= kSmallestHeader && size <= kLargestHeader &&
                    (size & (size - 1)) == 0 && (at == 0 || at == size);
  return fits && IsPrintableField(header->checksum_hash) ? header
                                                         : std::nullopt;
}

// Nothing when the hash is unknown; else whether the checksum holds.
std::optional<bool> ChecksumHolds(ByteView bytes, std::uint64_t at,
                                  const Header& header) {
  const EVP_MD* hash = sealed::HashNamed(UntilNul(header.checksum_hash));
  const auto whole = Slice(bytes, at, header.size);
  if (hash == nullptr || !whole) {
    return std::nullopt;
  }
  Bytes copy = CopyOf(*whole);
  std::fill_n(copy.begin() + kChecksumAt, kChecksumSize, std::uint8_t{0});
  const Bytes digest = sealed::HashOf(hash, copy);
  const ByteView stored = header.checksum;
  return digest.size() <= kChecksumSize && !digest.empty() &&
         std::equal(digest.begin(), digest.end(), stored.begin()) &&
         IsZero(stored.subspan(digest.size()));
}

struct Copy {
  std::uint64_t at = 0;
  Header header = {};
  ByteView json = {};
};

// The header at `at` whose checksum holds.
std::optional<Copy> GoodCopy(ByteView bytes, std::uint64_t at) {
  const auto header = HeaderAt(bytes, at);
  if (!header || ChecksumHolds(bytes, at, *header) != true) {
    return std::nullopt;
  }
  return Copy{at, *header,
              *Slice(bytes, at + kBinarySize, header->size - kBinarySize)};
}

std::optional<Copy> SecondCopy(ByteView bytes) {
  for (std::uint64_t at = kSmallestHeader; at <= kLargestHeader; at *= 2) {
    if (auto copy = GoodCopy(bytes, at)) {
      return copy;
    }
  }
  return std::nullopt;
}

void ReportLost(Volume& volume, Range range, std::string_view which) {
  volume.anomalies.push_back(
      {.id = "luks.checksum-mismatch",
       .range = range,
       .detail = fmt::format("the {} header is damaged or missing", which)});
}

// Both have their checksums, so whoever made them differ meant to.
void Compare(const Copy& first, const Copy& second, Volume& volume) {
  const std::uint64_t one = first.header.sequence;
  const std::uint64_t two = second.header.sequence;
  const bool same = std::equal(first.json.begin(), first.json.end(),
                               second.json.begin(), second.json.end());
  if (one != two || !same || first.header.uuid != second.header.uuid ||
      first.header.label != second.header.label) {
    volume.anomalies.push_back(
        {.id = "luks.ambiguous-headers",
         .range = {second.at, second.header.size},
         .detail = fmt::format("the headers have sequence numbers {} and {}{}",
                               one, two, same ? "" : " and differ")});
  }
}

}  // namespace

bool IsLuks2(ByteView head) {
  const auto first = HeaderAt(head, 0);
  if (first) {
    const auto holds = ChecksumHolds(head, 0, *first);
    if (holds == true || (!holds && first->size > head.size() &&
                          head.size() >= Input::kPeekLimit)) {
      return true;
    }
  }
  return SecondCopy(head).has_value();
}

Result<Volume> ReadLuks2(ByteView bytes) {
  const auto first = GoodCopy(bytes, 0);
  const auto second =
      first ? GoodCopy(bytes, first->header.size) : SecondCopy(bytes);
  if (!first && !second) {
    return Fail(ErrorCode::kMalformed, "luks: no header whose checksum holds");
  }
  Volume volume{.version = 2};
  const std::uint64_t size = first ? first->header.size : second->header.size;
  const Copy* used = first ? &*first : &*second;
  if (first && second) {
    Compare(*first, *second, volume);
    if (second->header.sequence > first->header.sequence) {
      used = &*second;
    }
  } else {
    ReportLost(volume, first ? Range{size, size} : Range{0, size},
               first ? "second" : "first");
  }
  volume.headers = {{0, size}, {size, size}};
  volume.uuid = UntilNul(used->header.uuid);
  volume.label = UntilNul(used->header.label);
  if (auto ok = ReadJson(UntilNul(used->json), bytes.size(), volume); !ok) {
    return Fail(ok.error());
  }
  return volume;
}

}  // namespace assay::formats::luks
