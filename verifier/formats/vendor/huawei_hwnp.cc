// Huawei HWNP: files for places in an ONT, each with its CRC.
// Layout: BANG, firmware/huawei_hwnp/hwnp.ksy; the HuaweiFirmwareTool project
// (struct huawei_header, struct huawei_item).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::array<std::uint8_t, 4> magic = {};
  Le32 data_size, data_crc, header_size, header_crc, items;
  std::array<std::uint8_t, 2> unknown = {};
  Le16 product_size;
  Le32 item_size, reserved;
};
static_assert(sizeof(Header) == 36 && FileStruct<Header>);

struct Item {
  Le32 number, crc, offset, size;
  std::array<std::uint8_t, 256> name = {};
  std::array<std::uint8_t, 16> section = {};
  std::array<std::uint8_t, 64> version = {};
  Le32 policy, reserved;
};
static_assert(sizeof(Item) == 360 && FileStruct<Item>);

constexpr std::uint32_t kMostItems = 4096;

std::uint64_t ItemsEnd(const Header& header) {
  return sizeof(Header) + std::uint64_t{header.product_size} +
         std::uint64_t{header.items} * sizeof(Item);
}

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || AsText(header->magic) != "HWNP" || header->items == 0 ||
      header->items > kMostItems || header->item_size != sizeof(Item)) {
    return std::nullopt;
  }
  const auto first = ReadAt<Item>(bytes, sizeof(Header) + header->product_size);
  if (first && (first->offset < ItemsEnd(*header) || first->name[0] == 0 ||
                !IsPrintableField(first->section))) {
    return std::nullopt;
  }
  return header;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

std::optional<Item> ItemAt(ByteView bytes, const Header& header,
                           std::uint64_t index) {
  return ReadAt<Item>(
      bytes, sizeof(Header) + header.product_size + index * sizeof(Item));
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no HWNP header");
  }
  std::uint64_t end = ItemsEnd(*header);
  for (std::uint64_t i = 0; i < header->items; ++i) {
    const auto item = ItemAt(bytes, *header, i);
    if (!item || !Slice(bytes, item->offset, item->size)) {
      return Fail(ErrorCode::kTruncated, "huawei_hwnp: an item is cut short");
    }
    end = std::max(end, std::uint64_t{item->offset} + item->size);
  }
  return end;
}

// Items that share no bytes cost no more than the file has; others are an
// anomaly anyway, and past `budget` they are not checked.
void CheckItem(const Item& item, ByteView bytes, std::uint64_t& budget,
               PartLayout& layout) {
  const auto data = Slice(bytes, item.offset, item.size);
  if (item.size > budget) {
    return;
  }
  budget -= item.size;
  const std::uint32_t crc = data ? Crc32(*data) : item.crc;
  if (crc != item.crc) {
    layout.Report(
        "crc-mismatch", {item.offset, item.size},
        fmt::format("item {} states {:08x}, its bytes give {:08x}",
                    std::uint32_t{item.number}, std::uint32_t{item.crc}, crc));
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "huawei_hwnp: no header");
  }
  PartLayout layout(input, "huawei_hwnp", sink);
  const ByteView bytes = input.source().bytes();
  layout.Metadata({0, ItemsEnd(*header)});
  std::uint64_t budget = bytes.size();
  for (std::uint64_t i = 0; i < header->items; ++i) {
    const auto item = ItemAt(bytes, *header, i);
    if (!item) {
      layout.Damage(ErrorCode::kTruncated,
                    "huawei_hwnp: the list of items is cut short");
      break;
    }
    CheckItem(*item, bytes, budget, layout);
    if (auto ok = layout.Add(std::string(UntilNul(item->name)),
                             {item->offset, item->size});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(Measure(bytes).value_or(bytes.size()));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"HWNP", 0}};

}  // namespace

extern const Format kHuaweiHwnp;
const Format kHuaweiHwnp = {
    .name = "huawei_hwnp",
    .title = "Huawei HWNP firmware",
    .reference = "BANG, firmware/huawei_hwnp/hwnp.ksy",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
