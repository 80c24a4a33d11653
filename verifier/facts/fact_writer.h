// Adds the facts of one analysis within its limits.
#pragma once

#include <cstdint>
#include <string_view>

#include "verifier/model/observations.h"

namespace assay::facts {

// Values and attributes are raw bytes of the product, cut after
// kMaxValueBytes; whoever shows them escapes them. Attributes without a value
// are left out. When facts or text would pass the limit, the last place is
// taken by a fact "facts.truncated" that names the analysis.
class FactWriter {
 public:
  // `limit` lowers limits.facts for analyses that need a stricter one.
  FactWriter(std::string_view analysis, const Subject& subject,
             Observations& into, std::uint64_t limit = ~std::uint64_t{0});

  // False, from then on for ever, when the fact did not fit.
  bool Add(Fact fact);
  // For an analysis that stops early for another reason than its facts.
  void Truncate();

  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::uint64_t added() const { return added_; }

  static constexpr std::size_t kMaxValueBytes = 4096;
  static constexpr std::size_t kMaxTextBytes = 8UL << 20U;

 private:
  std::string_view analysis_;
  Observations& into_;
  std::uint64_t limit_;
  std::uint64_t added_ = 0;
  std::size_t text_ = 0;
  bool full_ = false;
};

}  // namespace assay::facts
