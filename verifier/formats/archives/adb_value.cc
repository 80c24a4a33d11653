#include "verifier/formats/archives/adb_value.h"

namespace assay::formats::adb {
namespace {

constexpr std::uint32_t kTypeMask = 0xf0000000;
constexpr std::uint32_t kInt = 0x10000000;
constexpr std::uint32_t kInt32 = 0x20000000;
constexpr std::uint32_t kInt64 = 0x30000000;
constexpr std::uint32_t kBlob8 = 0x80000000;
constexpr std::uint32_t kBlob16 = 0x90000000;
constexpr std::uint32_t kBlob32 = 0xa0000000;
constexpr std::uint32_t kArray = 0xd0000000;
constexpr std::uint32_t kObject = 0xe0000000;

constexpr std::uint32_t kExtended = 3;

using Byte = Stored<std::uint8_t, ByteOrder::kLittle>;

}  // namespace

std::optional<BlockHead> ReadBlock(ByteView head) {
  const auto word = ReadAt<Le32>(head, 0);
  if (!word) {
    return std::nullopt;
  }
  BlockHead block{.type = *word >> 30U, .header = sizeof(Le32)};
  std::uint64_t size = *word & 0x3fffffffU;
  if (block.type == kExtended) {
    constexpr std::uint64_t kExtendedHeader = 16;
    const auto extended = ReadAt<Le64>(head, 8);
    if (!extended) {
      return std::nullopt;
    }
    block.type = static_cast<std::uint32_t>(size);
    block.header = kExtendedHeader;
    size = *extended;
  }
  if (block.type > kData || size < block.header) {
    return std::nullopt;
  }
  block.size = size - block.header;
  return block;
}

Slots::Slots(ByteView block, std::uint32_t value) : block_(block) {
  const std::uint32_t type = value & kTypeMask;
  const std::uint64_t at = value & ~kTypeMask;
  const auto count = ReadAt<Le32>(block, at);
  if ((type != kArray && type != kObject) || !count || *count == 0 ||
      !Slice(block, at, std::uint64_t{*count} * sizeof(Le32))) {
    return;
  }
  at_ = at;
  count_ = *count - 1;
}

std::uint32_t Slots::Value(std::uint32_t slot) const {
  if (slot == 0 || slot > count_) {
    return 0;
  }
  return ReadAt<Le32>(block_, at_ + std::uint64_t{slot} * sizeof(Le32))
      .value_or(Le32{});
}

Slots Slots::Object(std::uint32_t slot) const {
  return {block_, Value(slot)};
}

std::uint64_t Slots::Number(std::uint32_t slot) const {
  const std::uint32_t value = Value(slot);
  const std::uint32_t low = value & ~kTypeMask;
  switch (value & kTypeMask) {
    case kInt:
      return low;
    case kInt32:
      return ReadAt<Le32>(block_, low).value_or(Le32{});
    case kInt64:
      return ReadAt<Le64>(block_, low).value_or(Le64{});
    default:
      return 0;
  }
}

std::optional<Range> Slots::Place(std::uint32_t slot) const {
  const std::uint32_t value = Value(slot);
  const std::uint64_t at = value & ~kTypeMask;
  std::optional<Range> place;
  switch (value & kTypeMask) {
    case kBlob8:
      if (const auto size = ReadAt<Byte>(block_, at)) {
        place = Range{at + sizeof(Byte), *size};
      }
      break;
    case kBlob16:
      if (const auto size = ReadAt<Le16>(block_, at)) {
        place = Range{at + sizeof(Le16), *size};
      }
      break;
    case kBlob32:
      if (const auto size = ReadAt<Le32>(block_, at)) {
        place = Range{at + sizeof(Le32), *size};
      }
      break;
    default:
      break;
  }
  return place && Slice(block_, place->offset, place->length) ? place
                                                              : std::nullopt;
}

ByteView Slots::Blob(std::uint32_t slot) const {
  const auto place = Place(slot);
  return place ? *Slice(block_, place->offset, place->length) : ByteView();
}

}  // namespace assay::formats::adb
