#include "verifier/facts/macho_signature.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay::facts {
namespace {

using formats::MachoView;
namespace macho = formats::macho;

constexpr std::uint32_t kSuperBlob = 0xfade0cc0;
constexpr std::uint32_t kDirectory = 0xfade0c02;
constexpr std::uint32_t kEntitlements = 0xfade7171;
constexpr std::uint32_t kMostBlobs = 64;
constexpr std::size_t kLongestIdentifier = 1024;

struct Blob {
  Be32 magic, length;
};

struct Index {
  Be32 type, offset;
};

struct Directory {
  Be32 magic, length, version, flags, digests, identifier;
};
static_assert(sizeof(Directory) == 24 && FileStruct<Directory>);

// The text between the next <tag> and </tag> from `at` on, which moves behind.
std::optional<std::string_view> NextElement(std::string_view text,
                                            std::string_view tag,
                                            std::size_t& at) {
  const std::string open = "<" + std::string(tag) + ">";
  const std::string close = "</" + std::string(tag) + ">";
  const std::size_t start = text.find(open, at);
  const std::size_t from = start + open.size();
  const std::size_t end =
      start == std::string_view::npos ? start : text.find(close, from);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  at = end + close.size();
  return text.substr(from, end - from);
}

class SignatureReader {
 public:
  SignatureReader(ByteView blobs, std::uint64_t start, FactWriter& facts)
      : blobs_(blobs), start_(start), facts_(facts) {}

  void Read() {
    const auto head = ReadAt<Blob>(blobs_, 0);
    const auto count = ReadAt<Be32>(blobs_, sizeof(Blob));
    if (!head || !count || head->magic != kSuperBlob) {
      return;
    }
    for (std::uint64_t i = 0; i < std::min<std::uint32_t>(*count, kMostBlobs);
         ++i) {
      const auto index = ReadAt<Index>(
          blobs_, sizeof(Blob) + sizeof(Be32) + i * sizeof(Index));
      const auto blob =
          index ? ReadAt<Blob>(blobs_, index->offset) : std::nullopt;
      const auto content =
          blob ? Slice(blobs_, index->offset, blob->length) : std::nullopt;
      if (content && blob->magic == kDirectory && !named_) {
        AddIdentifier(*content, index->offset);
      } else if (content && blob->magic == kEntitlements &&
                 content->size() > sizeof(Blob)) {
        AddEntitlements(AsText(content->subspan(sizeof(Blob))),
                        start_ + index->offset + sizeof(Blob));
      }
    }
  }

 private:
  void AddIdentifier(ByteView blob, std::uint64_t offset) {
    const auto directory = ReadAt<Directory>(blob, 0);
    if (!directory || directory->identifier >= blob.size()) {
      return;
    }
    const std::string_view rest =
        AsText(blob.subspan(std::size_t{directory->identifier}));
    const std::string_view name =
        rest.substr(0, std::min(rest.find('\0'), kLongestIdentifier));
    named_ = true;
    facts_.Add(
        {.kind = "macho.identifier",
         .value = std::string(name),
         .place = Range{start_ + offset + directory->identifier, name.size()}});
  }

  // A property list: <key>NAME</key> and a value. The text of a list of values
  // is not taken apart.
  void AddEntitlements(std::string_view text, std::uint64_t start) {
    std::size_t at = 0;
    while (const auto key = NextElement(text, "key", at)) {
      const std::size_t next = std::min(text.find("<key>", at), text.size());
      const std::string_view value = text.substr(at, next - at);
      std::size_t inside = 0;
      const auto string = NextElement(value, "string", inside);
      std::string said;
      if (string) {
        said = *string;
      } else if (value.find("<true/>") != std::string_view::npos) {
        said = "true";
      } else if (value.find("<false/>") != std::string_view::npos) {
        said = "false";
      }
      const auto offset = static_cast<std::uint64_t>(key->data() - text.data());
      if (!facts_.Add({.kind = "macho.entitlement",
                       .value = std::string(*key),
                       .attributes = {{"to", said}},
                       .place = Range{start + offset, key->size()}})) {
        return;
      }
    }
  }

  ByteView blobs_;
  std::uint64_t start_;
  FactWriter& facts_;
  bool named_ = false;
};

}  // namespace

void AddSigned(const MachoView& view, FactWriter& facts) {
  const auto* command = view.Find(macho::kCodeSignature);
  if (command == nullptr) {
    return;
  }
  const Range range = view.RangeAt(*command, 8);
  if (const auto blobs = Slice(view.bytes, range.offset, range.length)) {
    SignatureReader(*blobs, range.offset, facts).Read();
  }
}

}  // namespace assay::facts
