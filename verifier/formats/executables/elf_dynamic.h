// What the dynamic loader sees of an ELF object: the dynamic table, its
// strings, symbols and relocations. Read through segments as a loader does,
// since section headers can be absent or forged; sections serve only objects
// that have no segments.
// Layout: gABI chapter 5, "Dynamic Section", "Hash Table"; the GNU hash table
// as binutils' bfd/elflink.c writes it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::formats {

namespace elf_tag {
inline constexpr std::uint64_t kNeeded = 1;
inline constexpr std::uint64_t kPltRelSize = 2;
inline constexpr std::uint64_t kHash = 4;
inline constexpr std::uint64_t kStrtab = 5;
inline constexpr std::uint64_t kSymtab = 6;
inline constexpr std::uint64_t kRela = 7;
inline constexpr std::uint64_t kRelaSize = 8;
inline constexpr std::uint64_t kStrSize = 10;
inline constexpr std::uint64_t kSoname = 14;
inline constexpr std::uint64_t kRpath = 15;
inline constexpr std::uint64_t kRel = 17;
inline constexpr std::uint64_t kRelSize = 18;
inline constexpr std::uint64_t kPltRel = 20;
inline constexpr std::uint64_t kJmpRel = 23;
inline constexpr std::uint64_t kBindNow = 24;
inline constexpr std::uint64_t kInitArray = 25;
inline constexpr std::uint64_t kInitArraySize = 27;
inline constexpr std::uint64_t kRunpath = 29;
inline constexpr std::uint64_t kFlags = 30;
inline constexpr std::uint64_t kPreinitArray = 32;
inline constexpr std::uint64_t kPreinitArraySize = 33;
inline constexpr std::uint64_t kGnuHash = 0x6ffffef5;
inline constexpr std::uint64_t kDepAudit = 0x6ffffefb;
inline constexpr std::uint64_t kAudit = 0x6ffffefc;
inline constexpr std::uint64_t kFlags1 = 0x6ffffffb;
}  // namespace elf_tag

struct ElfSymbol {
  std::uint32_t name = 0;  // offset in the string table
  std::uint8_t bind = 0;
  std::uint8_t type = 0;
  std::uint8_t visibility = 0;
  std::uint16_t section = 0;  // 0: undefined
  std::uint64_t value = 0;    // an address; of a relocatable object an offset

  [[nodiscard]] bool defined() const { return section != 0; }
  // Visible to other objects: global, weak or unique, and not hidden.
  [[nodiscard]] bool exported() const {
    return defined() && (bind == 1 || bind == 2 || bind == 10) &&
           (visibility == 0 || visibility == 3);
  }
};

inline constexpr std::uint8_t kSymbolIfunc = 10;  // STT_GNU_IFUNC

// A text in the object, with its place.
struct ElfText {
  std::string_view text = {};
  Range place = {};
};

class ElfDynamic {
 public:
  // Borrows the view.
  explicit ElfDynamic(const ElfView& view);

  [[nodiscard]] bool present() const { return !entries_.empty(); }
  // The value of the first entry with that tag.
  [[nodiscard]] std::optional<std::uint64_t> Value(std::uint64_t tag) const;
  // The strings that all entries with that tag name.
  [[nodiscard]] std::vector<ElfText> Strings(std::uint64_t tag) const;
  [[nodiscard]] ElfText StringAt(std::uint64_t offset) const;
  // The bytes that an address tag and a size tag name, as far as they exist.
  [[nodiscard]] std::optional<Range> Table(std::uint64_t address_tag,
                                           std::uint64_t size_tag) const;
  // The dynamic symbols, bounded by the object.
  [[nodiscard]] Range symbols() const { return symbols_; }

 private:
  void ReadEntries(Range table);
  [[nodiscard]] std::uint64_t CountSymbols(std::uint64_t offset) const;
  [[nodiscard]] std::uint64_t CountByGnuHash(std::uint64_t table) const;

  const ElfView& view_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries_;
  Range strings_;
  Range symbols_;
};

// Calls `visit` for each symbol of `table`, the null symbol left out.
void ForEachSymbol(const ElfView& view, Range table,
                   const std::function<void(const ElfSymbol&)>& visit);

// The number of the relocation that calls a resolver at load time, on machines
// that have one.
[[nodiscard]] std::optional<std::uint64_t> IrelativeType(std::uint16_t machine);

// How many relocations call a resolver at load time (R_*_IRELATIVE): those a
// loader applies, or, without dynamic table, those start-up code applies.
[[nodiscard]] std::uint64_t CountIrelative(const ElfView& view,
                                           const ElfDynamic& dynamic);

}  // namespace assay::formats
