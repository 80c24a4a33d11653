#include "verifier/engine/trust.h"

#include <fmt/format.h>

#include <memory>

#include "verifier/base/byte_source.h"
#include "verifier/cli/commands.h"
#include "verifier/engine/policy.h"

namespace assay::cli {
namespace {

int Show(const std::string& path) {
  const auto policy = engine::LoadPolicy(path);
  if (!policy) {
    return Complain(policy.error());
  }
  const auto written = WriteOutput("-", engine::DescribeTrust(*policy));
  return written ? static_cast<int>(kExitPass) : Complain(written.error());
}

int Lint(const std::string& path, const std::string& time) {
  const auto policy = engine::LoadPolicy(path);
  if (!policy) {
    return Complain(policy.error());
  }
  const auto at = ParseAt(time);
  if (!at) {
    return Misuse(at.error().what);
  }
  const auto doubts = engine::DoubtsAbout(*policy, *at);
  for (const std::string& doubt : doubts) {
    Say("{}: {}\n", path, doubt);
  }
  return doubts.empty() ? kExitPass : kExitFail;
}

int Import(const std::vector<std::string>& paths) {
  std::string text = "anchors:\n";
  for (const std::string& path : paths) {
    const auto content = ByteSource::MapFile(path);
    if (!content) {
      return Complain(content.error());
    }
    const std::string name = path.substr(path.rfind('/') + 1);
    const auto anchors = engine::ImportTrust(name, content->bytes());
    if (!anchors) {
      return Complain(anchors.error());
    }
    text += *anchors;
  }
  const auto written = WriteOutput("-", text);
  return written ? static_cast<int>(kExitPass) : Complain(written.error());
}

}  // namespace

void AddTrust(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "trust", "Show whom a policy trusts, doubt it, or import keys");
  command->require_subcommand(1);
  AddExamples(command, {{"assay trust show policy.yaml",
                         "whom does this policy trust?"}});
  auto path = std::make_shared<std::string>();
  auto at = std::make_shared<std::string>();
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* show = command->add_subcommand("show", "Every anchor and its keys");
  AddExamples(show,
              {{"assay trust show policy.yaml", "every anchor, key by key"}});
  show->add_option("POLICY", *path, "a policy")->required();
  show->callback([path, &exit] { exit = Show(*path); });
  CLI::App* lint =
      command->add_subcommand("lint", "What is legal and probably not meant");
  AddExamples(lint, {{"assay trust lint policy.yaml --at 2027-01-01T00:00:00Z",
                      "will it still be good then?"}});
  lint->add_option("POLICY", *path, "a policy")->required();
  lint->add_option("--at", *at, "as of this time (default: now)");
  lint->callback([path, at, &exit] { exit = Lint(*path, *at); });
  CLI::App* import = command->add_subcommand(
      "import", "Print keyrings, bundles and others' trust as anchors");
  AddExamples(import, {{"assay trust import /usr/share/keyrings/*.gpg",
                        "keyrings as anchors, to paste into a policy"}});
  import->add_option("FILE", *files, "what holds the keys")->required();
  import->callback([files, &exit] { exit = Import(*files);
});
}  // namespace assay::cli

}  // namespace assay::cli
