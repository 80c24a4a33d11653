// Boot images of NXP i.MX: an image vector table (IVT) with boot data, device
// configuration (DCD), the program, and a command sequence file (CSF) with
// its signatures.
// Layout: NXP i.MX 6 Reference Manual, "Program image"; U-Boot
// include/imximage.h (flash_header_v2_t, boot_data_t).
//
// The table holds addresses: what lies where follows from its own. The file
// begins with the table, as U-Boot makes it; the ROM finds it at 1 KiB.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Tag {
  std::uint8_t tag = 0;
  Be16 size;
  std::uint8_t version = 0;
};
static_assert(sizeof(Tag) == 4 && FileStruct<Tag>);

struct Table {
  Tag header = {};
  Le32 entry, reserved1, dcd, boot_data, self, csf, reserved2;
};
static_assert(sizeof(Table) == 32 && FileStruct<Table>);

struct BootData {
  Le32 start, size, plugin;
};
static_assert(sizeof(BootData) == 12 && FileStruct<BootData>);

constexpr std::uint8_t kTableTag = 0xD1;
constexpr std::uint8_t kDcdTag = 0xD2;
constexpr std::uint32_t kFarthest = 0x10000;  // from the start to the table

struct Image {
  Table table = {};
  std::uint64_t boot_data = 0;
  Range dcd = {};
  std::uint64_t entry = 0;
  std::uint64_t csf = 0;  // 0: none
  std::uint64_t end = 0;
};

// Where an address of the table lies in the file; nothing when in front of it.
std::optional<std::uint64_t> PlaceOf(const Table& table,
                                     std::uint32_t address) {
  return address >= table.self
             ? std::optional<std::uint64_t>(address - table.self)
             : std::nullopt;
}

std::optional<Image> ImageOf(ByteView bytes) {
  const auto table = ReadAt<Table>(bytes, 0);
  if (!table || table->header.tag != kTableTag ||
      table->header.size != sizeof(Table) ||
      (table->header.version & 0xF0U) != 0x40 || table->reserved1 != 0 ||
      table->reserved2 != 0 || table->self == 0 || table->self % 4 != 0) {
    return std::nullopt;
  }
  Image image{.table = *table};
  const auto place = PlaceOf(*table, table->boot_data);
  const auto data =
      place ? ReadAt<BootData>(bytes, *place) : std::optional<BootData>();
  if (!data || *place < sizeof(Table) || *place > 4096 || data->plugin > 1 ||
      data->start > table->self || table->self - data->start > kFarthest) {
    return std::nullopt;
  }
  const std::uint64_t front = table->self - data->start;
  if (data->size <= front + sizeof(Table)) {
    return std::nullopt;
  }
  image.boot_data = *place;
  image.end = data->size - front;
  if (table->dcd != 0) {
    const auto at = PlaceOf(*table, table->dcd);
    const auto tag = at ? ReadAt<Tag>(bytes, *at) : std::optional<Tag>();
    if (!tag || tag->tag != kDcdTag || tag->size < sizeof(Tag)) {
      return std::nullopt;
    }
    image.dcd = {*at, tag->size};
  } else if (const auto tag = ReadAt<Tag>(bytes, *place + sizeof(BootData));
             tag && tag->tag == kDcdTag && tag->size == sizeof(Tag)) {
    // As U-Boot leaves it where there is nothing to configure.
    image.dcd = {*place + sizeof(BootData), sizeof(Tag)};
  }
  if (table->csf != 0) {
    const auto at = PlaceOf(*table, table->csf);
    if (!at || *at < sizeof(Table) || *at >= image.end) {
      return std::nullopt;
    }
    image.csf = *at;
  }
  const std::uint64_t headers =
      std::max(image.boot_data + sizeof(BootData), image.dcd.end());
  const auto entry = PlaceOf(*table, table->entry);
  image.entry =
      entry && *entry >= headers && *entry < image.end ? *entry : headers;
  return image;
}

bool Matches(ByteView head) {
  return ImageOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kNotThisFormat, "no image vector table");
  }
  if (image->end > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "imx_ivt: the image is cut short");
  }
  return image->end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto image = ImageOf(input.source().bytes());
  if (!image) {
    return Fail(ErrorCode::kMalformed, "imx_ivt: no image vector table");
  }
  PartLayout layout(input, "imx_ivt", sink);
  layout.EndAt(image->end);
  layout.Metadata({0, sizeof(Table)});
  layout.Metadata({image->boot_data, sizeof(BootData)});
  if (image->dcd.length > 0) {
    if (auto ok = layout.Add("dcd", image->dcd); !ok) {
      return ok;
    }
  }
  const std::uint64_t end = image->csf > image->entry ? image->csf : image->end;
  if (auto ok = layout.Add("payload", {image->entry, end - image->entry});
      !ok) {
    return ok;
  }
  if (image->csf != 0) {
    if (auto ok = layout.Add("csf", {image->csf, image->end - image->csf});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(image->end);
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("\xd1\0\x20\x40", 4), 0},
                             {std::string_view("\xd1\0\x20\x41", 4), 0},
                             {std::string_view("\xd1\0\x20\x42", 4), 0},
                             {std::string_view("\xd1\0\x20\x43", 4), 0}};

}  // namespace

extern const Format kImxIvt;
const Format kImxIvt = {
    .name = "imx_ivt",
    .title = "NXP i.MX boot image",
    .reference = "NXP i.MX 6 Reference Manual, \"Program image\"",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
