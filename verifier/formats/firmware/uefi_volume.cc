// UEFI firmware volumes with the firmware file system (FFS1, FFS2, FFS3).
// Layout: UEFI Platform Initialization Specification 1.8, volume 3, sections
// 3.2.1 to 3.2.3.
//
// Members are the sections of the files, below the file's GUID and its name:
// "GUID(DxeCore)/pe32". Files that are marked deleted or were never finished
// are slack, as is what pad files and free space hold besides filler. Of
// volumes with another file system, which NVRAM has, all that follows the
// header is one member.

#include "verifier/formats/firmware/uefi_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/uefi_file.h"
#include "verifier/formats/firmware/uefi_section_walk.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint32_t kErasePolarity = 0x800;  // EFI_FVB2_ERASE_POLARITY
constexpr std::uint64_t kFileAlignment = 8;

struct Block {
  Le32 count, length;
};

struct ExtendedHeader {
  Guid name;
  Le32 size;
};
static_assert(sizeof(ExtendedHeader) == 20 && FileStruct<ExtendedHeader>);

constexpr Guid kFfs1 = GuidOf(0x7a9354d9, 0x0468, 0x444a,
                              {0x81, 0xce, 0x0b, 0xf6, 0x17, 0xd8, 0x90, 0xdf});
constexpr Guid kNvram =
    GuidOf(0xfff12b8d, 0x7696, 0x4c8b,
           {0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50});
constexpr auto kFileSystems = std::to_array<Guid>(
    {kFfs1,
     GuidOf(0x8c8ce578, 0x8a3d, 0x4f1c,
            {0x99, 0x35, 0x89, 0x61, 0x85, 0xc3, 0x2d, 0xd3}),  // FFS2
     GuidOf(0x5473c07a, 0x3dcb, 0x4dca,
            {0xbd, 0x6f, 0x1e, 0x96, 0x89, 0xe7, 0x34, 0x9a})});  // FFS3

std::uint16_t Sum16(ByteView bytes) {
  std::uint32_t sum = 0;
  ByteReader reader(bytes);
  while (const auto word = reader.Take<Le16>()) {
    sum += *word;
  }
  return static_cast<std::uint16_t>(sum);
}

// What the blocks of the map add up to; nothing without an end of the map.
std::optional<std::uint64_t> MappedLength(ByteView map) {
  constexpr std::uint64_t kLargest = 1ULL << 40U;
  std::uint64_t mapped = 0;
  ByteReader reader(map);
  while (const auto block = reader.Take<Block>()) {
    if (block->count == 0 && block->length == 0) {
      return mapped;
    }
    mapped += std::uint64_t{block->count} * block->length;
    if (block->count == 0 || block->length == 0 || mapped > kLargest) {
      break;
    }
  }
  return std::nullopt;
}

// The header, if its sum is 0 and a block map follows that has room for the
// volume. Volumes in larger flash may have a map of all of it.
std::optional<UefiVolumeHeader> IntactHeader(ByteView bytes) {
  const auto header = ReadAt<UefiVolumeHeader>(bytes, 0);
  if (!header || header->signature != 0x5f465648 || header->revision == 0 ||
      header->revision > 2 ||
      header->header_length < sizeof(UefiVolumeHeader) + sizeof(Block) ||
      header->header_length % 2 != 0 ||
      header->length < header->header_length) {
    return std::nullopt;
  }
  const auto whole = Slice(bytes, 0, header->header_length);
  if (!whole || Sum16(*whole) != 0) {
    return std::nullopt;
  }
  const auto mapped = MappedLength(whole->subspan(sizeof(UefiVolumeHeader)));
  return mapped && *mapped >= header->length ? header : std::nullopt;
}

class Volume {
 public:
  Volume(const ByteSource& source, const UefiVolumeHeader& header,
         ArtifactSink& sink)
      : source_(source),
        bytes_(source.bytes()),
        header_(header),
        erased_ones_((header.attributes & kErasePolarity) != 0),
        sink_(sink) {}

  Result<void> Unpack() {
    const std::uint64_t start = ClaimHeaders();
    if (HasFiles(start)) {
      return AddFiles(start);
    }
    const Range body{start, bytes_.size() - start};
    if (IsBlank(*Slice(bytes_, body.offset, body.length))) {
      sink_.Claim(body, RegionUse::kPadding);
      return {};
    }
    return Add(header_.file_system == kNvram ? "nvram" : "body", body);
  }

 private:
  // Where the first file begins. The volume's name stands in an extended
  // header, which may lie in a pad file in front of the files.
  std::uint64_t ClaimHeaders() {
    std::uint64_t end = header_.header_length;
    sink_.Claim({0, end}, RegionUse::kMetadata);
    const std::uint64_t mapped =
        MappedLength(
            bytes_.subspan(sizeof(UefiVolumeHeader),
                           header_.header_length - sizeof(UefiVolumeHeader)))
            .value_or(0);
    if (mapped != header_.length) {
      Report("uefi_volume.odd-block-map", {0, end},
             fmt::format("{} bytes of blocks, but a volume of {}", mapped,
                         std::uint64_t{header_.length}));
    }
    const auto extended =
        ReadAt<ExtendedHeader>(bytes_, header_.extended_header);
    if (header_.extended_header < end || !extended ||
        extended->size < sizeof(ExtendedHeader) ||
        !Slice(bytes_, header_.extended_header, extended->size)) {
      return end + ClaimGap(end);
    }
    const std::uint64_t gap = header_.extended_header - end;
    ClaimFiller(bytes_, {end, gap}, sink_);
    sink_.Claim({end + gap, extended->size}, RegionUse::kMetadata);
    end += gap + extended->size;
    return end + ClaimGap(end);
  }

  std::uint64_t ClaimGap(std::uint64_t at) {
    const std::uint64_t gap =
        std::min<std::uint64_t>(GapTo(kFileAlignment, at), bytes_.size() - at);
    ClaimFiller(bytes_, {at, gap}, sink_);
    return gap;
  }

  [[nodiscard]] ByteView RestAt(std::uint64_t at) const {
    return bytes_.subspan(static_cast<std::size_t>(at));
  }

  // Vendors give the same file system GUIDs of their own.
  [[nodiscard]] bool HasFiles(std::uint64_t start) const {
    if (std::find(kFileSystems.begin(), kFileSystems.end(),
                  header_.file_system) != kFileSystems.end()) {
      return true;
    }
    const auto first = UefiFile::At(RestAt(start));
    return first && first->HasIntactHeader(RestAt(start));
  }

  [[nodiscard]] bool IsFree(ByteView bytes) const {
    const ByteView header =
        bytes.first(std::min(bytes.size(), sizeof(UefiFileHeader)));
    return AllAre(header, erased_ones_ ? 0xFF : 0x00);
  }

  Result<void> AddFiles(std::uint64_t at) {
    while (at < bytes_.size()) {
      const ByteView rest = RestAt(at);
      const auto file = UefiFile::At(rest);
      if (IsFree(rest) || !file) {
        ClaimRest(at, IsFree(rest));
        return {};
      }
      if (!file->HasIntactHeader(rest)) {
        Report("uefi_volume.header-checksum-mismatch", {at, file->header},
               fmt::format("the header of file {} has a wrong check sum",
                           file->raw.name.Text()));
      }
      if (auto ok = AddFile(*file, at); !ok) {
        return ok;
      }
      at += file->size;
      at += ClaimGap(at);
    }
    return {};
  }

  // What lies behind the last file is erased.
  void ClaimRest(std::uint64_t at, bool free) {
    const Range rest{at, bytes_.size() - at};
    if (ClaimFiller(bytes_, rest, sink_)) {
      return;
    }
    Report(free ? "uefi_volume.hidden-data" : "uefi_volume.size-mismatch", rest,
           fmt::format("{} bytes behind the last file are {}", rest.length,
                       free ? "not erased" : "no file"));
  }

  Result<void> AddFile(const UefiFile& file, std::uint64_t at) {
    const ByteView bytes = RestAt(at);
    const Range body{at + file.header, file.size - file.header};
    if (!file.IsLive(erased_ones_)) {
      sink_.Claim({at, file.size}, RegionUse::kSlack);
      return {};
    }
    sink_.Claim({at, file.header}, RegionUse::kMetadata);
    const std::uint8_t sum =
        file.DataChecksum(bytes, header_.file_system == kFfs1);
    if (!file.IsPad() && sum != file.raw.data_checksum) {
      Report("uefi_volume.checksum-mismatch", body,
             fmt::format("file {} says {:#04x}, its data give {:#04x}",
                         file.raw.name.Text(), file.raw.data_checksum, sum));
    }
    if (file.IsPad()) {
      if (!ClaimFiller(bytes_, body, sink_)) {
        Report("uefi_volume.hidden-data", body,
               fmt::format("a pad file of {} bytes holds data", body.length));
      }
      return {};
    }
    return AddContent(file, body);
  }

  Result<void> AddContent(const UefiFile& file, Range body) {
    std::string name = file.raw.name.Text();
    const ByteView content = *Slice(bytes_, body.offset, body.length);
    if (!file.HasSections()) {
      return Add(name + "/data", body);
    }
    if (const std::string title = UefiNameIn(content); !title.empty()) {
      name += "(" + title + ")";
    }
    // Not everything that calls itself a driver consists of sections.
    if (!UefiSection::At(content)) {
      return Add(name + "/data", body);
    }
    return UefiSectionWalk(source_, sink_).Run(body, name);
  }

  Result<void> Add(std::string name, Range range) {
    if (range.length == 0) {
      return {};
    }
    const auto content = source_.Slice(range);
    if (!content) {
      return Fail(content.error());
    }
    return sink_.Add({.name = std::move(name), .origin = range, .stored = true},
                     *content);
  }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report({std::move(id), range, std::move(detail)});
  }

  const ByteSource& source_;
  const ByteView bytes_;
  const UefiVolumeHeader& header_;
  const bool erased_ones_;
  ArtifactSink& sink_;
};

bool Matches(ByteView head) {
  return UefiVolumeHeaderLength(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto length = UefiVolumeHeaderLength(bytes);
  if (!length) {
    return Fail(ErrorCode::kNotThisFormat, "no intact volume header");
  }
  if (*length > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("uefi_volume: {} bytes, but {} are there", *length,
                            bytes.size()));
  }
  return *length;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = IntactHeader(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "no intact volume header");
  }
  const std::uint64_t length =
      std::min<std::uint64_t>(header->length, input.source().size());
  const auto volume = input.source().Slice({0, length});
  if (!volume) {
    return Fail(volume.error());
  }
  if (auto ok = Volume(*volume, *header, sink).Unpack(); !ok) {
    return ok;
  }
  if (length < header->length) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("the volume is cut short at {} bytes", length));
  }
  return input.Skip(length);
}

constexpr Magic kMagics[] = {{"_FVH", 40}};  // NOLINT: a table

}  // namespace

std::optional<std::uint64_t> UefiVolumeHeaderLength(ByteView bytes) {
  const auto header = IntactHeader(bytes);
  return header ? std::optional<std::uint64_t>(header->length) : std::nullopt;
}

extern const Format kUefiVolume;
const Format kUefiVolume = {
    .name = "uefi_volume",
    .title = "UEFI firmware volume",
    .reference = "UEFI PI Specification 1.8, volume 3, section 3.2",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
