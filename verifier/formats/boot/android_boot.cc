// Android boot images: boot, recovery and init_boot (header versions 0 to 4)
// and vendor_boot (3 and 4). Layout: AOSP system/tools/mkbootimg,
// include/bootimg/bootimg.h. Everything begins at a page: the header, kernel,
// ramdisk and so on, in the order of the specification.
//
// Members carry the names of unpack_bootimg; the fragments of a version 4
// vendor ramdisk are "vendor_ramdisk/<name>". What a command line holds is a
// member of its own, for the rules that look for debugging switches. Up to
// version 2 a header has an id, the SHA-1 (or SHA-256) of all contents.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/boot/android_boot_layout.h"
#include "verifier/formats/boot/stored_parts.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using android_boot::BootHeader;
using android_boot::kBootMagic;
using android_boot::kVendorMagic;
using android_boot::Layout;
using android_boot::LayoutOf;
using android_boot::RamdiskEntry;
using android_boot::Section;
using android_boot::VendorHeader;

constexpr std::string_view kSamsungTrailer = "SEANDROIDENFORCE";

// A signature of Android Verified Boot 1.0 behind the image: a DER sequence of
// version 1 and a certificate.
std::uint64_t OldSignature(ByteView rest) {
  constexpr std::uint64_t kDerHeader = 4;
  const auto start = ReadAt<Be16>(rest, 0);
  const auto length = ReadAt<Be16>(rest, 2);
  const auto version = ReadAt<Be32>(rest, kDerHeader);
  const bool fits = start && length && version && *start == 0x3082U &&
                    *version == 0x02010130U &&
                    Slice(rest, 0, kDerHeader + *length);
  return fits ? kDerHeader + *length : 0;
}

struct Trailer {
  std::uint64_t signature = 0;  // its size
  std::uint64_t samsung = 0;
};

// What vendors append; the last page may lack its padding.
Trailer TrailerAt(ByteView bytes, std::uint64_t end) {
  Trailer trailer;
  if (end < bytes.size()) {
    const ByteView rest = bytes.subspan(static_cast<std::size_t>(end));
    trailer.signature = OldSignature(rest);
    if (AsText(rest).substr(static_cast<std::size_t>(trailer.signature),
                            kSamsungTrailer.size()) == kSamsungTrailer) {
      trailer.samsung = kSamsungTrailer.size();
    }
  }
  return trailer;
}

std::uint64_t EndOf(const Layout& layout, ByteView bytes) {
  return std::min<std::uint64_t>(layout.end, bytes.size());
}

bool Matches(ByteView head) {
  return LayoutOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = LayoutOf(bytes);
  if (!layout) {
    return Fail(ErrorCode::kNotThisFormat, "no Android boot image header");
  }
  if (layout->content_end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("android_boot: {} bytes are stated, {} are there",
                            layout->content_end, bytes.size()));
  }
  const std::uint64_t end = EndOf(*layout, bytes);
  const Trailer trailer = TrailerAt(bytes, end);
  return end + trailer.signature + trailer.samsung;
}

class Reader {
 public:
  Reader(const ByteSource& image, Layout layout, ArtifactSink& sink)
      : image_(image),
        layout_(std::move(layout)),
        sink_(sink),
        parts_(image, "android_boot", sink) {}

  Result<void> Run(std::uint64_t end) {
    CheckHeader();
    CheckId();
    if (auto ok = AddCommandLines(); !ok) {
      return ok;
    }
    parts_.Metadata({0, layout_.header});
    for (const Section& section : layout_.sections) {
      if (auto ok = AddSection(section); !ok) {
        return ok;
      }
    }
    const std::uint64_t content = EndOf(layout_, image_.bytes());
    const Trailer trailer = TrailerAt(image_.bytes(), content);
    if (auto ok = parts_.Add("avb1_signature", {content, trailer.signature});
        !ok) {
      return ok;
    }
    parts_.Metadata({content + trailer.signature, trailer.samsung});
    parts_.Rest(end);
    return {};
  }

 private:
  void CheckHeader() {
    // The mkbootimg of Android 11 writes two sizes that are not those of its
    // own structures.
    const std::uint64_t odd = layout_.vendor ? 2108 : 1596;
    if (layout_.stated_header != 0 && layout_.stated_header != layout_.header &&
        (layout_.version != 3 || layout_.stated_header != odd)) {
      Report(
          "android_boot.size-mismatch",
          fmt::format("a header of version {} has {} bytes, not {}",
                      layout_.version, layout_.header, layout_.stated_header));
    }
    const auto boot = ReadAt<BootHeader>(image_.bytes(), 0);
    if (!layout_.vendor && boot && layout_.version >= 1 &&
        layout_.version <= 2 && boot->dtbo_size > 0 &&
        boot->dtbo_offset != layout_.sections[3].range.offset) {
      Report("android_boot.ambiguous-offset",
             fmt::format("the header says that recovery_dtbo lies at {}, the "
                         "order of the pages at {}",
                         std::uint64_t{boot->dtbo_offset},
                         layout_.sections[3].range.offset));
    }
  }

  // Each content and its size, in their order; what a version does not have
  // is not counted.
  void CheckId() {
    constexpr std::uint64_t kIdAt = offsetof(BootHeader, id);
    const auto id = Slice(image_.bytes(), kIdAt, 32);
    if (layout_.vendor || layout_.version > 2 || !id || AllAre(*id, 0)) {
      return;
    }
    Hasher hasher({DigestAlgorithm::kSha1, DigestAlgorithm::kSha256});
    for (const Section& section : layout_.sections) {
      const auto content =
          Slice(image_.bytes(), section.range.offset, section.size);
      if (content) {
        hasher.Update(*content);
      }
      std::array<std::uint8_t, 4> size = {};
      for (std::size_t i = 0; i < size.size(); ++i) {
        size.at(i) = static_cast<std::uint8_t>(section.size >> 8 * i);
      }
      hasher.Update(size);
    }
    const std::string stored = HexOf(*id);
    for (const Digest& digest : hasher.Finish()) {
      if (stored.compare(0, digest.hex.size(), digest.hex) == 0) {
        return;
      }
    }
    sink_.Report({.id = "android_boot.checksum-mismatch",
                  .range = {kIdAt, id->size()},
                  .detail = "the id is neither SHA-1 nor SHA-256 of the "
                            "contents"});
  }

  Result<void> AddCommandLines() {
    for (std::size_t i = 0; i < layout_.cmdlines.size(); ++i) {
      Range range = layout_.cmdlines[i];
      const std::string_view text =
          AsText(*Slice(image_.bytes(), range.offset, range.length));
      range.length = std::min(text.find('\0'), text.size());
      const char* name = i == 0 ? "cmdline" : "extra_cmdline";
      if (auto ok = parts_.Add(name, range); !ok) {
        return ok;
      }
    }
    return {};
  }

  Result<void> AddSection(const Section& section) {
    if (section.name == std::string_view("ramdisk table")) {
      parts_.Metadata(section.range);
      return {};
    }
    if (layout_.vendor && layout_.version >= 4 &&
        section.name == std::string_view("vendor_ramdisk")) {
      return AddFragments(section);
    }
    return parts_.Add(section.name, section.range);
  }

  // The fragments that the table lists; what they leave is slack.
  Result<void> AddFragments(const Section& ramdisk) {
    const auto header = *ReadAt<VendorHeader>(image_.bytes(), 0);
    const Range table = layout_.sections[2].range;
    if (header.entry_size < sizeof(RamdiskEntry) ||
        header.entries > table.length / header.entry_size ||
        header.entries == 0) {
      if (header.table_size > 0) {
        Report("android_boot.bad-table",
               fmt::format("{} ramdisks of {} bytes in a table of {}",
                           std::uint32_t{header.entries},
                           std::uint32_t{header.entry_size}, table.length));
      }
      return parts_.Add(ramdisk.name, ramdisk.range);
    }
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < header.entries; ++i) {
      const auto entry = *ReadAt<RamdiskEntry>(
          image_.bytes(), table.offset + i * header.entry_size);
      const Range range{ramdisk.range.offset + entry.offset, entry.size};
      if (entry.offset > ramdisk.size ||
          entry.size > ramdisk.size - entry.offset || parts_.Touches(range)) {
        Report("android_boot.overlapping-ramdisks",
               fmt::format("ramdisk {} of {} bytes at {}", i,
                           std::uint32_t{entry.size},
                           std::uint32_t{entry.offset}));
        continue;
      }
      if (auto ok = parts_.Add(NameOf(entry, i, names), range); !ok) {
        return ok;
      }
    }
    return {};
  }

  static std::string NameOf(const RamdiskEntry& entry, std::uint64_t number,
                            std::set<std::string>& names) {
    const std::string_view field = AsText(entry.name);
    std::string name =
        "vendor_ramdisk/" + std::string(field.substr(0, field.find('\0')));
    if (entry.name[0] == 0 || !names.insert(name).second) {
      name = fmt::format("vendor_ramdisk/{:02}", number);
    }
    return name;
  }

  void Report(std::string id, std::string detail) {
    sink_.Report({.id = std::move(id),
                  .range = {0, layout_.header},
                  .detail = std::move(detail)});
  }

  const ByteSource& image_;
  Layout layout_;
  ArtifactSink& sink_;
  StoredParts parts_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  auto layout = LayoutOf(source.bytes());
  if (!layout) {
    return Fail(ErrorCode::kMalformed, "no Android boot image header");
  }
  const auto end = Measure(source.bytes());
  if (!end) {
    return Fail(end.error());
  }
  if (auto ok = Reader(source, std::move(*layout), sink).Run(*end); !ok) {
    return ok;
  }
  return input.Skip(*end);
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{kBootMagic, 0}, {kVendorMagic, 0}};

}  // namespace

extern const Format kAndroidBoot;
const Format kAndroidBoot = {
    .name = "android_boot",
    .title = "Android boot image",
    .reference = "AOSP system/tools/mkbootimg/include/bootimg/bootimg.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
