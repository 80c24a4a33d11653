#include "verifier/report/redact.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>

#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/base/random.h"
#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/report/opening.h"

namespace assay::cli {
namespace {

struct Options {
  std::string report;
  std::string opening;
  std::string check;  // an opening, "" to redact
  std::string text_file;
  std::string salt_file;
  report::RedactWish wish;
  OutputOptions outputs;
};

Error In(const std::string& path, const Error& error) {
  return {error.code, fmt::format("{}: {}", path, error.what)};
}

Result<Bytes> SaltFrom(const std::string& path) {
  if (path.empty()) {
    return RandomBytes(report::kSaltSize);
  }
  const auto file = ByteSource::MapFile(path);
  if (!file) {
    return Fail(file.error());
  }
  if (file->size() != report::kSaltSize) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("--salt-file {}: a salt has {} bytes", path,
                            report::kSaltSize));
  }
  return Bytes(file->bytes().begin(), file->bytes().end());
}

Result<std::vector<std::string>> TextsFrom(const std::string& path) {
  std::vector<std::string> texts;
  if (path.empty()) {
    return texts;
  }
  const auto file = ByteSource::MapFile(path);
  if (!file) {
    return Fail(file.error());
  }
  for (const std::string_view line : SplitLines(AsText(file->bytes()))) {
    if (!line.empty()) {
      texts.emplace_back(line);
    }
  }
  if (texts.empty()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("--text-file {}: no text in it", path));
  }
  return texts;
}

// Whether the opening gives the original back.
int Check(const Options& options) {
  const auto redacted = ByteSource::MapFile(options.report);
  if (!redacted) {
    return Complain(redacted.error());
  }
  const auto opening = ByteSource::MapFile(options.check);
  if (!opening) {
    return Complain(opening.error());
  }
  const auto opened =
      report::OpenRedacted(AsText(redacted->bytes()), AsText(opening->bytes()));
  if (!opened) {
    return Complain(In(options.report, opened.error()));
  }
  for (const std::string& problem : opened->problems) {
    Say("DOES NOT FIT  {}\n", problem);
  }
  if (!opened->problems.empty()) {
    return kExitFail;
  }
  Say("{} and {} give back the original report, byte for byte, and nothing "
      "was done to it but to take away: sha256 {}\n",
      options.report, options.check, Sha256Hex(AsBytes(opened->original)));
  return kExitPass;
}

Result<report::RedactedReport> Redacted(Options& options,
                                        std::string_view original) {
  auto texts = TextsFrom(options.text_file);
  if (!texts) {
    return Fail(texts.error());
  }
  auto salt = SaltFrom(options.salt_file);
  if (!salt) {
    return Fail(salt.error());
  }
  options.wish.texts = std::move(*texts);
  options.wish.salt = std::move(*salt);
  auto redacted = report::Redact(original, options.wish);
  if (!redacted && redacted.error().code != ErrorCode::kConfig) {
    return Fail(In(options.report, redacted.error()));
  }
  return redacted;
}

// What makes no sense together, "" when all does.
std::string Contradiction(const Options& options) {
  const report::RedactWish& wish = options.wish;
  const bool wishes = !wish.findings.empty() || !wish.paths.empty() ||
                      !wish.evidence.empty() || !options.text_file.empty();
  if (!options.check.empty()) {
    const OutputOptions& outputs = options.outputs;
    const bool others = wishes || !options.opening.empty() ||
                        !options.salt_file.empty() || wish.name_original ||
                        !wish.reason.empty() || !outputs.outputs.empty() ||
                        !outputs.tlp.empty() || !outputs.attest_key.empty();
    return others ? "--check goes with no other option" : "";
  }
  if (!wishes) {
    return "say what to take out: --finding, --path, --evidence or "
           "--text-file";
  }
  if (Trim(wish.reason).empty()) {
    return "--reason is required: a report says why it was redacted";
  }
  return options.opening.empty()
             ? "--opening is required: without it nobody can prove what was "
               "taken out"
             : "";
}

// No output may replace what is read, nor the opening.
Result<void> CheckPaths(const Options& options, const Outputs& outputs) {
  std::vector<std::string> inputs = {options.report};
  for (const std::string& path :
       {options.text_file, options.salt_file, options.outputs.attest_key}) {
    if (!path.empty()) {
      inputs.push_back(path);
    }
  }
  if (auto ok = RefuseInput(options.opening, inputs); !ok) {
    return ok;
  }
  for (const Output& output : outputs.list) {
    if (output.path == options.opening ||
        !RefuseInput(output.path, {options.opening})) {
      return Fail(
          ErrorCode::kConfig,
          fmt::format("{}: opening and report would be one file", output.path));
    }
  }
  return CheckOutputs(outputs, 1, inputs);
}

// For its owner alone.
Result<void> WriteOpening(const std::string& path, std::string_view opening) {
  constexpr mode_t kOthers = 077;
  const mode_t mask = ::umask(kOthers);
  auto written = WriteOutput(path, opening);
  (void)::umask(mask);
  return written;
}

int Run(Options& options) {
  if (const std::string wrong = Contradiction(options); !wrong.empty()) {
    return Misuse(wrong);
  }
  if (!options.check.empty()) {
    return Check(options);
  }
  const auto outputs = ParseOutputs(options.outputs);
  if (!outputs) {
    return Misuse(outputs.error());
  }
  if (const auto ok = CheckPaths(options, *outputs); !ok) {
    return Misuse(ok.error());
  }
  const auto file = ByteSource::MapFile(options.report);
  if (!file) {
    return Complain(file.error());
  }
  options.wish.tlp = outputs->tlp;
  const auto redacted = Redacted(options, AsText(file->bytes()));
  if (!redacted) {
    return redacted.error().code == ErrorCode::kConfig
               ? Misuse(redacted.error())
               : Complain(redacted.error());
  }
  // First, for no report is to be shown whose opening got lost.
  if (const auto ok = WriteOpening(options.opening, redacted->opening); !ok) {
    return Complain(ok.error());
  }
  const int exit = WriteOutputs(*outputs, redacted->report, 0);
  return exit == ExitOf(redacted->report.verdict) ? kExitPass : exit;
}

}  // namespace

void AddRedact(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "redact", "Take chosen parts out of a saved JSON report, provably");
  AddExamples(
      command,
      {{"assay redact report.json --finding NI3-HF01-001 --reason 'under "
        "repair' --opening opening.json -o json=public.json",
        "a report without findings of one rule; keep opening.json to yourself"},
       {"assay redact report.json --path '**/etc/shadow' --reason 'trade "
        "secret' --opening opening.json -o json=public.json --tlp green",
        "a report that does not say what a file is called or holds"},
       {"assay redact public.json --check opening.json",
        "was exactly that taken out, and nothing changed?"}});
  auto options = std::make_shared<Options>();
  report::RedactWish& wish = options->wish;
  command->add_option("REPORT", options->report, "a JSON report")->required();
  const auto list = [&](const char* name, std::vector<std::string>& values,
                        const char* words) {
    command->add_option(name, values, words)->expected(1)->take_all();
  };
  list("--finding", wish.findings,
       "findings by id or rule: only severity, confidence and pack are left");
  list("--path", wish.paths,
       "paths by glob, and all below: names, digests and contents go, sizes "
       "stay");
  list("--evidence", wish.evidence,
       "proof, by the finding's id or by a glob over paths");
  command->add_option("--text-file", options->text_file,
                      "texts that may stand nowhere, one a line");
  command->add_option("--reason", wish.reason,
                      "why, in words that stand in the report");
  command->add_option("--opening", options->opening,
                      "where to keep what proves it, which is never published");
  command->add_option("--salt-file", options->salt_file,
                      "32 secret, random bytes, for a result that can be "
                      "repeated; fresh ones if not given");
  command->add_flag("--name-original", wish.name_original,
                    "tell the original's SHA-256: whoever guesses all that was "
                    "taken out can then confirm it");
  command->add_option("--check", options->check,
                      "prove that REPORT and this opening give back the "
                      "original");
  AddOutputs(command, options->outputs);
  command->callback([options, &exit] { exit = Run(*options); });
}

}  // namespace assay::cli
