// What a PE image takes from others and gives them, and what it is able to do
// by the functions it names.
// Layout: Microsoft's "PE Format", sections "The .idata Section",
// "Delay-Load Import Tables" and "The .edata Section".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/facts/fact_writer.h"
#include "verifier/formats/executables/pe_view.h"

namespace assay::facts {

// Borrowed from the image, whose tables may name one long text many times.
struct PeName {
  std::string_view text = {};  // empty: it goes by its number
  std::uint32_t number = 0;
  std::optional<Range> place = {};

  [[nodiscard]] std::string Text() const;  // "#7" of a number
};

struct PeImport {
  std::string_view library = {};
  PeName name = {};
  bool delayed = false;  // loaded when it is first called
};

struct PeExport {
  PeName name = {};
  std::string_view forward = {};  // "library.function" that it stands for
};

class PeSymbols {
 public:
  // Reads at most kMost of each; borrows the view.
  explicit PeSymbols(const formats::PeView& view);

  [[nodiscard]] std::size_t imports() const { return imports_.size(); }
  [[nodiscard]] std::size_t exports() const { return exports_.size(); }
  // pe.needed for each library, pe.soname for its own name.
  void AddLibraries(FactWriter& facts) const;
  void AddAbilities(FactWriter& facts) const;
  void AddImports(FactWriter& facts) const;
  void AddExports(FactWriter& facts) const;

  static constexpr std::size_t kMost = 1UL << 16U;

 private:
  struct Library {
    PeName name = {};
    bool delayed = false;
  };

  void ReadImports();
  void ReadDelayed();
  // The functions in the table at address `table`, which belong to the library
  // named at address `name`.
  void ReadLibrary(std::uint64_t name, std::uint64_t table, bool delayed);
  void ReadExports();
  // The export behind entry `index` of the table of addresses.
  void AddExport(std::uint64_t functions, std::uint32_t index, PeName name);

  const formats::PeView& view_;
  std::size_t left_ = kMost;  // entries of imports yet to be read
  std::vector<Library> libraries_;
  std::vector<PeImport> imports_;
  std::vector<PeExport> exports_;
  PeName own_name_;
};

}  // namespace assay::facts
