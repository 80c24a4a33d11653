// Appends the operations of one instruction.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/code/operation.h"

namespace assay::code {

class Instruction {
 public:
  // `word` is the width of a register in bytes. Borrows `into`.
  Instruction(std::uint64_t address, std::uint8_t length, std::uint8_t word,
              std::vector<Operation>& into)
      : form_{.width = word, .length = length, .address = address},
        into_(into),
        first_(into.size()) {}

  [[nodiscard]] bool empty() const { return into_.size() == first_; }
  Operation& Last() { return into_.back(); }
  // Of the operations that follow.
  void SetWidth(std::uint8_t width) { form_.width = width; }
  [[nodiscard]] std::uint8_t width() const { return form_.width; }

  Operation& Add(Does does, const Operand& to, const Operand& a = {},
                 const Operand& b = {}) {
    Operation& one = into_.emplace_back(form_);
    one.does = does;
    one.to = to;
    one.a = a;
    one.b = b;
    return one;
  }
  // It gets a value that is not followed.
  void Lose(const Operand& to) { Add(Does::kOther, to); }
  void LoseFlags() { Add(Does::kOther, {}).sets_flags = true; }
  void Compare(Does does, const Operand& a, const Operand& b) {
    Add(does, {}, a, b).sets_flags = true;
  }
  void Go(Does does, std::uint64_t target) { Add(does, {}).target = target; }
  void Branch(Condition condition, std::uint64_t target) {
    Operation& one = Add(Does::kBranch, {});
    one.condition = condition;
    one.target = target;
  }
  void Select(Condition condition, const Operand& to, const Operand& a) {
    Add(Does::kSelect, to, a).condition = condition;
  }
  // to = to + `distance`
  void Move(const Operand& to, std::int64_t distance) {
    if (distance < 0) {
      Add(Does::kSubtract, to, to, Immediate(-distance));
    } else {
      Add(Does::kAdd, to, to, Immediate(distance));
    }
  }

 private:
  Operation form_;
  std::vector<Operation>& into_;
  std::size_t first_;
};

}  // namespace assay::code
