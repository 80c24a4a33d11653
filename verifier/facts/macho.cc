// What a Mach-O image says about itself: header, libraries, symbols, segments,
// protections, rights. Layout: <mach-o/loader.h>.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/facts/entropy.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/macho_signature.h"
#include "verifier/facts/macho_symbols.h"
#include "verifier/facts/text_lines.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/executables/macho_view.h"

namespace assay::facts {
namespace {

using formats::MachoCommand;
using formats::MachoSection;
using formats::MachoSegment;
using formats::MachoView;
namespace macho = formats::macho;

constexpr std::uint32_t kStackRuns = 0x20000;    // MH_ALLOW_STACK_EXECUTION
constexpr std::uint32_t kPie = 0x200000;         // MH_PIE
constexpr std::uint32_t kNoHeapRun = 0x1000000;  // MH_NO_HEAP_EXECUTION
constexpr std::uint32_t kPointers = 9;           // S_MOD_INIT_FUNC_POINTERS
constexpr std::uint32_t kOffsets = 0x16;         // S_INIT_FUNC_OFFSETS
// As in elf_layout.cc.
constexpr double kDense = 7.4;
constexpr std::uint64_t kSmallestDense = 8192;

std::string TypeName(std::uint32_t type) {
  switch (type) {
    case macho::kObject:
      return "rel";
    case macho::kExecute:
      return "exec";
    case macho::kCore:
      return "core";
    case macho::kLibrary:
    case macho::kBundle:
      return "dyn";
    default:
      return fmt::format("{}", type);
  }
}

std::string RightsOf(std::uint32_t protection) {
  std::string rights;
  rights += (protection & 1U) != 0 ? 'r' : '-';
  rights += (protection & macho::kProtWrite) != 0 ? 'w' : '-';
  rights += (protection & macho::kProtExecute) != 0 ? 'x' : '-';
  return rights;
}

std::string_view YesNo(bool yes) {
  return yes ? "yes" : "no";
}

class MachoReader {
 public:
  MachoReader(const MachoView& view, FactWriter& facts)
      : view_(view), facts_(facts), symbols_(view), left_(view.bytes.size()) {}

  void AddAll() {
    AddHeader();
    AddCommands();
    AddConstructors();
    if (view_.type != macho::kObject && view_.type != macho::kCore) {
      AddHardening();
    }
    AddSigned(view_, facts_);
    AddSegments();
    AddOverlay();
    symbols_.AddAbilities(facts_);
    symbols_.AddImports(facts_);
    symbols_.AddExports(facts_);
  }

 private:
  void AddHeader();
  void AddCommands();
  void AddCommand(const MachoCommand& command);
  void AddConstructors();
  void AddHardening();
  void AddSegments();
  void AddCode(const MachoSegment& segment, ByteView bytes);
  void AddEntry();
  void AddOverlay();

  void AddText(std::string_view kind, const MachoCommand& command,
               std::string_view how = {}) {
    const auto [text, place] = view_.TextOf(command);
    if (!text.empty()) {
      facts_.Add({.kind = kind,
                  .value = std::string(text),
                  .attributes = {{"how", std::string(how)}},
                  .place = place});
    }
  }

  void AddOddity(std::string_view oddity, const MachoSegment& segment) {
    facts_.Add({.kind = "macho.oddity",
                .value = std::string(oddity),
                .attributes = {{"segment", std::string(segment.name)}},
                .place = segment.file});
  }

  [[nodiscard]] std::optional<ByteView> BytesOf(
      const MachoSegment& segment) const {
    return Slice(view_.bytes, segment.file.offset, segment.file.length);
  }

  const MachoView& view_;
  FactWriter& facts_;
  MachoSymbols symbols_;
  // Bytes yet to be weighed: segments that overlap cost no more than others.
  std::uint64_t left_;
};

void MachoReader::AddHeader() {
  facts_.Add(
      {.kind = "macho.header",
       .value = formats::MachineOfMacho(view_.cpu),
       .attributes = {{"type", TypeName(view_.type)},
                      {"class", view_.is_64 ? "64" : "32"},
                      {"endian",
                       view_.order == ByteOrder::kBig ? "big" : "little"},
                      {"stripped", std::string(YesNo(symbols_.stripped()))},
                      {"imports", fmt::format("{}", symbols_.imports())},
                      {"exports", fmt::format("{}", symbols_.exports())}},
       .place = Range{0, view_.header_size}});
}

void MachoReader::AddCommands() {
  for (const MachoCommand& command : view_.commands) {
    AddCommand(command);
  }
}

void MachoReader::AddCommand(const MachoCommand& command) {
  constexpr std::uint64_t kUuidSize = 16;
  switch (command.kind) {
    case macho::kLoadDylib:
      return AddText("macho.needed", command);
    case macho::kLoadWeak:
      return AddText("macho.needed", command, "weak");
    case macho::kReexport:
      return AddText("macho.needed", command, "reexport");
    case macho::kLazyLoad:
      return AddText("macho.needed", command, "lazy");
    case macho::kLoadUpward:
      return AddText("macho.needed", command, "upward");
    case macho::kIdDylib:
      return AddText("macho.soname", command);
    case macho::kLoadDylinker:
      return AddText("macho.interpreter", command);
    case macho::kRpath:
      return AddText("macho.rpath", command);
    case macho::kUuid:
      if (command.range.length >= 8 + kUuidSize) {
        const std::uint64_t at = command.range.offset + 8;
        facts_.Add({.kind = "macho.build_id",
                    .value = HexOf(*Slice(view_.bytes, at, kUuidSize)),
                    .place = Range{at, kUuidSize}});
      }
      return;
    case macho::kEncryption:
    case macho::kEncryption64: {
      const Range range = view_.RangeAt(command, 8);
      if (command.range.length >= 20 &&
          view_.Integer(command.range.offset + 16, 4) != 0) {
        const auto inside = Slice(view_.bytes, range.offset, range.length);
        facts_.Add({.kind = "macho.encrypted",
                    .value = fmt::format("{}", range.length),
                    .place = inside ? std::optional(range) : std::nullopt});
      }
      return;
    }
    default:
      return;
  }
}

void MachoReader::AddConstructors() {
  const std::uint64_t word = view_.is_64 ? 8 : 4;
  std::uint64_t count = 0;
  std::optional<Range> place;
  for (const MachoSection& section : view_.sections) {
    const std::uint32_t type = section.flags & 0xffU;
    if ((type == kPointers || type == kOffsets) &&
        Slice(view_.bytes, section.offset, section.size)) {
      count += section.size / (type == kOffsets ? 4 : word);
      place = place ? place : Range{section.offset, section.size};
    }
  }
  if (count > 0) {
    facts_.Add({.kind = "macho.constructors",
                .value = fmt::format("{}", count),
                .place = place});
  }
}

void MachoReader::AddHardening() {
  const bool library = view_.type != macho::kExecute;
  const bool pie = (view_.flags & kPie) != 0;
  const bool nx = (view_.flags & kStackRuns) == 0;
  const bool heap = (view_.flags & kNoHeapRun) != 0;
  const bool canary = symbols_.Imports("__stack_chk_fail");
  std::string all;
  for (const auto& [present, name] :
       {std::pair(pie, "pie"), std::pair(nx, "nx"),
        std::pair(heap, "no-heap-execution"), std::pair(canary, "canary")}) {
    if (present) {
      AppendWord(all, name, ",");
    }
  }
  facts_.Add(
      {.kind = "macho.hardening",
       .value = all,
       .attributes = {
           {"pie", library ? "library" : std::string(YesNo(pie))},
           {"nx", std::string(YesNo(nx))},
           {"canary", std::string(YesNo(canary))},
           {"signed", std::string(YesNo(view_.Find(macho::kCodeSignature) !=
                                        nullptr))}}});
}

void MachoReader::AddSegments() {
  for (const MachoSegment& segment : view_.segments) {
    const std::string rights = RightsOf(segment.protection);
    const auto bytes = BytesOf(segment);
    facts_.Add({.kind = "macho.segment",
                .value = std::string(segment.name),
                .attributes = {{"rights", rights},
                               {"size", fmt::format("{}", segment.file.length)},
                               {"memory", fmt::format("{}", segment.memory)}},
                .place = bytes && !bytes->empty() ? std::optional(segment.file)
                                                  : std::nullopt});
    // The one segment of an object is all that it has.
    if (rights.back() == 'x' && bytes && view_.type != macho::kObject) {
      AddCode(segment, *bytes);
    }
  }
  AddEntry();
}

void MachoReader::AddCode(const MachoSegment& segment, ByteView bytes) {
  if ((segment.protection & macho::kProtWrite) != 0) {
    AddOddity("writable-code", segment);
  }
  if (bytes.size() < kSmallestDense || bytes.size() > left_) {
    return;
  }
  left_ -= bytes.size();
  if (EntropyOf(bytes) >= kDense) {
    AddOddity("dense-code", segment);
  }
}

// LC_MAIN states the offset of the first instruction in the file.
void MachoReader::AddEntry() {
  const MachoCommand* command = view_.Find(macho::kMain);
  if (command == nullptr || command->range.length < 16) {
    return;
  }
  const std::uint64_t entry = view_.Integer(command->range.offset + 8, 8);
  const auto entered =
      std::find_if(view_.segments.begin(), view_.segments.end(),
                   [&](const MachoSegment& segment) {
                     return entry >= segment.file.offset &&
                            entry - segment.file.offset < segment.file.length;
                   });
  if (entered == view_.segments.end()) {
    facts_.Add({.kind = "macho.oddity", .value = "entry-in-data"});
  } else if ((entered->protection & macho::kProtExecute) == 0) {
    facts_.Add({.kind = "macho.oddity",
                .value = "entry-in-data",
                .attributes = {{"segment", std::string(entered->name)}}});
  }
}

void MachoReader::AddOverlay() {
  const std::uint64_t end = view_.DescribedEnd();
  const auto tail = Slice(view_.bytes, end, view_.bytes.size() - end);
  if (tail && !tail->empty() && !formats::IsZero(*tail)) {
    facts_.Add({.kind = "macho.overlay",
                .value = fmt::format("{}", tail->size()),
                .place = Range{end, tail->size()}});
  }
}

bool Examine(const Subject& subject, Observations& into) {
  const auto view = MachoView::Parse(subject.content);
  if (!view) {
    return false;
  }
  FactWriter facts("macho", subject, into);
  MachoReader(*view, facts).AddAll();
  return view->problems.empty();
}

}  // namespace

const Analysis kMacho = {
    .name = "macho",
    .title = "Mach-O headers, libraries, symbols and protections",
    .examine = Examine,
};

}  // namespace assay::facts
