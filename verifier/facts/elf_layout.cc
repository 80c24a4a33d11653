#include "verifier/facts/elf_layout.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "verifier/facts/entropy.h"

namespace assay::facts {
namespace {

using formats::ElfSegment;
using formats::ElfView;
namespace elf = formats::elf;

// Bits per byte. Machine code of all usual processors stays below 6.8, thumb
// and compressed RISC-V below 7.1.
constexpr double kDense = 7.4;
constexpr std::uint64_t kSmallestDense = 8192;  // fewer bytes tell little

bool Holds(const ElfSegment& segment, std::uint64_t address) {
  return address >= segment.vaddr && address - segment.vaddr < segment.memsz;
}

void Add(std::string_view oddity, const ElfSegment& segment,
         FactWriter& facts) {
  facts.Add({.kind = "elf.oddity",
             .value = std::string(oddity),
             .place = Range{segment.offset, segment.filesz}});
}

}  // namespace

void AddOddities(const ElfView& view, FactWriter& facts) {
  std::vector<const ElfSegment*> code;
  for (const ElfSegment& segment : view.segments) {
    if (segment.type == elf::kSegmentLoad &&
        (segment.flags & elf::kSegmentExecutable) != 0 &&
        Slice(view.bytes, segment.offset, segment.filesz)) {
      code.push_back(&segment);
    }
  }
  std::uint64_t left = view.bytes.size();  // segments do not overlap
  for (const ElfSegment* segment : code) {
    if ((segment->flags & elf::kSegmentWritable) != 0) {
      Add("writable-code", *segment, facts);
    }
    if (segment->filesz >= kSmallestDense && segment->filesz <= left) {
      left -= segment->filesz;
      const auto bytes = Slice(view.bytes, segment->offset, segment->filesz);
      if (EntropyOf(*bytes) >= kDense) {
        Add("dense-code", *segment, facts);
      }
    }
  }
  if (view.entry == 0 || view.type == elf::kTypeRelocatable || code.empty()) {
    return;
  }
  const auto entered = std::find_if(
      code.begin(), code.end(),
      [&](const ElfSegment* segment) { return Holds(*segment, view.entry); });
  if (entered == code.end()) {
    facts.Add({.kind = "elf.oddity", .value = "entry-in-data"});
  } else if (entered != code.begin()) {
    Add("entry-late", **entered, facts);
  }
}

}  // namespace assay::facts
