// Linux kernel for x86 (bzImage): setup code with a header, then the
// protected-mode code, whose payload is the compressed kernel.
// Layout: Linux Documentation/arch/x86/boot.rst; protocol 2.04 (Linux 2.6.14)
// and later. From 2.08 on the header says where the payload lies, and the
// image, up to the size that the header states, has a CRC-32 of zero (kernels
// before 6.16; signing changes PE fields afterwards, which count as zero).
//
// Members: "setup" (real-mode code), "head" (what decompresses), the payload
// by its compression, "tail" (data and relocations of the decompressor),
// "sections" (of an EFI image, behind the code) and "signature.p7".

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "verifier/base/crc32.h"
#include "verifier/base/text.h"
#include "verifier/formats/boot/linux_image.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using linux_image::PeHeaders;

struct SetupHeader {  // at 0x1f1
  std::uint8_t setup_sectors = 0;
  Le16 root_flags;
  Le32 paragraphs;  // of 16 bytes, of protected-mode code
  Le16 ram_size, video_mode, root_device, boot_flag;
  std::uint8_t jump = 0, jump_offset = 0;
  Be32 magic;  // "HdrS"
  Le16 version;
  Le32 realmode_switch;
  Le16 start_segment, kernel_version;
};
static_assert(sizeof(SetupHeader) == 0x210 - 0x1f1 && FileStruct<SetupHeader>);

constexpr std::uint64_t kHeaderAt = 0x1f1;
constexpr std::uint64_t kJumpEnd = 0x202;
constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kParagraph = 16;
constexpr std::uint64_t kPayloadAt = 0x248;  // offset and length, since 2.08
constexpr std::uint64_t kSizeTrailer = 4;
constexpr std::uint64_t kCrcSize = 4;

struct Layout {
  std::uint64_t header_end = 0;
  std::uint64_t setup_end = 0;
  std::uint64_t end = 0;              // of the code
  std::uint64_t sections_end = 0;     // without a signature
  std::optional<Range> payload = {};  // with the size behind it
  std::optional<PeHeaders> pe = {};
  std::uint16_t version_at = 0;
};

std::optional<Layout> ReadLayout(ByteView head) {
  const auto header = ReadAt<SetupHeader>(head, kHeaderAt);
  if (!header || header->boot_flag != 0xaa55U || header->magic != 0x48647253U ||
      header->version < 0x204U || header->version > 0x2ffU ||
      header->jump != 0xebU || header->setup_sectors > 64 ||
      header->paragraphs == 0) {
    return std::nullopt;
  }
  constexpr unsigned kDefaultSectors = 4;
  const unsigned sectors =
      header->setup_sectors == 0 ? kDefaultSectors : header->setup_sectors;
  const std::uint64_t code = std::uint64_t{header->paragraphs} * kParagraph;
  Layout layout{.header_end = kJumpEnd + header->jump_offset,
                .setup_end = (sectors + 1) * kSector,
                .pe = linux_image::ReadPe(head),
                .version_at = header->kernel_version};
  layout.end = layout.setup_end + code;
  const auto offset = ReadAt<Le32>(head, kPayloadAt);
  const auto length = ReadAt<Le32>(head, kPayloadAt + sizeof(Le32));
  if (header->version >= 0x208U && offset && length && *length > 0) {
    if (*offset > code || *length > code - *offset) {
      return std::nullopt;
    }
    layout.payload = Range{layout.setup_end + *offset, *length};
  }
  return layout.header_end <= layout.setup_end ? std::optional(layout)
                                               : std::nullopt;
}

// With what only the whole file tells. Its last paragraph may be cut short
// (boot programs that pose as a kernel do that), and the sections of an EFI
// image may go on behind the code.
std::optional<Layout> WholeLayout(ByteView bytes) {
  auto layout = ReadLayout(bytes);
  if (layout && !layout->payload && layout->end > bytes.size() &&
      layout->end - bytes.size() < kParagraph) {
    layout->end = bytes.size();
  }
  if (layout) {
    layout->sections_end = layout->end;
    if (layout->pe && layout->pe->sections_end <= bytes.size()) {
      layout->sections_end = std::max(layout->end, layout->pe->sections_end);
    }
  }
  return layout;
}

bool Matches(ByteView head) {
  return ReadLayout(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = WholeLayout(bytes);
  if (!layout) {
    return Fail(ErrorCode::kNotThisFormat, "no Linux setup header");
  }
  return linux_image::EndWithSignature(layout->pe, layout->sections_end, bytes);
}

// The CRC register after the whole image, PE fields that signing fills
// counting as zeros.
std::uint32_t CrcOf(ByteView image, const std::optional<PeHeaders>& pe) {
  std::uint32_t crc = ~0U;
  std::uint64_t at = 0;
  const auto pass = [&](std::uint64_t from, std::uint64_t length) {
    static constexpr std::array<std::uint8_t, 8> kZeros = {};
    const auto before = Slice(image, at, from - at);
    if (before && from + length <= image.size()) {
      crc = Crc32Raw(crc, *before);
      crc = Crc32Raw(crc,
                     ByteView(kZeros).first(static_cast<std::size_t>(length)));
      at = from + length;
    }
  };
  if (pe && pe->certificates.length > 0) {
    pass(pe->checksum, sizeof(Le32));
    pass(pe->directory, 2 * sizeof(Le32));
  }
  return Crc32Raw(crc, image.subspan(static_cast<std::size_t>(at)));
}

// Whether a kernel of this version ("6.1.0-35-amd64 (...)") ends in a CRC;
// nothing when the image does not say what it is.
std::optional<bool> EndsInCrc(ByteView image, const Layout& layout) {
  constexpr std::uint64_t kLongest = 16;
  const std::uint64_t at = std::uint64_t{layout.version_at} + kSector;
  const auto text = Slice(image, at, kLongest);
  if (layout.version_at == 0 || !text || at > layout.setup_end) {
    return std::nullopt;
  }
  const auto parts = Split(AsText(*text), '.');
  const auto major = NumberOf(parts[0]);
  const std::string_view second = parts.size() > 1 ? parts[1] : "";
  const auto minor =
      NumberOf(second.substr(0, second.find_first_not_of("0123456789")));
  if (!major || !minor) {
    return std::nullopt;
  }
  return *major < 6 || (*major == 6 && *minor < 16);
}

// Claims the CRC behind the last part; false when there is none.
bool CheckCrc(ByteView image, const Layout& layout, ArtifactSink& sink) {
  if (CrcOf(image, layout.pe) == 0) {
    return true;
  }
  if (!EndsInCrc(image, layout).value_or(false)) {
    return false;
  }
  sink.Report({.id = "linux_x86.crc-mismatch",
               .range = {image.size() - kCrcSize, kCrcSize},
               .detail = fmt::format("the CRC of the image's {} bytes is not 0",
                                     image.size())});
  return true;
}

Result<void> AddPayload(const ByteSource& image, Range payload,
                        StoredParts& parts) {
  const ByteView bytes = image.Slice(payload)->bytes();
  if (linux_image::HasSizeTrailer(bytes) && payload.length > kSizeTrailer) {
    payload.length -= kSizeTrailer;
    parts.Metadata({payload.end(), kSizeTrailer});
  }
  return parts.Add(linux_image::PayloadName(bytes), payload);
}

Result<void> AddParts(const ByteSource& image, const Layout& layout,
                      std::uint64_t code_end, StoredParts& parts) {
  parts.Metadata({0, layout.header_end});
  if (auto ok = parts.Add(
          "setup", {layout.header_end, layout.setup_end - layout.header_end});
      !ok) {
    return ok;
  }
  if (!layout.payload) {
    return parts.Add("kernel", {layout.setup_end, code_end - layout.setup_end});
  }
  const Range payload = *layout.payload;
  if (auto ok = parts.Add(
          "head", {layout.setup_end, payload.offset - layout.setup_end});
      !ok) {
    return ok;
  }
  if (auto ok = AddPayload(image, payload, parts); !ok) {
    return ok;
  }
  return payload.end() < code_end
             ? parts.Add("tail", {payload.end(), code_end - payload.end()})
             : Result<void>();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto layout = WholeLayout(source.bytes());
  if (!layout) {
    return Fail(ErrorCode::kMalformed, "no Linux setup header");
  }
  const auto end = linux_image::EndWithSignature(
      layout->pe, layout->sections_end, source.bytes());
  if (!end) {
    return Fail(end.error());
  }
  const auto image = source.Slice({0, layout->end});
  StoredParts parts(source, "linux", sink);
  std::uint64_t code_end = layout->end;
  if (layout->payload && layout->payload->end() <= code_end - kCrcSize &&
      CheckCrc(image->bytes(), *layout, sink)) {
    code_end -= kCrcSize;
    parts.Metadata({code_end, kCrcSize});
  }
  if (auto ok = AddParts(source, *layout, code_end, parts); !ok) {
    return ok;
  }
  if (auto ok = parts.Add("sections",
                          {layout->end, layout->sections_end - layout->end});
      !ok) {
    return ok;
  }
  if (*end > layout->sections_end) {
    if (auto ok =
            linux_image::AddSignatures(source, layout->pe->certificates, parts);
        !ok) {
      return ok;
    }
  }
  parts.Rest(*end);
  return input.Skip(*end);
}

constexpr Magic kMagics[] = {{"HdrS", 0x202}};  // NOLINT: a table

// A kernel with an EFI stub is a PE program too.
constexpr std::string_view kAlso[] = {"pe"};  // NOLINT: a table

}  // namespace

extern const Format kLinuxX86;
const Format kLinuxX86 = {
    .name = "linux_x86",
    .title = "Linux kernel for x86 (bzImage)",
    .reference = "Linux Documentation/arch/x86/boot.rst",
    .magics = kMagics,
    .also = kAlso,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
