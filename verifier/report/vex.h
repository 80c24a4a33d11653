// Findings as statements of VEX: what was decided about each, and what not yet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/report.h"

namespace assay::report {

// A finding that somebody has to answer, or did.
struct VexClaim {
  const Finding* finding = nullptr;
  // Accepted by a waiver, or explained: not affected. Everything else is
  // under investigation, for a finding says "possible".
  bool answered = false;
  std::string words = {};   // who answered; what to do
  std::string sha256 = {};  // of the subject; "" when the report has none
};

// In the report's order, without what is for information only.
[[nodiscard]] std::vector<VexClaim> VexClaims(const Report& report);

// What an artifact is called: "urn:assay:path:" and its path as in UriOf().
[[nodiscard]] std::string PathUrn(std::string_view path);
// The product by its digest, as a package URL.
[[nodiscard]] std::string ProductPurl(const Report& report);
// Whose decisions the report repeats: the policy's.
[[nodiscard]] std::string VexAuthor(const Report& report);

}  // namespace assay::report
