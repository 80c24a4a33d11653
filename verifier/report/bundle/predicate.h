// What a result bundle says of itself: an in-toto Statement about its entries
// and the product, whose predicate says under which conditions the result was
// made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/model/report.h"

namespace assay::report {

// An entry as the statement lists it.
struct BundleEntry {
  std::string name = {};
  std::uint64_t size = 0;
  std::string sha256 = {};
};

[[nodiscard]] std::string BundleStatement(
    const Report& report, const std::vector<BundleEntry>& entries);

struct BundleClaims {
  std::string tool_version = {};
  std::string tlp = {};  // as reports name them
  std::string verdict = {};
  std::string at = {};
  std::string product_sha256 = {};
  std::string rules_sha256 = {};
  std::string policy_sha256 = {};  // "" without a policy
  std::vector<BundleEntry> entries = {};
};

// kMalformed names what is wrong: no such statement, one of a newer version,
// one whose list of entries is none. Members that this version does not know
// are passed over, as in-toto asks.
[[nodiscard]] Result<BundleClaims> ReadBundleStatement(std::string_view json);

// What the statement says of the result and the result does not, "tlp" or the
// like; "" when they agree.
[[nodiscard]] std::string Contradiction(const BundleClaims& claims,
                                        const Report& report);

}  // namespace assay::report
