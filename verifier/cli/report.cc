#include <fmt/format.h>

#include <memory>

#include "verifier/cli/bundle.h"
#include "verifier/cli/commands.h"

namespace assay::cli {
namespace {

struct Options {
  std::string saved;
  OutputOptions outputs;
};

int Run(const Options& options) {
  const auto outputs = ParseOutputs(options.outputs);
  if (!outputs) {
    return Misuse(outputs.error());
  }
  std::vector<std::string> inputs = {options.saved};
  if (!options.outputs.attest_key.empty()) {
    inputs.push_back(options.outputs.attest_key);
  }
  if (const auto ok = CheckOutputs(*outputs, 1, inputs); !ok) {
    return Misuse(ok.error());
  }
  auto saved = ReadSaved(options.saved);
  if (!saved) {
    return Complain(saved.error());
  }
  Report& report = saved->report;
  if (outputs->tlp > report.tlp) {
    return Misuse(
        fmt::format("--tlp: {} is {}, and a label may only be narrowed",
                    options.saved, NameOf(report.tlp)));
  }
  report.tlp = outputs->tlp.value_or(report.tlp);
  return WriteOutputs(*outputs, report, 0);
}

}  // namespace

void AddReport(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "report",
      "Write a saved report in other formats; the exit code is "
      "that of its verdict");
  AddExamples(command, {{"assay report report.json -o html=report.html",
                         "a page to read and send on"},
                        {"assay report report.json -o bundle=result.assay.zip "
                         "--attest-key release.pem",
                         "everything in one signed file"},
                        {"assay report report.json -o sarif-hosts=report.sarif",
                         "for a code-scanning host"}});
  auto options = std::make_shared<Options>();
  command
      ->add_option("SAVED", options->saved,
                   "a JSON report, or a bundle with one")
      ->required();
  AddOutputs(command, options->outputs);
  command->callback([options, &exit] { exit = Run(*options); });
}

}  // namespace assay::cli
