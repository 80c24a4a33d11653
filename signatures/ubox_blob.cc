#include "signatures/ubox_blob.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace assay::signatures {
namespace {

// be32: one bit "extended", seven of identifier, 24 of length with header;
// the next one begins at a multiple of four.
struct Attribute {
  std::uint8_t id = 0;
  ByteView content = {};
};

std::optional<Attribute> Take(ByteReader& reader) {
  const auto word = reader.Take<Be32>();
  const std::uint32_t length = word ? *word & 0xFFFFFFU : 0;
  if (!word || length < sizeof(Be32)) {
    return std::nullopt;
  }
  const auto content = reader.TakeBytes(length - sizeof(Be32));
  // The last one's padding may be missing.
  if (!content || (!reader.Align(4) && !reader.Skip(reader.remaining()))) {
    return std::nullopt;
  }
  return Attribute{static_cast<std::uint8_t>((*word >> 24U) & 0x7FU), *content};
}

// enum blobmsg_type.
enum Type : std::uint8_t { kTable = 2, kString = 3, kInt64 = 4, kInt32 = 5 };

struct Field {
  std::uint8_t type = 0;
  ByteView value = {};
};

// be16 length of the name, the name and a NUL, padded to four with its header.
std::optional<std::map<std::string_view, Field>> FieldsOf(ByteView table) {
  std::map<std::string_view, Field> fields;
  ByteReader reader(table);
  while (reader.remaining() > 0) {
    const auto attribute = Take(reader);
    ByteReader inside(attribute ? attribute->content : ByteView());
    const auto size = inside.Take<Be16>();
    const auto name = size ? inside.TakeBytes(*size) : std::nullopt;
    if (!name || !inside.Skip(1) || !inside.Align(4)) {
      return std::nullopt;
    }
    const Field field{attribute->id, *inside.TakeBytes(inside.remaining())};
    if (!fields.emplace(AsText(*name), field).second) {
      return std::nullopt;
    }
  }
  return fields;
}

template <typename T>
std::optional<std::uint64_t> NumberIn(
    const std::map<std::string_view, Field>& fields, std::string_view name,
    Type type) {
  const auto field = fields.find(name);
  if (field == fields.end() || field->second.type != type ||
      field->second.value.size() != sizeof(T)) {
    return std::nullopt;
  }
  const auto value = ReadAt<T>(field->second.value, 0);
  return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
}

}  // namespace

Result<std::vector<UcertElement>> UcertElements(ByteView chain,
                                                std::size_t most) {
  constexpr std::uint8_t kSignature = 0;
  constexpr std::uint8_t kPayload = 1;
  std::vector<UcertElement> elements;
  ByteReader reader(chain);
  while (reader.remaining() > 0) {
    const auto blob = Take(reader);
    ByteReader inside(blob ? blob->content : ByteView());
    const auto signature = Take(inside);
    if (!signature || signature->id != kSignature || elements.size() >= most) {
      return Fail(ErrorCode::kMalformed, "not a chain of ucert elements");
    }
    UcertElement element{.signature = signature->content};
    if (inside.remaining() > 0) {
      const auto payload = Take(inside);
      if (!payload || payload->id != kPayload || inside.remaining() > 0) {
        return Fail(ErrorCode::kMalformed, "an element holds something else");
      }
      element.payload = payload->content;
    }
    elements.push_back(element);
  }
  return elements;
}

Result<UcertPayload> ReadUcertPayload(ByteView payload) {
  const auto outer = FieldsOf(payload);
  const auto table = outer
                         ? outer->find("ucert")
                         : std::map<std::string_view, Field>::const_iterator();
  if (!outer || table == outer->end() || table->second.type != kTable) {
    return Fail(ErrorCode::kMalformed, "a signed payload is no ucert table");
  }
  const auto fields = FieldsOf(table->second.value);
  if (!fields) {
    return Fail(ErrorCode::kMalformed, "a ucert table is damaged");
  }
  const auto type = NumberIn<Be32>(*fields, "certtype", kInt32);
  const auto from = NumberIn<Be64>(*fields, "validfrom", kInt64);
  const auto until = NumberIn<Be64>(*fields, "expiresat", kInt64);
  const auto key = fields->find("pubkey");
  if (!type || !from || !until || key == fields->end() ||
      key->second.type != kString || *from > INT64_MAX || *until > INT64_MAX) {
    return Fail(ErrorCode::kMalformed, "a ucert table lacks an attribute");
  }
  const std::string_view text = AsText(key->second.value);
  return UcertPayload{
      .type = static_cast<std::uint32_t>(*type),
      .valid_from = static_cast<UnixTime>(*from),
      .expires = static_cast<UnixTime>(*until),
      .public_key = std::string(text.substr(0, text.find('\0')))};
}

}  // namespace assay::signatures
