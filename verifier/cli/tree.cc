#include "verifier/engine/tree.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "verifier/cli/commands.h"
#include "verifier/report/tree.h"

namespace assay::cli {
namespace {

struct Options {
  engine::TreeRequest request;
  std::vector<std::string> limits;
  SecretFiles secrets;
  std::string path;  // cat: the address; unpack: the folder
  bool json = false;
};

std::shared_ptr<Options> AddCommon(CLI::App* command) {
  auto options = std::make_shared<Options>();
  options->request.jobs = std::max(1U, std::thread::hardware_concurrency());
  options->request.interrupted = &Interrupted();
  command
      ->add_option("PRODUCT", options->request.product,
                   "a file, a delivery directory, or - for standard input")
      ->required();
  command->add_option("--limit", options->limits, "KEY=VALUE, as in verify")
      ->expected(1)
      ->take_all();
  AddSecrets(command, options->secrets);
  AddUnsafe(command, options->request.unsafe_no_sandbox);
  return options;
}

// The exit code of a wrong option, or kExitPass.
int Prepare(Options& options) {
  CatchInterrupts();
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
  return kExitPass;
}

// A tree that is not whole is said so, and is no success.
int Conclude(const engine::Tree& tree) {
  if (!tree.stopped.empty()) {
    Warn(fmt::format("the tree is not whole: {}", tree.stopped));
    return kExitInconclusive;
  }
  return kExitPass;
}

int RunLs(Options& options) {
  if (const int wrong = Prepare(options); wrong != kExitPass) {
    return wrong;
  }
  const auto tree = engine::ListTree(options.request);
  if (!tree) {
    return Complain(tree.error());
  }
  const std::string text =
      options.json ? report::WriteTreeJson(tree->artifacts)
                   : report::WriteTree(tree->artifacts, StyleOf(STDOUT_FILENO));
  if (const auto written = WriteOutput("-", text); !written) {
    return Complain(written.error());
  }
  return Conclude(*tree);
}

int RunCat(Options& options) {
  if (const int wrong = Prepare(options); wrong != kExitPass) {
    return wrong;
  }
  const auto content = engine::ReadArtifact(options.request, options.path);
  if (!content) {
    return Complain(content.error());
  }
  const auto written = WriteOutput("-", AsText(content->bytes()));
  return written ? static_cast<int>(kExitPass) : Complain(written.error());
}

int RunUnpack(Options& options) {
  if (const int wrong = Prepare(options); wrong != kExitPass) {
    return wrong;
  }
  if (const auto ok = RefuseInput(options.path, {options.request.product});
      !ok) {
    return Misuse(ok.error().what);
  }
  const auto tree = engine::WriteTree(options.request, options.path);
  if (!tree) {
    return Complain(tree.error());
  }
  const auto written = WriteOutput(options.path + "/assay-tree.json",
                                   report::WriteTreeJson(tree->artifacts));
  if (!written) {
    return Complain(written.error());
  }
  for (const std::string& note : tree->notes) {
    Warn(note);
  }
  return Conclude(*tree);
}

}  // namespace

void AddLs(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "ls", "List everything inside a product, nested, with digests");
  AddExamples(command, {{"assay ls router.bin", "the tree"},
                        {"assay ls router.bin --json > tree.json",
                         "the same for programs"}});
  const auto options = AddCommon(command);
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &exit] { exit = RunLs(*options); });
}

void AddCat(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("cat", "Print the bytes of one artifact");
  AddExamples(command, {{"assay cat router.bin 'router.bin!/etc/passwd'",
                         "by the address that ls prints"}});
  const auto options = AddCommon(command);
  command
      ->add_option("ADDRESS", options->path,
                   "as `ls` and reports print it: 'a!/b!/c'")
      ->required();
  command->callback([options, &exit] { exit = RunCat(*options); });
}

void AddUnpack(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("unpack", "Write everything inside to a folder");
  AddExamples(command, {{"assay unpack router.bin -C out",
                         "safe names only; what is not written is named"}});
  const auto options = AddCommon(command);
  command->add_option("-C,--directory", options->path, "an empty folder")
      ->required();
  command->callback([options, &exit] { exit = RunUnpack(*options); });
}

}  // namespace assay::cli
