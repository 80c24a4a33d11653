#include "verifier/formats/filesystems/udf_descriptors.h"

#include <chrono>

#include "verifier/base/crc32.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::udf {

std::optional<Tag> TagAt(ByteView bytes, std::uint64_t offset) {
  const auto raw = Slice(bytes, offset, sizeof(Tag));
  if (!raw) {
    return std::nullopt;
  }
  constexpr std::size_t kChecksumAt = 4;
  unsigned sum = 0;
  for (std::size_t i = 0; i < raw->size(); ++i) {
    sum += i == kChecksumAt ? 0U : (*raw)[i];
  }
  const auto tag = ReadAt<Tag>(*raw, 0);
  if (!tag || (sum & 0xFFU) != tag->checksum) {
    return std::nullopt;
  }
  const auto covered = Slice(bytes, offset + sizeof(Tag), tag->crc_length);
  // A tag of zeros has a checksum that holds.
  const bool blank = tag->id == 0 && tag->version == 0;
  return covered && !blank && Crc16Ccitt(0, *covered) == tag->crc
             ? tag
             : std::nullopt;
}

std::string_view EntityId::name() const {
  const std::string_view whole(id.data(), id.size());
  return whole.substr(0, whole.find('\0'));
}

std::string NameOf(ByteView stored) {
  if (stored.empty()) {
    return {};
  }
  const ByteView text = stored.subspan(1);
  constexpr std::uint8_t kNarrow = 8, kDeletedNarrow = 254;
  constexpr std::uint8_t kWide = 16, kDeletedWide = 255;
  if (stored[0] == kWide || stored[0] == kDeletedWide) {
    return TextOfUtf16Be(text);
  }
  if (stored[0] != kNarrow && stored[0] != kDeletedNarrow) {
    return std::string(AsText(stored));  // unknown: as it is
  }
  Bytes wide;
  wide.reserve(2 * text.size());
  for (const std::uint8_t character : text) {
    wide.insert(wide.end(), {character, 0});
  }
  return TextOfUtf16(wide);
}

std::optional<std::int64_t> TimeAt(ByteView bytes, std::uint64_t offset) {
  struct Stored {
    Le16 zone, year;
    std::uint8_t month, day, hour, minute, second, fractions[3];  // NOLINT
  };
  const auto stored = ReadAt<Stored>(bytes, offset);
  if (!stored) {
    return std::nullopt;
  }
  using std::chrono::day;
  using std::chrono::month;
  using std::chrono::year;
  const std::chrono::year_month_day date(
      year(static_cast<std::int16_t>(std::uint16_t{stored->year})),
      month(stored->month), day(stored->day));
  if (!date.ok()) {
    return std::nullopt;
  }
  // Twelve bits, signed, in minutes; -2047 says that none is stated.
  int zone = stored->zone & 0xFFF;
  zone = zone >= 0x800 ? zone - 0x1000 : zone;
  if (zone == -2047 || (stored->zone >> 12U) != 1) {
    zone = 0;
  }
  const std::int64_t days =
      std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400 + stored->hour * 3'600L + stored->minute * 60L +
         stored->second - std::int64_t{zone} * 60;
}

}  // namespace assay::formats::udf
