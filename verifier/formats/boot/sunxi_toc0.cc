// Signed boot images of Allwinner (TOC0): certificate, program, keys.
// Layout: U-Boot tools/sunxi_toc0.c (struct toc0_main_info, struct
// toc0_item_info).

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "verifier/formats/boot/sunxi_checksum.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::array<std::uint8_t, 8> name = {};
  Le32 magic, checksum, serial, status, items, size;
  std::array<std::uint8_t, 12> platform = {};
  std::array<std::uint8_t, 4> end = {};
};
static_assert(sizeof(Header) == 48 && FileStruct<Header>);

struct Item {
  Le32 name, offset, size, status, type, load_address;
  std::array<std::uint8_t, 4> reserved = {};
  std::array<std::uint8_t, 4> end = {};
};
static_assert(sizeof(Item) == 32 && FileStruct<Item>);

constexpr std::uint64_t kChecksumAt = 12;
constexpr std::uint32_t kMostItems = 64;
constexpr std::uint32_t kLargest = 16U << 20U;

std::uint64_t ItemsEnd(const Header& header) {
  return sizeof(Header) + std::uint64_t{header.items} * sizeof(Item);
}

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || AsText(header->name) != "TOC0.GLH" ||
      header->magic != 0x89119800 || AsText(header->end) != "MIE;" ||
      header->items == 0 || header->items > kMostItems ||
      header->size < ItemsEnd(*header) || header->size > kLargest) {
    return std::nullopt;
  }
  return header;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no TOC0 header");
  }
  if (header->size > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "sunxi_toc0: the image is cut short");
  }
  return std::uint64_t{header->size};
}

std::string NameOf(const Item& item) {
  switch (std::uint32_t{item.name}) {
    case 0x010101:
      return "certificate";
    case 0x010202:
      return "firmware";
    case 0x010303:
      return "key";
    default:
      return fmt::format("item-{:06x}", std::uint32_t{item.name});
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kMalformed, "sunxi_toc0: no header");
  }
  PartLayout layout(input, "sunxi_toc0", sink);
  layout.EndAt(header->size);
  layout.Metadata({0, ItemsEnd(*header)});
  if (const auto image = Slice(bytes, 0, header->size)) {
    const std::uint32_t sum = SunxiChecksum(*image, kChecksumAt);
    if (sum != header->checksum) {
      layout.Report("checksum-mismatch", {kChecksumAt, sizeof(Le32)},
                    fmt::format("the header says {:08x}, the image gives "
                                "{:08x}",
                                std::uint32_t{header->checksum}, sum));
    }
  } else {
    layout.Damage(ErrorCode::kTruncated, "sunxi_toc0: the image is cut short");
  }
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t i = 0; i < header->items; ++i) {
    const auto item = ReadAt<Item>(bytes, sizeof(Header) + i * sizeof(Item));
    if (!item || AsText(item->end) != "IIE;") {
      layout.Damage(ErrorCode::kMalformed,
                    fmt::format("sunxi_toc0: item {} is none", i));
      break;
    }
    std::string name = NameOf(*item);
    if (const std::uint64_t number = ++seen[name]; number > 1) {
      name += fmt::format(".{}", number);
    }
    if (auto ok = layout.Add(std::move(name), {item->offset, item->size});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(header->size);
}

constexpr Magic kMagics[] = {{"TOC0.GLH", 0}};  // NOLINT: a table

}  // namespace

extern const Format kSunxiToc0;
const Format kSunxiToc0 = {
    .name = "sunxi_toc0",
    .title = "Allwinner signed boot image (TOC0)",
    .reference = "U-Boot tools/sunxi_toc0.c",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
