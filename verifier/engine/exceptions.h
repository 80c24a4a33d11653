// Reviewed exceptions, one YAML file:
//
//   schema: assay-exceptions/1
//   exceptions:
//     - rule: NI3-HF04-003
//       sha256: 9f86d081...        # of the artifact that the finding is about
//       reason: remote maintenance, agreed in contract 17
//       reviewer: "J. Doe, security"
//       expires: 2027-01-31T00:00:00Z   # at most 365 days ahead
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/model/exception.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// kConfig names file, line and column.
[[nodiscard]] Result<std::vector<ReviewedException>> ReadExceptions(
    const std::string& path, std::string_view text);

// Those that count at `at`. Of the others a fact "exception.void" is noted at
// every artifact that they are about.
[[nodiscard]] std::vector<ReviewedException> LiveExceptions(
    std::vector<ReviewedException> all, UnixTime at, Survey& survey);

}  // namespace assay::engine
