#include "verifier/formats/boot/android_boot_layout.h"

#include <algorithm>
#include <cstddef>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::android_boot {
namespace {

struct BootHeader3 {  // versions 3 and 4
  std::array<std::uint8_t, 8> magic = {};
  Le32 kernel_size, ramdisk_size, os_version, header_size;
  std::array<std::uint8_t, 16> reserved = {};
  Le32 version;
  std::array<std::uint8_t, 1536> cmdline = {};
  Le32 signature_size;  // since version 4
};
static_assert(sizeof(BootHeader3) == 1584 && FileStruct<BootHeader3>);

constexpr std::uint64_t kPage3 = 4096;  // of versions 3 and 4

bool Place(Layout& layout) {
  if (layout.page < 512 || layout.page > (1U << 20U) ||
      (layout.page & (layout.page - 1)) != 0) {
    return false;
  }
  std::uint64_t at = layout.header + GapTo(layout.page, layout.header);
  layout.content_end = layout.header;
  bool any = false;
  for (Section& section : layout.sections) {
    section.range = {at, section.size};
    if (section.size > 0) {
      any = true;
      layout.content_end = section.range.end();
      at = layout.content_end + GapTo(layout.page, layout.content_end);
    }
  }
  layout.end = at;
  return any;
}

std::optional<Layout> ReadBoot(ByteView head) {
  Bytes padded = CopyOf(
      head.first(std::min<std::size_t>(head.size(), sizeof(BootHeader))));
  if (padded.size() < offsetof(BootHeader, dtbo_size)) {
    return std::nullopt;
  }
  padded.resize(sizeof(BootHeader));
  const auto header = *ReadAt<BootHeader>(padded, 0);
  Layout layout{.page = header.page_size,
                .header = offsetof(BootHeader, dtbo_size)};
  layout.cmdlines = {
      {offsetof(BootHeader, cmdline), header.cmdline.size()},
      {offsetof(BootHeader, extra_cmdline), header.extra_cmdline.size()}};
  layout.sections = {{"kernel", header.kernel_size},
                     {"ramdisk", header.ramdisk_size},
                     {"second", header.second_size}};
  constexpr std::uint32_t kLastVersion = 2;
  if (header.version > kLastVersion) {
    layout.sections.push_back({"dt", header.version});
  } else {
    layout.version = header.version;
  }
  if (layout.version >= 1) {
    layout.header = offsetof(BootHeader, dtb_size);
    layout.stated_header = header.header_size;
    layout.sections.push_back({"recovery_dtbo", header.dtbo_size});
  }
  if (layout.version >= 2) {
    layout.header = sizeof(BootHeader);
    layout.sections.push_back({"dtb", header.dtb_size});
  }
  return Place(layout) && header.kernel_size > 0 ? std::optional(layout)
                                                 : std::nullopt;
}

std::optional<Layout> ReadBoot3(ByteView head) {
  const auto header = ReadAt<BootHeader3>(head, 0);
  if (!header || (header->version != 3U && header->version != 4U)) {
    return std::nullopt;
  }
  Layout layout{.version = header->version,
                .page = kPage3,
                .header = offsetof(BootHeader3, signature_size),
                .stated_header = header->header_size};
  layout.cmdlines = {{offsetof(BootHeader3, cmdline), header->cmdline.size()}};
  layout.sections = {{"kernel", header->kernel_size},
                     {"ramdisk", header->ramdisk_size}};
  if (layout.version >= 4) {
    layout.header = sizeof(BootHeader3);
    layout.sections.push_back({"boot_signature", header->signature_size});
  }
  return Place(layout) ? std::optional(layout) : std::nullopt;
}

std::optional<Layout> ReadVendor(ByteView head) {
  const auto header = ReadAt<VendorHeader>(head, 0);
  if (!header || (header->version != 3U && header->version != 4U)) {
    return std::nullopt;
  }
  Layout layout{.version = header->version,
                .vendor = true,
                .page = header->page_size,
                .header = offsetof(VendorHeader, table_size),
                .stated_header = header->header_size};
  layout.cmdlines = {{offsetof(VendorHeader, cmdline), header->cmdline.size()}};
  layout.sections = {{"vendor_ramdisk", header->ramdisk_size},
                     {"dtb", header->dtb_size}};
  if (layout.version >= 4) {
    layout.header = sizeof(VendorHeader);
    layout.sections.push_back({"ramdisk table", header->table_size});
    layout.sections.push_back({"bootconfig", header->bootconfig_size});
  }
  return Place(layout) ? std::optional(layout) : std::nullopt;
}

}  // namespace

std::optional<Layout> LayoutOf(ByteView head) {
  const std::string_view text = AsText(head);
  if (text.substr(0, kVendorMagic.size()) == kVendorMagic) {
    return ReadVendor(head);
  }
  if (text.substr(0, kBootMagic.size()) != kBootMagic) {
    return std::nullopt;
  }
  // The version lies at the same place in both; a small device tree table
  // does not exist.
  const auto version = ReadAt<Le32>(head, offsetof(BootHeader, version));
  return version && (*version == 3U || *version == 4U) ? ReadBoot3(head)
                                                       : ReadBoot(head);
}

}  // namespace assay::formats::android_boot
