// Boot images of Allwinner (eGON.BT0 and BT1): a branch, a header, a program.
// Layout: U-Boot include/sunxi_image.h (struct boot_file_head).

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "verifier/formats/boot/sunxi_checksum.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 branch;
  std::array<std::uint8_t, 8> magic = {};
  Le32 checksum, size;
  std::array<std::uint8_t, 4> kind = {};  // "SPL" and a version: of U-Boot
  std::array<Le32, 18> more = {};
};
static_assert(sizeof(Header) == 96 && FileStruct<Header>);

constexpr std::uint64_t kChecksumAt = 12;
constexpr std::uint32_t kLargest = 16U << 20U;

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header ||
      (AsText(header->magic) != "eGON.BT0" &&
       AsText(header->magic) != "eGON.BT1") ||
      header->size <= sizeof(Header) || header->size > kLargest ||
      header->size % 4 != 0) {
    return std::nullopt;
  }
  return header;
}

// The branch leads to the program: on ARM (B, always) over the header.
std::uint64_t ProgramAt(const Header& header) {
  const std::uint64_t target = (header.branch & 0xFFFFFFU) * 4ULL + 8;
  const bool over =
      header.branch >> 24U == 0xEA && target >= 32 && target < header.size;
  return over ? target : sizeof(Header);
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no eGON header");
  }
  if (header->size > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "sunxi_egon: the image is cut short");
  }
  return std::uint64_t{header->size};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "sunxi_egon: no header");
  }
  PartLayout layout(input, "sunxi_egon", sink);
  const std::uint64_t program = ProgramAt(*header);
  layout.Metadata({0, program});
  if (const auto image = Slice(input.source().bytes(), 0, header->size)) {
    const std::uint32_t sum = SunxiChecksum(*image, kChecksumAt);
    if (sum != header->checksum) {
      layout.Report("checksum-mismatch", {kChecksumAt, sizeof(Le32)},
                    fmt::format("the header says {:08x}, the image gives "
                                "{:08x}",
                                std::uint32_t{header->checksum}, sum));
    }
  }
  if (auto ok = layout.Add("payload", {program, header->size - program}); !ok) {
    return ok;
  }
  return layout.Finish(header->size);
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"eGON.BT0", 4}, {"eGON.BT1", 4}};

}  // namespace

extern const Format kSunxiEgon;
const Format kSunxiEgon = {
    .name = "sunxi_egon",
    .title = "Allwinner boot image (eGON)",
    .reference = "U-Boot include/sunxi_image.h, struct boot_file_head",
    .magics = kMagics,
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
