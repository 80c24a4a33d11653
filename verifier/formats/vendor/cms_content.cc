#include "verifier/formats/vendor/cms_content.h"

#include <cstdint>
#include <string_view>

namespace assay::formats {
namespace {

// RFC 5652, sections 5.1 and 6.1: 1.2.840.113549.1.7.2 and .3.
constexpr std::string_view kSignedData = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
constexpr std::string_view kEnvelopedData =
    "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
constexpr std::uint8_t kObjectId = 0x06;
constexpr std::uint8_t kOctets = 0x04;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kExplicit0 = 0xA0;

// X.690, 8.1: the elements of one constructed element, one after the other.
class DerReader {
 public:
  DerReader(ByteView all, Range range) : all_(all), range_(range) {}

  // The content of the next element, which has that tag.
  std::optional<Range> Next(std::uint8_t tag) {
    const auto bytes = Slice(all_, range_.offset, range_.length);
    ByteReader reader(bytes.value_or(ByteView()));
    const auto found = reader.Take<std::uint8_t>();
    const auto first = reader.Take<std::uint8_t>();
    if (!found || !first || *found != tag) {
      return std::nullopt;
    }
    std::uint64_t length = *first;
    if (*first >= 0x80) {
      length = 0;
      if (*first == 0x80 || *first > 0x84) {
        return std::nullopt;  // indefinite, or absurd
      }
      for (unsigned i = 0; i < (*first & 0x7FU); ++i) {
        const auto digit = reader.Take<std::uint8_t>();
        if (!digit) {
          return std::nullopt;
        }
        length = length << 8U | *digit;
      }
    }
    if (length > reader.remaining()) {
      return std::nullopt;
    }
    const Range content{range_.offset + reader.consumed(), length};
    range_ = {content.end(), range_.end() - content.end()};
    return content;
  }

  [[nodiscard]] bool AtEnd() const { return range_.length == 0; }

 private:
  ByteView all_;
  Range range_;
};

}  // namespace

std::optional<CmsMessage> ParseCms(ByteView bytes) {
  DerReader whole(bytes, {0, bytes.size()});
  const auto info = whole.Next(kSequence);
  if (!info || !whole.AtEnd()) {
    return std::nullopt;
  }
  DerReader fields(bytes, *info);
  const auto type = fields.Next(kObjectId);
  const auto wrapped = fields.Next(kExplicit0);
  if (!type || !wrapped || !fields.AtEnd()) {
    return std::nullopt;
  }
  const std::string_view id =
      AsText(bytes.subspan(static_cast<std::size_t>(type->offset),
                           static_cast<std::size_t>(type->length)));
  if (id == kEnvelopedData) {
    return CmsMessage{};
  }
  if (id != kSignedData) {
    return std::nullopt;
  }
  CmsMessage message{.signed_data = true};
  const auto data = DerReader(bytes, *wrapped).Next(kSequence);
  if (!data) {
    return std::nullopt;
  }
  DerReader signed_data(bytes, *data);
  const auto version = signed_data.Next(0x02);
  const auto digests = signed_data.Next(0x31);
  const auto content = signed_data.Next(kSequence);
  if (!version || !digests || !content) {
    return std::nullopt;
  }
  DerReader encapsulated(bytes, *content);
  if (encapsulated.Next(kObjectId)) {
    if (const auto octets = encapsulated.Next(kExplicit0)) {
      message.content = DerReader(bytes, *octets).Next(kOctets);
    }
  }
  return message;
}

}  // namespace assay::formats
