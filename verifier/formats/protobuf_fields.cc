#include "verifier/formats/protobuf_fields.h"

namespace assay::formats {

std::optional<std::uint64_t> ProtobufReader::TakeVarint() {
  constexpr unsigned kBits = 7;
  constexpr unsigned kLast = 63;  // the tenth byte has one bit of the number
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift <= kLast; shift += kBits) {
    const auto byte = reader_.Take<std::uint8_t>();
    if (!byte || (shift == kLast && *byte > 1)) {
      return std::nullopt;
    }
    value |= std::uint64_t{*byte & 0x7FU} << shift;
    if ((*byte & 0x80U) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

bool ProtobufReader::TakeValue(ProtobufField& field) {
  using Type = ProtobufField::Type;
  switch (field.type) {
    case Type::kVarint:
      if (const auto value = TakeVarint()) {
        field.value = *value;
        return true;
      }
      return false;
    case Type::kFixed64:
      if (const auto value = reader_.Take<Le64>()) {
        field.value = *value;
        return true;
      }
      return false;
    case Type::kFixed32:
      if (const auto value = reader_.Take<Le32>()) {
        field.value = *value;
        return true;
      }
      return false;
    case Type::kBytes:
      if (const auto length = TakeVarint()) {
        const auto bytes = reader_.TakeBytes(*length);
        field.bytes = bytes.value_or(ByteView());
        return bytes.has_value();
      }
      return false;
  }
  return false;  // groups, which proto2 gave up, and what never was
}

std::optional<ProtobufField> ProtobufReader::Next() {
  if (failed_ || reader_.remaining() == 0) {
    return std::nullopt;
  }
  constexpr unsigned kTypeBits = 3;
  constexpr std::uint64_t kMostNumber = (1ULL << 29U) - 1;
  const auto tag = TakeVarint();
  const std::uint64_t number = tag.value_or(0) >> kTypeBits;
  ProtobufField field{
      .number = static_cast<std::uint32_t>(number),
      .type = static_cast<ProtobufField::Type>(tag.value_or(0) & 7U)};
  failed_ = number == 0 || number > kMostNumber || !TakeValue(field);
  return failed_ ? std::nullopt : std::optional(field);
}

}  // namespace assay::formats
