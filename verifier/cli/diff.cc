#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "verifier/base/byte_source.h"
#include "verifier/cli/bundle.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/progress.h"
#include "verifier/engine/compare.h"
#include "verifier/engine/verify.h"
#include "verifier/report/comparison.h"

namespace assay::cli {
namespace {

struct Options {
  std::string before;
  std::string now;
  std::vector<std::string> outputs;
  std::string at;
  std::string tlp;
  std::string progress;
  SecretFiles secrets;
  engine::VerifyRequest request;
  bool verbose = false;
};

struct Format {
  std::string_view name = {};
  std::string (*write)(const Comparison&, const report::Style&) = nullptr;
};

constexpr std::array<Format, 4> kFormats = {{
    {"text", report::ComparisonText},
    {"json", report::ComparisonJson},
    {"html", report::ComparisonHtml},
    {"sarif", report::ComparisonSarif},
}};

struct Target {
  const Format* format = nullptr;
  std::string path = "-";
};

Result<std::vector<Target>> ParseTargets(const Options& options) {
  std::vector<Target> targets;
  for (const std::string& option : options.outputs) {
    const auto equals = option.find('=');
    const std::string name = option.substr(0, equals);
    const auto* found =
        std::find_if(kFormats.begin(), kFormats.end(),
                     [&](const Format& format) { return format.name == name; });
    Target target;
    if (equals != std::string::npos) {
      target.path = option.substr(equals + 1);
    }
    if (found == kFormats.end() || target.path.empty()) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("-o {}: text, json, html or sarif is expected, "
                              "and a path that is not empty",
                              option));
    }
    if (auto ok = RefuseInput(target.path, {options.before, options.now});
        !ok) {
      return Fail(ok.error());
    }
    target.format = found;
    targets.push_back(target);
  }
  return targets;
}

// Whether it begins with the schema of reports, as `-o json` writes it and as
// other programs print it again.
bool IsSaved(ByteView bytes) {
  std::string_view text = AsText(bytes);
  for (const std::string_view part :
       {"{", "\"schema\"", ":", "\"assay-report/"}) {
    text.remove_prefix(
        std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (!text.starts_with(part)) {
      return report::Bundle::Begins(bytes);
    }
    text.remove_prefix(part.size());
  }
  return true;
}

// Out of a saved report, or made of the product now and labelled `tlp`.
Result<Report> ReportOf(const std::string& path, std::optional<Tlp> tlp,
                        Options& options) {
  const auto file = ByteSource::MapFile(path);
  if (file && IsSaved(file->bytes())) {
    // A product may say so of itself.
    Note(path + ": a saved report, believed as it stands");
    auto saved = ReadSaved(path);
    return saved ? Result<Report>(std::move(saved->report))
                 : Fail(saved.error());
  }
  engine::Progress progress;
  options.request.product = path;
  options.request.progress = &progress;
  const ProgressLine line(progress, path, options.progress);
  auto report = engine::Verify(options.request);
  if (report && tlp) {
    report->tlp = *tlp;
  }
  return report;
}

Result<Comparison> Compare(std::optional<Tlp> tlp, Options& options) {
  const auto before = ReportOf(options.before, tlp, options);
  if (!before) {
    return Fail(before.error());
  }
  const auto now = ReportOf(options.now, tlp, options);
  if (!now) {
    return Fail(now.error());
  }
  return engine::CompareReports(*before, *now);
}

// 0: everything of both could be compared.
int Write(const Comparison& comparison, const std::vector<Target>& targets,
          bool verbose) {
  int exit = comparison.incomplete.empty() ? kExitPass : kExitInconclusive;
  for (const Target& target : targets) {
    report::Style style =
        target.path == "-" ? StyleOf(STDOUT_FILENO) : report::Style{};
    style.verbose = verbose;
    const auto written =
        WriteOutput(target.path, target.format->write(comparison, style));
    if (!written) {
      exit = Complain(written.error());
    }
  }
  return exit;
}

int Run(Options& options) {
  if (options.outputs.empty()) {
    options.outputs.emplace_back("text");
  }
  const auto at = ParseAt(options.at);
  const auto tlp = ParseTlp(options.tlp);
  const auto targets = ParseTargets(options);
  if (!at || !tlp || !targets) {
    return Misuse(!at ? at.error() : !tlp ? tlp.error() : targets.error());
  }
  auto secrets = ReadSecrets(options.secrets);
  if (!secrets) {
    return Complain(secrets.error());
  }
  options.request.secrets = std::move(*secrets);
  options.request.at = *at;
  options.request.interrupted = &Interrupted();
  CatchInterrupts();
  auto comparison = Compare(*tlp, options);
  if (!comparison) {
    return Complain(comparison.error());
  }
  if (*tlp > comparison->tlp) {
    return Misuse(
        fmt::format("--tlp: a report is {}, and a label may only be narrowed",
                    NameOf(comparison->tlp)));
  }
  comparison->tlp = tlp->value_or(comparison->tlp);
  return Write(*comparison, *targets, options.verbose);
}

}  // namespace

void AddDiff(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "diff", "What one product has that the other has not, heaviest first");
  AddExamples(command,
              {{"assay diff router-1.0.bin router-1.1.bin",
                "what the new release gained and lost"},
               {"assay diff old.json new.json -o html=changes.html",
                "the same of saved reports, as a page to read and send on"}});
  auto options = std::make_shared<Options>();
  engine::VerifyRequest& request = options->request;
  request.jobs = std::max(1U, std::thread::hardware_concurrency());
  command
      ->add_option("OLD", options->before,
                   "a product, or a saved report or bundle of one")
      ->required();
  command->add_option("NEW", options->now, "the same")->required();
  command->add_option("--policy", request.policy, "as in verify, for both");
  command->add_option("--policy-key", request.policy_key, "as in verify");
  command->add_option("--at", options->at, "as in verify");
  const auto list = [&](const char* name, std::vector<std::string>& values,
                        const char* what) {
    command->add_option(name, values, what)->expected(1)->take_all();
  };
  list("--reference", request.references, "as in verify, for both");
  list("--rules", request.rules, "as in verify");
  list("-o,--output", options->outputs,
       "FORMAT[=PATH]: text, json, html or sarif");
  command->add_option("--jobs", request.jobs, "threads")
      ->check(CLI::Range(1, 256));
  AddTlp(command, options->tlp);
  AddProgress(command, options->progress);
  AddCache(command, request.cache);
  AddSecrets(command, options->secrets);
  AddUnsafe(command, request.unsafe_no_sandbox);
  command->add_flag("-v,--verbose", options->verbose, "list everything");
  command->callback([options, &exit] { exit = Run(*options); });
}

}  // namespace assay::cli
