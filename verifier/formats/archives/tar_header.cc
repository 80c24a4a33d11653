#include "verifier/formats/archives/tar_header.h"

#include <algorithm>
#include <limits>

namespace assay::formats {
namespace {

constexpr std::size_t kChecksumAt = 148;
constexpr std::string_view kTypes(
    "\0"
    "01234567xgXLKSDMNV",
    19);

std::optional<std::int64_t> Base256(ByteView field) {
  const bool negative = (field[0] & 0x40U) != 0;
  // The first bit is the marker; the second one is the sign.
  std::int64_t value = negative ? -1 : 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::uint8_t byte =
        i > 0 ? field[i]
              : static_cast<std::uint8_t>(negative ? field[0] | 0x80U
                                                   : field[0] & 0x7FU);
    if (value > (std::numeric_limits<std::int64_t>::max() >> 8) ||
        value < (std::numeric_limits<std::int64_t>::min() >> 8)) {
      return std::nullopt;
    }
    value = value * 256 + byte;
  }
  return value;
}

std::optional<std::int64_t> Octal(std::string_view text) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::int64_t value = 0;
  std::size_t used = 0;
  for (; used < text.size() && text[used] >= '0' && text[used] <= '7'; ++used) {
    if (value > kMax >> 3) {
      return std::nullopt;
    }
    value = value * 8 + (text[used] - '0');
  }
  text.remove_prefix(used);
  // What follows the terminator is not looked at by any tar.
  const bool ended = text.empty() || text[0] == ' ' || text[0] == '\0';
  return ended ? std::optional(value) : std::nullopt;
}

}  // namespace

bool IsUstar(const TarHeader& header) {
  return AsText(header.magic).substr(0, 6) == std::string_view("ustar\0", 6);
}

bool IsGnu(const TarHeader& header) {
  return AsText(header.magic) == std::string_view("ustar  \0", 8);
}

bool HasTarChecksum(const TarHeader& header) {
  const std::string_view text = AsText(header.checksum);
  if (text.find_first_of("01234567") == std::string_view::npos) {
    return false;
  }
  const auto stored = TarNumber(header.checksum);
  const ByteView bytes = BytesOf(header);
  std::int64_t sum = 0;
  std::int64_t high = 0;  // bytes of 128 and more
  for (const std::uint8_t byte : bytes) {
    sum += byte;
    high += byte >> 7U;
  }
  for (const std::uint8_t byte :
       bytes.subspan(kChecksumAt, header.checksum.size())) {
    sum += ' ' - std::int64_t{byte};
    high -= byte >> 7U;
  }
  return stored && (*stored == sum || *stored == sum - 256 * high);
}

std::optional<std::int64_t> TarNumber(ByteView field) {
  if (!field.empty() && (field[0] & 0x80U) != 0) {
    return Base256(field);
  }
  return Octal(AsText(field));
}

std::string_view TarText(ByteView field) {
  const std::string_view text = AsText(field);
  return text.substr(0, text.find('\0'));
}

std::string TarName(const TarHeader& header) {
  const std::string_view prefix =
      IsUstar(header) ? TarText(header.prefix) : std::string_view();
  std::string name(prefix);
  if (!prefix.empty()) {
    name.push_back('/');
  }
  return name.append(TarText(header.name));
}

bool IsTarHeader(ByteView block) {
  const auto header = ReadAt<TarHeader>(block, 0);
  if (!header || !HasTarChecksum(*header)) {
    return false;
  }
  const auto size = TarNumber(header->size);
  if (!size || *size < 0) {
    return false;
  }
  if (IsUstar(*header) || IsGnu(*header)) {
    return true;
  }
  return header->name[0] != 0 && TarNumber(header->mode) &&
         TarNumber(header->uid) && TarNumber(header->gid) &&
         TarNumber(header->mtime) &&
         kTypes.find(static_cast<char>(header->type)) != std::string_view::npos;
}

}  // namespace assay::formats
