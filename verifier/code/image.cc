#include "verifier/code/image.h"

#include <algorithm>
#include <array>

namespace assay::code {
namespace {

using formats::ElfDynamic;
using formats::ElfSection;
using formats::ElfSegment;
using formats::ElfSymbol;
using formats::ElfView;
namespace elf = formats::elf;
namespace tag = formats::elf_tag;

constexpr std::size_t kMaxParts = 256;
constexpr std::size_t kMaxSlots = 1UL << 18U;
constexpr std::size_t kMaxEntries = 1UL << 18U;
constexpr std::size_t kMaxStarts = 4096;
constexpr std::size_t kLongestText = 4096;
constexpr std::uint16_t kMachineMips = 8;
constexpr std::uint32_t kSegmentUnwindIndex = 0x6474e550;    // PT_GNU_EH_FRAME
constexpr std::uint32_t kSegmentArmIndex = 0x70000001;       // PT_ARM_EXIDX
constexpr std::uint32_t kSegmentMipsRegisters = 0x70000000;  // PT_MIPS_REGINFO
constexpr std::uint8_t kSymbolFunction = 2;                  // STT_FUNC
// MIPS supplement 5, "Dynamic Section".
constexpr std::uint64_t kTagPltGot = 3;
constexpr std::uint64_t kTagMipsLocals = 0x7000000a;
constexpr std::uint64_t kTagMipsSymbols = 0x70000011;
constexpr std::uint64_t kTagMipsFirst = 0x70000013;

const Image::Part* PartAt(const std::vector<Image::Part>& parts,
                          std::uint64_t address) {
  auto after = std::upper_bound(
      parts.begin(), parts.end(), address,
      [](std::uint64_t a, const Image::Part& b) { return a < b.address; });
  if (after == parts.begin()) {
    return nullptr;
  }
  --after;
  return address - after->address < after->bytes.size() ? &*after : nullptr;
}

void Sort(std::vector<Image::Part>& parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Image::Part& a, const Image::Part& b) {
              return a.address < b.address;
            });
}

bool IsPrintable(std::uint8_t byte) {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
}

}  // namespace

Image::Image(const ElfView& view, const Machine& machine)
    : view_(view), machine_(machine), dynamic_(view) {
  AddParts();
  AddSymbols(dynamic_.symbols(), true);
  for (const ElfSection& section : view.sections) {
    if (section.type == elf::kSectionSymtab) {
      AddSymbols({section.offset, section.size}, false);
    }
  }
  AddSlots();
  AddUnwindIndex();
  AddStartup();
}

void Image::AddParts() {
  for (const ElfSegment& segment : view_.segments) {
    const std::uint64_t offset =
        std::min<std::uint64_t>(segment.offset, view_.bytes.size());
    const std::uint64_t length =
        std::min<std::uint64_t>(segment.filesz, view_.bytes.size() - offset);
    if (segment.type != elf::kSegmentLoad || length == 0 ||
        segment.vaddr > ~std::uint64_t{0} - length ||
        parts_.size() >= kMaxParts) {
      continue;
    }
    const Part part = {
        .address = segment.vaddr,
        .bytes = view_.bytes.subspan(static_cast<std::size_t>(offset),
                                     static_cast<std::size_t>(length)),
        .offset = offset,
        .writable = (segment.flags & elf::kSegmentWritable) != 0};
    parts_.push_back(part);
    if ((segment.flags & elf::kSegmentExecutable) != 0) {
      code_.push_back(part);
    }
  }
  Sort(parts_);
  Sort(code_);
  // Old linkers put constants beside the code: sections tell them apart.
  std::vector<Part> sections;
  for (const ElfSection& section : view_.sections) {
    const Part* part = PartAt(code_, section.addr);
    const bool whole =
        part != nullptr &&
        section.size <= part->bytes.size() - (section.addr - part->address);
    if (section.type == elf::kSectionProgbits && whole && section.size > 0 &&
        (section.flags & elf::kFlagExecute) != 0 &&
        sections.size() < kMaxParts) {
      const std::uint64_t skip = section.addr - part->address;
      sections.push_back(
          {.address = section.addr,
           .bytes = part->bytes.subspan(static_cast<std::size_t>(skip),
                                        static_cast<std::size_t>(section.size)),
           .offset = part->offset + skip,
           .writable = part->writable});
    }
  }
  if (!sections.empty()) {
    Sort(sections);
    code_ = std::move(sections);
  }
}

bool Image::IsCode(std::uint64_t address) const {
  return PartAt(code_, address & ~std::uint64_t{machine_.mode}) != nullptr;
}

ByteView Image::At(std::uint64_t address, std::uint64_t limit) const {
  const Part* part = PartAt(parts_, address);
  if (part == nullptr) {
    return {};
  }
  const std::uint64_t skip = address - part->address;
  const std::uint64_t rest = part->bytes.size() - skip;
  return part->bytes.subspan(static_cast<std::size_t>(skip),
                             static_cast<std::size_t>(std::min(rest, limit)));
}

std::optional<Range> Image::PlaceOf(std::uint64_t address,
                                    std::uint64_t length) const {
  const Part* part = PartAt(parts_, address);
  if (part == nullptr ||
      length > part->bytes.size() - (address - part->address)) {
    return std::nullopt;
  }
  return Range{part->offset + (address - part->address), length};
}

std::optional<std::string_view> Image::TextAt(std::uint64_t address) const {
  const ByteView bytes = At(address, kLongestText);
  const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{0});
  if (end == bytes.end() || !std::all_of(bytes.begin(), end, IsPrintable)) {
    return std::nullopt;
  }
  return AsText(bytes.first(static_cast<std::size_t>(end - bytes.begin())));
}

const Image::Slot* Image::SlotAt(std::uint64_t address) const {
  const auto found = slots_.find(address);
  return found == slots_.end() ? nullptr : &found->second;
}

std::string_view Image::StandInAt(std::uint64_t address) const {
  const auto found = stand_ins_.find(address);
  return found == stand_ins_.end() ? std::string_view{} : found->second;
}

std::optional<std::uint64_t> Image::FixedAt(std::uint64_t address,
                                            unsigned width) const {
  const Part* part = PartAt(parts_, address);
  const bool table =
      address >= global_offsets_.offset && address < global_offsets_.end();
  if (part == nullptr || (part->writable && !table)) {
    return std::nullopt;
  }
  return view_.Integer(part->offset + (address - part->address), width);
}

void Image::AddEntry(std::uint64_t address, std::string_view name) {
  if (!IsCode(address) || entries_.size() >= kMaxEntries) {
    return;
  }
  std::string_view& known = entries_[address];
  if (known.empty()) {
    known = name;
  }
}

// The same, of code of which nothing says in which mode it runs.
void Image::AddCode(std::uint64_t address) {
  const std::uint64_t mode = machine_.mode;
  if (machine_.mode_of == nullptr) {
    return AddEntry(address);
  }
  if (!entries_.contains(address | mode) && !entries_.contains(address)) {
    constexpr std::uint64_t kAsked = 64;
    AddEntry(
        address |
        machine_.mode_of(At(address, kAsked)).value_or(view_.entry & mode));
  }
}

void Image::AddSymbols(Range table, bool dynamic) {
  ByteView names;
  for (const ElfSection& section : view_.sections) {
    if (!dynamic && section.type == elf::kSectionSymtab &&
        section.offset == table.offset) {
      names = view_.SectionBytes(section.link);
    }
  }
  if (dynamic) {
    symbols_.emplace_back();
    symbol_names_.emplace_back();
  }
  formats::ForEachSymbol(view_, table, [&](const ElfSymbol& symbol) {
    const std::string_view name = dynamic
                                      ? dynamic_.StringAt(symbol.name).text
                                      : ElfView::StringAt(names, symbol.name);
    if (dynamic) {
      symbols_.push_back(symbol);
      symbol_names_.push_back(name);
    }
    const bool resolver = symbol.type == formats::kSymbolIfunc;
    if (symbol.defined() && (symbol.type == kSymbolFunction || resolver)) {
      AddEntry(symbol.value, resolver ? std::string_view() : name);
    } else if (dynamic && !symbol.defined() && symbol.value != 0 &&
               stand_ins_.size() < kMaxEntries) {
      stand_ins_.emplace(symbol.value, name);
    }
    if (symbol.defined() && resolver && starts_.size() < kMaxStarts) {
      starts_.push_back({.entry = symbol.value, .resolver = true});
    }
  });
}

void Image::AddSlots() {
  if (const auto table = dynamic_.Table(tag::kRela, tag::kRelaSize)) {
    AddRelocations(*table, true);
  }
  if (const auto table = dynamic_.Table(tag::kRel, tag::kRelSize)) {
    AddRelocations(*table, false);
  }
  if (const auto table = dynamic_.Table(tag::kJmpRel, tag::kPltRelSize)) {
    AddRelocations(*table, dynamic_.Value(tag::kPltRel) == tag::kRela);
  }
  if (view_.machine == kMachineMips) {
    AddGlobalOffsetTable();
  } else {
    AddFixedOffsets();
  }
}

// Where an object is not moved, linkers write addresses of its own into the
// table without relocations; code never writes there.
void Image::AddFixedOffsets() {
  const unsigned word = view_.is_64 ? 8 : 4;
  const auto index = view_.FindSection(".got");
  const ElfSection* table = index ? &view_.sections[*index] : nullptr;
  const bool whole = table != nullptr && table->type == elf::kSectionProgbits &&
                     table->size <= kMaxSlots * word &&
                     table->addr <= ~std::uint64_t{0} - table->size;
  if (!whole || !stays()) {
    return;
  }
  global_offsets_ = {table->addr, table->size};
  for (std::uint64_t at = 0; at + word <= table->size; at += word) {
    const std::uint64_t address = FixedAt(table->addr + at, word).value_or(0);
    if (SlotAt(table->addr + at) == nullptr) {
      AddEntry(address);
    }
  }
}

void Image::AddRelocations(Range table, bool with_addend) {
  const unsigned word = view_.is_64 ? 8 : 4;
  const std::uint64_t stride = std::uint64_t{word} * (with_addend ? 3 : 2);
  for (std::uint64_t at = table.offset;
       table.end() - at >= stride && slots_.size() < kMaxSlots; at += stride) {
    const auto place = view_.Integer(at, word);
    const auto info = view_.Integer(at + word, word);
    if (!place || !info) {
      return;
    }
    const std::uint64_t index = view_.is_64 ? *info >> 32U : *info >> 8U;
    const auto offset = view_.OffsetOf(*place);
    const std::uint64_t addend =
        (with_addend ? view_.Integer(at + std::uint64_t{2} * word, word)
         : offset    ? view_.Integer(*offset, word)
                     : std::nullopt)
            .value_or(0);
    if (index >= symbols_.size()) {
      continue;
    }
    const ElfSymbol& symbol = symbols_[static_cast<std::size_t>(index)];
    Slot& slot = slots_[*place];
    slot.name = symbol_names_[static_cast<std::size_t>(index)];
    slot.address = index == 0 ? addend
                   : symbol.defined()
                       ? symbol.value + (with_addend ? addend : 0)
                       : 0;
    if (slot.address != 0) {
      AddEntry(slot.address);
    }
    const std::uint64_t type =
        view_.is_64 ? *info & 0xffffffffU : *info & 0xffU;
    if (index == 0 && type == formats::IrelativeType(view_.machine) &&
        starts_.size() < kMaxStarts) {
      starts_.push_back({.entry = slot.address, .resolver = true});
    }
  }
}

// The table's first words are addresses within the object; the rest belongs to
// the dynamic symbols from DT_MIPS_GOTSYM on, in order.
void Image::AddGlobalOffsetTable() {
  const std::uint64_t word = view_.is_64 ? 8 : 4;
  const auto table = dynamic_.Value(kTagPltGot);
  // The pointer to it: what the linker chose, or what is usual.
  constexpr std::uint64_t kUsual = 0x7ff0;
  globals_ = table ? *table + kUsual : 0;
  for (const ElfSegment& segment : view_.segments) {
    constexpr std::uint64_t kPointer = 20;  // behind masks of registers
    if (segment.type == kSegmentMipsRegisters && segment.filesz >= 24) {
      globals_ = view_.Integer(segment.offset + kPointer, 4).value_or(globals_);
    }
  }
  const std::uint64_t locals = dynamic_.Value(kTagMipsLocals).value_or(0);
  const std::uint64_t first = dynamic_.Value(kTagMipsFirst).value_or(0);
  const std::uint64_t count = std::min<std::uint64_t>(
      dynamic_.Value(kTagMipsSymbols).value_or(0), symbols_.size());
  if (!table || locals > kMaxSlots) {
    return;
  }
  for (std::uint64_t i = first; i < count && slots_.size() < kMaxSlots; ++i) {
    const ElfSymbol& symbol = symbols_[static_cast<std::size_t>(i)];
    slots_[*table + (locals + i - first) * word] = {
        .name = symbol_names_[static_cast<std::size_t>(i)],
        .address = symbol.defined() ? symbol.value : 0};
  }
  global_offsets_ = {*table, locals * word};
}

// A sorted table of (first address of a function, its description).
void Image::AddUnwindIndex() {
  constexpr std::uint8_t kCount = 0x03;  // DW_EH_PE_udata4
  constexpr std::uint8_t kTable = 0x3b;  // relative to the index, sdata4
  for (const ElfSegment& segment : view_.segments) {
    const auto byte = [&](std::uint64_t i) {
      return view_.Integer(segment.offset + i, 1).value_or(0);
    };
    const bool index = segment.type == kSegmentUnwindIndex &&
                       segment.filesz >= 12 && byte(0) == 1 &&
                       byte(2) == kCount && byte(3) == kTable;
    const bool arm = segment.type == kSegmentArmIndex;
    if (!index && !arm) {
      continue;
    }
    const std::uint64_t skip = arm ? 0 : 12;
    for (std::uint64_t at = skip;
         at + 8 <= segment.filesz && entries_.size() < kMaxEntries; at += 8) {
      const auto stored = view_.Integer(segment.offset + at, 4);
      if (!stored) {
        break;
      }
      // Signed: 32 bits from the index's start, or ARM's 31 from the place.
      const std::uint64_t sign = arm ? 1ULL << 30U : 1ULL << 31U;
      const std::uint64_t low = *stored & ((sign << 1U) - 1);
      const std::uint64_t from = segment.vaddr + (arm ? at : 0);
      const std::uint64_t address = from + ((low ^ sign) - sign);
      AddCode(view_.is_64 ? address : address & 0xffffffffU);
    }
  }
}

void Image::AddStartup() {
  AddEntry(view_.entry);
  const unsigned word = view_.is_64 ? 8 : 4;
  for (const auto& [address, size] :
       {std::pair(tag::kInitArray, tag::kInitArraySize),
        std::pair(tag::kPreinitArray, tag::kPreinitArraySize)}) {
    const auto table = dynamic_.Table(address, size);
    for (std::uint64_t at = 0; table && at + word <= table->length;
         at += word) {
      const auto place = view_.AddressOf(table->offset + at);
      const Slot* slot = place ? SlotAt(*place) : nullptr;
      const std::uint64_t entry =
          slot != nullptr ? slot->address
                          : view_.Integer(table->offset + at, word).value_or(0);
      AddEntry(entry);
      if (starts_.size() < kMaxStarts) {
        starts_.push_back({.entry = entry});
      }
    }
  }
}

}  // namespace assay::code
