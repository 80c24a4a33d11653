#include "verifier/facts/macho_symbols.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "verifier/code/abilities.h"

namespace assay::facts {
namespace {

using formats::MachoCommand;
using formats::MachoView;
namespace macho = formats::macho;

constexpr std::size_t kLongestName = 4096;
constexpr std::uint8_t kDebug = 0xe0;     // N_STAB
constexpr std::uint8_t kPrivate = 0x10;   // N_PEXT
constexpr std::uint8_t kTypeBits = 0x0e;  // N_TYPE; 0: N_UNDF
constexpr std::uint8_t kPrebound = 0x0c;  // N_PBUD: undefined, too
constexpr std::uint8_t kExternal = 0x01;  // N_EXT

struct Named {
  std::string_view function = {};
  std::string_view ability = {};
};

// What Darwin has beyond POSIX, in the order of the functions' names.
constexpr auto kAbilities = std::to_array<Named>({
    {"AuthorizationExecuteWithPrivileges", "privilege.set"},
    {"CFHTTPMessageCreateRequest", "network.fetch"},
    {"CFReadStreamCreateForHTTPRequest", "network.fetch"},
    {"CFStreamCreatePairWithSocketToHost", "network.connect"},
    {"CGDisplayCreateImage", "screen.read"},
    {"CGEventTapCreate", "input.read"},
    {"CGEventTapCreateForPSN", "input.read"},
    {"CGWindowListCreateImage", "screen.read"},
    {"IOHIDManagerOpen", "input.read"},
    {"LSOpenCFURLRef", "process.start"},
    {"LSSharedFileListInsertItemURL", "service.install"},
    {"NSCreateObjectFileImageFromMemory", "library.load"},
    {"NSLinkModule", "library.load"},
    {"NSLookupSymbolInModule", "library.lookup"},
    {"OBJC_CLASS_$_NSTask", "process.start"},
    {"OBJC_CLASS_$_NSURLConnection", "network.fetch"},
    {"OBJC_CLASS_$_NSURLSession", "network.fetch"},
    {"SMJobBless", "service.install"},
    {"SMJobSubmit", "service.install"},
    {"SMLoginItemSetEnabled", "service.install"},
    {"SecCodeCheckValidity", "signature.check"},
    {"SecItemCopyMatching", "password.read"},
    {"SecKeyVerifySignature", "signature.check"},
    {"SecKeychainFindGenericPassword", "password.read"},
    {"SecKeychainFindInternetPassword", "password.read"},
    {"SecStaticCodeCheckValidity", "signature.check"},
    {"mach_vm_protect", "memory.protect"},
    {"mach_vm_read", "process.trace"},
    {"mach_vm_write", "process.inject"},
    {"nw_connection_create", "network.connect"},
    {"nw_listener_create", "network.listen"},
    {"task_for_pid", "process.trace"},
    {"thread_create_running", "process.inject"},
    {"vm_protect", "memory.protect"},
    {"vm_read", "process.trace"},
    {"vm_write", "process.inject"},
});

constexpr bool Before(const Named& a, const Named& b) {
  return a.function < b.function;
}
static_assert(std::is_sorted(kAbilities.begin(), kAbilities.end(), Before));

std::string_view AbilityOfDarwin(std::string_view name) {
  // Variants of the system's own: "open$NOCANCEL", "fopen$DARWIN_EXTSN".
  const std::string_view plain = name.substr(
      0, name.substr(0, 5) == "OBJC_" ? name.size() : name.find('$'));
  const auto* found = std::lower_bound(kAbilities.begin(), kAbilities.end(),
                                       Named{.function = plain}, Before);
  return found != kAbilities.end() && found->function == plain
             ? found->ability
             : code::AbilityOf(plain);
}

std::string_view NameIn(ByteView names, std::uint64_t at) {
  if (at >= names.size()) {
    return {};
  }
  const ByteView rest = names.subspan(static_cast<std::size_t>(at));
  const std::string_view text =
      AsText(rest.first(std::min(rest.size(), kLongestName)));
  return text.substr(0, text.find('\0'));
}

// A number of 7 bits a byte, low ones first (DWARF 7.6); moves `at` behind it.
void SkipLeb(ByteView bytes, std::size_t& at) {
  while (at < bytes.size() && (bytes[at] & 0x80U) != 0) {
    ++at;
  }
  at = std::min(at + 1, bytes.size());
}

// How many such numbers follow an opcode.
std::size_t NumbersAfter(std::uint8_t opcode) {
  switch (opcode & 0xf0U) {
    case 0x20:  // SET_DYLIB_ORDINAL_ULEB
    case 0x60:  // SET_ADDEND_SLEB
    case 0x70:  // SET_SEGMENT_AND_OFFSET_ULEB
    case 0x80:  // ADD_ADDR_ULEB
    case 0xa0:  // DO_BIND_ADD_ADDR_ULEB
      return 1;
    case 0xc0:  // DO_BIND_ULEB_TIMES_SKIPPING_ULEB
      return 2;
    case 0xd0:  // THREADED, of which the first has the table's size
      return (opcode & 0x0fU) == 0 ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace

MachoSymbols::MachoSymbols(const MachoView& view) : view_(view) {
  ReadTable();
  if (const MachoCommand* info = view.Find(macho::kDyldInfo)) {
    for (const std::uint64_t at : {16U, 24U, 32U}) {  // bound, weak, lazy
      ReadBound(view.RangeAt(*info, at));
    }
  }
  if (const MachoCommand* chained = view.Find(macho::kChainedFixups)) {
    ReadChained(view.RangeAt(*chained, 8));
  }
}

void MachoSymbols::Import(std::string_view name, std::uint64_t offset) {
  if (!name.empty() && name[0] == '_') {
    name.remove_prefix(1);
    ++offset;
  }
  if (!name.empty() && imports_.size() < kMost && seen_.insert(name).second) {
    imports_.push_back({name, {offset, name.size()}});
  }
}

void MachoSymbols::ReadTable() {
  const MachoCommand* command = view_.Find(macho::kSymtab);
  if (command == nullptr) {
    return;
  }
  const Range symbols = view_.RangeAt(*command, 8);
  const Range strings = view_.RangeAt(*command, 16);
  const auto names = Slice(view_.bytes, strings.offset, strings.length);
  const std::uint64_t width = view_.is_64 ? 16 : 12;
  for (std::uint64_t i = 0; names && i < symbols.length && i < kMost; ++i) {
    const std::uint64_t at = symbols.offset + i * width;
    const auto kind = ReadAt<std::uint8_t>(view_.bytes, at + 4);
    if (!kind) {
      return;
    }
    const std::uint64_t offset = view_.Integer(at, 4);
    Take(*kind, NameIn(*names, offset), strings.offset + offset);
  }
}

void MachoSymbols::Take(std::uint8_t kind, std::string_view name,
                        std::uint64_t offset) {
  const unsigned type = kind & kTypeBits;
  if ((kind & kDebug) != 0) {
    stripped_ = false;
  } else if ((kind & kExternal) == 0) {
    stripped_ = stripped_ && name.empty();
  } else if (type == 0 || type == kPrebound) {
    Import(name, offset);
  } else if ((kind & kPrivate) == 0 && !name.empty()) {
    const std::uint64_t skip = name[0] == '_' ? 1 : 0;
    exports_.push_back(
        {name.substr(skip), {offset + skip, name.size() - skip}});
  }
}

void MachoSymbols::ReadBound(Range opcodes) {
  const auto bytes = Slice(view_.bytes, opcodes.offset, opcodes.length);
  std::size_t at = 0;
  while (bytes && at < bytes->size()) {
    const std::uint8_t opcode = (*bytes)[at++];
    if ((opcode & 0xf0U) == 0x40) {  // SET_SYMBOL_TRAILING_FLAGS_IMM
      const std::string_view name = NameIn(*bytes, at);
      Import(name, opcodes.offset + at);
      at = std::min(at + name.size() + 1, bytes->size());
    }
    for (std::size_t i = 0; i < NumbersAfter(opcode); ++i) {
      SkipLeb(*bytes, at);
    }
  }
}

// Header: version, and where starts, imports and names lie; how many imports
// there are and how they are written: 1 and 2 have the offset of the name in
// the upper 23 bits of a word, 3 in the upper half of 8 bytes.
void MachoSymbols::ReadChained(Range fixups) {
  const auto bytes = Slice(view_.bytes, fixups.offset, fixups.length);
  if (!bytes) {
    return;
  }
  const auto word = [&](std::uint64_t at) {
    return view_.Integer(fixups.offset + at, 4);
  };
  const std::uint64_t table = word(8);
  const std::uint64_t names_at = word(12);
  const std::uint64_t count = std::min<std::uint64_t>(word(16), kMost);
  const std::uint64_t form = word(20);
  if (form < 1 || form > 3 || names_at > bytes->size()) {
    return;
  }
  const ByteView names = bytes->subspan(static_cast<std::size_t>(names_at));
  const std::uint64_t width = form == 1 ? 4 : form == 2 ? 8 : 16;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = table + i * width;
    if (!Slice(*bytes, at, width)) {
      return;
    }
    const std::uint64_t name = form == 3
                                   ? view_.Integer(fixups.offset + at, 8) >> 32U
                                   : word(at) >> 9U;
    Import(NameIn(names, name), fixups.offset + names_at + name);
  }
}

void MachoSymbols::AddAbilities(FactWriter& facts) const {
  for (const MachoSymbol& symbol : imports_) {
    const std::string_view ability = AbilityOfDarwin(symbol.name);
    if (!ability.empty()) {
      facts.Add({.kind = "macho.ability",
                 .value = std::string(ability),
                 .attributes = {{"function", std::string(symbol.name)}},
                 .place = symbol.place});
    }
  }
}

void MachoSymbols::AddImports(FactWriter& facts) const {
  for (const MachoSymbol& symbol : imports_) {
    facts.Add({.kind = "macho.import",
               .value = std::string(symbol.name),
               .place = symbol.place});
  }
}

void MachoSymbols::AddExports(FactWriter& facts) const {
  for (const MachoSymbol& symbol : exports_) {
    facts.Add({.kind = "macho.export",
               .value = std::string(symbol.name),
               .place = symbol.place});
  }
}

}  // namespace assay::facts
