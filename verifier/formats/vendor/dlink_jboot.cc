// D-Link JBOOT: a kernel behind an SCH2 header.
// Layout: binwalk 3, src/structures/jboot.rs; OpenWrt firmware-utils,
// mkdlinkfw-lib.h (struct sch2_header).
//
// The header's CRC covers the header, with its own field counted as 0.

#include <cstdint>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le16 magic;
  std::uint8_t compression = 0;
  std::uint8_t version = 0;
  Le32 entry, kernel_size, kernel_crc, start, rootfs_at, rootfs_size,
      rootfs_crc, header_crc;
  Le16 header_size, command_line_size;
};
static_assert(sizeof(Header) == 40 && FileStruct<Header>);

constexpr std::uint16_t kMagic = 0x2124;
constexpr std::uint8_t kLzma = 3;  // the last compression there is

std::optional<Header> HeaderOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != kMagic || header->version != 2 ||
      header->compression > kLzma || header->header_size != sizeof(Header) ||
      header->kernel_size == 0) {
    return std::nullopt;
  }
  Header blank = *header;
  const std::uint32_t stored = std::exchange(blank.header_crc, {});
  return Crc32(BytesOf(blank)) == stored ? header : std::nullopt;
}

std::uint64_t SizeOf(const Header& header) {
  return sizeof(Header) + std::uint64_t{header.kernel_size};
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no SCH2 header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "dlink_jboot: the image is cut short");
  }
  return SizeOf(*header);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "dlink_jboot: no header");
  }
  PartLayout layout(input, "dlink_jboot", sink);
  layout.Metadata({0, sizeof(Header)});
  if (auto ok = layout.Add("kernel", {sizeof(Header), header->kernel_size});
      !ok) {
    return ok;
  }
  return layout.Finish(SizeOf(*header));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("\x24\x21\x00\x02", 4), 0},
                             {"\x24\x21\x01\x02", 0},
                             {"\x24\x21\x02\x02", 0},
                             {"\x24\x21\x03\x02", 0}};

}  // namespace

extern const Format kDlinkJboot;
const Format kDlinkJboot = {
    .name = "dlink_jboot",
    .title = "D-Link JBOOT kernel (SCH2)",
    .reference = "binwalk 3, src/structures/jboot.rs",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
