#include "verifier/engine/policy.h"

#include <fmt/format.h>

#include <memory>

#include "verifier/cli/commands.h"

namespace assay::cli {

void AddPolicy(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("policy", "Start a policy, or check one");
  command->require_subcommand(1);
  command->add_subcommand("init", "Print a commented policy to start from")
      ->callback([&exit] {
        const auto written = WriteOutput("-", engine::PolicyTemplate());
        exit =
            written ? static_cast<int>(kExitPass) : Complain(written.error());
      });
  CLI::App* lint = command->add_subcommand("lint", "Say what is wrong in it");
  auto path = std::make_shared<std::string>();
  lint->add_option("FILE", *path, "a policy")->required();
  lint->callback([path, &exit] {
    const auto policy = engine::LoadPolicy(*path);
    if (!policy) {
      exit = Complain(policy.error());
      return;
    }
    fmt::print("{}: {} anchors, {} signature rules, {} waivers\n", policy->name,
               policy->anchors.size(), policy->signatures.size(),
               policy->waivers.size());
    exit = kExitPass;
  });
}

}  // namespace assay::cli
