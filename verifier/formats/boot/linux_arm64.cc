// Linux kernel as it lies in memory ("Image") for arm64 and RISC-V, and the EFI
// application "zimg" that holds such an image compressed.
// Layout: Linux Documentation/arch/arm64/booting.rst,
// Documentation/arch/riscv/boot-image-header.rst and
// drivers/firmware/efi/libstub/zboot-header.S.
//
// An Image has one member, "kernel": all behind the header, to be searched
// for the initramfs, the configuration and keys inside. A zimg has "head",
// the kernel by its compression and "tail". "signature.p7" follows in each
// that is signed for EFI.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "verifier/formats/boot/linux_image.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using linux_image::PeHeaders;

constexpr std::uint64_t kHeaderSize = 64;
constexpr std::uint64_t kMagicAt = 56;
constexpr std::uint64_t kZimgAt = 4;

struct ImageHeader {
  Le32 code0, code1;
  Le64 text_offset, image_size, flags, reserved2, reserved3, reserved4;
  Be32 magic;
  Le32 pe_offset;
};
static_assert(sizeof(ImageHeader) == kHeaderSize && FileStruct<ImageHeader>);

struct ZimgHeader {
  Be32 mz, type;
  Le32 payload_offset, payload_size;
};

struct Layout {
  std::uint64_t header_end = kHeaderSize;
  std::uint64_t end = 0;  // without a signature; 0: as far as the bytes go
  std::optional<Range> payload = {};
  std::optional<PeHeaders> pe = {};
};

std::optional<Layout> ReadZimg(ByteView head) {
  const auto header = ReadAt<ZimgHeader>(head, 0);
  if (!header || header->mz != 0x4d5a0000U || header->type != 0x7a696d67U) {
    return std::nullopt;
  }
  Layout layout{.payload = Range{header->payload_offset, header->payload_size},
                .pe = linux_image::ReadPe(head)};
  if (!layout.pe) {
    return std::nullopt;
  }
  layout.header_end = layout.pe->headers_end;
  layout.end = layout.pe->sections_end;
  const bool inside = layout.payload->length > 0 &&
                      layout.payload->offset >= layout.header_end &&
                      layout.payload->end() <= layout.end;
  return inside ? std::optional(layout) : std::nullopt;
}

bool IsArm64(const ImageHeader& header) {
  // Bit 0 of flags: byte order; 1 and 2: page size; 3: placement. A header of
  // before 3.17 has no image_size.
  constexpr std::uint64_t kKnownFlags = 0xf;
  return header.magic == 0x41524d64U && (header.flags & ~kKnownFlags) == 0 &&
         header.reserved2 == 0 && header.reserved3 == 0 &&
         header.reserved4 == 0 && header.text_offset < (16U << 20U) &&
         header.image_size > kHeaderSize;
}

bool IsRiscv(const ImageHeader& header) {
  constexpr std::uint64_t kRiscvTag = 0x5643534952U;  // "RISCV"
  return header.magic == 0x52534305U && header.reserved4 == kRiscvTag &&
         header.reserved3 == 0 && (header.flags & ~1ULL) == 0 &&
         header.image_size > kHeaderSize;
}

std::optional<Layout> LayoutOf(ByteView head) {
  if (auto zimg = ReadZimg(head)) {
    return zimg;
  }
  const auto header = ReadAt<ImageHeader>(head, 0);
  if (!header || (!IsArm64(*header) && !IsRiscv(*header))) {
    return std::nullopt;
  }
  Layout layout{.pe = linux_image::ReadPe(head)};
  // image_size counts memory that the file does not hold (bss).
  if (layout.pe && layout.pe->sections_end > kHeaderSize &&
      layout.pe->sections_end <= header->image_size) {
    layout.end = layout.pe->sections_end;
  }
  return layout;
}

Result<std::uint64_t> EndOf(const Layout& layout, ByteView bytes) {
  if (layout.end == 0) {
    const auto header = ReadAt<ImageHeader>(bytes, 0);
    return std::min<std::uint64_t>(
        header ? std::uint64_t{header->image_size} : 0, bytes.size());
  }
  return linux_image::EndWithSignature(layout.pe, layout.end, bytes);
}

bool Matches(ByteView head) {
  return LayoutOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = LayoutOf(bytes);
  if (!layout) {
    return Fail(ErrorCode::kNotThisFormat, "no Linux Image header");
  }
  return EndOf(*layout, bytes);
}

Result<void> AddKernel(const Layout& layout, std::uint64_t end,
                       const ByteSource& source, StoredParts& parts) {
  if (!layout.payload) {
    return parts.Add("kernel", {layout.header_end, end - layout.header_end});
  }
  const Range payload = *layout.payload;
  const std::string name =
      linux_image::PayloadName(source.Slice(payload)->bytes());
  if (auto ok = parts.Add(
          "head", {layout.header_end, payload.offset - layout.header_end});
      !ok) {
    return ok;
  }
  if (auto ok = parts.Add(name, payload); !ok) {
    return ok;
  }
  return parts.Add("tail", {payload.end(), end - payload.end()});
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto layout = LayoutOf(source.bytes());
  if (!layout) {
    return Fail(ErrorCode::kMalformed, "no Linux Image header");
  }
  const auto end = EndOf(*layout, source.bytes());
  if (!end) {
    return Fail(end.error());
  }
  StoredParts parts(source, "linux", sink);
  parts.Metadata({0, layout->header_end});
  const std::uint64_t code_end = layout->end == 0 ? *end : layout->end;
  if (auto ok = AddKernel(*layout, code_end, source, parts); !ok) {
    return ok;
  }
  if (*end > code_end) {
    if (auto ok =
            linux_image::AddSignatures(source, layout->pe->certificates, parts);
        !ok) {
      return ok;
    }
  }
  parts.Rest(*end);
  return input.Skip(*end);
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {
    {"ARM\x64", kMagicAt}, {"RSC\x05", kMagicAt}, {"zimg", kZimgAt}};

// A kernel with an EFI stub is a PE program too.
constexpr std::string_view kAlso[] = {"pe"};  // NOLINT: a table

}  // namespace

extern const Format kLinuxArm64;
const Format kLinuxArm64 = {
    .name = "linux_arm64",
    .title = "Linux kernel image (arm64, RISC-V, EFI zimg)",
    .reference =
        "Linux Documentation/arch/arm64/booting.rst, "
        "riscv/boot-image-header.rst, efi/libstub/zboot-header.S",
    .magics = kMagics,
    .also = kAlso,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
