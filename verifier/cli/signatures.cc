#include "verifier/report/signatures.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "verifier/cli/commands.h"
#include "verifier/engine/verify.h"

namespace assay::cli {
namespace {

struct Options {
  engine::VerifyRequest request;
  std::vector<std::string> outputs;
  std::vector<std::string> limits;
  SecretFiles secrets;
  std::string at;
  bool verbose = false;
};

// 1 when a signature is wrong, 2 when any is undecided, none is there or some
// may not have been seen.
int ExitOfChecks(const Report& report) {
  bool open = report.checks.empty() || !report.reasons.empty();
  for (const SignatureCheck& check : report.checks) {
    if (check.indication == Indication::kTotalFailed) {
      return kExitFail;
    }
    open = open || check.indication != Indication::kTotalPassed;
  }
  return open ? kExitInconclusive : kExitPass;
}

Result<void> Prepare(Options& options) {
  for (const std::string& limit : options.limits) {
    if (auto ok = ApplyLimit(limit, options.request.limits); !ok) {
      return ok;
    }
  }
  const auto at = ParseAt(options.at);
  if (!at) {
    return Fail(at.error());
  }
  options.request.at = *at;
  options.request.interrupted = &Interrupted();
  return {};
}

// "text" or "json", with "=PATH".
Result<void> Write(const Options& options, const std::string& output,
                   const Report& report) {
  const auto equals = output.find('=');
  const std::string format = output.substr(0, equals);
  const std::string path =
      equals == std::string::npos ? "-" : output.substr(equals + 1);
  if (format == "json") {
    return WriteOutput(path, report::WriteSignaturesJson(report));
  }
  if (format != "text") {
    return Fail(ErrorCode::kConfig, fmt::format("-o {}: text or json", output));
  }
  report::Style style = path == "-" ? StyleOf(STDOUT_FILENO) : report::Style{};
  style.verbose = options.verbose;
  return WriteOutput(path, report::WriteSignatures(report, style));
}

int Run(Options& options) {
  if (const auto ready = Prepare(options); !ready) {
    return Misuse(ready.error().what);
  }
  auto secrets = ReadSecrets(options.secrets);
  if (!secrets) {
    return Complain(secrets.error());
  }
  options.request.secrets = std::move(*secrets);
  CatchInterrupts();
  const auto report = engine::CheckSignatures(options.request);
  if (!report) {
    return Complain(report.error());
  }
  if (options.outputs.empty() && !TheConsole().quiet) {
    options.outputs.emplace_back("text");
  }
  for (const std::string& output : options.outputs) {
    if (const auto written = Write(options, output, *report); !written) {
      return Complain(written.error());
    }
  }
  return ExitOfChecks(*report);
}

}  // namespace

void AddSignatures(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "signatures", "Show every signature, its chain, and what it reaches");
  AddExamples(command, {{"assay signatures router.bin --policy vendor.yaml",
                         "who signed what, and what nobody signed"},
                        {"assay signatures shim.efi -v",
                         "the stock commands that repeat each check"}});
  auto options = std::make_shared<Options>();
  engine::VerifyRequest& request = options->request;
  request.jobs = std::max(1U, std::thread::hardware_concurrency());
  command
      ->add_option("PRODUCT", request.product,
                   "a file, a delivery directory, or - for standard input")
      ->required();
  for (const auto& [name, list, help] : std::initializer_list<
           std::tuple<const char*, std::vector<std::string>*, const char*>>{
           {"--signature", &request.signatures, "as in verify"},
           {"--context", &request.contexts, "as in verify"},
           {"--limit", &options->limits, "KEY=VALUE, as in verify"},
           {"-o,--output", &options->outputs,
            "FORMAT[=PATH]: text or json; - is standard output"}}) {
    command->add_option(name, *list, help)->expected(1)->take_all();
  }
  command->add_option("--policy", request.policy, "whom you trust");
  command->add_option("--policy-key", request.policy_key,
                      "a key that must have signed the policy");
  command->add_option("--at", options->at,
                      "the time to verify at (RFC 3339; default: now)");
  AddCache(command, request.cache);
  AddSecrets(command, options->secrets);
  AddUnsafe(command, request.unsafe_no_sandbox);
  command->add_flag("-v,--verbose", options->verbose,
                    "list every signature, and how to repeat each check");
  command->callback([options, &exit] { exit = Run(*options); });
}

}  // namespace assay::cli
