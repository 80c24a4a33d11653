// Moxa FRM: sections of a firmware, one of them a list of files.
// Layout: unblob, handlers/archive/moxa/frm.py (struct frm_container_header,
// struct frm_fs_header, struct frm_file_header).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::array<std::uint8_t, 8> magic = {};  // with what may be a version
  Le32 size;
  Le16 header_size, sections;
  std::array<std::uint8_t, 48> unknown = {};
};
static_assert(sizeof(Header) == 64 && FileStruct<Header>);

struct Section {
  Le32 type, offset, size, unknown;
};
static_assert(sizeof(Section) == 16 && FileStruct<Section>);

struct Files {
  std::array<std::uint8_t, 32> device = {};
  std::array<std::uint8_t, 16> unknown = {};
  Le32 table, table_size;
  Le16 entry_size, count;
  Le32 data_size;
  Le16 unknown4, count_again;
  Le32 table_size_again, unknown5;
};
static_assert(sizeof(Files) == 76 && FileStruct<Files>);

struct File {
  std::array<std::uint8_t, 48> name = {};
  std::array<std::uint8_t, 8> unknown = {};
  Le32 size, offset;  // from the start of the section
};
static_assert(sizeof(File) == 64 && FileStruct<File>);

constexpr std::uint32_t kProgram = 1;
constexpr std::uint32_t kFiles = 2;
constexpr std::string_view kMagic("*FRM\0\0\0\x01", 8);

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || AsText(header->magic) != kMagic || header->sections == 0 ||
      header->sections > 64 ||
      header->header_size !=
          sizeof(Header) + header->sections * sizeof(Section) ||
      header->size < header->header_size) {
    return std::nullopt;
  }
  return header;
}

std::uint64_t SizeOf(const Header& header) {
  return header.size;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no FRM header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "moxa_frm: the image is cut short");
  }
  return SizeOf(*header);
}

Result<void> AddFiles(const Section& section, ByteView bytes,
                      const Limits& limits, PartLayout& layout) {
  const auto files = ReadAt<Files>(bytes, section.offset);
  if (!files || files->entry_size < sizeof(File)) {
    layout.Damage(ErrorCode::kMalformed,
                  fmt::format("moxa_frm: no list of files at {}",
                              std::uint32_t{section.offset}));
    return {};
  }
  layout.Metadata({section.offset, sizeof(Files)});
  const std::uint64_t count =
      files->count != 0 ? files->count : files->count_again;
  for (std::uint64_t i = 0; i < count && i < limits.entries; ++i) {
    const std::uint64_t at =
        std::uint64_t{section.offset} + files->table + i * files->entry_size;
    const auto file = ReadAt<File>(bytes, at);
    if (!file) {
      layout.Damage(ErrorCode::kTruncated,
                    "moxa_frm: the list of files is cut short");
      return {};
    }
    layout.Metadata({at, files->entry_size});
    if (file->name[0] == 0) {
      continue;
    }
    if (file->offset > section.size ||
        file->size > section.size - file->offset) {
      layout.Report("size-mismatch", {at, sizeof(File)},
                    "a file ends past its section");
      continue;
    }
    if (auto ok = layout.Add(
            std::string(UntilNul(file->name)),
            {std::uint64_t{section.offset} + file->offset, file->size});
        !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "moxa_frm: no header");
  }
  PartLayout layout(input, "moxa_frm", sink);
  const ByteView bytes = input.source().bytes();
  layout.EndAt(SizeOf(*header));
  layout.Metadata({0, header->header_size});
  for (std::uint64_t i = 0; i < header->sections; ++i) {
    const auto section =
        ReadAt<Section>(bytes, sizeof(Header) + i * sizeof(Section));
    if (!section) {
      layout.Damage(ErrorCode::kTruncated, "moxa_frm: sections are missing");
      break;
    }
    const Range range{section->offset, section->size};
    auto ok = section->type == kFiles
                  ? AddFiles(*section, bytes, sink.limits(), layout)
                  : layout.Add(section->type == kProgram
                                   ? "firmware.bin"
                                   : fmt::format("section{}", i),
                               range);
    if (!ok) {
      return ok;
    }
  }
  if (SizeOf(*header) > bytes.size()) {
    layout.Damage(ErrorCode::kTruncated, "moxa_frm: the image is cut short");
  }
  return layout.Finish(SizeOf(*header));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("*FRM\0\0\0\x01", 8), 0}};

}  // namespace

extern const Format kMoxaFrm;
const Format kMoxaFrm = {
    .name = "moxa_frm",
    .title = "Moxa FRM firmware",
    .reference = "unblob, handlers/archive/moxa/frm.py",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
