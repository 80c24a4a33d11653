// A program as a loader lays it out: bytes by address, what its slots are
// bound to, and where functions begin.
// Layout: gABI chapters 4 and 5; relocations and global offset tables of the
// processors' supplements; the exception tables' index (LSB Core 5.0, 10.6.2)
// and ARM's (EHABI, section 5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/code/machine.h"
#include "verifier/formats/executables/elf_dynamic.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::code {

class Image {
 public:
  // Bytes that a loader maps. They end where the object does.
  struct Part {
    std::uint64_t address = 0;
    ByteView bytes = {};
    std::uint64_t offset = 0;  // in the object
    bool writable = false;
  };
  // A slot that the loader fills: a function or variable of others by name, or
  // an address of the program itself.
  struct Slot {
    std::string_view name = {};
    std::uint64_t address = 0;
  };

  // What the loader calls by itself.
  struct Start {
    std::uint64_t entry = 0;
    bool resolver = false;  // chooses a function; else a constructor
  };

  // Borrows the view, which has to be of a processor that MachineOf knows.
  Image(const formats::ElfView& view, const Machine& machine);

  [[nodiscard]] const Machine& machine() const { return machine_; }
  // Whether it is loaded where it says, so that constants may be addresses.
  [[nodiscard]] bool stays() const {
    return view_.type == formats::elf::kTypeExecutable;
  }
  // What is executed, in order of addresses.
  [[nodiscard]] const std::vector<Part>& code() const { return code_; }
  [[nodiscard]] bool IsCode(std::uint64_t address) const;
  // Up to `limit` bytes from `address` on; none where the object has none.
  [[nodiscard]] ByteView At(std::uint64_t address,
                            std::uint64_t limit = ~std::uint64_t{0}) const;
  // Where they lie in the object.
  [[nodiscard]] std::optional<Range> PlaceOf(std::uint64_t address,
                                             std::uint64_t length) const;
  // The text at `address` up to its NUL, if all of it is printable ASCII or
  // white space.
  [[nodiscard]] std::optional<std::string_view> TextAt(
      std::uint64_t address) const;
  [[nodiscard]] const Slot* SlotAt(std::uint64_t address) const;
  [[nodiscard]] const std::map<std::uint64_t, Slot>& slots() const {
    return slots_;
  }
  [[nodiscard]] const std::vector<Start>& starts() const { return starts_; }
  // The function of others at which one arrives by a call of `address`, as
  // the dynamic symbols have it; none: "".
  [[nodiscard]] std::string_view StandInAt(std::uint64_t address) const;
  // What Machine::globals holds in all functions; 0: not known.
  [[nodiscard]] std::uint64_t globals() const { return globals_; }
  // The unsigned integer there, if it is the same in every run.
  [[nodiscard]] std::optional<std::uint64_t> FixedAt(std::uint64_t address,
                                                     unsigned width) const;
  // Where functions begin, by symbols, tables and start-up entries: in order,
  // with the symbol's name or none.
  [[nodiscard]] const std::map<std::uint64_t, std::string_view>& entries()
      const {
    return entries_;
  }

 private:
  void AddParts();
  void AddSymbols(Range table, bool dynamic);
  void AddSlots();
  void AddRelocations(Range table, bool with_addend);
  void AddGlobalOffsetTable();  // MIPS: by order, without relocations
  void AddFixedOffsets();
  void AddEntry(std::uint64_t address, std::string_view name = {});
  void AddCode(std::uint64_t address);
  void AddUnwindIndex();
  void AddStartup();

  const formats::ElfView& view_;
  const Machine& machine_;
  formats::ElfDynamic dynamic_;
  std::vector<Part> parts_;
  std::vector<Part> code_;
  std::vector<formats::ElfSymbol> symbols_;     // dynamic, by index
  std::vector<std::string_view> symbol_names_;  // theirs
  std::map<std::uint64_t, Slot> slots_;
  std::vector<Start> starts_;
  std::map<std::uint64_t, std::string_view> entries_;
  std::map<std::uint64_t, std::string_view> stand_ins_;
  std::uint64_t globals_ = 0;
  Range global_offsets_ = {};  // addresses that code reads, never writes
};

}  // namespace assay::code
