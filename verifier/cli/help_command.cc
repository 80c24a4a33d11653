#include <fmt/format.h>

#include <memory>

#include "verifier/cli/commands.h"
#include "verifier/cli/help.h"

namespace assay::cli {
namespace {

struct Options {
  std::vector<std::string> words;
  bool markdown = false;
};

int PrintExitCodes(bool markdown) {
  if (markdown) {
    fmt::print("{}", ExitCodeMarkdown());
    return kExitPass;
  }
  for (const ExitCode& one : ExitCodes()) {
    fmt::print("{:>3}  {:<20} {}\n", one.code, one.name,
               Wrapped(one.meaning, 26, 80));
  }
  return kExitPass;
}

int Run(CLI::App& app, const Options& options) {
  if (options.words == std::vector<std::string>{"exit-codes"}) {
    return PrintExitCodes(options.markdown);
  }
  const CLI::App* command = &app;
  for (const std::string& word : options.words) {
    const auto below = command->get_subcommands(
        [&](const CLI::App* one) { return one->get_name() == word; });
    if (below.empty()) {
      std::vector<std::string> known;
      for (const CommandText::Child& child : Describe(*command).children) {
        known.push_back(child.name);
      }
      return Misuse(Unknown("command", word, known));
    }
    command = below.front();
  }
  fmt::print(
      "{}", HelpFormatter().make_help(command, "", CLI::AppFormatMode::Normal));
  return kExitPass;
}

}  // namespace

void AddHelp(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("help", "Explain a command, or the exit codes");
  auto options = std::make_shared<Options>();
  AddExamples(command, {{"assay help sbom make", "how to use a command"},
                        {"assay help exit-codes", "what each one means"}});
  std::vector<std::string> words = {"exit-codes"};
  for (const CommandText::Child& child : Describe(app).children) {
    words.push_back(child.name);
  }
  Choices(command->add_option("COMMAND", options->words,
                              "a command's words, or exit-codes"),
          words);
  command->add_flag("--markdown", options->markdown,
                    "exit-codes as the table of the README");
  command->group(kAbout);
  command->callback([&app, options, &exit] { exit = Run(app, *options); });
}

}  // namespace assay::cli
