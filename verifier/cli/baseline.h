// What verify and recheck --full are told beside the product and policy.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "verifier/base/result.h"
#include "verifier/engine/verify.h"

namespace assay::cli {

struct ThresholdOptions {
  std::string fail_on;
  std::string baseline;  // a file
};
void AddThresholds(CLI::App* command, ThresholdOptions& options);
// Fills the request's `fail_on` and `baseline`, which is kept in `held` as long
// as the request is used. kUnreadable, or kMalformed naming the file.
[[nodiscard]] Result<void> ApplyThresholds(const ThresholdOptions& options,
                                           std::optional<Report>& held,
                                           engine::VerifyRequest& request);

}  // namespace assay::cli
