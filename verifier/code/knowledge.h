// What is known of a whole program while its functions are read one by one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "verifier/code/image.h"
#include "verifier/code/value.h"

namespace assay::code {

inline constexpr std::size_t kArguments = 6;  // that are followed

// What one function is given by those who call it, and gives them.
struct Summary {
  std::array<Origin::Bits, kArguments> given = {};
  std::array<Origin::Bits, kArguments> fills = {};
  Origin::Bits result = 0;
};

// A call's other end: a function of others by name, or one of the program.
struct Callee {
  std::string_view name = {};
  std::uint64_t entry = 0;

  [[nodiscard]] bool known() const { return !name.empty() || entry != 0; }
};

class Knowledge {
 public:
  // Borrows the image.
  explicit Knowledge(const Image& image);

  [[nodiscard]] const Image& image() const { return image_; }
  [[nodiscard]] Decoder& decoder() { return *decoder_; }
  // What a call or jump to `address` arrives at: what linkers put between, a
  // jump through a slot, is passed.
  Callee Resolve(std::uint64_t address);
  [[nodiscard]] Callee InSlot(std::uint64_t address) const;

  Summary& Of(std::uint64_t entry) { return functions_[entry]; }
  Regions& globals() { return globals_; }
  // Functions whose callers know more about what they are given, and functions
  // that give their callers more than was known: since somebody cleared them.
  std::unordered_set<std::uint64_t> given_more;
  std::unordered_set<std::uint64_t> give_more;
  bool globals_changed = false;

 private:
  Callee Follow(std::uint64_t address);

  const Image& image_;
  std::unique_ptr<Decoder> decoder_;
  std::unordered_map<std::uint64_t, Callee> resolved_;
  std::unordered_map<std::uint64_t, Summary> functions_;
  Regions globals_;
  unsigned depth_ = 0;  // of stubs that are being followed
};

}  // namespace assay::code
