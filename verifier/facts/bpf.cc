// Programs for the kernel's packet filter. Classic ones ("Linux Socket
// Filtering", Documentation/networking/filter.rst; struct sock_filter of
// linux/filter.h) stand as tables in a program's data. eBPF objects (machine
// EM_BPF) have a section per program, named after what it is attached to, and
// call helpers by the numbers of linux/bpf.h.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::facts {
namespace {

using formats::ElfSection;
using formats::ElfSegment;
using formats::ElfView;
namespace elf = formats::elf;

constexpr std::uint64_t kInstruction = 8;         // bytes, of both kinds
constexpr std::uint64_t kMaxInstructions = 4096;  // BPF_MAXINSNS
constexpr std::uint64_t kFewest = 3;              // load, compare, return
constexpr std::uint16_t kMachineBpf = 247;
constexpr std::size_t kMaxObjects = 64;    // embedded in one program
constexpr std::size_t kMaxConstants = 24;  // shown
// Steps per data word: real data fails at the first or second instruction.
constexpr std::uint64_t kStepsPerWord = 8;

struct Instruction {
  std::uint16_t code = 0;
  std::uint8_t if_true = 0;
  std::uint8_t if_false = 0;
  std::uint32_t constant = 0;

  [[nodiscard]] unsigned kind() const { return code & 7U; }
  [[nodiscard]] bool is_load() const { return kind() == 0; }
  [[nodiscard]] bool is_return() const { return kind() == 6; }
  [[nodiscard]] bool is_jump() const { return kind() == 5; }
  [[nodiscard]] bool is_conditional() const { return is_jump() && code != 5; }
  // How many instructions it passes at most.
  [[nodiscard]] std::uint64_t reach() const {
    return is_conditional() ? std::max(if_true, if_false)
           : is_jump()      ? constant
                            : 0U;
  }
  // Looks into the packet: BPF_ABS, or BPF_IND with its variable start.
  [[nodiscard]] bool reads_packet() const {
    const unsigned mode = code & 0xe0U;
    return is_load() && (mode == 0x20 || mode == 0x40);
  }
};

// What the kernel's bpf_check_basics_ok and chk_code_allowed let pass.
bool IsValid(const Instruction& one) {
  static constexpr std::uint16_t kCodes[] = {
      0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0c, 0x14,
      0x15, 0x16, 0x1c, 0x1d, 0x20, 0x24, 0x25, 0x28, 0x2c, 0x2d,
      0x30, 0x34, 0x35, 0x3c, 0x3d, 0x40, 0x44, 0x45, 0x48, 0x4c,
      0x4d, 0x50, 0x54, 0x5c, 0x60, 0x61, 0x64, 0x6c, 0x74, 0x7c,
      0x80, 0x81, 0x84, 0x87, 0x94, 0x9c, 0xa4, 0xac, 0xb1};
  return std::binary_search(std::begin(kCodes), std::end(kCodes), one.code) &&
         (one.is_conditional() || (one.if_true == 0 && one.if_false == 0));
}

struct Filter {
  Range place = {};
  std::vector<Instruction> instructions = {};
};

class FilterFinder {
 public:
  FilterFinder(const ElfView& view, FactWriter& facts)
      : view_(view), facts_(facts) {}

  void Search() {
    for (const Range& data : DataRanges()) {
      if (!SearchIn(data)) {
        facts_.Truncate();
        return;
      }
    }
  }

 private:
  // False when that would take too long.
  bool SearchIn(const Range& data) {
    std::uint64_t steps = data.length / 4 * kStepsPerWord;
    std::uint64_t at = data.offset + (4 - data.offset % 4) % 4;
    while (at < data.end() && data.end() - at >= kFewest * kInstruction &&
           !facts_.full()) {
      const auto filter = at < barren_[at / 4 % 2] || !MayBegin(at)
                              ? std::nullopt
                              : FilterAt(at, data.end(), steps);
      if (steps == 0) {
        return false;
      }
      if (filter) {
        Add(*filter);
      }
      at = filter ? filter->place.end() : at + 4;
    }
    return true;
  }

  // Initialised data that no one executes. Without sections, segments.
  [[nodiscard]] std::vector<Range> DataRanges() const {
    std::vector<Range> ranges;
    std::uint64_t left = view_.bytes.size();  // ranges do not overlap
    const auto add = [&](std::uint64_t offset, std::uint64_t size) {
      if (size <= left && Slice(view_.bytes, offset, size)) {
        left -= size;
        ranges.push_back({offset, size});
      }
    };
    for (const ElfSection& section : view_.sections) {
      if (section.type == elf::kSectionProgbits &&
          (section.flags & elf::kFlagAlloc) != 0 &&
          (section.flags & elf::kFlagExecute) == 0) {
        add(section.offset, section.size);
      }
    }
    for (const ElfSegment& segment : view_.segments) {
      if (view_.sections.empty() && segment.type == elf::kSegmentLoad &&
          (segment.flags & elf::kSegmentExecutable) == 0) {
        add(segment.offset, segment.filesz);
      }
    }
    return ranges;
  }

  [[nodiscard]] std::optional<Instruction> At(std::uint64_t offset) const {
    const auto code = view_.Integer(offset, 2);
    const auto if_true = view_.Integer(offset + 2, 1);
    const auto if_false = view_.Integer(offset + 3, 1);
    const auto constant = view_.Integer(offset + 4, 4);
    if (!code || !if_true || !if_false || !constant) {
      return std::nullopt;
    }
    return Instruction{static_cast<std::uint16_t>(*code),
                       static_cast<std::uint8_t>(*if_true),
                       static_cast<std::uint8_t>(*if_false),
                       static_cast<std::uint32_t>(*constant)};
  }

  // With a look into the packet: asked at every word.
  [[nodiscard]] bool MayBegin(std::uint64_t offset) const {
    const bool big = view_.order == ByteOrder::kBig;
    const Instruction one{view_.bytes[offset + (big ? 1 : 0)]};
    return view_.bytes[offset + (big ? 0 : 1)] == 0 &&
           (one.reads_packet() || one.code == 0xb1);
  }

  // A program ends with the first return that no jump passes.
  [[nodiscard]] std::optional<Filter> FilterAt(std::uint64_t start,
                                               std::uint64_t end,
                                               std::uint64_t& steps) {
    Filter filter{.place = {start, 0}};
    std::uint64_t furthest = 0;
    bool returns = false;
    for (std::uint64_t i = 0; i < kMaxInstructions && steps > 0; ++i) {
      const std::uint64_t at = start + i * kInstruction;
      const auto one = end - at >= kInstruction ? At(at) : std::nullopt;
      --steps;
      if (!one || !IsValid(*one)) {
        if (!returns) {
          barren_[start / 4 % 2] = at;
        }
        return std::nullopt;
      }
      returns = returns || one->is_return();
      filter.instructions.push_back(*one);
      if (one->is_jump()) {
        furthest = std::max(furthest, i + 1 + one->reach());
      } else if (one->is_return() && furthest <= i) {
        filter.place.length = (i + 1) * kInstruction;
        return IsProgram(filter) ? std::optional(filter) : std::nullopt;
      }
      if (furthest >= kMaxInstructions || end - at < kInstruction * 2) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  // It looks at something and decides by it.
  [[nodiscard]] static bool IsProgram(const Filter& filter) {
    const auto has = [&](auto&& is) {
      return std::any_of(filter.instructions.begin(), filter.instructions.end(),
                         is);
    };
    return filter.instructions.size() >= kFewest &&
           has([](const Instruction& one) { return one.reads_packet(); }) &&
           has([](const Instruction& one) {
             return one.is_conditional() &&
                    (one.if_true != 0 || one.if_false != 0);
           }) &&
           has([](const Instruction& one) {
             return one.is_return() && one.constant != 0;
           });
  }

  // Filters of system calls read words of struct seccomp_data (linux/
  // seccomp.h, 64 bytes) and nothing else.
  [[nodiscard]] static bool IsOfSystemCalls(const Filter& filter) {
    return std::none_of(filter.instructions.begin(), filter.instructions.end(),
                        [](const Instruction& one) {
                          return one.code == 0xb1 ||
                                 (one.reads_packet() &&
                                  (one.code != 0x20 || one.constant >= 64));
                        });
  }

  void Add(const Filter& filter) {
    std::set<std::uint32_t> told;
    std::string constants;
    for (const Instruction& one : filter.instructions) {
      if (one.is_conditional() && told.size() < kMaxConstants &&
          told.insert(one.constant).second) {
        AppendWord(constants, fmt::format("{}", one.constant), ",");
      }
    }
    facts_.Add({.kind = "bpf.filter",
                .value = fmt::format("{}", filter.instructions.size()),
                .attributes = {{"of", IsOfSystemCalls(filter) ? "system-calls"
                                                              : "packets"},
                               {"compared", constants}},
                .place = filter.place});
  }

  const ElfView& view_;
  FactWriter& facts_;
  // No program begins before: what follows up to there has no return. For
  // starts at multiples of eight, and for those between.
  std::array<std::uint64_t, 2> barren_ = {};
};

// Helpers that do more than look or count: numbers of linux/bpf.h.
std::string HelperName(std::uint64_t number) {
  static constexpr std::pair<std::uint64_t, std::string_view> kNames[] = {
      {4, "probe_read"},           {6, "trace_printk"},
      {9, "skb_store_bytes"},      {13, "clone_redirect"},
      {16, "get_current_comm"},    {23, "redirect"},
      {25, "perf_event_output"},   {36, "probe_write_user"},
      {45, "probe_read_str"},      {58, "override_return"},
      {109, "send_signal"},        {112, "probe_read_user"},
      {113, "probe_read_kernel"},  {114, "probe_read_user_str"},
      {117, "send_signal_thread"}, {130, "ringbuf_output"}};
  for (const auto& [known, name] : kNames) {
    if (known == number) {
      return std::string(name);
    }
  }
  return fmt::format("{}", number);
}

// `start`: where the object lies in the artifact.
void AddObject(const ElfView& view, std::uint64_t start, FactWriter& facts) {
  constexpr std::uint64_t kCall = 0x85;  // BPF_JMP | BPF_CALL
  std::set<std::uint64_t> told;
  for (const ElfSection& section : view.sections) {
    const auto code = Slice(view.bytes, section.offset, section.size);
    if (section.type != elf::kSectionProgbits || !code || code->empty() ||
        (section.flags & elf::kFlagExecute) == 0 || facts.full()) {
      continue;
    }
    facts.Add({.kind = "bpf.program",
               .value = std::string(section.name),
               .place = Range{start + section.offset, section.size}});
    for (std::uint64_t at = section.offset;
         section.offset + section.size - at >= kInstruction;
         at += kInstruction) {
      // The nibbles of the second byte are registers: a call of a helper
      // has no source register.
      const std::uint64_t registers = view.Integer(at + 1, 1).value_or(1);
      const std::uint64_t number = view.Integer(at + 4, 4).value_or(0);
      if (view.Integer(at, 1) == kCall && registers == 0 &&
          number < kMaxInstructions && told.insert(number).second) {
        facts.Add({.kind = "bpf.helper",
                   .value = HelperName(number),
                   .place = Range{start + at, kInstruction}});
      }
    }
  }
}

// Loaders carry their objects within themselves.
void AddEmbeddedObjects(ByteView content, FactWriter& facts) {
  constexpr std::string_view kMagic =
      "\x7f"
      "ELF";
  const std::string_view text = AsText(content);
  std::size_t objects = 0;
  for (std::size_t at = text.find(kMagic);
       at != std::string_view::npos && objects < kMaxObjects;
       at = text.find(kMagic, at + kMagic.size())) {
    const auto view = ElfView::Parse(content.subspan(at));
    if (view && view->machine == kMachineBpf) {
      ++objects;
      AddObject(*view, at, facts);
    }
  }
}

bool Examine(const Subject& subject, Observations& into) {
  const auto view = ElfView::Parse(subject.content);
  if (!view) {
    return false;
  }
  FactWriter facts("bpf", subject, into);
  AddEmbeddedObjects(subject.content, facts);
  if (view->machine != kMachineBpf) {
    FilterFinder(*view, facts).Search();
  }
  return false;  // parts of an object, which others understand
}

}  // namespace

const Analysis kBpf = {
    .name = "bpf",
    .title = "Packet filters and eBPF programs in programs",
    .examine = Examine,
};

}  // namespace assay::facts
