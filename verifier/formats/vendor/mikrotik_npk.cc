// MikroTik NPK: a package of RouterOS, as parts of numbered types.
// Layout: OpenWrt firmware-utils, npk_pack_kernel.c (npk_header_t,
// container_header_t).

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 magic, size;  // of the parts
};
static_assert(sizeof(Header) == 8 && FileStruct<Header>);

struct Part {
  Le16 type;
  Le32 size;
};
static_assert(sizeof(Part) == 6 && FileStruct<Part>);

constexpr std::uint32_t kMagic = 0xbad0f11e;
constexpr std::uint16_t kLastType = 64;

std::optional<Header> HeaderOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  const auto first = ReadAt<Part>(bytes, sizeof(Header));
  if (!header || !first || header->magic != kMagic ||
      header->size < sizeof(Part) || first->type == 0 ||
      first->type > kLastType || first->size > header->size - sizeof(Part)) {
    return std::nullopt;
  }
  return header;
}

std::uint64_t SizeOf(const Header& header) {
  return sizeof(Header) + std::uint64_t{header.size};
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no NPK header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                "mikrotik_npk: the package is cut short");
  }
  return SizeOf(*header);
}

std::string NameOf(std::uint16_t type) {
  switch (type) {
    case 1:
      return "info";
    case 2:
      return "description";
    case 4:
      return "files.zlib";
    case 7:
      return "install";
    case 8:
      return "uninstall";
    case 9:
      return "signature";
    case 16:
      return "architecture";
    case 21:
      return "image.squashfs";
    case 22:
      return "filler";
    default:
      return fmt::format("part-{}", type);
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kMalformed, "mikrotik_npk: no header");
  }
  PartLayout layout(input, "mikrotik_npk", sink);
  layout.Metadata({0, sizeof(Header)});
  const std::uint64_t end = SizeOf(*header);
  std::map<std::uint16_t, std::uint64_t> seen;
  std::uint64_t count = 0;
  for (std::uint64_t at = sizeof(Header); at < end;) {
    const auto part = ReadAt<Part>(bytes, at);
    if (!part) {
      layout.Damage(ErrorCode::kTruncated,
                    fmt::format("mikrotik_npk: no part at {}", at));
      break;
    }
    if (++count > sink.limits().entries) {
      return Fail(ErrorCode::kLimit, "mikrotik_npk: too many parts");
    }
    layout.Metadata({at, sizeof(Part)});
    at += sizeof(Part);
    if (at > end || part->size > end - at) {
      layout.Report("size-mismatch", {at - sizeof(Part), sizeof(Part)},
                    fmt::format("the part at {} ends past the package", at));
      break;
    }
    std::string name = NameOf(part->type);
    if (const std::uint64_t number = ++seen[part->type]; number > 1) {
      name += fmt::format(".{}", number);
    }
    if (auto ok = layout.Add(std::move(name), {at, part->size}); !ok) {
      return ok;
    }
    at += part->size;
  }
  return layout.Finish(end);
}

constexpr Magic kMagics[] = {{"\x1e\xf1\xd0\xba", 0}};  // NOLINT: a table

}  // namespace

extern const Format kMikrotikNpk;
const Format kMikrotikNpk = {
    .name = "mikrotik_npk",
    .title = "MikroTik RouterOS package (NPK)",
    .reference = "OpenWrt firmware-utils, npk_pack_kernel.c",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
