// One fact extractor over any bytes: every fact is of a known kind, lies
// within the artifact, and there are not too many.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/placement.h"
#include "verifier/facts/extractors.h"

namespace assay::facts {
namespace {

const Analysis& Subject() {
  static const Analysis& chosen = fuzz::Choose<Analysis>({
#include "fuzz_facts.inc"
  });
  return chosen;
}

using fuzz::Require;

void Examine(const Fact& fact, std::uint64_t size) {
  const FactKind* kind = FindFactKind(fact.kind);
  Require(kind != nullptr, "a fact is of a known kind");
  Require(!fact.place || fuzz::LiesWithin(*fact.place, size),
          "a fact lies within its artifact");
  for (const auto& [name, value] : fact.attributes) {
    Require(std::find(kind->attributes.begin(), kind->attributes.end(), name) !=
                kind->attributes.end(),
            "an attribute belongs to its kind");
  }
}

void One(ByteView data) {
  const fuzz::Placed placed = fuzz::Place(data);
  Observations seen;
  Subject().examine({placed.artifact, placed.content, fuzz::kLimits}, seen);
  Require(seen.facts.size() <= fuzz::kLimits.facts, "facts are bounded");
  for (const Fact& fact : seen.facts) {
    Examine(fact, placed.content.size());
  }
}

}  // namespace
}  // namespace assay::facts

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::facts::One({data, size});
  return 0;
}
