#include "verifier/facts/pe_symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "verifier/facts/pe_abilities.h"

namespace assay::facts {
namespace {

using formats::PeView;
namespace pe = formats::pe;

constexpr std::size_t kMostLibraries = 1024;
constexpr std::size_t kLongestName = 4096;
constexpr std::uint32_t kByAddress = 1;  // Attributes: no virtual addresses

struct ImportEntry {
  Le32 lookup, time, forwarder, name, addresses;
};
static_assert(sizeof(ImportEntry) == 20 && FileStruct<ImportEntry>);

struct DelayEntry {
  Le32 attributes, name, module, addresses, lookup, bound, unload, time;
};
static_assert(sizeof(DelayEntry) == 32 && FileStruct<DelayEntry>);

struct ExportTable {
  Le32 flags, time;
  Le16 major, minor;
  Le32 name, base, functions, names, function_table, name_table, ordinals;
};
static_assert(sizeof(ExportTable) == 40 && FileStruct<ExportTable>);

PeName TextAt(const PeView& view, std::uint64_t address) {
  const auto at = view.OffsetOf(address);
  if (!at) {
    return {};
  }
  const ByteView rest = view.bytes.subspan(static_cast<std::size_t>(*at));
  const std::string_view text =
      AsText(rest.first(std::min(rest.size(), kLongestName)));
  const std::string_view name = text.substr(0, text.find('\0'));
  return {.text = name, .place = Range{*at, name.size()}};
}

template <typename T>
std::optional<T> EntryAt(const PeView& view, std::uint64_t address) {
  const auto at = view.OffsetOf(address);
  return at ? ReadAt<T>(view.bytes, *at) : std::nullopt;
}

// An entry of a table of addresses; 0 ends it.
std::uint64_t PointerAt(const PeView& view, std::uint64_t address) {
  if (view.is_64) {
    const auto wide = EntryAt<Le64>(view, address);
    return wide ? std::uint64_t{*wide} : 0;
  }
  const auto narrow = EntryAt<Le32>(view, address);
  return narrow ? std::uint32_t{*narrow} : 0;
}

std::uint64_t AddressOf(const PeView& view, std::size_t directory) {
  return directory < view.directories.size() &&
                 view.directories[directory].length > 0
             ? view.directories[directory].offset
             : 0;
}

}  // namespace

std::string PeName::Text() const {
  return text.empty() ? fmt::format("#{}", number) : std::string(text);
}

PeSymbols::PeSymbols(const PeView& view) : view_(view) {
  ReadImports();
  ReadDelayed();
  ReadExports();
}

// A loader reads on to the entry of zeros, whatever the directory's size says.
void PeSymbols::ReadImports() {
  std::uint64_t at = AddressOf(view_, pe::kImports);
  while (at != 0 && libraries_.size() < kMostLibraries) {
    const auto entry = EntryAt<ImportEntry>(view_, at);
    if (!entry || entry->name == 0 || entry->addresses == 0) {
      return;
    }
    ReadLibrary(entry->name,
                entry->lookup != 0 ? entry->lookup : entry->addresses, false);
    at += sizeof(ImportEntry);
  }
}

void PeSymbols::ReadDelayed() {
  std::uint64_t at = AddressOf(view_, pe::kDelayImports);
  while (at != 0 && libraries_.size() < kMostLibraries) {
    const auto entry = EntryAt<DelayEntry>(view_, at);
    if (!entry || entry->name == 0) {
      return;
    }
    // Images of Visual C++ 6 have virtual addresses here.
    const std::uint64_t base =
        (entry->attributes & kByAddress) != 0 ? 0 : view_.image_base;
    if (entry->name >= base && entry->lookup >= base) {
      ReadLibrary(entry->name - base, entry->lookup - base, true);
    }
    at += sizeof(DelayEntry);
  }
}

void PeSymbols::ReadLibrary(std::uint64_t name, std::uint64_t table,
                            bool delayed) {
  const PeName library = TextAt(view_, name);
  libraries_.push_back({library, delayed});
  const std::uint64_t width = view_.is_64 ? sizeof(Le64) : sizeof(Le32);
  const std::uint64_t by_number = 1ULL << (8 * width - 1);
  for (; left_ > 0; --left_, table += width) {
    const std::uint64_t entry = PointerAt(view_, table);
    if (entry == 0) {
      return;
    }
    constexpr std::uint64_t kHint = 2;  // bytes in front of the name
    PeImport import{.library = library.text, .delayed = delayed};
    if ((entry & by_number) != 0) {
      import.name = {.number = static_cast<std::uint32_t>(entry & 0xffffU),
                     .place = library.place};
    } else {
      import.name = TextAt(view_, entry + kHint);
    }
    if (import.name.place) {
      imports_.push_back(import);
    }
  }
}

void PeSymbols::AddExport(std::uint64_t functions, std::uint32_t index,
                          PeName name) {
  const auto target =
      EntryAt<Le32>(view_, functions + std::uint64_t{index} * sizeof(Le32));
  if (!target || *target == 0) {
    return;
  }
  PeExport given{.name = name};
  // What would lie inside of the directory is the text of a forwarder.
  const Range& directory = view_.directories[pe::kExports];
  if (*target >= directory.offset && *target < directory.end()) {
    const PeName forward = TextAt(view_, *target);
    given.forward = forward.text;
    given.name.place = name.place ? name.place : forward.place;
  }
  exports_.push_back(given);
}

void PeSymbols::ReadExports() {
  const std::uint64_t start = AddressOf(view_, pe::kExports);
  const auto table =
      start == 0 ? std::nullopt : EntryAt<ExportTable>(view_, start);
  if (!table) {
    return;
  }
  own_name_ = TextAt(view_, table->name);
  const std::uint32_t count = std::min<std::uint32_t>(table->functions, kMost);
  const std::uint32_t names = std::min<std::uint32_t>(table->names, kMost);
  std::vector<bool> named(count);
  for (std::uint64_t i = 0; i < names; ++i) {
    const auto index = EntryAt<Le16>(view_, table->ordinals + i * sizeof(Le16));
    const auto name =
        EntryAt<Le32>(view_, table->name_table + i * sizeof(Le32));
    if (!index || !name) {
      break;
    }
    if (*index < count) {
      named[*index] = true;
      AddExport(table->function_table, *index, TextAt(view_, *name));
    }
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!named[i]) {
      AddExport(table->function_table, i, {.number = table->base + i});
    }
  }
}

void PeSymbols::AddLibraries(FactWriter& facts) const {
  for (const Library& library : libraries_) {
    if (!library.name.text.empty()) {
      facts.Add({.kind = "pe.needed",
                 .value = std::string(library.name.text),
                 .attributes = {{"delayed", library.delayed ? "yes" : ""}},
                 .place = library.name.place});
    }
  }
  if (!own_name_.text.empty()) {
    facts.Add({.kind = "pe.soname",
               .value = std::string(own_name_.text),
               .place = own_name_.place});
  }
}

void PeSymbols::AddAbilities(FactWriter& facts) const {
  for (const PeImport& import : imports_) {
    const PeAbility found = PeAbilityOf(import.library, import.name.Text());
    if (!found.ability.empty()) {
      facts.Add({.kind = "pe.ability",
                 .value = std::string(found.ability),
                 .attributes = {{"function", found.function}},
                 .place = import.name.place});
    }
  }
}

void PeSymbols::AddImports(FactWriter& facts) const {
  for (const PeImport& import : imports_) {
    facts.Add({.kind = "pe.import",
               .value = import.name.Text(),
               .attributes = {{"library", std::string(import.library)},
                              {"delayed", import.delayed ? "yes" : ""}},
               .place = import.name.place});
  }
}

void PeSymbols::AddExports(FactWriter& facts) const {
  for (const PeExport& given : exports_) {
    facts.Add({.kind = "pe.export",
               .value = given.name.Text(),
               .attributes = {{"forward", std::string(given.forward)}},
               .place = given.name.place});
  }
}

}  // namespace assay::facts
