#include "verifier/engine/doctor.h"

#include <fmt/format.h>

#include <memory>

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

Json JsonOf(const std::vector<engine::Diagnosis::Line>& lines) {
  Json list = Json::array();
  for (const engine::Diagnosis::Line& line : lines) {
    list.push_back({{"name", line.name},
                    {"state", line.state},
                    {"works", line.works},
                    {"needed", line.needed}});
  }
  return list;
}

void PrintJson(const engine::Diagnosis& diagnosis) {
  const Json all = {{"confines", diagnosis.confines()},
                    {"system", JsonOf(diagnosis.host)},
                    {"confined", JsonOf(diagnosis.confined)},
                    {"libraries", JsonOf(diagnosis.libraries)},
                    {"contents", JsonOf(diagnosis.contents)}};
  fmt::print("{}\n", all.dump(2, ' ', false, Json::error_handler_t::replace));
}

void PrintText(const engine::Diagnosis& diagnosis) {
  Print("this system", diagnosis.host);
  Print("in the confined process", diagnosis.confined);
  Print("libraries", diagnosis.libraries);
  Print("what is in force", diagnosis.contents);
  fmt::print("{}\n", diagnosis.confines()
                         ? "Products are examined in a confined process."
                         : "No confinement: products are not examined, unless "
                           "with --unsafe-no-sandbox.");
}

int Run(bool json) {
  const engine::Diagnosis diagnosis = engine::Diagnose();
  if (json) {
    PrintJson(diagnosis);
  } else if (!TheConsole().quiet) {
    PrintText(diagnosis);
  }
  return diagnosis.confines() ? kExitPass : kExitUnconfined;
}

}  // namespace

void AddDoctor(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Say how this system confines the analysis, and what is in force");
  AddExamples(command, {{"assay doctor", "before you trust a verdict"},
                        {"assay doctor --json", "for an inventory"}});
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "as JSON");
  command->group(kAbout);
  command->callback([json, &exit] { exit = Run(*json); });
}

}  // namespace assay::cli
