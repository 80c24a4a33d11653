// Seama: a seal with text about the device, then entities with their MD5. In
// flash, an entity stands alone.
// Layout: OpenWrt firmware-utils, oseama.c (struct seama_seal_header, struct
// seama_entity_header).

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "verifier/base/digest.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 magic;
  Be16 reserved, meta_size;
  Be32 image_size;  // 0 in a seal
};
static_assert(sizeof(Header) == 12 && FileStruct<Header>);

constexpr std::uint32_t kMagic = 0x5ea3a417;
constexpr std::uint64_t kMd5 = 16;  // in front of the text of an entity
constexpr std::size_t kMaxParts = 64;

struct Part {
  bool seal = false;
  std::uint64_t at = 0;
  Range meta = {};
  Range image = {};
  [[nodiscard]] std::uint64_t end() const { return image.end(); }
};

// Strings "key=value", each ended by a NUL; the last may be followed by more.
bool IsMeta(ByteView meta) {
  for (const std::uint8_t c : meta) {
    if (c != 0 && (c < 0x20 || c > 0x7E)) {
      return false;
    }
  }
  return meta.empty() || UntilNul(meta).find('=') != std::string_view::npos;
}

std::optional<Part> PartAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<Header>(bytes, at);
  if (!header || header->magic != kMagic || header->reserved != 0) {
    return std::nullopt;
  }
  Part part{.seal = header->image_size == 0, .at = at};
  const std::uint64_t text = at + sizeof(Header) + (part.seal ? 0 : kMd5);
  part.meta = {text, header->meta_size};
  part.image = {part.meta.end(), header->image_size};
  const auto meta = Slice(bytes, part.meta.offset, part.meta.length);
  return meta && IsMeta(*meta) && (!part.seal || header->meta_size > 0)
             ? std::optional(part)
             : std::nullopt;
}

bool Matches(ByteView head) {
  return PartAt(head, 0).has_value();
}

// All parts; the last may end past the input.
Result<std::uint64_t> Measure(ByteView bytes) {
  std::uint64_t end = 0;
  std::size_t entities = 0;
  for (std::size_t i = 0; i < kMaxParts; ++i) {
    const auto part = PartAt(bytes, end);
    if (!part) {
      break;
    }
    entities += part->seal ? 0U : 1U;
    end = part->end();
    if (end > bytes.size()) {
      return Fail(ErrorCode::kTruncated, "seama: an entity is cut short");
    }
  }
  if (end == 0) {
    return Fail(ErrorCode::kNotThisFormat, "no Seama header");
  }
  if (entities == 0) {
    return Fail(ErrorCode::kTruncated, "seama: nothing follows the seal");
  }
  return end;
}

Result<void> AddEntity(ByteView bytes, const Part& part, std::size_t number,
                       PartLayout& layout) {
  const Range md5{part.at + sizeof(Header), kMd5};
  const auto stored = Slice(bytes, md5.offset, md5.length);
  const auto image = Slice(bytes, part.image.offset, part.image.length);
  if (image && stored) {
    const Digest found = DigestOf(DigestAlgorithm::kMd5, *image);
    if (found.hex != HexOf(*stored)) {
      layout.Report("checksum-mismatch", md5,
                    fmt::format("the entity's MD5 is {}, the image gives {}",
                                HexOf(*stored), found.hex));
    }
  }
  return layout.Add(fmt::format("entity{}", number), part.image);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  PartLayout layout(input, "seama", sink);
  std::uint64_t end = 0;
  std::size_t entities = 0;
  for (std::size_t i = 0; i < kMaxParts && end < bytes.size(); ++i) {
    const auto part = PartAt(bytes, end);
    if (!part) {
      break;
    }
    layout.Metadata({part->at, part->meta.end() - part->at});
    end = part->end();
    if (!part->seal) {
      if (auto ok = AddEntity(bytes, *part, entities++, layout); !ok) {
        return ok;
      }
    }
  }
  if (end == 0) {
    return Fail(ErrorCode::kMalformed, "seama: no header");
  }
  if (entities == 0) {
    layout.Damage(ErrorCode::kTruncated, "seama: nothing follows the seal");
  }
  return layout.Finish(end);
}

constexpr Magic kMagics[] = {{"\x5e\xa3\xa4\x17", 0}};  // NOLINT: a table

}  // namespace

extern const Format kSeama;
const Format kSeama = {
    .name = "seama",
    .title = "Seama firmware image",
    .reference = "OpenWrt firmware-utils, oseama.c",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
