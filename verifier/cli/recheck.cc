#include "verifier/engine/recheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>

#include "verifier/base/byte_source.h"
#include "verifier/cli/baseline.h"
#include "verifier/cli/bundle.h"
#include "verifier/cli/commands.h"
#include "verifier/engine/verify.h"
#include "verifier/report/opening.h"
#include "verifier/report/read.h"

namespace assay::cli {
namespace {

struct Options {
  std::string report;
  std::string bundle_key;
  std::string opening;  // of a redacted report, "" for none
  bool full = false;
  SecretFiles secrets;
  ThresholdOptions thresholds;
  std::optional<Report> baseline;
  // What the report was made with; the report itself says product, time and
  // limits.
  engine::VerifyRequest request;
};

int Compare(Options& options, const Report& report, std::string_view text) {
  options.request.at = report.at;
  options.request.limits = report.limits;
  options.request.jobs = std::max(1U, std::thread::hardware_concurrency());
  if (const auto ok = ApplyThresholds(options.thresholds, options.baseline,
                                      options.request);
      !ok) {
    return Complain(ok.error());
  }
  auto again = engine::Verify(options.request);
  if (!again) {
    return Complain(again.error());
  }
  again->tlp = report.tlp;
  const auto* json = report::FindWriter("json");
  if (json->write(*again, report::Style{}) == text) {
    Say("the report is what verifying again gives, byte for byte\n");
    return kExitPass;
  }
  Say("verifying again gives another report\n");
  return kExitFail;
}

// Counts what holds, and says what does not.
struct Tally {
  std::size_t held = 0;
  std::size_t all = 0;
  std::vector<std::string> open = {};  // what could not be decided

  void Add(const engine::RecheckedLine& line) {
    ++all;
    held += line.holds ? 1 : 0;
    if (!line.holds) {
      Say("DOES NOT HOLD  {}: {}\n", line.what, line.why);
    }
  }
  void Add(const std::vector<engine::RecheckedLine>& lines) {
    for (const engine::RecheckedLine& line : lines) {
      Add(line);
    }
  }
  [[nodiscard]] int Finish() const {
    for (const std::string& reason : open) {
      Say("NOT CHECKED  {}\n", reason);
    }
    Say("{} of {} checks hold\n", held, all);
    return held != all    ? kExitFail
           : open.empty() ? kExitPass
                          : kExitInconclusive;
  }
};

// Everything about a bundle but what its report says of the product.
Result<void> AddBundle(const Saved& saved, const Options& options,
                       Tally& tally) {
  Result<ByteSource> key = ByteSource();
  if (!options.bundle_key.empty()) {
    key = ByteSource::MapFile(options.bundle_key);
    if (!key) {
      return Fail(key.error());
    }
    if (key->size() == 0) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("--bundle-key {}: empty", options.bundle_key));
    }
  }
  auto check = CheckBundle(saved, AsText(key->bytes()));
  if (!check) {
    return Fail(check.error().code,
                fmt::format("--bundle-key {}: {}", options.bundle_key,
                            check.error().what));
  }
  if (!check->signer.empty()) {
    Say("signed by key sha256:{}, as {}\n", check->signer, options.bundle_key);
  }
  tally.Add(check->lines);
  tally.open = std::move(check->open);
  return {};
}

// Of a report that is no bundle there is nothing to ask.
bool IsWhole(const Saved& saved, Tally& tally) {
  for (const auto& [name, problem] : saved.checked) {
    tally.Add({fmt::format("bundle entry {}", name), problem.empty(), problem});
  }
  return tally.held == tally.all;
}

// Puts back what was redacted.
Result<void> Unredact(const Options& options, Saved& saved) {
  if (options.opening.empty()) {
    return {};
  }
  const auto opening = ByteSource::MapFile(options.opening);
  if (!opening) {
    return Fail(opening.error());
  }
  auto opened = report::OpenRedacted(saved.json(), AsText(opening->bytes()));
  if (!opened || !opened->problems.empty()) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("{} and {} do not fit: {}", options.report, options.opening,
                    opened ? opened->problems.front() : opened.error().what));
  }
  auto report = report::ReadReport(opened->original);
  if (!report) {
    return Fail(report.error());
  }
  saved.unpacked = std::move(opened->original);
  saved.report = std::move(*report);
  return {};
}

Result<void> Load(Saved& saved, const Options& options, Tally& tally) {
  auto loaded = LoadReport(saved, options.report);
  if (loaded && saved.bundle) {
    loaded = AddBundle(saved, options, tally);
  }
  return loaded ? Unredact(options, saved) : loaded;
}

int Recheck(Options& options, Saved& saved) {
  Tally tally;
  if (!IsWhole(saved, tally)) {
    return tally.Finish();
  }
  if (const auto loaded = Load(saved, options, tally); !loaded) {
    return Complain(loaded.error());
  }
  if (options.full && saved.report.redaction) {
    return Misuse(fmt::format("--full: {} is redacted: give its --opening",
                              options.report));
  }
  const auto recheck = engine::RecheckReport(
      saved.report, options.request.product, options.request.rules,
      options.request.unsafe_no_sandbox, options.request.secrets);
  if (!recheck) {
    return Complain(recheck.error());
  }
  tally.Add(recheck->lines);
  if (saved.report.redaction) {
    tally.open.push_back(fmt::format(
        "the report is redacted: {} findings and {} other pieces of evidence "
        "are not in it",
        recheck->redacted_findings, recheck->redacted_evidence));
  }
  const int exit = tally.Finish();
  const bool go_on = options.full && exit != kExitFail;
  const int compared =
      go_on ? Compare(options, saved.report, saved.json()) : kExitPass;
  return compared == kExitPass ? exit : compared;
}

int Run(Options& options) {
  auto secrets = ReadSecrets(options.secrets);
  if (!secrets) {
    return Complain(secrets.error());
  }
  options.request.secrets = std::move(*secrets);
  auto saved = OpenSaved(options.report);
  if (!saved) {
    return Complain(saved.error());
  }
  if (!saved->bundle && !options.bundle_key.empty()) {
    return Misuse(
        fmt::format("--bundle-key: {} is no bundle, and nobody signs "
                    "a JSON report",
                    options.report));
  }
  return Recheck(options, *saved);
}

}  // namespace

void AddRecheck(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "recheck", "Check every evidence of a report against the product");
  AddExamples(
      command,
      {{"assay recheck report.json router.bin", "does what is reported hold?"},
       {"assay recheck report.json router.bin --full --policy vendor.yaml",
        "is it all, too? Give the options as they were"},
       {"assay recheck result.assay.zip router.bin --bundle-key vendor.pub",
        "the same of a bundle: is it whole, and did the vendor sign it?"}});
  auto options = std::make_shared<Options>();
  engine::VerifyRequest& request = options->request;
  command
      ->add_option("REPORT", options->report,
                   "a JSON report, or a bundle with one")
      ->required();
  command->add_option("PRODUCT", request.product, "what it speaks of")
      ->required();
  command->add_option("--bundle-key", options->bundle_key,
                      "the public key that must have signed the bundle: ECDSA "
                      "P-256 or Ed25519, PEM");
  command->add_option("--opening", options->opening,
                      "of a redacted report: check the original that both "
                      "give back");
  command->add_flag("--full", options->full,
                    "verify again as well, and compare the reports; give the "
                    "options below as they were");
  const auto list = [&](const char* name, std::vector<std::string>& values) {
    command->add_option(name, values, "as in verify")->expected(1)->take_all();
  };
  list("--rules", request.rules);
  list("--sbom", request.sboms);
  list("--signature", request.signatures);
  list("--context", request.contexts);
  list("--reference", request.references);
  list("--exceptions", request.exceptions);
  command->add_option("--manifest", request.manifest, "as in verify");
  command->add_option("--previous", request.previous, "as in verify");
  command->add_option("--policy", request.policy, "as in verify");
  command->add_option("--policy-key", request.policy_key, "as in verify");
  AddThresholds(command, options->thresholds);
  AddSecrets(command, options->secrets);
  AddUnsafe(command, request.unsafe_no_sandbox);
  command->callback([options, &exit] { exit = Run(*options); });
}

}  // namespace assay::cli
