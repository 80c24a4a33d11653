// Netgear CHK: a header with checksums in front of kernel and root file
// system.
// Layout: OpenWrt firmware-utils, mkchkimg.c (struct chk_header).

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 magic, size;
  std::array<std::uint8_t, 8> reserved = {};
  Be32 kernel_sum, rootfs_sum, kernel_size, rootfs_size, image_sum, header_sum;
};
static_assert(sizeof(Header) == 40 && FileStruct<Header>);

constexpr std::uint32_t kMagic = 0x2a23245e;  // "*#$^"
constexpr std::uint64_t kSumAt = 36;
constexpr std::uint32_t kLongestBoardId = 64;

// Two running sums, each folded to 16 bits.
class Sum {
 public:
  void Add(ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      first_ += byte;
      second_ += first_;
    }
  }
  [[nodiscard]] std::uint32_t Value() const {
    return Folded(second_) << 16U | Folded(first_);
  }

 private:
  static std::uint32_t Folded(std::uint32_t sum) {
    const std::uint32_t once = (sum & 0xFFFFU) + (sum >> 16U);
    return (once + (once >> 16U)) & 0xFFFFU;
  }
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

std::optional<Header> HeaderOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != kMagic || header->size < sizeof(Header) ||
      header->size > sizeof(Header) + kLongestBoardId) {
    return std::nullopt;
  }
  const auto whole = Slice(bytes, 0, header->size);
  if (!whole) {
    return std::nullopt;
  }
  Sum sum;  // its own field counts as zeros, which change nothing before them
  sum.Add(whole->first(kSumAt));
  sum.Add(std::array<std::uint8_t, 4>{});
  sum.Add(whole->subspan(kSumAt + 4));
  return sum.Value() == header->header_sum ? header : std::nullopt;
}

std::uint64_t SizeOf(const Header& header) {
  return std::uint64_t{header.size} + header.kernel_size + header.rootfs_size;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no CHK header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "netgear_chk: the image is cut short");
  }
  return SizeOf(*header);
}

void Check(ByteView bytes, Range range, std::uint32_t stored,
           std::string_view name, PartLayout& layout) {
  const auto part = Slice(bytes, range.offset, range.length);
  if (!part || range.length == 0) {
    return;
  }
  Sum sum;
  sum.Add(*part);
  if (sum.Value() != stored) {
    layout.Report("checksum-mismatch", range,
                  fmt::format("the header says {:08x} of the {}, its bytes "
                              "give {:08x}",
                              stored, name, sum.Value()));
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kMalformed, "netgear_chk: no header");
  }
  PartLayout layout(input, "netgear_chk", sink);
  layout.Metadata({0, header->size});
  const Range kernel{header->size, header->kernel_size};
  const Range rootfs{kernel.end(), header->rootfs_size};
  Check(bytes, kernel, header->kernel_sum, "kernel", layout);
  Check(bytes, rootfs, header->rootfs_sum, "root file system", layout);
  Check(bytes, {kernel.offset, kernel.length + rootfs.length},
        header->image_sum, "image", layout);
  if (auto ok = layout.Add("kernel", kernel); !ok) {
    return ok;
  }
  if (rootfs.length > 0) {
    if (auto ok = layout.Add("rootfs", rootfs); !ok) {
      return ok;
    }
  }
  return layout.Finish(SizeOf(*header));
}

constexpr Magic kMagics[] = {{"*#$^", 0}};  // NOLINT: a table

}  // namespace

extern const Format kNetgearChk;
const Format kNetgearChk = {
    .name = "netgear_chk",
    .title = "Netgear CHK firmware image",
    .reference = "OpenWrt firmware-utils, mkchkimg.c, struct chk_header",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
