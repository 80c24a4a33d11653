#include "verifier/engine/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "verifier/base/byte_source.h"
#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/engine/catalogue.h"
#include "verifier/engine/vex.h"
#include "verifier/engine/vex_waivers.h"

namespace assay::cli {
namespace {

void AddInit(CLI::App& command, int& exit) {
  CLI::App* init =
      command.add_subcommand("init", "Print a commented policy to start from");
  AddExamples(init, {{"assay policy init > policy.yaml", "then edit it"},
                     {"assay policy init --preset pipeline > gate.yaml",
                      "for a gate that stops on the worst alone"}});
  auto preset = std::make_shared<std::string>("procurement");
  init->add_option("--preset", *preset, "whom it is for")
      ->check(CLI::IsMember(engine::PresetNames()));
  init->callback([preset, &exit] {
    const auto written = WriteOutput("-", engine::PolicyTemplate(*preset));
    exit = written ? static_cast<int>(kExitPass) : Complain(written.error());
  });
}

void AddShow(CLI::App& command, int& exit) {
  CLI::App* show = command.add_subcommand(
      "show", "What a policy demands, and what of it is by default");
  AddExamples(show, {{"assay policy show policy.yaml",
                      "every value, and the line that says so"}});
  auto path = std::make_shared<std::string>();
  show->add_option("FILE", *path, "a policy")->required();
  show->callback([path, &exit] {
    const auto text = engine::ShowPolicy(*path);
    if (!text) {
      exit = Complain(text.error());
      return;
    }
    const auto written = WriteOutput("-", *text);
    exit = written ? static_cast<int>(kExitPass) : Complain(written.error());
  });
}

int ImportVex(const std::vector<std::string>& paths,
              const std::vector<std::string>& rules) {
  const auto catalogue = engine::LoadCatalogue(rules);
  if (!catalogue) {
    return Complain(catalogue.error());
  }
  const auto knows = [&](const std::string& id) {
    return std::any_of(catalogue->rules.begin(), catalogue->rules.end(),
                       [&](const auto& rule) { return rule.id == id; });
  };
  std::vector<Waiver> waivers;
  bool all = true;
  for (const std::string& path : paths) {
    const auto file = ByteSource::MapFile(path);
    if (!file) {
      return Complain(file.error());
    }
    const auto vex = engine::ReadVex(AsText(file->bytes()));
    if (!vex) {
      return Complain(
          {vex.error().code, fmt::format("{}: {}", path, vex.error().what)});
    }
    const std::string name = Escaped(path.substr(path.rfind('/') + 1));
    const auto found = engine::WaiversOf(*vex, name, knows);
    waivers.insert(waivers.end(), found.waivers.begin(), found.waivers.end());
    for (const std::string& misfit : found.misfits) {
      Warn(fmt::format("{}: {}", path, misfit));
      all = false;
    }
  }
  const auto written = WriteOutput("-", engine::WaiversAsYaml(waivers));
  if (!written) {
    return Complain(written.error());
  }
  return all ? kExitPass : kExitInconclusive;
}

void AddImportVex(CLI::App& command, int& exit) {
  CLI::App* import = command.add_subcommand(
      "import-vex", "Print VEX statements as waivers, where they fit");
  AddExamples(import, {{"assay policy import-vex vendor.openvex.json",
                        "waivers, to read and paste into a policy"}});
  auto files = std::make_shared<std::vector<std::string>>();
  auto rules = std::make_shared<std::vector<std::string>>();
  import->add_option("FILE", *files, "OpenVEX, CycloneDX or CSAF, in JSON")
      ->required();
  import->add_option("--rules", *rules, "rules beside the built-in ones")
      ->expected(1)
      ->take_all();
  import->callback(
      [files, rules, &exit] { exit = ImportVex(*files, *rules);
});
}  // namespace

}  // namespace assay::cli

void AddPolicy(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("policy", "Start a policy, or check one");
  command->require_subcommand(1);
  AddExamples(command, {{"assay policy init --preset procurement > policy.yaml",
                         "a commented start"},
                        {"assay policy show policy.yaml",
                         "what it demands, and what of that is by default"},
                        {"assay policy lint policy.yaml",
                         "what is wrong, with line and column"}});
  AddInit(*command, exit);
  AddShow(*command, exit);
  AddImportVex(*command, exit);
  CLI::App* lint = command->add_subcommand("lint", "Say what is wrong in it");
  AddExamples(lint, {{"assay policy lint policy.yaml",
                      "what is wrong, with line and column"}});
  auto path = std::make_shared<std::string>();
  lint->add_option("FILE", *path, "a policy")->required();
  lint->callback([path, &exit] {
    const auto policy = engine::LoadPolicy(*path);
    if (!policy) {
      exit = Complain(policy.error());
      return;
    }
    Say("{}: {} anchors, {} signature rules, {} waivers\n", policy->name,
        policy->anchors.size(), policy->signatures.size(),
        policy->waivers.size());
    exit = kExitPass;
  });
}

}  // namespace assay::cli
