// What registers point to, as far as the order of the instructions alone
// tells: for processors that find functions and texts by a pointer to a table
// (Machine::globals), whose code names nothing by itself.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "verifier/code/image.h"
#include "verifier/code/operation.h"

namespace assay::code {

class Trail {
 public:
  // Borrows the image.
  explicit Trail(const Image& image) : image_(image) {}

  // One operation after the other.
  void Follow(const Operation& operation);
  // Addresses of code and of slots that the last one made or read.
  [[nodiscard]] const std::vector<std::uint64_t>& uses() const { return uses_; }
  // Where a function begins, as the pointer that it made tells; 0: nowhere.
  [[nodiscard]] std::uint64_t entry() const { return entry_; }
  // The slot of which the last one, a call, takes its target; 0: of none.
  [[nodiscard]] std::uint64_t slot() const { return slot_; }

 private:
  struct Pointer {
    enum class Kind : std::uint8_t { kUnknown, kAddress, kInSlot };
    Kind kind = Kind::kUnknown;
    std::uint64_t number = 0;
  };
  [[nodiscard]] Pointer AddressOf(const Operand& operand) const;
  [[nodiscard]] Pointer Moved(const Operation& operation);
  [[nodiscard]] Pointer Sum(const Operation& operation);
  void FindEntry(const Operation& operation);
  void Leave(bool comes_back);

  const Image& image_;
  std::array<Pointer, kRegisters> registers_ = {};
  std::vector<std::uint64_t> uses_;
  std::uint64_t entry_ = 0;
  std::uint64_t slot_ = 0;
};

}  // namespace assay::code
