#include "verifier/engine/doctor.h"

#include <fmt/format.h>

#include "verifier/base/text.h"
#include "verifier/cli/commands.h"

namespace assay::cli {
namespace {

void Print(std::string_view title,
           const std::vector<engine::Diagnosis::Line>& lines) {
  fmt::print("{}\n", title);
  for (const engine::Diagnosis::Line& line : lines) {
    fmt::print("  {} {}: {}\n",
               line.works    ? "ok     "
               : line.needed ? "MISSING"
                             : "without",
               line.name, Escaped(line.state));
  }
}

int Run() {
  const engine::Diagnosis diagnosis = engine::Diagnose();
  Print("this system", diagnosis.host);
  Print("in the confined process", diagnosis.confined);
  Print("libraries", diagnosis.libraries);
  fmt::print("{}\n", diagnosis.confines()
                         ? "Products are examined in a confined process."
                         : "No confinement: products are not examined, unless "
                           "with --unsafe-no-sandbox.");
  return diagnosis.confines() ? kExitPass : kExitUnconfined;
}

}  // namespace

void AddDoctor(CLI::App& app, int& exit) {
  app.add_subcommand("doctor",
                     "Say whether and how this system confines the analysis")
      ->callback([&exit] { exit = Run(); });
}

}  // namespace assay::cli
