// A bounded reading of a PE image: PE32 and PE32+, of Windows and of UEFI.
// Layout: Microsoft's "PE Format", sections "Microsoft MS-DOS Stub", "COFF File
// Header", "Optional Header" and "Section Table".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

// The few numbers of the specification that readers of a PeView need to name.
namespace pe {
inline constexpr std::size_t kExports = 0;  // data directories
inline constexpr std::size_t kImports = 1;
inline constexpr std::size_t kResources = 2;
inline constexpr std::size_t kCertificates = 4;
inline constexpr std::size_t kDebug = 6;
inline constexpr std::size_t kTls = 9;
inline constexpr std::size_t kBoundImports = 11;
inline constexpr std::size_t kDelayImports = 13;
inline constexpr std::size_t kClrHeader = 14;
inline constexpr std::uint16_t kIsLibrary = 0x2000;  // Characteristics
inline constexpr std::uint32_t kSectionCode = 0x20;  // of a section
inline constexpr std::uint32_t kSectionExecute = 0x20000000;
inline constexpr std::uint32_t kSectionRead = 0x40000000;
inline constexpr std::uint32_t kSectionWrite = 0x80000000;

// An entry of the section table, which TE images have as well.
struct SectionHeader {
  std::array<std::uint8_t, 8> name = {};
  Le32 virtual_size, virtual_address, raw_size, raw_offset;
  Le32 relocations, line_numbers;
  Le16 relocation_count, line_number_count;
  Le32 flags;
};
static_assert(sizeof(SectionHeader) == 40 && FileStruct<SectionHeader>);

// An entry of the debug directory.
struct DebugEntry {
  Le32 characteristics, time;
  Le16 major, minor;
  Le32 type, size, address, offset;
};
static_assert(sizeof(DebugEntry) == 28 && FileStruct<DebugEntry>);
}  // namespace pe

struct PeSection {
  std::string name = {};  // as stored; long names looked up
  std::uint32_t address = 0;
  std::uint32_t virtual_size = 0;
  std::uint32_t flags = 0;
  Range raw = {};  // in the file; may lie outside of it

  // What a loader maps of it: SizeOfRawData is rounded up, VirtualSize is not.
  [[nodiscard]] Range Loaded() const;
  // Whether it is neither code nor what linkers make of a program.
  [[nodiscard]] bool IsCarried() const;
};

// Borrows the image's bytes. Offsets and sizes are given as stored.
struct PeView {
  // Headers and tables of the image that begins at `bytes`. kNotThisFormat
  // without whole headers. A table that does not fit is left out and named in
  // `problems`.
  [[nodiscard]] static Result<PeView> Parse(ByteView bytes);

  // Where the byte that a loader maps at `rva` lies in the file.
  [[nodiscard]] std::optional<std::uint64_t> OffsetOf(std::uint64_t rva) const;
  // A data directory that lies in the file; the one of certificates is given
  // by file offset, all others by address. Nothing when it is empty.
  [[nodiscard]] std::optional<Range> Directory(std::size_t index) const;
  // Data of the debug directory, which may lie outside of every section; only
  // what is inside of the file.
  [[nodiscard]] std::vector<Range> DebugData() const;
  // The end of the last byte that headers, sections, symbols or the debug
  // directory describe; certificates come behind it.
  [[nodiscard]] std::uint64_t DescribedEnd() const;
  // The file's check sum, as the field should hold it.
  [[nodiscard]] std::uint32_t ComputeChecksum(ByteView file) const;

  // A ceiling, above the 96 that Windows loads.
  static constexpr std::size_t kMostSections = 1024;

  ByteView bytes = {};
  Range stub = {};     // between the MS-DOS header and the PE headers
  Range headers = {};  // PE signature to the end of the section table
  Range symbols = {};  // COFF symbols and their strings; length 0: none
  std::uint64_t headers_size = 0;  // SizeOfHeaders
  std::uint16_t machine = 0;
  std::uint16_t characteristics = 0;
  std::uint16_t subsystem = 0;
  std::uint16_t dll_characteristics = 0;
  bool is_64 = false;            // PE32+
  std::uint32_t entry = 0;       // address of the first instruction
  std::uint64_t image_base = 0;  // what virtual addresses count from
  std::uint32_t checksum = 0;
  std::uint64_t checksum_offset = 0;
  std::uint64_t directories_offset = 0;  // where the first entry lies
  std::vector<Range> directories = {};   // as stored: address or offset, size
  std::vector<PeSection> sections = {};
  std::vector<std::string> problems = {};  // one line each
};

}  // namespace assay::formats
