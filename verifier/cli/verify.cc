#include "verifier/engine/verify.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "verifier/base/text.h"
#include "verifier/base/time.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/progress.h"

namespace assay::cli {
namespace {

struct Options {
  std::vector<std::string> products;
  std::vector<std::string> outputs;
  std::vector<std::string> limits;
  SecretFiles secrets;
  std::string at;
  engine::VerifyRequest request;
  bool verbose = false;
};

// Where the report of one of several products goes: "{}" in the path becomes
// its number and name.
std::string PathFor(const Output& output, std::size_t index,
                    const std::string& product) {
  std::string path = output.path;
  const auto braces = path.find("{}");
  if (braces == std::string::npos) {
    return path;
  }
  std::string name = Escaped(product);
  std::replace(name.begin(), name.end(), '/', '_');
  return path.replace(braces, 2, fmt::format("{}-{}", index + 1, name));
}

std::vector<std::string> InputsOf(const Options& options) {
  std::vector<std::string> inputs = options.products;
  const engine::VerifyRequest& request = options.request;
  for (const auto* list :
       {&request.sboms, &request.signatures, &request.contexts,
        &request.references, &request.exceptions}) {
    inputs.insert(inputs.end(), list->begin(), list->end());
  }
  for (const std::string* file :
       {&request.policy, &request.manifest, &request.previous}) {
    if (!file->empty()) {
      inputs.push_back(*file);
    }
  }
  return inputs;
}

int VerifyOne(Options& options, const std::vector<Output>& outputs,
              std::size_t index) {
  engine::Progress progress;
  options.request.product = options.products[index];
  options.request.progress = &progress;
  Result<Report> report = [&] {
    const ProgressLine line(progress, options.request.product);
    return engine::Verify(options.request);
  }();
  if (!report) {
    return Complain(report.error());
  }
  int exit = ExitOf(report->verdict);
  for (const Output& output : outputs) {
    report::Style style =
        output.path == "-" ? StyleOf(STDOUT_FILENO) : report::Style{};
    style.verbose = options.verbose;
    const auto written = WriteOutput(PathFor(output, index, report->product),
                                     output.writer->write(*report, style));
    if (!written) {
      exit = Complain(written.error());
    }
  }
  return exit;
}

// Before anything is read: nobody waits for a report that cannot be written.
Result<void> CheckOutputs(const Options& options,
                          const std::vector<Output>& outputs) {
  for (const Output& output : outputs) {
    if (options.products.size() > 1 && output.path != "-" &&
        output.path.find("{}") == std::string::npos) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("-o {}={}: with several products the path must "
                              "contain {{}}",
                              output.writer->name, output.path));
    }
    if (auto ok = RefuseInput(output.path, InputsOf(options)); !ok) {
      return ok;
    }
  }
  return {};
}

// Of several products the worst counts: an error, then fail, inconclusive.
int Worse(int a, int b) {
  const auto rank = [](int exit) {
    return exit >= kExitUsage          ? 3
           : exit == kExitFail         ? 2
           : exit == kExitInconclusive ? 1
                                       : 0;
  };
  return rank(b) > rank(a) ? b : a;
}

int Run(Options& options) {
  const auto at = ParseAt(options.at);
  if (options.outputs.empty()) {
    options.outputs.emplace_back("text");
  }
  const auto outputs = ParseOutputs(options.outputs);
  if (!at || !outputs) {
    fmt::print(stderr, "assay: {}\n", (at ? outputs.error() : at.error()).what);
    return kExitUsage;
  }
  if (const auto ok = CheckOutputs(options, *outputs); !ok) {
    fmt::print(stderr, "assay: {}\n", ok.error().what);
    return kExitUsage;
  }
  for (const std::string& limit : options.limits) {
    if (const auto ok = ApplyLimit(limit, options.request.limits); !ok) {
      fmt::print(stderr, "assay: {}\n", ok.error().what);
      return kExitUsage;
    }
  }
  auto secrets = ReadSecrets(options.secrets);
  if (!secrets) {
    return Complain(secrets.error());
  }
  options.request.secrets = std::move(*secrets);
  options.request.at = *at;
  options.request.interrupted = &Interrupted();
  CatchInterrupts();
  int exit = kExitPass;
  for (std::size_t i = 0; i < options.products.size(); ++i) {
    exit = Worse(exit, VerifyOne(options, *outputs, i));
  }
  return exit;
}

}  // namespace

void AddVerify(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("verify", "Verify a product and report the verdict");
  auto options = std::make_shared<Options>();
  engine::VerifyRequest& request = options->request;
  request.jobs = std::max(1U, std::thread::hardware_concurrency());
  command
      ->add_option("PRODUCT", options->products,
                   "a file, a delivery directory, or - for standard input")
      ->required();
  command->add_option("--sbom", request.sboms, "an SBOM of the product");
  command->add_option("--signature", request.signatures,
                      "a detached signature over the product");
  command->add_option("--context", request.contexts,
                      "material that helps and is not trusted by itself: "
                      "InRelease and Packages for a .deb");
  command->add_option("--policy", request.policy,
                      "what the product must satisfy and whom you trust");
  command->add_option("--policy-key", request.policy_key,
                      "a key that must have signed the policy");
  command->add_option("--previous", request.previous,
                      "the release before: what is new since, heaviest first");
  command->add_option("--reference", request.references,
                      "originals of distributions (assay reference build)");
  command->add_option("--manifest", request.manifest,
                      "the vendor's declared functions (assay manifest draft)");
  command->add_option("--exceptions", request.exceptions,
                      "reviewed findings that explain themselves");
  command->add_option("--rules", request.rules,
                      "a folder of rules beside the built-in ones");
  command->add_option("--at", options->at,
                      "the time to verify at (RFC 3339; default: now)");
  command->add_option("--limit", options->limits,
                      "KEY=VALUE: depth, entries, unpacked, member, ratio ...");
  command->add_option("-o,--output", options->outputs,
                      "FORMAT[=PATH]: text or json; - is standard output");
  command->add_option("--jobs", request.jobs, "threads")
      ->check(CLI::Range(1, 256));
  AddSecrets(command, options->secrets);
  AddUnsafe(command, request.unsafe_no_sandbox);
  command->add_flag("-v,--verbose", options->verbose,
                    "list everything in the text report");
  // One value an occurrence, so that PRODUCT may follow any option.
  for (CLI::Option* option : command->get_options()) {
    if (option->get_name() != "PRODUCT" &&
        option->get_items_expected_max() > 1) {
      option->expected(1)->take_all();
    }
  }
  command->callback([options, &exit] { exit = Run(*options); });
}

}  // namespace assay::cli
