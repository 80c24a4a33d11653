#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/settings.h"

namespace assay::cli {
namespace {

// In YAML's double quotes, which every text survives.
std::string Quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

void PrintSources(const CLI::App& verify) {
  std::string variables;
  for (const auto& [name, option] : Variables(verify)) {
    variables += (variables.empty() ? "" : ", ") + name;
  }
  fmt::print("# the strongest first: the command line; {}", variables);
  for (const std::string& file : ConfigFiles()) {
    std::error_code error;
    fmt::print("; {}{}", Escaped(file),
               std::filesystem::exists(file, error) ? "" : " (not there)");
  }
  fmt::print("\n");
}

int Show(const CLI::App& verify, bool origin) {
  const auto settings = ReadSettings(verify);
  if (!settings) {
    return Complain(settings.error());
  }
  if (origin) {
    PrintSources(verify);
  }
  for (const Setting& one : *settings) {
    std::string values;
    for (const std::string& value : one.values) {
      values += (values.empty() ? "" : ", ") + Quoted(value);
    }
    fmt::print("{}: {}{}\n", one.key(),
               one.values.size() == 1 ? values : "[" + values + "]",
               origin ? "  # " + Escaped(one.place) : "");
  }
  return kExitPass;
}

}  // namespace

void AddConfig(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "config", "Show what configuration files and variables say");
  command->require_subcommand(1);
  command->group(kAbout);
  AddExamples(command, {{"assay config show --origin",
                         "what verify would take from where"}});
  CLI::App* show =
      command->add_subcommand("show", "Print what holds for verify here");
  AddExamples(show, {{"assay config show", "as a configuration file"},
                     {"assay config show --origin",
                      "with file, line and column of each value"}});
  auto origin = std::make_shared<bool>(false);
  show->add_flag("--origin", *origin, "where each value comes from");
  show->callback([&app, origin, &exit] {
    exit = Show(*app.get_subcommand("verify"), *origin);
  });
}

}  // namespace assay::cli
