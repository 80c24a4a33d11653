#include "verifier/formats/archives/sevenzip_fields.h"

#include <fmt/format.h>

#include <utility>

namespace assay::formats::sevenzip {

void Fields::Bad(std::string what) {
  if (problem_.empty()) {
    problem_ = std::move(what);
  }
}

std::uint8_t Fields::OneByte() {
  using Byte = Stored<std::uint8_t, ByteOrder::kLittle>;
  const auto byte = ok() ? reader_.Take<Byte>() : std::nullopt;
  if (!byte) {
    Bad("ends early");
    return 0;
  }
  return *byte;
}

std::uint64_t Fields::Number() {
  const std::uint8_t first = OneByte();
  std::uint64_t value = 0;
  unsigned mask = 0x80;
  for (unsigned shift = 0; shift < 64; shift += 8, mask >>= 1U) {
    if ((first & mask) == 0) {
      return value | std::uint64_t{first & (mask - 1)} << shift;
    }
    value |= std::uint64_t{OneByte()} << shift;
  }
  return value;
}

std::uint64_t Fields::Count(std::uint64_t most, std::string_view what) {
  const std::uint64_t count = Number();
  if (count > most) {
    Bad(fmt::format("{} {}", count, what));
    return 0;
  }
  return count;
}

void Fields::Expect(std::uint64_t id, std::string_view what) {
  if (Number() != id) {
    Bad(fmt::format("no {}", what));
  }
}

std::vector<bool> Fields::Bits(std::uint64_t count) {
  std::vector<bool> bits(static_cast<std::size_t>(count));
  std::uint8_t byte = 0;
  for (std::size_t i = 0; i < bits.size() && ok(); ++i) {
    if (i % 8 == 0) {
      byte = OneByte();
    }
    bits[i] = (byte & (0x80U >> (i % 8))) != 0;
  }
  return bits;
}

std::vector<bool> Fields::Defined(std::uint64_t count) {
  if (OneByte() != 0) {
    return std::vector<bool>(static_cast<std::size_t>(count), true);
  }
  return Bits(count);
}

std::vector<std::optional<std::uint32_t>> Fields::Digests(std::uint64_t count) {
  std::vector<std::optional<std::uint32_t>> digests;
  for (const bool defined : Defined(count)) {
    digests.emplace_back();
    if (defined && ok()) {
      const auto crc = reader_.Take<Le32>();
      if (crc) {
        digests.back() = *crc;
      } else {
        Bad("ends in the CRCs");
      }
    }
  }
  return digests;
}

}  // namespace assay::formats::sevenzip
