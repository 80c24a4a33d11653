// Data that processors with short instructions keep between their code:
// constants that are too long for an instruction, and tables of switches.
#pragma once

#include <cstdint>
#include <map>

#include "verifier/code/image.h"
#include "verifier/code/operation.h"

namespace assay::code {

class InlineData {
 public:
  // Borrows the image.
  explicit InlineData(const Image& image)
      : image_(image), expected_(image.machine().step > 1) {}

  // What the operation reads behind itself is no code.
  void Note(const Operation& operation) {
    if (expected_ && operation.a.is_memory() &&
        operation.a.base == kNoRegister) {
      NoteMemory(operation);
    }
  }
  // The first address from `address` on that may be code.
  [[nodiscard]] std::uint64_t Skip(std::uint64_t address) const;

 private:
  void NoteMemory(const Operation& operation);
  [[nodiscard]] std::uint64_t EndOfTable(std::uint64_t table,
                                         std::uint8_t width) const;
  void Add(std::uint64_t start, std::uint64_t end);

  const Image& image_;
  bool expected_;
  std::map<std::uint64_t, std::uint64_t> ranges_;  // start: end
};

}  // namespace assay::code
