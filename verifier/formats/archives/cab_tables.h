// The tables of a cabinet: header, folders, blocks, files.
//
// Reference: [MS-CAB] Cabinet File Format, section 2; for the signature,
// osslsigncode 2.5, cab.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/formats/archives/cab_folder.h"

namespace assay::formats::cab {

struct Header {
  Be32 magic;  // "MSCF"
  Le32 reserved1, size, reserved2, files_at, reserved3;
  std::uint8_t minor = 0, major = 0;
  Le16 folders, files, flags, set_id, index;
};
static_assert(sizeof(Header) == 36 && FileStruct<Header>);

struct Reserve {
  Le16 header;
  std::uint8_t folder = 0, data = 0;
};

struct FolderEntry {
  Le32 data_at;
  Le16 blocks, compression;
};
static_assert(sizeof(FolderEntry) == 8 && FileStruct<FolderEntry>);

struct FileEntry {
  Le32 size, offset;  // in the content of its folder
  Le16 folder, date, time, attributes;
};
static_assert(sizeof(FileEntry) == 16 && FileStruct<FileEntry>);

// FileEntry::folder of files that begin or end in another cabinet.
inline constexpr std::uint16_t kFromPrevious = 0xfffd;
inline constexpr std::uint16_t kToNext = 0xfffe;
inline constexpr std::uint16_t kBoth = 0xffff;

struct File {
  FileEntry entry;
  std::string_view name;
  Range place = {};  // of the entry
};

struct Folder {
  FolderEntry entry;
  std::vector<Block> blocks = {};
  std::uint64_t content = 0;
  std::vector<File> files = {};
};

struct Cabinet {
  Header header;
  Reserve reserve;
  Range reserved = {};  // the header's area
  std::string_view previous, next;
  std::uint64_t folders_at = 0;
  std::vector<Folder> folders = {};
  std::vector<File> continued = {};  // from the cabinet before
  std::uint64_t files_end = 0;
  std::optional<Range> signature = {};

  [[nodiscard]] std::uint64_t end() const {
    return signature ? signature->end() : header.size;
  }
};

// Whether the fixed part of the header is a cabinet's.
[[nodiscard]] bool IsCabinet(ByteView head);
// Reads all tables; `bytes` outlives the result. kNotThisFormat unless
// IsCabinet.
[[nodiscard]] Result<Cabinet> ReadCabinet(ByteView bytes);

}  // namespace assay::formats::cab
