// The symbols of an ELF object as facts: what it takes from others, what it
// gives them, and what it is able to do by the functions it names.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "verifier/facts/fact_writer.h"
#include "verifier/formats/executables/elf_dynamic.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::facts {

// What the symbols of an object tell as a whole.
struct SymbolSummary {
  std::uint64_t imports = 0;
  std::uint64_t exports = 0;
  std::uint64_t ifuncs = 0;
  bool canary = false;   // -fstack-protector
  bool fortify = false;  // _FORTIFY_SOURCE
  bool stripped = true;  // no static symbol table
};

// The dynamic symbols, as a loader sees them. Of a relocatable object, and of
// a program without dynamic symbols, those of the static table: there they name
// what a kernel module needs, and a program's own copies of libc's functions.
class ElfSymbols {
 public:
  // Borrows both.
  ElfSymbols(const formats::ElfView& view, const formats::ElfDynamic& dynamic);

  [[nodiscard]] SymbolSummary Summarize() const;
  // elf.ability for each function that gives one: imported, or, in a program
  // that imports nothing, linked in. A stripped static program says nothing.
  void AddAbilities(FactWriter& facts) const;
  void AddImports(FactWriter& facts) const;
  void AddExports(FactWriter& facts) const;

 private:
  using Visit =
      std::function<void(const formats::ElfSymbol&, const formats::ElfText&)>;

  void ForEach(const Visit& visit) const;

  const formats::ElfView& view_;
  const formats::ElfDynamic& dynamic_;
  const formats::ElfSection* table_ = nullptr;  // the static one
  bool by_static_ = false;
};

}  // namespace assay::facts
