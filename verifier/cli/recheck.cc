#include "verifier/engine/recheck.h"

#include <fmt/format.h>

#include <memory>
#include <thread>

#include "verifier/base/byte_source.h"
#include "verifier/cli/commands.h"
#include "verifier/engine/verify.h"
#include "verifier/report/read.h"

namespace assay::cli {
namespace {

struct Options {
  std::string report;
  bool full = false;
  SecretFiles secrets;
  // What the report was made with; the report itself says product, time and
  // limits.
  engine::VerifyRequest request;
};

int Compare(Options& options, const Report& report, std::string_view text) {
  options.request.at = report.at;
  options.request.limits = report.limits;
  options.request.jobs = std::max(1U, std::thread::hardware_concurrency());
  const auto again = engine::Verify(options.request);
  if (!again) {
    return Complain(again.error());
  }
  const auto* json = report::FindWriter("json");
  if (json->write(*again, report::Style{}) == text) {
    fmt::print("the report is what verifying again gives, byte for byte\n");
    return kExitPass;
  }
  fmt::print("verifying again gives another report\n");
  return kExitFail;
}

int Run(Options& options) {
  auto secrets = ReadSecrets(options.secrets);
  if (!secrets) {
    return Complain(secrets.error());
  }
  options.request.secrets = std::move(*secrets);
  const auto file = ByteSource::MapFile(options.report);
  if (!file) {
    return Complain(file.error());
  }
  const std::string_view text = AsText(file->bytes());
  const auto report = report::ReadReport(text);
  if (!report) {
    fmt::print(stderr, "assay: {}: {}\n", options.report, report.error().what);
    return kExitMalformed;
  }
  const auto recheck = engine::RecheckReport(
      *report, options.request.product, options.request.rules,
      options.request.unsafe_no_sandbox, options.request.secrets);
  if (!recheck) {
    return Complain(recheck.error());
  }
  std::size_t held = 0;
  for (const engine::RecheckedLine& line : recheck->lines) {
    held += line.holds ? 1 : 0;
    if (!line.holds) {
      fmt::print("DOES NOT HOLD  {}: {}\n", line.what, line.why);
    }
  }
  fmt::print("{} of {} checks hold\n", held, recheck->lines.size());
  if (!recheck->holds()) {
    return kExitFail;
  }
  return options.full ? Compare(options, *report, text)
                      : static_cast<int>(kExitPass);
}

}  // namespace

void AddRecheck(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "recheck", "Check every evidence of a report against the product");
  auto options = std::make_shared<Options>();
  engine::VerifyRequest& request = options->request;
  command->add_option("REPORT", options->report, "a JSON report")->required();
  command->add_option("PRODUCT", request.product, "what it speaks of")
      ->required();
  command->add_flag("--full", options->full,
                    "verify again as well, and compare the reports; give the "
                    "options below as they were");
  const auto list = [&](const char* name, std::vector<std::string>& values) {
    command->add_option(name, values, "as in verify")->expected(1)->take_all();
  };
  list("--rules", request.rules);
  list("--sbom", request.sboms);
  list("--signature", request.signatures);
  list("--context", request.contexts);
  list("--reference", request.references);
  list("--exceptions", request.exceptions);
  command->add_option("--manifest", request.manifest, "as in verify");
  command->add_option("--previous", request.previous, "as in verify");
  command->add_option("--policy", request.policy, "as in verify");
  command->add_option("--policy-key", request.policy_key, "as in verify");
  AddSecrets(command, options->secrets);
  AddUnsafe(command, request.unsafe_no_sandbox);
  command->callback([options, &exit] { exit = Run(*options); });
}

}  // namespace assay::cli
