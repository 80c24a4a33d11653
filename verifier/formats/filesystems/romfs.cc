// romfs: headers and data one after the other, nothing compressed.
// Layout: Linux Documentation/filesystems/romfs.rst. Modes are those that
// Linux gives the types (fs/romfs/super.c), as the format has only one bit.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Super {
  Be64 magic;  // "-rom1fs-"
  Be32 size, checksum;
};

struct RawHeader {
  Be32 next, spec, size, checksum;
};

constexpr std::uint64_t kMagic = 0x2d726f6d3166732d;
constexpr std::uint64_t kAlignment = 16;
constexpr std::uint64_t kChecked = 512;  // bytes under the image's checksum
constexpr std::uint64_t kMostHops = 8;   // hard links to hard links

enum : std::uint32_t { kHardLink, kDirectory, kRegular, kSymlink, kBlock };

struct Header {
  std::uint64_t at = 0;
  std::uint64_t next = 0;
  std::uint32_t type = 0;
  bool executable = false;
  std::uint32_t spec = 0;
  std::string name = {};
  Range data = {};
  bool intact = false;  // its checksum holds
};

// The sum of all words, which a checksum makes 0.
std::uint32_t SumOf(ByteView bytes) {
  std::uint32_t sum = 0;
  for (std::uint64_t at = 0; at + 4 <= bytes.size(); at += 4) {
    sum += *ReadAt<Be32>(bytes, at);
  }
  return sum;
}

// A name with its padding, from `at` on; nothing when it does not end.
std::optional<ByteView> PaddedName(ByteView bytes, std::uint64_t at) {
  constexpr std::uint64_t kMostName = 4096;
  for (std::uint64_t size = kAlignment; size <= kMostName; size += kAlignment) {
    const auto name = Slice(bytes, at, size);
    if (!name) {
      return std::nullopt;
    }
    if (name->back() == 0) {
      return name;
    }
  }
  return std::nullopt;
}

std::string NameIn(ByteView padded) {
  const std::string_view text = AsText(padded);
  return std::string(text.substr(0, text.find('\0')));
}

std::optional<Header> HeaderAt(ByteView bytes, std::uint64_t at) {
  const auto raw = ReadAt<RawHeader>(bytes, at);
  const auto name = PaddedName(bytes, at + sizeof(RawHeader));
  if (!raw || !name || at == 0) {
    return std::nullopt;
  }
  const std::uint64_t size = sizeof(RawHeader) + name->size();
  return Header{.at = at,
                .next = raw->next & ~0xfU,
                .type = raw->next & 7U,
                .executable = (raw->next & 8U) != 0,
                .spec = raw->spec,
                .name = NameIn(*name),
                .data = {at + size, raw->size},
                .intact = SumOf(*Slice(bytes, at, size)) == 0};
}

class FileSystem : public FileTree {
 public:
  FileSystem(const ByteSource& source, ArtifactSink& sink)
      : source_(source), sink_(sink) {}

  Result<TreeNode> Load(std::uint64_t at) override {
    // Linux fs/romfs/super.c, romfs_modemap
    constexpr std::array<std::uint32_t, 8> kModes = {0,    0644, 0644, 0777,
                                                     0600, 0600, 0644, 0644};
    constexpr std::array kTypes = {
        FileType::kRegular, FileType::kDirectory,   FileType::kRegular,
        FileType::kSymlink, FileType::kBlockDevice, FileType::kCharDevice,
        FileType::kSocket,  FileType::kFifo};
    const auto header = HeaderAt(source_.bytes(), at);
    if (!header || header->type == kHardLink) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("romfs: no file header is at offset {}", at));
    }
    ClaimHeader(*header);
    FileMetadata meta{
        .type = kTypes.at(header->type),
        .mode = kModes.at(header->type) | (header->executable ? 0111U : 0U)};
    if (header->type == kSymlink) {
      ReadTarget(*header, meta);
    } else if (meta.type == FileType::kBlockDevice ||
               meta.type == FileType::kCharDevice) {
      meta.device_major = header->spec >> 16U;
      meta.device_minor = header->spec & 0xffffU;
    }
    return TreeNode{.meta = std::move(meta)};
  }

  Result<void> List(std::uint64_t directory, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override {
    const auto self = HeaderAt(source_.bytes(), directory);
    std::set<std::uint64_t> seen;
    for (std::uint64_t at = self->spec & ~0xfU; at != 0;) {
      const auto header = HeaderAt(source_.bytes(), at);
      if (!header || !seen.insert(at).second || !passed_.insert(at).second) {
        return Fail(ErrorCode::kMalformed,
                    fmt::format("no header, or one again, at offset {}", at));
      }
      ClaimHeader(*header);
      const bool self_or_parent = header->name == "." || header->name == "..";
      if (!self_or_parent ||
          (header->type != kHardLink && header->type != kDirectory)) {
        if (entries.size() >= most) {
          return Fail(ErrorCode::kLimit, "romfs: too many entries");
        }
        entries.push_back({header->name, TargetOf(*header)});
      }
      at = header->next;
    }
    return {};
  }

  Result<void> AddFile(std::uint64_t at, Member member) override {
    const auto header = HeaderAt(source_.bytes(), at);
    const auto content = source_.Slice(header->data);
    if (!content) {
      return sink_.AddOpaque(std::move(member), content.error().what);
    }
    if (coverage_.Touches(header->data)) {
      Report("overlapping-data", header->data,
             fmt::format("the data of {} belong to another file as well",
                         member.name));
      coverage_.ClaimFree(header->data, RegionUse::kMember, sink_);
    } else {
      coverage_.Add(header->data);
      member.origin = header->data;
    }
    member.stored = member.origin.has_value();
    return sink_.Add(std::move(member), *content);
  }

  [[nodiscard]] Coverage& coverage() { return coverage_; }

 private:
  [[nodiscard]] std::uint64_t TargetOf(const Header& header) const {
    std::uint64_t at = header.at;
    for (std::uint64_t hop = 0; hop < kMostHops; ++hop) {
      const auto next = HeaderAt(source_.bytes(), at);
      if (!next || next->type != kHardLink) {
        break;
      }
      at = next->spec & ~0xfU;
    }
    return at;
  }

  void ClaimHeader(const Header& header) {
    const Range range{header.at, header.data.offset - header.at};
    if (!claimed_.insert(header.at).second) {
      return;
    }
    if (!header.intact) {
      Report("checksum-mismatch", range,
             fmt::format("the header at offset {} has a wrong checksum",
                         header.at));
    }
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }

  void ReadTarget(const Header& header, FileMetadata& meta) {
    const auto target =
        Slice(source_.bytes(), header.data.offset,
              std::min<std::uint64_t>(header.data.length, 4096));
    if (!target || target->size() < header.data.length) {
      Report("bad-target", {header.at, sizeof(RawHeader)},
             fmt::format("the target of the link at offset {} is cut off",
                         header.at));
      return;
    }
    coverage_.ClaimFree(header.data, RegionUse::kMetadata, sink_);
    meta.link_target = AsText(*target);
  }

  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("romfs.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  const ByteSource& source_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::set<std::uint64_t> claimed_;
  std::set<std::uint64_t> passed_;  // headers that a directory listed
};

// The image's size; nothing when this is no super block.
std::optional<std::uint32_t> SizeOf(ByteView bytes) {
  const auto super = ReadAt<Super>(bytes, 0);
  if (!super || super->magic != kMagic || super->size < 48U ||
      !PaddedName(bytes, sizeof(Super))) {
    return std::nullopt;
  }
  return super->size;
}

bool HoldsChecksum(ByteView bytes, std::uint32_t size) {
  const auto checked = Slice(bytes, 0, std::min<std::uint64_t>(size, kChecked));
  return checked && SumOf(*checked) == 0;
}

bool Matches(ByteView head) {
  return SizeOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto size = SizeOf(bytes);
  if (!size) {
    return Fail(ErrorCode::kNotThisFormat, "no romfs super block");
  }
  if (*size > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "the romfs ends past the input");
  }
  const auto root =
      HeaderAt(bytes, sizeof(Super) + PaddedName(bytes, sizeof(Super))->size());
  if (!root || (!root->intact && !HoldsChecksum(bytes, *size))) {
    return Fail(ErrorCode::kMalformed, "the romfs has no root");
  }
  return *size;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto size = SizeOf(input.source().bytes());
  if (!size) {
    return Fail(ErrorCode::kMalformed, "no romfs super block");
  }
  const bool whole = *size <= input.source().size();
  const ByteSource source = *input.source().Slice(
      {0, std::min<std::uint64_t>(*size, input.source().size())});
  const std::uint64_t root =
      sizeof(Super) +
      PaddedName(source.bytes(), sizeof(Super)).value_or(ByteView()).size();
  if (!HoldsChecksum(source.bytes(), *size)) {
    sink.Report({.id = "romfs.checksum-mismatch",
                 .range = {0, std::min<std::uint64_t>(*size, kChecked)},
                 .detail = "the checksum of the image's start is wrong"});
  }
  FileSystem files(source, sink);
  files.coverage().ClaimFree({0, root}, RegionUse::kMetadata, sink);
  if (auto ok = TreeWalk(files, "romfs", sink).Run(root); !ok) {
    return ok;
  }
  files.coverage().ClaimGaps(source.bytes(), sink);
  if (!whole) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("romfs: {} of {} bytes are there", source.size(), *size));
  }
  return {};
}

constexpr Magic kMagics[] = {{"-rom1fs-", 0}};  // NOLINT: a table

}  // namespace

extern const Format kRomfs;
const Format kRomfs = {
    .name = "romfs",
    .title = "romfs file system",
    .reference = "Linux Documentation/filesystems/romfs.rst",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
