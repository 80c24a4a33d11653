#include <fmt/format.h>

#include <exception>

#include "verifier/base/pattern_archive.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/precompiled.h"
#include "verifier/engine/version.h"

namespace {

int Run(int argc, char** argv) {
  using namespace assay;  // NOLINT(google-build-using-namespace): entry point
  CLI::App app{
      "Verifies the integrity of firmware and software packages: unpacks them\n"
      "all the way down, checks signatures and SBOMs against the content, and\n"
      "reports possible hidden functions, with evidence for everything.\n"
      "\n"
      "Exit codes: 0 pass, 1 fail, 2 inconclusive, 64 wrong usage, 65 "
      "malformed\n"
      "document, 66 unreadable input, 70 internal error, 71 no confinement,\n"
      "74 output not written, 78 wrong policy or rules.",
      "assay"};
  app.set_version_flag("--version", "assay " + engine::Version());
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  int exit = cli::kExitUsage;
  cli::AddVerify(app, exit);
  cli::AddLs(app, exit);
  cli::AddUnpack(app, exit);
  cli::AddCat(app, exit);
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
  app.add_subcommand("help", "Print this help")->callback([&] {
    fmt::print("{}", app.help("", CLI::AppFormatMode::Normal));
    exit = cli::kExitPass;
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kExitPass : cli::kExitUsage;
  }
  return exit;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    assay::pattern_archive::Use(assay::cli::PrecompiledPatterns());
    return Run(argc, argv);
  } catch (const std::exception& error) {
    return assay::cli::Complain({assay::ErrorCode::kInternal, error.what()});
  }
}
