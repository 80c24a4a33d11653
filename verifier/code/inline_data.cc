#include "verifier/code/inline_data.h"

#include <algorithm>

namespace assay::code {
namespace {

constexpr std::uint64_t kFurthest = 1UL << 20U;  // LDR (literal) of AArch64
constexpr std::size_t kMostRanges = 1UL << 16U;
constexpr std::uint64_t kMostEntries = 1024;

}  // namespace

void InlineData::NoteMemory(const Operation& operation) {
  const auto address = static_cast<std::uint64_t>(operation.a.value);
  const std::uint64_t mode = image_.machine().mode;
  const std::uint64_t here = operation.address & ~mode;
  if (address <= here || address - here > kFurthest ||
      !image_.IsCode(address)) {
    return;
  }
  if (operation.a.index == kNoRegister) {
    Add(address, address + operation.width);
  } else if (operation.does == Does::kJump) {
    Add(address, EndOfTable(address, operation.width));
  }
}

// The table ends where the first of its targets begins, at the latest. Entries
// of less than a word count half-words from the table on (TBB, TBH); words are
// addresses.
std::uint64_t InlineData::EndOfTable(std::uint64_t table,
                                     std::uint8_t width) const {
  const std::uint64_t mode = image_.machine().mode;
  std::uint64_t end = ~std::uint64_t{0};
  std::uint64_t at = table;
  for (std::uint64_t i = 0; i < kMostEntries && at < end; ++i, at += width) {
    const auto entry = image_.FixedAt(at, width);
    const bool word = width == image_.machine().word;
    if (width == 0 || !entry || (word && !image_.IsCode(*entry))) {
      break;
    }
    const std::uint64_t target = word ? *entry & ~mode : table + 2 * *entry;
    if (target > table) {
      end = std::min(end, target);
    }
  }
  return std::min(at, end);
}

void InlineData::Add(std::uint64_t start, std::uint64_t end) {
  if (start < end && ranges_.size() < kMostRanges) {
    std::uint64_t& known = ranges_[start];
    known = std::max(known, end);
  }
}

std::uint64_t InlineData::Skip(std::uint64_t address) const {
  for (auto after = ranges_.upper_bound(address);
       after != ranges_.begin() && std::prev(after)->second > address;
       after = ranges_.upper_bound(address)) {
    address = std::prev(after)->second;
  }
  return address;
}

}  // namespace assay::code
