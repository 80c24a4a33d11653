// Addresses that a few instructions in a row put together, where one has no
// room for them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "verifier/code/image.h"
#include "verifier/code/operation.h"

namespace assay::code {

class FormedAddresses {
 public:
  // Borrows the image.
  explicit FormedAddresses(const Image& image) : image_(image) {}

  // The code or slot whose address the operation forms or reads, if it does.
  std::optional<std::uint64_t> Take(const Operation& operation);

 private:
  [[nodiscard]] std::optional<std::uint64_t> Of(const Operand& operand) const;
  [[nodiscard]] std::optional<std::uint64_t> AddressOf(
      const Operand& operand) const;
  std::optional<std::uint64_t> Read(const Operation& operation);

  const Image& image_;
  std::array<std::optional<std::uint64_t>, kRegisters> known_ = {};
};

}  // namespace assay::code
