#include "signatures/der.h"

namespace assay::signatures {

std::optional<DerElement> ReadDer(ByteView bytes) {
  constexpr std::uint8_t kHighTag = 0x1F;
  constexpr std::uint8_t kLongForm = 0x80;
  constexpr std::size_t kMaxLengthOctets = 4;
  if (bytes.size() < 2 || (bytes[0] & kHighTag) == kHighTag) {
    return std::nullopt;
  }
  std::size_t header = 2;
  std::uint64_t length = bytes[1];
  if (bytes[1] >= kLongForm) {
    const std::size_t octets = bytes[1] - kLongForm;
    const auto digits = Slice(bytes, header, octets);
    if (octets == 0 || octets > kMaxLengthOctets || !digits) {
      return std::nullopt;
    }
    length = 0;
    for (const std::uint8_t digit : *digits) {
      length = (length << 8U) | digit;
    }
    header += octets;
  }
  const auto content = Slice(bytes, header, length);
  if (!content) {
    return std::nullopt;
  }
  return DerElement{.tag = bytes[0],
                    .whole = bytes.first(header + content->size()),
                    .content = *content};
}

std::optional<DerElement> DerReader::Next() {
  const auto element = ReadDer(rest_);
  if (element) {
    rest_ = rest_.subspan(element->whole.size());
  }
  return element;
}

std::optional<DerElement> DerReader::Next(std::uint8_t tag) {
  return !rest_.empty() && rest_[0] == tag ? Next() : std::nullopt;
}

Bytes WriteDer(std::uint8_t tag, ByteView content) {
  constexpr unsigned kOctets = 4;
  Bytes out;
  out.reserve(2 + kOctets + content.size());
  out.push_back(tag);
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    out.push_back(0x80U | kOctets);
    for (unsigned shift = 8 * kOctets; shift != 0;) {
      shift -= 8;
      out.push_back(
          static_cast<std::uint8_t>((content.size() >> shift) & 0xFFU));
    }
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

}  // namespace assay::signatures
