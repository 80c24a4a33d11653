#include "verifier/facts/elf_symbols.h"

#include <algorithm>
#include <string>

#include "verifier/code/abilities.h"

namespace assay::facts {
namespace {

using formats::ElfDynamic;
using formats::ElfSection;
using formats::ElfSymbol;
using formats::ElfText;
using formats::ElfView;
using formats::ForEachSymbol;
using formats::kSymbolIfunc;
namespace elf = formats::elf;

constexpr std::size_t kLongestName = 4096;
constexpr std::uint8_t kSymbolFunction = 2;  // STT_FUNC

// Functions that the compiler calls for -fstack-protector and
// _FORTIFY_SOURCE: __stack_chk_fail, __printf_chk and its kin.
void Judge(std::string_view name, SymbolSummary& summary) {
  if (name.substr(0, 2) != "__" || name.size() < 7) {
    return;
  }
  summary.canary |= name == "__stack_chk_fail" || name == "__stack_chk_guard";
  summary.fortify |= name.substr(name.size() - 4) == "_chk";
}

void AddName(std::string_view kind, const ElfText& name, FactWriter& facts) {
  if (!name.text.empty()) {
    facts.Add(
        {.kind = kind, .value = std::string(name.text), .place = name.place});
  }
}

}  // namespace

ElfSymbols::ElfSymbols(const ElfView& view, const ElfDynamic& dynamic)
    : view_(view), dynamic_(dynamic) {
  // gABI 4: an object has at most one symbol table of this type.
  const auto table = std::find_if(view.sections.begin(), view.sections.end(),
                                  [](const ElfSection& section) {
                                    return section.type == elf::kSectionSymtab;
                                  });
  table_ = table == view.sections.end() ? nullptr : &*table;
  by_static_ = table_ != nullptr && (view.type == elf::kTypeRelocatable ||
                                     dynamic.symbols().length == 0);
}

void ElfSymbols::ForEach(const Visit& visit) const {
  if (!by_static_) {
    ForEachSymbol(view_, dynamic_.symbols(), [&](const ElfSymbol& symbol) {
      visit(symbol, dynamic_.StringAt(symbol.name));
    });
    return;
  }
  const ByteView names = view_.SectionBytes(std::size_t{table_->link});
  const std::uint64_t start =
      names.empty() ? 0 : view_.sections[table_->link].offset;
  ForEachSymbol(view_, {table_->offset, table_->size},
                [&](const ElfSymbol& symbol) {
                  if (symbol.bind == 0 || symbol.name >= names.size()) {
                    return;  // local: neither needed nor given
                  }
                  const ByteView rest = names.subspan(symbol.name);
                  const std::string_view text = ElfView::StringAt(
                      rest.first(std::min(rest.size(), kLongestName)), 0);
                  visit(symbol, {text, {start + symbol.name, text.size()}});
                });
}

SymbolSummary ElfSymbols::Summarize() const {
  SymbolSummary summary{.stripped = table_ == nullptr};
  ForEach([&](const ElfSymbol& symbol, const ElfText& name) {
    summary.imports += !symbol.defined() && symbol.name != 0 ? 1U : 0U;
    summary.exports += symbol.exported() ? 1U : 0U;
    summary.ifuncs += symbol.defined() && symbol.type == kSymbolIfunc ? 1U : 0U;
    Judge(name.text, summary);
  });
  return summary;
}

void ElfSymbols::AddAbilities(FactWriter& facts) const {
  const bool linked = by_static_ && view_.type != elf::kTypeRelocatable;
  ForEach([&](const ElfSymbol& symbol, const ElfText& name) {
    const bool counts = linked
                            ? symbol.defined() && symbol.type == kSymbolFunction
                            : !symbol.defined();
    const std::string_view ability =
        counts ? code::AbilityOf(name.text) : std::string_view();
    if (!ability.empty()) {
      facts.Add({.kind = "elf.ability",
                 .value = std::string(ability),
                 .attributes = {{"function", std::string(name.text)},
                                {"linked", linked ? "yes" : ""}},
                 .place = name.place});
    }
  });
}

void ElfSymbols::AddImports(FactWriter& facts) const {
  ForEach([&](const ElfSymbol& symbol, const ElfText& name) {
    if (!symbol.defined()) {
      AddName("elf.import", name, facts);
    }
  });
}

void ElfSymbols::AddExports(FactWriter& facts) const {
  if (by_static_) {
    return;  // nobody looks names up in it
  }
  ForEach([&](const ElfSymbol& symbol, const ElfText& name) {
    if (symbol.exported()) {
      AddName("elf.export", name, facts);
    }
  });
}

}  // namespace assay::facts
