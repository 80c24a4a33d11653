#include "verifier/formats/executables/elf_dynamic.h"

#include <algorithm>
#include <limits>

namespace assay::formats {
namespace {

// Far above real objects; keeps forged tables from costing time or memory.
constexpr std::size_t kMaxEntries = 4096;
constexpr std::uint64_t kMaxSymbols = 1UL << 20U;
constexpr std::size_t kMaxName = 4096;

template <ByteOrder order>
struct Symbols {
  using Half = Stored<std::uint16_t, order>;
  using Word = Stored<std::uint32_t, order>;
  struct In32 {
    Word name, value, size;
    std::uint8_t info = 0, other = 0;
    Half section;
  };
  struct In64 {
    Word name;
    std::uint8_t info = 0, other = 0;
    Half section;
    Stored<std::uint64_t, order> value, size;
  };
};

// Entry sizes of the gABI by class: symbols, RELA and REL entries.
std::uint64_t SymbolSize(const ElfView& view) {
  return view.is_64 ? 24 : 16;
}
std::uint64_t RelocationSize(const ElfView& view, bool with_addend) {
  return (view.is_64 ? 8U : 4U) * (with_addend ? 3U : 2U);
}

// The part of `range` that lies inside the object.
Range Inside(const ElfView& view, Range range) {
  const std::uint64_t size = view.bytes.size();
  const std::uint64_t offset = std::min(range.offset, size);
  return {offset, std::min(range.length, size - offset)};
}

std::optional<Range> DynamicTable(const ElfView& view) {
  for (const ElfSegment& segment : view.segments) {
    if (segment.type == elf::kSegmentDynamic) {
      return Inside(view, {segment.offset, segment.filesz});
    }
  }
  for (const ElfSection& section : view.sections) {
    if (view.segments.empty() && section.type == elf::kSectionDynamic) {
      return Inside(view, {section.offset, section.size});
    }
  }
  return std::nullopt;
}

template <typename Entry>
void VisitSymbols(ByteView table,
                  const std::function<void(const ElfSymbol&)>& visit) {
  ByteReader reader(table);
  if (!reader.Skip(sizeof(Entry))) {
    return;
  }
  while (const auto entry = reader.Take<Entry>()) {
    visit({.name = entry->name,
           .bind = static_cast<std::uint8_t>(entry->info >> 4U),
           .type = static_cast<std::uint8_t>(entry->info & 0xfU),
           .visibility = static_cast<std::uint8_t>(entry->other & 3U),
           .section = entry->section,
           .value = entry->value});
  }
}

std::uint64_t CountType(const ElfView& view, Range table, bool with_addend,
                        std::uint64_t wanted) {
  const std::uint64_t stride = RelocationSize(view, with_addend);
  const unsigned word = view.is_64 ? 8 : 4;
  const std::uint64_t mask = view.is_64 ? 0xffffffffU : 0xffU;
  std::uint64_t count = 0;
  for (std::uint64_t at = 0; table.length - at >= stride; at += stride) {
    const auto info = view.Integer(table.offset + at + word, word);
    count += info && (*info & mask) == wanted ? 1U : 0U;
  }
  return count;
}

}  // namespace

// The number of R_*_IRELATIVE in the psABI of each machine that has one.
std::optional<std::uint64_t> IrelativeType(std::uint16_t machine) {
  switch (machine) {
    case 2:   // SPARC
    case 43:  // SPARC V9
      return 249;
    case 3:  // 386
      return 42;
    case 20:  // PowerPC
    case 21:  // PowerPC 64
      return 248;
    case 22:  // s390
      return 61;
    case 40:  // ARM
      return 160;
    case 62:  // x86-64
      return 37;
    case 183:  // AArch64
      return 1032;
    case 243:  // RISC-V
      return 58;
    default:
      return std::nullopt;
  }
}

ElfDynamic::ElfDynamic(const ElfView& view) : view_(view) {
  const auto table = DynamicTable(view);
  if (!table) {
    return;
  }
  ReadEntries(*table);
  strings_ = Table(elf_tag::kStrtab, elf_tag::kStrSize).value_or(Range{});
  const auto address = Value(elf_tag::kSymtab);
  if (const auto offset = address ? view.OffsetOf(*address) : std::nullopt) {
    const std::uint64_t count = std::min(CountSymbols(*offset), kMaxSymbols);
    symbols_ = Inside(view, {*offset, count * SymbolSize(view)});
  }
}

void ElfDynamic::ReadEntries(Range table) {
  const unsigned word = view_.is_64 ? 8 : 4;
  std::uint64_t at = table.offset;
  while (table.end() - at >= 2 * word && entries_.size() < kMaxEntries) {
    const auto tag = view_.Integer(at, word);
    const auto value = view_.Integer(at + word, word);
    if (!tag || !value || *tag == 0) {
      return;
    }
    entries_.emplace_back(*tag, *value);
    at += 2 * word;
  }
}

std::optional<std::uint64_t> ElfDynamic::Value(std::uint64_t tag) const {
  for (const auto& [key, value] : entries_) {
    if (key == tag) {
      return value;
    }
  }
  return std::nullopt;
}

std::vector<ElfText> ElfDynamic::Strings(std::uint64_t tag) const {
  std::vector<ElfText> texts;
  for (const auto& [key, value] : entries_) {
    if (key == tag) {
      texts.push_back(StringAt(value));
    }
  }
  return texts;
}

ElfText ElfDynamic::StringAt(std::uint64_t offset) const {
  if (offset >= strings_.length) {
    return {};
  }
  const ByteView rest =
      Slice(view_.bytes, strings_.offset + offset,
            std::min<std::uint64_t>(strings_.length - offset, kMaxName))
          .value_or(ByteView());
  const std::string_view text = ElfView::StringAt(rest, 0);
  return {text, {strings_.offset + offset, text.size()}};
}

std::optional<Range> ElfDynamic::Table(std::uint64_t address_tag,
                                       std::uint64_t size_tag) const {
  const auto address = Value(address_tag);
  const auto size = Value(size_tag);
  const auto offset = address ? view_.OffsetOf(*address) : std::nullopt;
  if (!offset || !size) {
    return std::nullopt;
  }
  return Inside(view_, {*offset, *size});
}

// No tag holds the number of symbols. The hash tables imply one, section
// headers state one; the largest is taken, so that a forged small number
// hides nothing.
std::uint64_t ElfDynamic::CountSymbols(std::uint64_t offset) const {
  std::uint64_t count = 0;
  const auto hash = Value(elf_tag::kHash);
  if (const auto at = hash ? view_.OffsetOf(*hash) : std::nullopt) {
    // nchain, the second word, equals the number of symbols. On Alpha and
    // 64-bit s390 the words are 8 bytes: there the section header decides.
    count = view_.Integer(*at + 4, 4).value_or(0);
  }
  const auto gnu_hash = Value(elf_tag::kGnuHash);
  if (const auto at = gnu_hash ? view_.OffsetOf(*gnu_hash) : std::nullopt) {
    count = std::max(count, CountByGnuHash(*at));
  }
  for (const ElfSection& section : view_.sections) {
    if (section.type == elf::kSectionDynsym && section.offset == offset) {
      count = std::max(count, section.size / SymbolSize(view_));
    }
  }
  return count;
}

// Header: nbuckets, symoffset, bloom_size, bloom_shift (words); then the bloom
// filter (addresses), the buckets and the chains (words). The last symbol is
// the end of the chain that begins at the highest bucket.
std::uint64_t ElfDynamic::CountByGnuHash(std::uint64_t table) const {
  const std::uint64_t buckets = view_.Integer(table, 4).value_or(0);
  const std::uint64_t first = view_.Integer(table + 4, 4).value_or(0);
  const std::uint64_t bloom = view_.Integer(table + 8, 4).value_or(0);
  const std::uint64_t at = table + 16 + bloom * (view_.is_64 ? 8 : 4);
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < std::min(buckets, kMaxSymbols); ++i) {
    const auto bucket = view_.Integer(at + 4 * i, 4);
    if (!bucket) {
      return first;
    }
    last = std::max(last, *bucket);
  }
  if (last < first) {
    return first;
  }
  while (last - first < kMaxSymbols) {
    const auto chain = view_.Integer(at + 4 * buckets + 4 * (last - first), 4);
    ++last;
    if (!chain || (*chain & 1U) != 0) {
      break;
    }
  }
  return last;
}

void ForEachSymbol(const ElfView& view, Range table,
                   const std::function<void(const ElfSymbol&)>& visit) {
  const Range inside = Inside(view, table);
  const ByteView bytes =
      Slice(view.bytes, inside.offset,
            std::min(inside.length, kMaxSymbols * SymbolSize(view)))
          .value_or(ByteView());
  if (view.order == ByteOrder::kBig) {
    using Big = Symbols<ByteOrder::kBig>;
    view.is_64 ? VisitSymbols<Big::In64>(bytes, visit)
               : VisitSymbols<Big::In32>(bytes, visit);
  } else {
    using Little = Symbols<ByteOrder::kLittle>;
    view.is_64 ? VisitSymbols<Little::In64>(bytes, visit)
               : VisitSymbols<Little::In32>(bytes, visit);
  }
}

std::uint64_t CountIrelative(const ElfView& view, const ElfDynamic& dynamic) {
  const auto wanted = IrelativeType(view.machine);
  if (!wanted || view.type == elf::kTypeRelocatable) {
    return 0;
  }
  std::uint64_t count = 0;
  const auto add = [&](std::optional<Range> table, bool with_addend) {
    count += table ? CountType(view, *table, with_addend, *wanted) : 0;
  };
  if (!dynamic.present()) {
    std::uint64_t left = view.bytes.size();  // tables do not overlap
    for (const ElfSection& section : view.sections) {
      const bool rela = section.type == elf::kSectionRela;
      if ((rela || section.type == elf::kSectionRel) &&
          (section.flags & elf::kFlagAlloc) != 0 && section.size <= left) {
        left -= section.size;
        add(Inside(view, {section.offset, section.size}), rela);
      }
    }
    return count;
  }
  add(dynamic.Table(elf_tag::kRela, elf_tag::kRelaSize), true);
  add(dynamic.Table(elf_tag::kRel, elf_tag::kRelSize), false);
  add(dynamic.Table(elf_tag::kJmpRel, elf_tag::kPltRelSize),
      dynamic.Value(elf_tag::kPltRel) == elf_tag::kRela);
  return count;
}

}  // namespace assay::formats
