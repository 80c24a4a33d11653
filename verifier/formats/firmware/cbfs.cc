// CBFS, the file system of coreboot. Layout: coreboot,
// util/cbfstool/cbfs.h and commonlib/bsd/include/commonlib/bsd/
// cbfs_serialized.h; everything is big-endian but for old headers of stages.
//
// A file system is a row of files at multiples of 64 bytes, each with its
// header, its name and attributes. A file is a member under its name; files
// packed with LZMA are decoded, those packed with LZ4 are LZ4 frames that are
// members as they are. Of payloads, each segment is a member. Deleted files
// and free space are padding if erased, else slack.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/packed_stream.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::string_view kSignature = "LARCHIVE";
constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kLongestHead = 4096;  // header, name and attributes

struct FileHeader {
  std::array<std::uint8_t, 8> signature = {};
  Be32 length, type, attributes, data;
};
static_assert(sizeof(FileHeader) == 24 && FileStruct<FileHeader>);

constexpr std::uint32_t kDeleted = 0;  // types
constexpr std::uint32_t kLegacyStage = 0x10;
constexpr std::uint32_t kPayload = 0x20;
constexpr std::uint32_t kFree = 0xffffffff;

struct Attribute {
  Be32 tag, length;
};
struct CompressionAttribute {
  Be32 tag, length, compression, size;
};
constexpr std::uint32_t kCompressionTag = 0x42435a4c;

constexpr std::uint32_t kNotPacked = 0;  // compressions
constexpr std::uint32_t kLzma = 1;
constexpr std::uint32_t kLz4 = 2;

struct StageHeader {  // in front of the data of a legacy stage
  Le32 compression;
  Le64 entry, load;
  Le32 length, memory;
};
static_assert(sizeof(StageHeader) == 28 && FileStruct<StageHeader>);

struct Segment {
  Be32 type, compression, offset;
  Be64 load;
  Be32 length, memory;
};
static_assert(sizeof(Segment) == 28 && FileStruct<Segment>);
constexpr std::uint32_t kEntrySegment = 0x454e5452;  // "ENTR", the last one
constexpr std::uint32_t kBssSegment = 0x42535320;    // "BSS "
constexpr std::size_t kMostSegments = 64;

struct File {
  std::string name = {};
  std::uint32_t type = 0;
  std::uint64_t head = 0;  // header, name, attributes and padding
  Range data = {};         // in the file system
  std::uint32_t compression = kNotPacked;
};

std::uint32_t CompressionIn(ByteView attributes) {
  std::uint64_t at = 0;
  while (const auto attribute = ReadAt<Attribute>(attributes, at)) {
    const auto packed = ReadAt<CompressionAttribute>(attributes, at);
    if (attribute->tag == kCompressionTag && packed) {
      return packed->compression;
    }
    if (attribute->length < sizeof(Attribute) ||
        attribute->length > attributes.size() - at) {
      break;
    }
    at += attribute->length;
  }
  return kNotPacked;
}

// The file whose header stands at `at`; its data may reach past the bytes.
std::optional<File> FileAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<FileHeader>(bytes, at);
  if (!header || AsText(header->signature) != kSignature ||
      header->data < sizeof(FileHeader) || header->data > kLongestHead) {
    return std::nullopt;
  }
  const auto head = Slice(bytes, at, header->data);
  const std::uint64_t name_end =
      header->attributes == 0 ? header->data : header->attributes;
  if (!head || name_end < sizeof(FileHeader) || name_end > header->data) {
    return std::nullopt;
  }
  const std::string_view name =
      AsText(*Slice(*head, sizeof(FileHeader), name_end - sizeof(FileHeader)));
  return File{.name = std::string(name.substr(0, name.find('\0'))),
              .type = header->type,
              .head = header->data,
              .data = {at + header->data, header->length},
              .compression = CompressionIn(
                  head->subspan(static_cast<std::size_t>(name_end)))};
}

class FileSystem {
 public:
  FileSystem(const ByteSource& source, ArtifactSink& sink)
      : source_(source), bytes_(source.bytes()), sink_(sink) {}

  Result<void> AddFile(const File& file) {
    if (file.type == kDeleted || file.type == kFree) {
      sink_.Claim({file.data.offset - file.head, file.head},
                  RegionUse::kMetadata);
      if (!ClaimFiller(bytes_, file.data, sink_) && file.type == kFree) {
        sink_.Report({.id = "cbfs.hidden-data",
                      .range = file.data,
                      .detail = fmt::format("{} bytes of free space hold data",
                                            file.data.length)});
      }
      return {};
    }
    sink_.Claim({file.data.offset - file.head, file.head},
                RegionUse::kMetadata);
    const ByteView data = *Slice(bytes_, file.data.offset, file.data.length);
    if (file.type == kPayload) {
      return AddPayload(file, data);
    }
    if (const auto stage = ReadAt<StageHeader>(data, 0);
        file.type == kLegacyStage && stage) {
      sink_.Claim({file.data.offset, sizeof(StageHeader)},
                  RegionUse::kMetadata);
      return AddContent(file.name,
                        {file.data.offset + sizeof(StageHeader),
                         file.data.length - sizeof(StageHeader)},
                        stage->compression);
    }
    return AddContent(file.name, file.data, file.compression);
  }

 private:
  Result<void> AddContent(const std::string& name, Range range,
                          std::uint32_t compression) {
    if (compression == kLzma) {
      const auto stream =
          OpenLzma(*Slice(bytes_, range.offset, range.length), false);
      return sink_.AddStream({.name = name, .origin = range}, *stream);
    }
    if (compression != kNotPacked && compression != kLz4) {
      return sink_.AddOpaque(
          {.name = name, .origin = range},
          fmt::format("compression {} is not read", compression));
    }
    const auto content = source_.Slice(range);
    if (!content) {
      return Fail(content.error());
    }
    return sink_.Add({.name = name, .origin = range, .stored = true}, *content);
  }

  // A list of segments up to the entry point, then what they hold, in order.
  Result<void> AddPayload(const File& file, ByteView data) {
    std::vector<std::pair<Range, std::uint32_t>> parts;
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < kMostSegments; ++i) {
      const auto segment = ReadAt<Segment>(data, at);
      if (!segment) {
        break;
      }
      at += sizeof(Segment);
      const Range part{segment->offset, segment->length};
      if (segment->type == kEntrySegment) {
        break;
      }
      if (segment->type != kBssSegment && part.length > 0) {
        parts.emplace_back(part, segment->compression);
      }
    }
    sink_.Claim({file.data.offset, at}, RegionUse::kMetadata);
    std::sort(parts.begin(), parts.end());
    std::size_t index = 0;
    for (const auto& [part, compression] : parts) {
      if (part.offset < at || !Slice(data, part.offset, part.length)) {
        sink_.Report({.id = "cbfs.overlapping-segments",
                      .range = file.data,
                      .detail = fmt::format(
                          "segment {}+{} of {} overlaps or ends outside",
                          part.offset, part.length, file.name)});
        continue;
      }
      ClaimGap(file.data.offset, at, part.offset);
      at = part.end();
      if (auto ok = AddContent(fmt::format("{}/segment{}", file.name, index++),
                               {file.data.offset + part.offset, part.length},
                               compression);
          !ok) {
        return ok;
      }
    }
    ClaimGap(file.data.offset, at, data.size());
    return {};
  }

  void ClaimGap(std::uint64_t base, std::uint64_t from, std::uint64_t to) {
    ClaimFiller(bytes_, {base + from, to - from}, sink_);
  }

  const ByteSource& source_;
  const ByteView bytes_;
  ArtifactSink& sink_;
};

// The files that lie wholly in the bytes, and where the row ends.
struct Row {
  std::vector<File> files = {};
  std::uint64_t end = 0;
};

Row RowOf(ByteView bytes) {
  Row row;
  std::uint64_t at = 0;
  while (const auto file = FileAt(bytes, at)) {
    if (file->data.offset > bytes.size() ||
        file->data.length > bytes.size() - file->data.offset) {
      break;
    }
    row.files.push_back(*file);
    row.end = file->data.end();
    at = row.end + GapTo(kAlignment, row.end);
  }
  return row;
}

bool Matches(ByteView head) {
  const auto file = FileAt(head, 0);
  return file &&
         (file->type == kDeleted || file->type == kFree || file->type < 0x1000);
}

// Free space at the end of a row belongs to it; files do not end there.
Result<std::uint64_t> Measure(ByteView bytes) {
  if (!FileAt(bytes, 0)) {
    return Fail(ErrorCode::kNotThisFormat, "no file of a CBFS");
  }
  const Row row = RowOf(bytes);
  if (row.files.empty()) {
    return Fail(ErrorCode::kTruncated,
                "cbfs: the first file ends past the input");
  }
  return row.end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const Row row = RowOf(source.bytes());
  FileSystem files(source, sink);
  std::uint64_t at = 0;
  for (const File& file : row.files) {
    const std::uint64_t start = file.data.offset - file.head;
    ClaimFiller(source.bytes(), {at, start - at}, sink);
    if (auto ok = files.AddFile(file); !ok) {
      return ok;
    }
    at = file.data.end();
  }
  const std::uint64_t next = at + GapTo(kAlignment, at);
  if (const auto cut = FileAt(source.bytes(), next); row.files.empty() || cut) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("the file {} at {} ends past {} bytes",
                            cut ? cut->name : "", next, source.size()));
  }
  return input.Skip(row.end);
}

constexpr Magic kMagics[] = {{kSignature, 0}};  // NOLINT: a table

}  // namespace

extern const Format kCbfs;
const Format kCbfs = {
    .name = "cbfs",
    .title = "coreboot file system",
    .reference = "coreboot, commonlib/bsd/cbfs_serialized.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
