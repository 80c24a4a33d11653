// The headers of Android boot images and where their sections lie.
// Layout: AOSP system/tools/mkbootimg, include/bootimg/bootimg.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::formats::android_boot {

struct BootHeader {  // versions 0 to 2
  std::array<std::uint8_t, 8> magic = {};
  Le32 kernel_size, kernel_address, ramdisk_size, ramdisk_address;
  Le32 second_size, second_address, tags_address, page_size;
  Le32 version;  // or the size of a device tree table (Qualcomm)
  Le32 os_version;
  std::array<std::uint8_t, 16> name = {};
  std::array<std::uint8_t, 512> cmdline = {};
  std::array<std::uint8_t, 32> id = {};
  std::array<std::uint8_t, 1024> extra_cmdline = {};
  Le32 dtbo_size;  // since version 1
  Le64 dtbo_offset;
  Le32 header_size;
  Le32 dtb_size;  // since version 2
  Le64 dtb_address;
};
static_assert(sizeof(BootHeader) == 1660 && FileStruct<BootHeader>);

struct VendorHeader {
  std::array<std::uint8_t, 8> magic = {};
  Le32 version, page_size, kernel_address, ramdisk_address, ramdisk_size;
  std::array<std::uint8_t, 2048> cmdline = {};
  Le32 tags_address;
  std::array<std::uint8_t, 16> name = {};
  Le32 header_size, dtb_size;
  Le64 dtb_address;
  Le32 table_size, entries, entry_size, bootconfig_size;  // since version 4
};
static_assert(sizeof(VendorHeader) == 2128 && FileStruct<VendorHeader>);

struct RamdiskEntry {
  Le32 size, offset, type;
  std::array<std::uint8_t, 32> name = {};
  std::array<std::uint8_t, 64> board = {};
};
static_assert(sizeof(RamdiskEntry) == 108 && FileStruct<RamdiskEntry>);

inline constexpr std::string_view kBootMagic = "ANDROID!";
inline constexpr std::string_view kVendorMagic = "VNDRBOOT";

struct Section {
  const char* name = "";
  std::uint64_t size = 0;
  Range range = {};  // once placed
};

struct Layout {
  unsigned version = 0;
  bool vendor = false;
  std::uint64_t page = 0;
  std::uint64_t header = 0;         // its size by the specification
  std::uint64_t stated_header = 0;  // 0: not stated
  std::vector<Range> cmdlines = {};
  std::vector<Section> sections = {};
  std::uint64_t content_end = 0;
  std::uint64_t end = 0;  // with the padding of the last page
};

// What the header at the start of `head` says; none where it is no header.
[[nodiscard]] std::optional<Layout> LayoutOf(ByteView head);

}  // namespace assay::formats::android_boot
