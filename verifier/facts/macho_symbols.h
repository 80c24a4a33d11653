// What a Mach-O image takes from others and gives them, and what it is able to
// do by the functions it names. Symbols are read where dyld looks: in what it
// binds, and in the symbol table, which need not be there.
// Layout: <mach-o/nlist.h>, <mach-o/loader.h> (BIND_OPCODE_*),
// <mach-o/fixup-chains.h>.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "verifier/facts/fact_writer.h"
#include "verifier/formats/executables/macho_view.h"

namespace assay::facts {

// Names as in C: without the underscore that the format puts in front.
struct MachoSymbol {
  std::string_view name = {};
  Range place = {};
};

class MachoSymbols {
 public:
  // Reads at most kMost; borrows the view.
  explicit MachoSymbols(const formats::MachoView& view);

  [[nodiscard]] std::size_t imports() const { return imports_.size(); }
  [[nodiscard]] std::size_t exports() const { return exports_.size(); }
  [[nodiscard]] bool stripped() const { return stripped_; }
  [[nodiscard]] bool Imports(std::string_view name) const {
    return seen_.count(name) != 0;
  }
  void AddAbilities(FactWriter& facts) const;
  void AddImports(FactWriter& facts) const;
  void AddExports(FactWriter& facts) const;

  static constexpr std::size_t kMost = 1UL << 17U;

 private:
  void ReadTable();
  // A symbol of the table: its N_* bits, its name and where that stands.
  void Take(std::uint8_t kind, std::string_view name, std::uint64_t offset);
  void ReadBound(Range opcodes);
  void ReadChained(Range fixups);
  void Import(std::string_view name, std::uint64_t offset);

  const formats::MachoView& view_;
  std::vector<MachoSymbol> imports_;
  std::vector<MachoSymbol> exports_;
  std::unordered_set<std::string_view> seen_;  // names of imports
  bool stripped_ = true;  // no symbols of the program's own
};

}  // namespace assay::facts
