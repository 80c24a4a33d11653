#include "verifier/formats/codecs/xz_extent.h"

#include <array>

#include "verifier/base/crc32.h"

namespace assay::formats {
namespace {

constexpr std::size_t kHeader = 12;  // of a stream; its footer is as long
// Section 2.1.1.2: bytes of the check, by its type.
constexpr std::array<std::uint64_t, 16> kCheckSizes = {
    0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64};

// Section 1.2: seven bits a byte, lowest first, at most nine bytes.
std::optional<std::uint64_t> TakeInteger(ByteReader& reader) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    const auto byte = reader.TakeBytes(1);
    if (!byte) {
      return std::nullopt;
    }
    value |= std::uint64_t{byte->front() & 0x7fU} << shift;
    if ((byte->front() & 0x80U) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

bool EndsWithItsCrc(ByteView bytes) {
  const auto stored = ReadAt<Le32>(bytes, bytes.size() - sizeof(Le32));
  return stored && Crc32(bytes.first(bytes.size() - sizeof(Le32))) == *stored;
}

// Section 3: passes a block whose header is `size` bytes long.
bool SkipBlock(ByteReader& reader, std::uint64_t size, std::uint64_t check) {
  constexpr unsigned kBothSizes = 0xc0;
  const auto header = reader.TakeBytes(size);
  if (!header || !EndsWithItsCrc(*header) ||
      ((*header)[1] & kBothSizes) != kBothSizes) {
    return false;
  }
  ByteReader fields(header->subspan(2));
  const auto compressed = TakeInteger(fields);
  return compressed && reader.Skip(*compressed) && reader.Align(4) &&
         reader.Skip(check);
}

// Section 4: passes the index behind its indicator, which was read.
bool SkipIndex(ByteReader& reader, std::uint64_t blocks) {
  const auto records = TakeInteger(reader);
  if (!records || *records != blocks) {
    return false;
  }
  for (std::uint64_t i = 0; i < 2 * blocks; ++i) {
    if (!TakeInteger(reader)) {
      return false;
    }
  }
  return reader.Align(4) && reader.Skip(sizeof(Le32));
}

}  // namespace

std::optional<std::uint64_t> XzStreamExtent(ByteView bytes) {
  ByteReader reader(bytes);
  const auto header = reader.TakeBytes(kHeader);
  if (!header) {
    return std::nullopt;
  }
  const std::uint64_t check = kCheckSizes.at((*header)[7] & 0x0fU);
  for (std::uint64_t blocks = 0;; ++blocks) {
    const auto indicator = ReadAt<Stored<std::uint8_t, ByteOrder::kLittle>>(
        bytes, reader.consumed());
    if (!indicator) {
      return std::nullopt;
    }
    if (*indicator == 0) {
      const bool whole = reader.Skip(1) && SkipIndex(reader, blocks);
      const auto footer = whole ? reader.TakeBytes(kHeader) : std::nullopt;
      const bool ends = footer && AsText(footer->last(2)) == "YZ";
      return ends ? std::optional<std::uint64_t>(reader.consumed())
                  : std::nullopt;
    }
    if (!SkipBlock(reader, (*indicator + 1ULL) * 4, check)) {
      return std::nullopt;
    }
  }
}

}  // namespace assay::formats
