#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/engine/manifest_draft.h"

namespace assay::cli {
namespace {

struct Options {
  engine::VerifyRequest request;
  std::vector<std::string> limits;
  std::string output = "-";
};

int Draft(Options& options) {
  for (const std::string& limit : options.limits) {
    if (const auto ok = ApplyLimit(limit, options.request.limits); !ok) {
      return Misuse(ok.error().what);
    }
  }
  if (const auto ok = RefuseInput(options.output, {options.request.product});
      !ok) {
    return Misuse(ok.error().what);
  }
  options.request.interrupted = &Interrupted();
  CatchInterrupts();
  const auto draft = engine::DraftManifest(options.request);
  if (!draft) {
    return Complain(draft.error());
  }
  const auto written = WriteOutput(options.output, draft->text);
  if (!written) {
    return Complain(written.error());
  }
  for (const std::string& reason : draft->open) {
    Warn(Escaped(reason));
  }
  return draft->open.empty() ? kExitPass : kExitInconclusive;
}

}  // namespace

void AddManifest(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "manifest", "The manifest of functions that a product has on purpose");
  command->require_subcommand(1);
  AddExamples(command, {{"assay manifest draft router.bin -o manifest.json",
                         "then say what each function is for, and sign it"}});
  auto options = std::make_shared<Options>();
  options->request.jobs = std::max(1U, std::thread::hardware_concurrency());
  CLI::App* draft = command->add_subcommand(
      "draft", "Propose one from what the product does");
  AddExamples(draft, {{"assay manifest draft router.bin -o manifest.json",
                       "listeners, accounts, start-up, keys as they are"}});
  draft
      ->add_option("PRODUCT", options->request.product,
                   "a file or a delivery directory")
      ->required();
  draft->add_option("-o,--output", options->output, "the file to write");
  draft
      ->add_option("--limit", options->limits,
                   "KEY=VALUE: depth, entries, unpacked, member, ratio ...")
      ->expected(1)
      ->take_all();
  AddUnsafe(draft, options->request.unsafe_no_sandbox);
  draft->callback([options, &exit] { exit = Draft(*options); });
}

}  // namespace assay::cli
