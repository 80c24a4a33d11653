#include "verifier/cli/baseline.h"

#include "verifier/base/digest.h"
#include "verifier/cli/bundle.h"

namespace assay::cli {

void AddThresholds(CLI::App* command, ThresholdOptions& options) {
  command
      ->add_option("--fail-on", options.fail_on,
                   "findings fail from this severity on, whatever the policy "
                   "says")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical"}));
  command->add_option(
      "--baseline", options.baseline,
      "an older report or bundle: only what is new since weighs");
}

Result<void> ApplyThresholds(const ThresholdOptions& options,
                             std::optional<Report>& held,
                             engine::VerifyRequest& request) {
  request.fail_on = SeverityOf(options.fail_on);
  if (options.baseline.empty()) {
    return {};
  }
  auto saved = ReadSaved(options.baseline);
  if (!saved) {
    return Fail(saved.error());
  }
  held = std::move(saved->report);
  request.baseline = &*held;
  request.baseline_name =
      options.baseline.substr(options.baseline.rfind('/') + 1);
  request.baseline_sha256 = Sha256Hex(saved->file.bytes());
  return {};
}

}  // namespace assay::cli
