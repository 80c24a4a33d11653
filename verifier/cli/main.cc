#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <new>

#include "verifier/base/pattern_archive.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/help.h"
#include "verifier/cli/precompiled.h"
#include "verifier/engine/version.h"

namespace {

using namespace assay;  // NOLINT(google-build-using-namespace): entry point

void AddCommands(CLI::App& app, int& exit) {
  cli::AddVerify(app, exit);
  cli::AddDiff(app, exit);
  cli::AddLs(app, exit);
  cli::AddUnpack(app, exit);
  cli::AddCat(app, exit);
  cli::AddReport(app, exit);
  cli::AddRedact(app, exit);
  cli::AddRecheck(app, exit);
  cli::AddSignatures(app, exit);
  cli::AddTrust(app, exit);
  cli::AddSbom(app, exit);
  cli::AddFormats(app, exit);
  cli::AddRules(app, exit);
  cli::AddPolicy(app, exit);
  cli::AddManifest(app, exit);
  cli::AddReference(app, exit);
  cli::AddDoctor(app, exit);
  cli::AddConfig(app, exit);
  cli::AddCompletion(app, exit);
  cli::AddMan(app, exit);
  cli::AddHelp(app, exit);
}

// An option takes one value each time: CLI11 would go on with arguments, and
// with the "--" that says that a product's name is no option.
void TakeOneValueEach(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    if (!option->get_positional() && option->get_allow_extra_args()) {
      option->expected(1)->take_all()->allow_extra_args(false);
    }
  }
}

// What every command understands.
void AddEverywhere(CLI::App& app) {
  cli::Console& console = cli::TheConsole();
  for (CLI::App* command : cli::EveryCommand(app)) {
    TakeOneValueEach(*command);
    command->get_help_ptr()->group(cli::kEverywhere);
    command
        ->add_flag("-q,--quiet", console.quiet,
                   "errors and what was left out only; the exit code speaks")
        ->group(cli::kEverywhere);
    command
        ->add_flag("--no-color", console.no_colour,
                   "no colours, as with NO_COLOR set or TERM=dumb")
        ->group(cli::kEverywhere);
  }
}

int Run(int argc, char** argv) {
  CLI::App app{
      "Verifies the integrity of firmware and software packages: unpacks them "
      "all the way down, checks signatures and SBOMs against the content, and "
      "reports possible hidden functions, with evidence for everything.",
      "assay"};
  app.formatter(std::make_shared<cli::HelpFormatter>());
  app.set_help_flag("-h,--help", "this help");
  app.set_version_flag("--version", "assay " + engine::Version(),
                       "the version of this program");
  app.require_subcommand(1);
  cli::AddExamples(
      &app,
      {{"assay verify router.bin",
        "what is inside, what is wrong with it, and what was not seen"},
       {"assay verify router.bin --policy vendor.yaml -o json=report.json",
        "a verdict by your policy, kept for later"},
       {"assay recheck report.json router.bin",
        "does everything that the report says hold?"},
       {"assay help verify", "more about one command"}});
  int exit = cli::kExitUsage;
  AddCommands(app, exit);
  AddEverywhere(app);
  if (argc == 1) {
    fmt::print(stderr, "{}", app.help());
    return cli::kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return cli::kExitPass;
  } catch (const CLI::CallForVersion& version) {
    fmt::print("{}\n", version.what());
    return cli::kExitPass;
  } catch (const CLI::ParseError& error) {
    return cli::Misuse(cli::Explain(app, error));
  }
  return exit;
}

int Unwritable() {
  return cli::Complain(
      {ErrorCode::kUnwritable, "standard output cannot be written"});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    pattern_archive::Use(cli::PrecompiledPatterns());
    int exit = Run(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      exit = Unwritable();
    }
    cli::EndAsInterrupted();
    return exit;
  } catch (const std::bad_alloc&) {
    return cli::Complain({ErrorCode::kInternal, "out of memory"});
  } catch (const std::exception& error) {
    return std::ferror(stdout) != 0
               ? Unwritable()
               : cli::Complain({ErrorCode::kInternal, error.what()});
  }
}
