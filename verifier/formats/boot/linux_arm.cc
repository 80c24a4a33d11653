// Linux kernel for 32-bit ARM (zImage): a loader that decompresses the kernel
// inside it, and the device trees that were appended to it.
// Layout: Linux arch/arm/boot/compressed/head.S ("Magic numbers to help the
// loader") and vmlinux.lds.S (.table: ZIMAGE_MAGIC entries).
//
// Members: "head" (the loader), the kernel by its compression, "tail" (the
// loader's data), "dtb", "dtb2" ... and "signature.p7" of an EFI image.
// Kernels before 4.15 do not say where the compressed kernel ends: all behind
// the header is then one member, "kernel", to be searched.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/boot/linux_image.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using linux_image::PeHeaders;

constexpr std::uint64_t kMagicAt = 0x24;
constexpr std::uint32_t kZImageMagic = 0x016f2818;
constexpr std::uint32_t kEndianTag = 0x04030201;
constexpr std::uint32_t kTableMagic = 0x45454545;
constexpr std::uint32_t kSizeTag = 0x5a534c4b;  // "KLSZ"
constexpr std::uint32_t kFdtMagic = 0xd00dfeed;
constexpr std::uint64_t kSizeTrailer = 4;
constexpr unsigned kMostTrees = 1024;

template <typename Word>
struct Header {  // at 0x24
  Word magic, start, end, endian, table_magic, table;
};

struct Layout {
  std::uint64_t header_end = kMagicAt + 4 * sizeof(Le32);
  std::uint64_t end = 0;      // without what was appended
  std::uint64_t size_at = 0;  // of the kernel's size, its last word; 0: unknown
  std::optional<PeHeaders> pe = {};
};

// `bytes` may be only the head of the image; the table is then not read.
template <typename Word>
std::optional<Layout> ReadLayout(ByteView bytes) {
  const auto header = ReadAt<Header<Word>>(bytes, kMagicAt);
  if (!header || header->magic != kZImageMagic ||
      header->endian != kEndianTag || header->end <= header->start ||
      header->end - header->start < kMagicAt + sizeof(*header)) {
    return std::nullopt;
  }
  Layout layout{.end = header->end - header->start,
                .pe = linux_image::ReadPe(bytes)};
  if (header->table_magic != kTableMagic) {
    return layout;
  }
  layout.header_end = kMagicAt + sizeof(*header);
  struct SizeEntry {
    Word words, tag, size_at;
  };
  const std::uint64_t table = std::uint64_t{header->table} - header->start;
  const auto entry = header->table >= header->start
                         ? ReadAt<SizeEntry>(bytes, table)
                         : std::nullopt;
  if (entry && entry->tag == kSizeTag && entry->words >= 2 &&
      entry->size_at >= layout.header_end &&
      std::uint64_t{entry->size_at} + kSizeTrailer <= layout.end) {
    layout.size_at = entry->size_at;
  }
  return layout;
}

std::optional<Layout> LayoutOf(ByteView bytes) {
  auto layout = ReadLayout<Le32>(bytes);
  return layout ? layout : ReadLayout<Be32>(bytes);
}

// The device tree at `at`, if there is one.
std::optional<Range> TreeAt(ByteView bytes, std::uint64_t at) {
  struct TreeHeader {
    Be32 magic, size, structure, strings, reserved, version, compatible;
  };
  const auto tree = ReadAt<TreeHeader>(bytes, at);
  if (!tree || tree->magic != kFdtMagic || tree->size < sizeof(TreeHeader) ||
      tree->structure >= tree->size || tree->compatible > 17 ||
      tree->version < tree->compatible || !Slice(bytes, at, tree->size)) {
    return std::nullopt;
  }
  return Range{at, tree->size};
}

struct Appended {
  std::vector<Range> trees = {};
  std::uint64_t end = 0;
};

Result<Appended> ReadAppended(ByteView bytes, const Layout& layout) {
  const auto end = linux_image::EndWithSignature(layout.pe, layout.end, bytes);
  if (!end) {
    return Fail(end.error());
  }
  Appended appended{.end = *end};
  while (appended.trees.size() < kMostTrees) {
    const auto tree = TreeAt(bytes, appended.end);
    if (!tree) {
      break;
    }
    appended.trees.push_back(*tree);
    appended.end = tree->end();
  }
  return appended;
}

bool Matches(ByteView head) {
  return LayoutOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = LayoutOf(bytes);
  if (!layout) {
    return Fail(ErrorCode::kNotThisFormat, "no zImage header");
  }
  const auto appended = ReadAppended(bytes, *layout);
  if (!appended) {
    return Fail(appended.error());
  }
  return appended->end;
}

// The loader's own code holds some magics as constants: a candidate has to
// begin like what the kernel's build writes.
bool BeginsPayload(ByteView bytes) {
  const auto ending = linux_image::PayloadEnding(bytes);
  if (!ending || ending->empty() || *ending == ".bz2") {
    return false;
  }
  if (*ending == ".gz") {  // no name, no time
    const auto fields = ReadAt<Be32>(bytes, 3);
    return fields && *fields == 0;
  }
  if (*ending == ".xz") {  // the header's own CRC-32
    const auto flags = Slice(bytes, 6, sizeof(Le16));
    const auto crc = ReadAt<Le32>(bytes, 8);
    return flags && crc && Crc32(*flags) == *crc;
  }
  if (*ending == ".lzma") {  // a dictionary of a power of two; size unknown
    const auto dictionary = ReadAt<Le32>(bytes, 1);
    const auto size = ReadAt<Le64>(bytes, 5);
    return dictionary && size && *dictionary >= 0x10000U &&
           (*dictionary & (*dictionary - 1)) == 0 &&
           (*size == ~0ULL || *size < 1ULL << 32U);
  }
  if (*ending == ".lzo") {
    const auto magic = ReadAt<Be32>(bytes, 5);
    return magic && *magic == 0x0d0a1a0aU;
  }
  if (*ending == ".lz4") {  // the first block's size
    const auto size = ReadAt<Le32>(bytes, 4);
    return size && *size > 0 && *size < bytes.size();
  }
  // A zstd frame without a dictionary; one bit is reserved.
  const auto descriptor = ReadAt<std::uint8_t>(bytes, 4);
  return descriptor && (*descriptor & 0x0bU) == 0;
}

// Where the compressed kernel begins, before `end`.
std::optional<std::uint64_t> FindPayload(ByteView bytes, std::uint64_t from,
                                         std::uint64_t end) {
  const ByteView image = bytes.first(static_cast<std::size_t>(end));
  for (std::uint64_t at = from; at < end; ++at) {
    if (BeginsPayload(image.subspan(static_cast<std::size_t>(at)))) {
      return at;
    }
  }
  return std::nullopt;
}

Result<void> AddKernel(const ByteSource& source, const Layout& layout,
                       StoredParts& parts) {
  const std::uint64_t end = layout.size_at + kSizeTrailer;
  const auto start =
      layout.size_at == 0
          ? std::nullopt
          : FindPayload(source.bytes(), layout.header_end, layout.size_at);
  if (!start) {
    return parts.Add("kernel",
                     {layout.header_end, layout.end - layout.header_end});
  }
  if (auto ok =
          parts.Add("head", {layout.header_end, *start - layout.header_end});
      !ok) {
    return ok;
  }
  const ByteView payload = source.From(*start).bytes();
  Range range{*start, end - *start};
  if (linux_image::HasSizeTrailer(payload)) {
    range.length -= kSizeTrailer;
    parts.Metadata({layout.size_at, kSizeTrailer});
  }
  if (auto ok = parts.Add(linux_image::PayloadName(payload), range); !ok) {
    return ok;
  }
  return parts.Add("tail", {end, layout.end - end});
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto layout = LayoutOf(source.bytes());
  if (!layout) {
    return Fail(ErrorCode::kMalformed, "no zImage header");
  }
  const auto appended = ReadAppended(source.bytes(), *layout);
  if (!appended) {
    return Fail(appended.error());
  }
  StoredParts parts(source, "linux", sink);
  parts.Metadata({0, layout->header_end});
  if (auto ok = AddKernel(source, *layout, parts); !ok) {
    return ok;
  }
  if (layout->pe && layout->pe->certificates.offset >= layout->end &&
      layout->pe->certificates.end() <= appended->end) {
    if (auto ok =
            linux_image::AddSignatures(source, layout->pe->certificates, parts);
        !ok) {
      return ok;
    }
  }
  for (std::size_t i = 0; i < appended->trees.size(); ++i) {
    const std::string name = i == 0 ? "dtb" : fmt::format("dtb{}", i + 1);
    if (auto ok = parts.Add(name, appended->trees[i]); !ok) {
      return ok;
    }
  }
  parts.Rest(appended->end);
  return input.Skip(appended->end);
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{"\x18\x28\x6f\x01", kMagicAt},
                             {"\x01\x6f\x28\x18", kMagicAt}};

// A kernel with an EFI stub is a PE program too.
constexpr std::string_view kAlso[] = {"pe"};  // NOLINT: a table

}  // namespace

extern const Format kLinuxArm;
const Format kLinuxArm = {
    .name = "linux_arm",
    .title = "Linux kernel for ARM (zImage)",
    .reference = "Linux arch/arm/boot/compressed/head.S, vmlinux.lds.S",
    .magics = kMagics,
    .also = kAlso,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
