#include "verifier/formats/executables/macho_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace assay::formats {
namespace {

constexpr std::uint32_t kMagic32 = 0xfeedface;
constexpr std::uint32_t kMagic64 = 0xfeedfacf;
constexpr std::uint64_t kCommandHeader = 8;
constexpr std::uint32_t kLastType = 12;  // MH_FILESET
constexpr std::uint64_t kRelocation = 8;
constexpr std::uint64_t kNameField = 16;

// CPU_TYPE_*; the high byte tells the width of addresses.
constexpr auto kMachines =
    std::to_array<std::pair<std::uint32_t, std::string_view>>(
        {{6, "m68k"},
         {7, "x86"},
         {0x01000007, "x86-64"},
         {11, "parisc"},
         {12, "arm"},
         {0x0100000c, "aarch64"},
         {0x0200000c, "aarch64"},
         {13, "m88k"},
         {14, "sparc"},
         {18, "powerpc"},
         {0x01000012, "powerpc64"}});

// What the ranges are that a command with a list of "offset, size" has, and
// where they begin.
struct PairList {
  std::uint32_t kind = 0;
  std::uint64_t first = 0;
  std::size_t pairs = 0;
};
constexpr auto kPairLists =
    std::to_array<PairList>({{macho::kCodeSignature, 8, 1},
                             {macho::kSplitInfo, 8, 1},
                             {macho::kFunctionStarts, 8, 1},
                             {macho::kDataInCode, 8, 1},
                             {macho::kDylibRequirements, 8, 1},
                             {macho::kLinkerHint, 8, 1},
                             {macho::kExportsTrie, 8, 1},
                             {macho::kChainedFixups, 8, 1},
                             {macho::kDyldInfo, 8, 5}});

// Tables of LC_DYSYMTAB: where their offset and count stand, and how wide an
// entry is. Of module tables the width depends on that of addresses.
struct Counted {
  std::uint64_t at = 0;
  std::uint64_t width = 0;
};
constexpr auto kCounted = std::to_array<Counted>(
    {{32, 8}, {48, 4}, {56, 4}, {64, kRelocation}, {72, kRelocation}});

std::string_view UpToNul(ByteView field) {
  const std::string_view text = AsText(field);
  return text.substr(0, text.find('\0'));
}

class Parser {
 public:
  explicit Parser(ByteView bytes) { view_.bytes = bytes; }

  bool TakeHeader() {
    const auto magic = ReadAt<Be32>(view_.bytes, 0);
    const auto swapped = ReadAt<Le32>(view_.bytes, 0);
    if (!magic) {
      return false;
    }
    const bool big = *magic == kMagic32 || *magic == kMagic64;
    view_.order = big ? ByteOrder::kBig : ByteOrder::kLittle;
    const std::uint32_t number = big ? *magic : *swapped;
    view_.is_64 = number == kMagic64;
    view_.header_size = view_.is_64 ? 32 : 28;
    if ((number != kMagic32 && number != kMagic64) ||
        view_.bytes.size() < view_.header_size) {
      return false;
    }
    view_.cpu = Word(4);
    view_.type = Word(12);
    view_.flags = Word(24);
    const std::uint32_t count = Word(16);
    const std::uint32_t size = Word(20);
    view_.headers = {0, view_.header_size + size};
    const bool known =
        std::any_of(kMachines.begin(), kMachines.end(),
                    [&](const auto& one) { return one.first == view_.cpu; });
    return known && view_.type > 0 && view_.type <= kLastType && count > 0 &&
           size / kCommandHeader >= count;
  }

  void TakeCommands() {
    const std::uint32_t count = Word(16);
    const std::uint64_t end =
        std::min<std::uint64_t>(view_.headers.end(), view_.bytes.size());
    std::uint64_t at = view_.header_size;
    for (std::uint32_t i = 0; i < count && i < MachoView::kMostCommands; ++i) {
      const std::uint64_t size = Word(at + 4);
      if (end - at < kCommandHeader || size < kCommandHeader ||
          size > end - at) {
        view_.problems.push_back(
            fmt::format("load command {} at {} does not fit", i, at));
        return;
      }
      const MachoCommand command{Word(at) & ~macho::kMustKnow, {at, size}};
      if (command.kind == macho::kSegment ||
          command.kind == macho::kSegment64) {
        TakeSegment(command);
      }
      view_.commands.push_back(command);
      at += size;
    }
  }

  MachoView view_;

 private:
  [[nodiscard]] std::uint32_t Word(std::uint64_t at) const {
    return static_cast<std::uint32_t>(view_.Integer(at, 4));
  }

  [[nodiscard]] std::string_view Name(std::uint64_t at) const {
    const auto field = Slice(view_.bytes, at, kNameField);
    return field ? UpToNul(*field) : std::string_view();
  }

  void TakeSegment(const MachoCommand& command) {
    const bool wide = command.kind == macho::kSegment64;
    const std::uint64_t width = wide ? 8 : 4;
    const std::uint64_t at = command.range.offset;
    const std::uint64_t sections_at = wide ? 72 : 56;
    const std::uint64_t section_size = wide ? 80 : 68;
    if (command.range.length < sections_at) {
      view_.problems.push_back(fmt::format("a short segment at {}", at));
      return;
    }
    const std::uint64_t numbers = at + kCommandHeader + kNameField;
    MachoSegment segment{.name = Name(at + kCommandHeader)};
    segment.address = view_.Integer(numbers, width);
    segment.memory = view_.Integer(numbers + width, width);
    segment.file = {view_.Integer(numbers + 2 * width, width),
                    view_.Integer(numbers + 3 * width, width)};
    segment.protection = Word(numbers + 4 * width + 4);
    const std::uint64_t stated = Word(numbers + 4 * width + 8);
    const std::uint64_t room =
        (command.range.length - sections_at) / section_size;
    if (stated > room) {
      view_.problems.push_back(
          fmt::format("{} sections in the segment at {}, but room for {}",
                      stated, at, room));
    }
    view_.segments.push_back(segment);
    for (std::uint64_t i = 0; i < std::min(stated, room) &&
                              view_.sections.size() < MachoView::kMostSections;
         ++i) {
      TakeSection(at + sections_at + i * section_size, width);
    }
  }

  void TakeSection(std::uint64_t at, std::uint64_t width) {
    const std::uint64_t numbers = at + 2 * kNameField;
    const std::uint64_t rest = numbers + 2 * width;  // offset, align, ...
    view_.sections.push_back(
        {.segment = Name(at + kNameField),
         .name = Name(at),
         .size = view_.Integer(numbers + width, width),
         .offset = Word(rest),
         .flags = Word(rest + 16),
         .relocations = {Word(rest + 8), Word(rest + 12) * kRelocation}});
  }
};

// LC_DYSYMTAB: tables whose entries are counted.
void AddDynamicTables(const MachoView& view, const MachoCommand& command,
                      std::vector<Range>& into) {
  for (const Counted& one : kCounted) {
    const Range counted = view.RangeAt(command, one.at);
    into.push_back({counted.offset, counted.length * one.width});
  }
  const Range modules = view.RangeAt(command, 40);
  into.push_back({modules.offset, modules.length * (view.is_64 ? 56U : 52U)});
}

void AddTablesOf(const MachoView& view, const MachoCommand& command,
                 std::vector<Range>& into) {
  const auto* const list = std::find_if(
      kPairLists.begin(), kPairLists.end(),
      [&](const PairList& one) { return one.kind == command.kind; });
  for (std::size_t i = 0; list != kPairLists.end() && i < list->pairs; ++i) {
    into.push_back(view.RangeAt(command, list->first + i * 8));
  }
  if (command.kind == macho::kSymtab) {
    const Range symbols = view.RangeAt(command, 8);
    into.push_back({symbols.offset, symbols.length * (view.is_64 ? 16U : 12U)});
    into.push_back(view.RangeAt(command, 16));
  } else if (command.kind == macho::kDysymtab) {
    AddDynamicTables(view, command, into);
  } else if (command.kind == macho::kHints) {
    const Range hints = view.RangeAt(command, 8);
    into.push_back({hints.offset, hints.length * 4});
  } else if (command.kind == macho::kNote && command.range.length >= 40) {
    into.push_back({view.Integer(command.range.offset + 24, 8),
                    view.Integer(command.range.offset + 32, 8)});
  }
}

}  // namespace

bool MachoSection::IsZeroFill() const {
  const std::uint32_t type = flags & 0xffU;
  return type == 0x1 || type == 0xc || type == 0x12;  // S_*ZEROFILL
}

Result<MachoView> MachoView::ParseHeader(ByteView bytes) {
  Parser parser(bytes);
  if (!parser.TakeHeader()) {
    return Fail(ErrorCode::kNotThisFormat, "no Mach-O header");
  }
  return std::move(parser.view_);
}

Result<MachoView> MachoView::Parse(ByteView bytes) {
  Parser parser(bytes);
  if (!parser.TakeHeader()) {
    return Fail(ErrorCode::kNotThisFormat, "no Mach-O header");
  }
  parser.TakeCommands();
  return std::move(parser.view_);
}

std::uint64_t MachoView::Integer(std::uint64_t offset,
                                 std::uint64_t width) const {
  const auto raw = Slice(bytes, offset, width);
  std::uint64_t value = 0;
  for (std::size_t i = 0; raw && i < width; ++i) {
    const std::size_t at = order == ByteOrder::kBig ? i : width - 1 - i;
    value = value << 8U | (*raw)[at];
  }
  return value;
}

Range MachoView::RangeAt(const MachoCommand& command, std::uint64_t at) const {
  return at + 8 <= command.range.length
             ? Range{Integer(command.range.offset + at, 4),
                     Integer(command.range.offset + at + 4, 4)}
             : Range{};
}

const MachoCommand* MachoView::Find(std::uint32_t kind) const {
  const auto found = std::find_if(
      commands.begin(), commands.end(),
      [&](const MachoCommand& command) { return command.kind == kind; });
  return found == commands.end() ? nullptr : &*found;
}

std::pair<std::string_view, Range> MachoView::TextOf(
    const MachoCommand& command) const {
  const std::uint64_t from = Integer(command.range.offset + kCommandHeader, 4);
  if (command.range.length < kCommandHeader + 4 ||
      from >= command.range.length) {
    return {};
  }
  const std::uint64_t start = command.range.offset + from;
  const std::string_view text =
      UpToNul(*Slice(bytes, start, command.range.length - from));
  return {text, {start, text.size()}};
}

std::vector<Range> MachoView::Tables() const {
  std::vector<Range> tables;
  for (const MachoCommand& command : commands) {
    AddTablesOf(*this, command, tables);
  }
  for (const MachoSection& section : sections) {
    tables.push_back(section.relocations);
  }
  std::erase_if(tables, [](const Range& table) { return table.length == 0; });
  return tables;
}

std::uint64_t MachoView::DescribedEnd() const {
  const std::uint64_t size = bytes.size();
  std::uint64_t end = 0;
  const auto reach = [&](std::uint64_t offset, std::uint64_t length) {
    if (length > 0) {
      const std::uint64_t start = std::min(offset, size);
      end = std::max(end, start + std::min(length, size - start));
    }
  };
  reach(0, headers.length);
  for (const MachoSegment& segment : segments) {
    reach(segment.file.offset, segment.file.length);
  }
  for (const MachoSection& section : sections) {
    if (!section.IsZeroFill()) {
      reach(section.offset, section.size);
    }
  }
  for (const Range& table : Tables()) {
    reach(table.offset, table.length);
  }
  return end;
}

std::string MachineOfMacho(std::uint32_t cpu) {
  const auto* const found =
      std::find_if(kMachines.begin(), kMachines.end(),
                   [&](const auto& one) { return one.first == cpu; });
  return found == kMachines.end() ? fmt::format("{}", cpu)
                                  : std::string(found->second);
}

}  // namespace assay::formats
