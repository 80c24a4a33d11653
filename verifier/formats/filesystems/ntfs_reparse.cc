#include "verifier/formats/filesystems/ntfs_reparse.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/utf16_text.h"

namespace assay::formats::ntfs {
namespace {

constexpr const char* kTagName = "ntfs.reparse-tag";

// MS-FSCC, section 2.1.2.1.
constexpr std::uint32_t kMountPoint = 0xA0000003;
constexpr std::uint32_t kSymlink = 0xA000000C;
constexpr std::uint32_t kLinuxSymlink = 0xA000001D;
constexpr std::uint32_t kOverlay = 0x80000017;

std::string TagText(std::uint32_t tag) {
  return fmt::format("{:#010x}", tag);
}

struct ReparseHeader {
  Le32 tag;
  Le16 size, reserved;
};
struct LinkNames {  // sections 2.1.2.4 and 2.1.2.5
  Le16 substitute_offset, substitute_size, print_offset, print_size;
};

// The name to show, or else the one that is followed.
std::string TargetOf(ByteView data, bool with_flags) {
  const auto names = ReadAt<LinkNames>(data, 0);
  if (!names) {
    return {};
  }
  const std::uint64_t base =
      sizeof(LinkNames) + (with_flags ? sizeof(Le32) : 0);
  const bool print = names->print_size != 0;
  const auto name = Slice(
      data, base + (print ? names->print_offset : names->substitute_offset),
      print ? names->print_size : names->substitute_size);
  return name ? TextOfUtf16(*name) : std::string();
}

}  // namespace

void PutStandardInformation(ByteView value, FileMetadata& meta) {
  struct Information {
    Le64 created, modified, record_changed, read;
    Le32 attributes;
  };
  const auto information = ReadAt<Information>(value, 0);
  if (!information) {
    return;
  }
  // Steps of 100 ns since 1601.
  constexpr std::int64_t kSteps = 10'000'000;
  constexpr std::int64_t kTo1970 = 11'644'473'600;
  const std::uint64_t modified = information->modified;
  if (modified != 0) {
    meta.mtime = static_cast<std::int64_t>(modified / kSteps) - kTo1970;
  }
  std::string text;
  for (const auto& [bit, name] :
       {std::pair(0x1U, "read-only"), std::pair(0x2U, "hidden"),
        std::pair(0x4U, "system")}) {
    if ((information->attributes & bit) != 0) {
      text += text.empty() ? "" : " ";
      text += name;
    }
  }
  if (!text.empty()) {
    meta.xattrs.emplace_back("ntfs.attributes", text);
  }
}

void PutReparsePoint(ByteView value, FileMetadata& meta) {
  const auto header = ReadAt<ReparseHeader>(value, 0);
  if (!header) {
    return;
  }
  const ByteView data = value.subspan(sizeof(ReparseHeader));
  meta.xattrs.emplace_back(kTagName, TagText(header->tag));
  if (header->tag == kSymlink || header->tag == kMountPoint) {
    meta.type = FileType::kSymlink;
    meta.link_target = TargetOf(data, header->tag == kSymlink);
  } else if (header->tag == kLinuxSymlink && data.size() >= sizeof(Le32)) {
    meta.type = FileType::kSymlink;
    const std::size_t size = std::min<std::size_t>(data.size(), header->size);
    meta.link_target = std::string(
        AsText(data.first(std::max(size, sizeof(Le32))).subspan(sizeof(Le32))));
  }
}

bool IsPackedByOverlay(const FileMetadata& meta) {
  return std::any_of(
      meta.xattrs.begin(), meta.xattrs.end(), [](const auto& xattr) {
        return xattr.first == kTagName && xattr.second == TagText(kOverlay);
      });
}

std::string LabelOf(ByteView value) {
  return TextOfUtf16(value);
}

}  // namespace assay::formats::ntfs
