#include <fmt/format.h>

#include <memory>

#include "verifier/cli/commands.h"
#include "verifier/engine/known_formats.h"

namespace assay::cli {
namespace {

void PrintText() {
  for (const engine::KnownFormat& format : engine::KnownFormats()) {
    fmt::print("{:<22} {:<15} {:<10} {:<9} {}\n", format.name, format.depth,
               format.proof, format.anywhere ? "anywhere" : "", format.title);
  }
}

// The table of README.md.
void PrintMarkdown() {
  fmt::print(
      "| name | what | read | proof | anywhere | specification |\n"
      "| --- | --- | --- | --- | --- | --- |\n");
  for (const engine::KnownFormat& format : engine::KnownFormats()) {
    fmt::print("| `{}` | {} | {} | {} | {} | {} |\n", format.name, format.title,
               format.depth, format.proof, format.anywhere ? "yes" : "",
               format.reference);
  }
}

}  // namespace

void AddFormats(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "formats", "List what is read, how deeply, and what is only recognized");
  AddExamples(command, {{"assay formats", "one line a format"}});
  command->group(kAbout);
  const auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "as the table of the README");
  command->callback([markdown, &exit] {
    *markdown ? PrintMarkdown() : PrintText();
    exit = kExitPass;
  });
}

}  // namespace assay::cli
