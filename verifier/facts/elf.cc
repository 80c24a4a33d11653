// What an ELF object says about itself: header, libraries, symbols, build id,
// protections. Layout: gABI chapters 4 and 5; see elf_dynamic.h.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/facts/elf_layout.h"
#include "verifier/facts/elf_symbols.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"
#include "verifier/formats/executables/elf_dynamic.h"
#include "verifier/formats/executables/elf_view.h"
#include "verifier/formats/executables/kernel_relocations.h"

namespace assay::facts {
namespace {

using formats::CountIrelative;
using formats::ElfDynamic;
using formats::ElfText;
namespace elf_tag = formats::elf_tag;
using formats::ElfSection;
using formats::ElfSegment;
using formats::ElfView;
namespace elf = formats::elf;

constexpr std::uint32_t kSegmentGnuStack = 0x6474e551;
constexpr std::uint32_t kSegmentGnuRelro = 0x6474e552;
constexpr std::uint64_t kFlagBindNow = 0x8;      // DF_BIND_NOW
constexpr std::uint64_t kFlag1Now = 0x1;         // DF_1_NOW
constexpr std::uint64_t kFlag1Pie = 0x08000000;  // DF_1_PIE
constexpr std::size_t kMaxNotes = 64;            // real objects have a handful
constexpr std::string_view kModuleSignature = "~Module signature appended~\n";

std::string MachineName(std::uint16_t machine) {
  static constexpr std::pair<std::uint16_t, std::string_view> kNames[] = {
      {2, "sparc"},     {3, "x86"},        {4, "m68k"},         {8, "mips"},
      {15, "parisc"},   {20, "powerpc"},   {21, "powerpc64"},   {22, "s390"},
      {40, "arm"},      {42, "sh"},        {43, "sparcv9"},     {50, "ia64"},
      {62, "x86-64"},   {83, "avr"},       {92, "openrisc"},    {93, "arc"},
      {94, "xtensa"},   {105, "msp430"},   {106, "blackfin"},   {113, "nios2"},
      {164, "hexagon"}, {183, "aarch64"},  {189, "microblaze"}, {190, "cuda"},
      {195, "arcv2"},   {224, "amdgpu"},   {243, "riscv"},      {247, "bpf"},
      {252, "csky"},    {258, "loongarch"}};
  for (const auto& [number, name] : kNames) {
    if (number == machine) {
      return std::string(name);
    }
  }
  return fmt::format("{}", machine);
}

std::string TypeName(std::uint16_t type) {
  switch (type) {
    case elf::kTypeRelocatable:
      return "rel";
    case elf::kTypeExecutable:
      return "exec";
    case elf::kTypeShared:
      return "dyn";
    case elf::kTypeCore:
      return "core";
    default:
      return fmt::format("{}", type);
  }
}

std::string YesNo(bool yes) {
  return yes ? "yes" : "no";
}

class ElfReader {
 public:
  ElfReader(const ElfView& view, FactWriter& facts)
      : view_(view),
        dynamic_(view),
        facts_(facts),
        names_(view_, dynamic_),
        symbols_(names_.Summarize()) {}

  void AddAll() {
    AddHeader();
    AddLibraries();
    AddBuildId();
    AddConstructors();
    AddIfuncs();
    if (view_.type == elf::kTypeExecutable || view_.type == elf::kTypeShared) {
      AddHardening();
    }
    AddOverlay();
    AddOddities(view_, facts_);
    names_.AddAbilities(facts_);
    names_.AddImports(facts_);
    names_.AddExports(facts_);
  }

 private:
  [[nodiscard]] const ElfSegment* Find(std::uint32_t type) const {
    const auto found = std::find_if(
        view_.segments.begin(), view_.segments.end(),
        [&](const ElfSegment& segment) { return segment.type == type; });
    return found == view_.segments.end() ? nullptr : &*found;
  }

  void Add(std::string_view kind, const ElfText& text) {
    if (!text.text.empty()) {
      facts_.Add(
          {.kind = kind, .value = std::string(text.text), .place = text.place});
    }
  }

  void AddHeader();
  void AddLibraries();
  void AddBuildId();
  void AddConstructors();
  void AddIfuncs();
  void AddHardening();
  void AddOverlay();

  const ElfView& view_;
  ElfDynamic dynamic_;
  FactWriter& facts_;
  ElfSymbols names_;
  SymbolSummary symbols_;
};

void ElfReader::AddHeader() {
  const bool program =
      view_.type == elf::kTypeExecutable ||
      (view_.type == elf::kTypeShared &&
       (dynamic_.Value(elf_tag::kFlags1).value_or(0) & kFlag1Pie) != 0);
  const bool is_static = program && Find(elf::kSegmentInterpreter) == nullptr &&
                         !dynamic_.Value(elf_tag::kNeeded);
  facts_.Add(
      {.kind = "elf.header",
       .value = MachineName(view_.machine),
       .attributes = {{"type", TypeName(view_.type)},
                      {"class", view_.is_64 ? "64" : "32"},
                      {"endian",
                       view_.order == ByteOrder::kBig ? "big" : "little"},
                      {"stripped", YesNo(symbols_.stripped)},
                      {"static", YesNo(is_static)},
                      {"imports", fmt::format("{}", symbols_.imports)},
                      {"exports", fmt::format("{}", symbols_.exports)}},
       .place = Range{
           0, std::min<std::uint64_t>(view_.header_size, view_.bytes.size())}});
}

void ElfReader::AddLibraries() {
  if (const ElfSegment* segment = Find(elf::kSegmentInterpreter)) {
    const auto bytes = Slice(view_.bytes, segment->offset, segment->filesz);
    const std::string_view path =
        bytes ? ElfView::StringAt(*bytes, 0) : std::string_view();
    Add("elf.interpreter", {path, {segment->offset, path.size()}});
  }
  for (const ElfText& name : dynamic_.Strings(elf_tag::kNeeded)) {
    Add("elf.needed", name);
  }
  for (const ElfText& name : dynamic_.Strings(elf_tag::kSoname)) {
    Add("elf.soname", name);
  }
  for (const auto& [tag, name] : {std::pair(elf_tag::kRpath, "RPATH"),
                                  std::pair(elf_tag::kRunpath, "RUNPATH")}) {
    for (const ElfText& path : dynamic_.Strings(tag)) {
      facts_.Add({.kind = "elf.rpath",
                  .value = std::string(path.text),
                  .attributes = {{"tag", name}},
                  .place = path.place});
    }
  }
  for (const std::uint64_t tag : {elf_tag::kAudit, elf_tag::kDepAudit}) {
    for (const ElfText& name : dynamic_.Strings(tag)) {
      Add("elf.audit", name);
    }
  }
}

// A note: name size, descriptor size, type (words), name and descriptor each
// padded to 4 bytes (gABI 5, "Note Section"). NT_GNU_BUILD_ID is type 3.
std::optional<Range> BuildIdIn(const ElfView& view, Range notes) {
  constexpr std::uint64_t kMaxId = 64;  // bytes: the longest digest there is
  std::uint64_t at = notes.offset;
  for (std::size_t i = 0; i < kMaxNotes; ++i) {
    if (at > notes.end() || notes.end() - at < 12) {
      break;
    }
    const std::uint64_t name = view.Integer(at, 4).value_or(0);
    const std::uint64_t size = view.Integer(at + 4, 4).value_or(0);
    const std::uint64_t type = view.Integer(at + 8, 4).value_or(0);
    const std::uint64_t desc = at + 12 + (name + 3) / 4 * 4;
    const auto owner = Slice(view.bytes, at + 12, name);
    if (type == 3 && owner && AsText(*owner) == std::string_view("GNU\0", 4) &&
        size <= kMaxId && Slice(view.bytes, desc, size)) {
      return Range{desc, size};
    }
    at = desc + (size + 3) / 4 * 4;
  }
  return std::nullopt;
}

void ElfReader::AddBuildId() {
  std::vector<Range> notes;
  for (const ElfSegment& segment : view_.segments) {
    if (segment.type == elf::kSegmentNote && notes.size() < kMaxNotes) {
      notes.push_back({segment.offset, segment.filesz});
    }
  }
  for (const ElfSection& section : view_.sections) {
    if (view_.segments.empty() && section.type == elf::kSectionNote &&
        notes.size() < kMaxNotes) {
      notes.push_back({section.offset, section.size});
    }
  }
  for (const Range& range : notes) {
    const auto id = Slice(view_.bytes, range.offset, range.length)
                        ? BuildIdIn(view_, range)
                        : std::nullopt;
    if (id) {
      facts_.Add({.kind = "elf.build_id",
                  .value = HexOf(*Slice(view_.bytes, id->offset, id->length)),
                  .place = *id});
      return;
    }
  }
}

void ElfReader::AddConstructors() {
  const std::uint64_t word = view_.is_64 ? 8 : 4;
  std::uint64_t count = 0;
  std::optional<Range> place;
  for (const auto& [address, size] :
       {std::pair(elf_tag::kInitArray, elf_tag::kInitArraySize),
        std::pair(elf_tag::kPreinitArray, elf_tag::kPreinitArraySize)}) {
    if (const auto table = dynamic_.Table(address, size)) {
      count += table->length / word;
      place = place ? place : table;
    }
  }
  for (const ElfSection& section : view_.sections) {
    if (!dynamic_.present() && section.type == elf::kSectionInitArray &&
        Slice(view_.bytes, section.offset, section.size)) {
      count += section.size / word;
      place = Range{section.offset, section.size};
    }
  }
  if (count > 0) {
    facts_.Add({.kind = "elf.constructors",
                .value = fmt::format("{}", count),
                .place = place});
  }
}

void ElfReader::AddIfuncs() {
  const std::uint64_t relocations = CountIrelative(view_, dynamic_);
  const std::uint64_t total = symbols_.ifuncs + relocations;
  if (total > 0) {
    facts_.Add(
        {.kind = "elf.ifunc",
         .value = fmt::format("{}", total),
         .attributes = {{"symbols", fmt::format("{}", symbols_.ifuncs)},
                        {"relocations", fmt::format("{}", relocations)}}});
  }
}

void ElfReader::AddHardening() {
  const std::uint64_t flags = dynamic_.Value(elf_tag::kFlags).value_or(0);
  const std::uint64_t flags1 = dynamic_.Value(elf_tag::kFlags1).value_or(0);
  const bool now = dynamic_.Value(elf_tag::kBindNow).has_value() ||
                   (flags & kFlagBindNow) != 0 || (flags1 & kFlag1Now) != 0;
  const bool relro = Find(kSegmentGnuRelro) != nullptr;
  const ElfSegment* stack = Find(kSegmentGnuStack);
  const bool nx =
      stack != nullptr && (stack->flags & elf::kSegmentExecutable) == 0;
  const bool program =
      (flags1 & kFlag1Pie) != 0 || Find(elf::kSegmentInterpreter) != nullptr;
  const bool shared = view_.type == elf::kTypeShared;
  const std::string pie = !shared ? "no" : program ? "yes" : "library";
  std::string all = relro ? (now ? "full-relro" : "partial-relro") : "";
  for (const auto& [present, name] :
       {std::pair(pie == "yes", "pie"), std::pair(nx, "nx"),
        std::pair(symbols_.canary, "canary"),
        std::pair(symbols_.fortify, "fortify")}) {
    if (present) {
      AppendWord(all, name, ",");
    }
  }
  facts_.Add({.kind = "elf.hardening",
              .value = all,
              .attributes = {{"relro", !relro ? "none"
                                       : now  ? "full"
                                              : "partial"},
                             {"pie", pie},
                             {"nx", YesNo(nx)},
                             {"canary", YesNo(symbols_.canary)},
                             {"fortify", YesNo(symbols_.fortify)}}});
}

void ElfReader::AddOverlay() {
  const std::uint64_t size = view_.bytes.size();
  std::uint64_t end = view_.header_size;
  const auto extend = [&](std::uint64_t offset, std::uint64_t length) {
    if (length > 0 && offset <= size && length <= size - offset) {
      end = std::max(end, offset + length);
    }
  };
  extend(view_.section_table.offset, view_.section_table.length);
  extend(view_.segment_table.offset, view_.segment_table.length);
  for (const ElfSection& section : view_.sections) {
    if (section.type != elf::kSectionNobits) {
      extend(section.offset, section.size);
    }
  }
  for (const ElfSegment& segment : view_.segments) {
    extend(segment.offset, segment.filesz);
  }
  if (end >= size || formats::IsKernelRelocations(view_.bytes.subspan(end))) {
    return;
  }
  const std::string_view tail = AsText(view_.bytes.subspan(end));
  const bool signature =
      tail.size() >= kModuleSignature.size() &&
      tail.substr(tail.size() - kModuleSignature.size()) == kModuleSignature;
  facts_.Add({.kind = "elf.overlay",
              .value = fmt::format("{}", size - end),
              .attributes = {{"content", signature ? "module-signature" : ""}},
              .place = Range{end, size - end}});
}

bool Examine(const Subject& subject, Observations& into) {
  const auto view = ElfView::Parse(subject.content);
  if (!view) {
    return false;
  }
  FactWriter facts("elf", subject, into);
  ElfReader(*view, facts).AddAll();
  return view->problems.empty();
}

}  // namespace

const Analysis kElf = {
    .name = "elf",
    .title = "ELF headers, libraries, symbols and protections",
    .examine = Examine,
};

}  // namespace assay::facts
