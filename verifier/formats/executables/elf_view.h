// A bounded reading of an ELF object: both classes, both byte orders.
// Layout: System V ABI (gABI), chapters 4 "Object Files" and 5 "Program
// Loading"; extended numbering: gABI 4, "ELF Header", e_shnum and e_phnum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

// The few numbers of the ABI that readers of an ElfView need to name.
namespace elf {
inline constexpr std::uint16_t kTypeRelocatable = 1;  // e_type
inline constexpr std::uint16_t kTypeExecutable = 2;
inline constexpr std::uint16_t kTypeShared = 3;
inline constexpr std::uint16_t kTypeCore = 4;
inline constexpr std::uint32_t kSectionNull = 0;  // sh_type
inline constexpr std::uint32_t kSectionProgbits = 1;
inline constexpr std::uint32_t kSectionSymtab = 2;
inline constexpr std::uint32_t kSectionStrtab = 3;
inline constexpr std::uint32_t kSectionRela = 4;
inline constexpr std::uint32_t kSectionDynamic = 6;
inline constexpr std::uint32_t kSectionNote = 7;
inline constexpr std::uint32_t kSectionNobits = 8;
inline constexpr std::uint32_t kSectionRel = 9;
inline constexpr std::uint32_t kSectionDynsym = 11;
inline constexpr std::uint32_t kSectionInitArray = 14;
inline constexpr std::uint64_t kFlagWrite = 1;  // sh_flags
inline constexpr std::uint64_t kFlagAlloc = 2;
inline constexpr std::uint64_t kFlagExecute = 4;
inline constexpr std::uint32_t kSegmentLoad = 1;  // p_type
inline constexpr std::uint32_t kSegmentDynamic = 2;
inline constexpr std::uint32_t kSegmentInterpreter = 3;
inline constexpr std::uint32_t kSegmentNote = 4;
inline constexpr std::uint32_t kSegmentExecutable = 1;  // p_flags
inline constexpr std::uint32_t kSegmentWritable = 2;
}  // namespace elf

struct ElfSection {
  std::string_view name = {};  // as stored, up to its NUL; borrowed
  std::uint32_t type = 0;
  std::uint64_t flags = 0;
  std::uint64_t addr = 0;
  std::uint64_t offset = 0;  // in the object; may lie outside of it
  std::uint64_t size = 0;
  std::uint32_t link = 0;
  std::uint32_t info = 0;
  std::uint64_t entsize = 0;
};

struct ElfSegment {
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;  // in the object; may lie outside of it
  std::uint64_t vaddr = 0;
  std::uint64_t paddr = 0;
  std::uint64_t filesz = 0;
  std::uint64_t memsz = 0;
  std::uint64_t align = 0;
};

// Borrows the object's bytes; whoever made the view keeps them alive. Offsets
// and sizes are given as stored, so a hostile object may name ranges outside
// of itself: the functions below return nothing for those.
struct ElfView {
  // Header and tables of the object that begins at `bytes`. kNotThisFormat
  // without a whole ELF header. Two things are named in `problems` only: odd
  // versions and sizes in the header, at which kernels do not look; and a
  // table that does not fit (or has over 2^20 entries) and is left out, as
  // loaders have no need of the section header table.
  [[nodiscard]] static Result<ElfView> Parse(ByteView bytes);

  // Contents of section `index`; empty when it has none (NOBITS), when they
  // lie outside of the object or when there is no such section.
  [[nodiscard]] ByteView SectionBytes(std::size_t index) const;
  // The first section of that name.
  [[nodiscard]] std::optional<std::size_t> FindSection(
      std::string_view name) const;
  // Contents of the first section of that name, or empty.
  [[nodiscard]] ByteView SectionBytes(std::string_view name) const;
  // Where the byte that a loader maps at `address` lies in the object: by
  // PT_LOAD segments, or by allocated sections when there are no segments.
  [[nodiscard]] std::optional<std::uint64_t> OffsetOf(
      std::uint64_t address) const;
  // The reverse of OffsetOf.
  [[nodiscard]] std::optional<std::uint64_t> AddressOf(
      std::uint64_t offset) const;
  // An unsigned integer of `width` bytes (1, 2, 4, 8) at `offset` of the
  // object, in the object's byte order.
  [[nodiscard]] std::optional<std::uint64_t> Integer(std::uint64_t offset,
                                                     unsigned width) const;
  // The text at `offset` of `table` up to its NUL, the table's end or
  // kNameLimit bytes; empty when outside.
  [[nodiscard]] static std::string_view StringAt(ByteView table,
                                                 std::uint64_t offset);

  // A ceiling, so that tables of overlapping names cost no quadratic time.
  static constexpr std::size_t kNameLimit = 16UL << 10U;

  ByteView bytes = {};
  bool is_64 = false;
  ByteOrder order = ByteOrder::kLittle;
  std::uint8_t osabi = 0;
  std::uint16_t type = 0;         // e_type
  std::uint16_t machine = 0;      // e_machine
  std::uint32_t flags = 0;        // e_flags
  std::uint64_t entry = 0;        // virtual address
  std::uint64_t header_size = 0;  // 52 or 64
  Range section_table = {};       // length 0: none
  Range segment_table = {};
  std::vector<ElfSection> sections = {};  // [0] is the null section
  std::vector<ElfSegment> segments = {};
  std::vector<std::string> problems = {};  // one line each
};

}  // namespace assay::formats
