#include "verifier/engine/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>

#include "verifier/base/text.h"
#include "verifier/base/time.h"
#include "verifier/cli/baseline.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/progress.h"
#include "verifier/cli/settings.h"

namespace assay::cli {
namespace {

struct Options {
  std::vector<std::string> products;
  OutputOptions outputs;
  std::vector<std::string> limits;
  SecretFiles secrets;
  std::string at;
  std::string progress;
  ThresholdOptions thresholds;
  std::optional<Report> baseline;
  engine::VerifyRequest request;
  bool no_config = false;
};

std::vector<std::string> InputsOf(const Options& options) {
  std::vector<std::string> inputs = options.products;
  const engine::VerifyRequest& request = options.request;
  for (const auto* list :
       {&request.sboms, &request.signatures, &request.contexts,
        &request.references, &request.exceptions}) {
    inputs.insert(inputs.end(), list->begin(), list->end());
  }
  for (const std::string* file :
       {&request.policy, &request.manifest, &request.previous,
        &options.outputs.attest_key, &options.thresholds.baseline}) {
    if (!file->empty()) {
      inputs.push_back(*file);
    }
  }
  return inputs;
}

int VerifyOne(Options& options, const Outputs& outputs, std::size_t index) {
  engine::Progress progress;
  options.request.product = options.products[index];
  options.request.progress = &progress;
  Result<Report> report = [&] {
    const ProgressLine line(progress, options.request.product,
                            options.progress);
    return engine::Verify(options.request);
  }();
  if (!report) {
    return Complain(report.error());
  }
  report->tlp = outputs.tlp.value_or(report->tlp);
  const int exit = WriteOutputs(outputs, *report, index);
  if (TheConsole().json) {
    Tell({{"event", "end"},
          {"product", Escaped(options.request.product)},
          {"verdict", NameOf(report->verdict)},
          {"exit", exit}});
  }
  return exit;
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
  const auto outputs = ParseOutputs(options.outputs);
  if (!at || !outputs) {
    return Misuse(at ? outputs.error() : at.error());
  }
  if (const auto ok =
          CheckOutputs(*outputs, options.products.size(), InputsOf(options));
      !ok) {
    return Misuse(ok.error());
  }
  if (const std::string& cache = options.request.cache; !cache.empty()) {
    if (const auto ok = RefuseInput(cache, options.products); !ok) {
      return Misuse(ok.error());
    }
  }
  for (const std::string& limit : options.limits) {
    if (const auto ok = ApplyLimit(limit, options.request.limits); !ok) {
      return Misuse(ok.error().what);
    }
  }
  auto secrets = ReadSecrets(options.secrets);
  if (!secrets) {
    return Complain(secrets.error());
  }
  options.request.secrets = std::move(*secrets);
  if (const auto ok = ApplyThresholds(options.thresholds, options.baseline,
                                      options.request);
      !ok) {
    return Complain(ok.error());
  }
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
  AddExamples(
      command,
      {{"assay verify router.bin",
        "what is inside; without a policy never a pass"},
       {"assay verify router.bin --policy vendor.yaml --sbom router.cdx.json",
        "a verdict, with the vendor's SBOM held against the bytes"},
       {"assay verify router.bin --policy vendor.yaml -o text -o "
        "json=report.json",
        "to read and to keep"},
       {"assay verify --quiet router.bin --policy vendor.yaml",
        "in a script: 0 pass, 1 fail, 2 inconclusive"}});
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
  AddThresholds(command, options->thresholds);
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
  AddCache(command, request.cache);
  command->add_option("--jobs", request.jobs, "threads")
      ->check(CLI::Range(1, 256));
  AddProgress(command, options->progress);
  AddSecrets(command, options->secrets);
  AddUnsafe(command, request.unsafe_no_sandbox);
  AddOutputs(command, options->outputs);
  // One value an occurrence, so that PRODUCT may follow any option.
  for (CLI::Option* option : command->get_options()) {
    if (option->get_name() != "PRODUCT" &&
        option->get_items_expected_max() > 1) {
      option->expected(1)->take_all();
    }
  }
  command->add_flag("--no-config", options->no_config,
                    "ignore configuration files and ASSAY_ variables");
  command->callback([options, command, &exit] {
    const auto settings =
        options->no_config ? Result<void>() : ApplySettings(*command);
    exit = settings ? Run(*options) : Complain(settings.error());
  });
}

}  // namespace assay::cli
