// The body of one function: its operations, cut into blocks that are entered
// at their beginning and left at their end only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "verifier/code/image.h"
#include "verifier/code/operation.h"

namespace assay::code {

struct Block {
  std::uint32_t first = 0;  // of Body::operations
  std::uint32_t count = 0;
  // Blocks that may follow. Of a branch, first the one that it jumps to.
  std::vector<std::uint32_t> next = {};
  std::vector<std::uint32_t> before = {};
  bool branches = false;  // its last operation is one, with both ways inside
};

struct Body {
  std::vector<Operation> operations = {};
  std::vector<Block> blocks = {};  // the first is entered first
  // Blocks in an order in which each comes before those that follow it, loops
  // aside; those that nothing leads to are left out.
  std::vector<std::uint32_t> order = {};
  std::vector<std::uint32_t> rank = {};  // of each block in it; ~0: left out
};

// Whether a call never comes back.
using NeverReturns = std::function<bool(const Operation& call)>;

// The code from `entry` up to `end`; at most kMaxOperations of it. A jump of
// which only a run tells the target may go to every block that nothing else
// leads to, as the cases of a switch.
[[nodiscard]] Body ReadBody(const Image& image, Decoder& decoder,
                            std::uint64_t entry, std::uint64_t end,
                            const NeverReturns& never_returns);

inline constexpr std::size_t kMaxOperations = 1UL << 16U;

inline constexpr std::uint32_t kNoBlock = ~std::uint32_t{0};

// Blocks that are reached from `starts` without going back in a loop, nor
// through the block `without`; themselves among them, by number.
[[nodiscard]] std::vector<bool> ReachedFrom(const Body& body,
                                            std::vector<std::uint32_t> starts,
                                            std::uint32_t without = kNoBlock);
[[nodiscard]] inline std::vector<bool> ReachedFrom(
    const Body& body, std::uint32_t start, std::uint32_t without = kNoBlock) {
  return ReachedFrom(body, std::vector{start}, without);
}

// Blocks from which `goal` is reached without going back in a loop, itself
// among them.
[[nodiscard]] std::vector<bool> LeadingTo(const Body& body, std::uint32_t goal);

// Where the innermost loop around a block begins, if there is one.
[[nodiscard]] std::optional<std::uint32_t> LoopAround(const Body& body,
                                                      std::uint32_t block);

}  // namespace assay::code
