#include "verifier/engine/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "verifier/base/byte_source.h"
#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/model/reference.h"

namespace assay::cli {
namespace {

struct Options {
  engine::ReferenceRequest request;
  std::vector<std::string> limits;
  std::string at;
  std::string output;
  std::string file;
};

int Build(Options& options) {
  engine::ReferenceRequest& request = options.request;
  for (const std::string& limit : options.limits) {
    if (const auto ok = ApplyLimit(limit, request.how.limits); !ok) {
      return Misuse(ok.error().what);
    }
  }
  const auto at = ParseAt(options.at);
  const auto free = RefuseInput(options.output, request.sources);
  if (!at || !free) {
    return Misuse((at ? free.error() : at.error()).what);
  }
  request.how.at = *at;
  request.how.interrupted = &Interrupted();
  CatchInterrupts();
  const auto result = engine::BuildReference(request);
  if (!result) {
    return Complain(result.error());
  }
  for (const std::string& line : result->left_out) {
    Warn(fmt::format("left out: {}", line));
  }
  if (result->originals == 0) {
    Warn("no originals: nothing is written");
    return kExitFail;
  }
  if (const auto written = WriteOutput(options.output, AsText(result->set));
      !written) {
    return Complain(written.error());
  }
  Note(fmt::format("{} originals of {} publications, {} bytes",
                   result->originals, result->publications,
                   result->set.size()));
  return result->left_out.empty() ? kExitPass : kExitInconclusive;
}

int Show(Options& options) {
  auto content = ByteSource::MapFile(options.file);
  if (!content) {
    return Complain(content.error());
  }
  const auto set = ReferenceSet::Read(std::move(*content));
  if (!set) {
    return Complain({ErrorCode::kMalformed,
                     fmt::format("{}: {}", options.file, set.error().what)});
  }
  for (const Publication& one : set->publications()) {
    fmt::print("{}  {}  {}\n", Escaped(one.sha256), Escaped(one.name),
               one.anchor.empty()
                   ? "unsigned"
                   : fmt::format("signed by {} ({})", Escaped(one.signer),
                                 Escaped(one.anchor)));
  }
  fmt::print("{} originals of {} publications\n", set->originals(),
             set->publications().size());
  return kExitPass;
}

void AddBuild(CLI::App* command, const std::shared_ptr<Options>& options,
              int& exit) {
  CLI::App* build = command->add_subcommand(
      "build", "Collect the originals in packages, images and folders");
  engine::ReferenceRequest& request = options->request;
  request.how.jobs = std::max(1U, std::thread::hardware_concurrency());
  AddExamples(build,
              {{"assay reference build -o debian.set --policy debian.yaml "
                "--context InRelease --context Packages *.deb",
                "what the distribution's key vouches for"},
               {"assay reference build -o mine.set --unsigned images/",
                "what nobody signed, marked as such"}});
  build->add_option("SOURCE", request.sources, "packages, images or folders")
      ->required();
  build->add_option("-o,--output", options->output, "the set to write")
      ->required();
  build->add_option("--policy", request.how.policy,
                    "whose signatures make an original");
  build
      ->add_option("--context", request.how.contexts,
                   "InRelease and Packages of the repository")
      ->expected(1)
      ->take_all();
  build->add_flag("--unsigned", request.unsigned_too,
                  "take what nobody signed as well, marked as such");
  build->add_option("--at", options->at,
                    "the time to verify at (RFC 3339; default: now)");
  build
      ->add_option("--limit", options->limits,
                   "KEY=VALUE: depth, entries, unpacked, member, ratio ...")
      ->expected(1)
      ->take_all();
  build->add_option("--jobs", request.how.jobs, "threads")
      ->check(CLI::Range(1, 256));
  AddUnsafe(build, request.how.unsafe_no_sandbox);
  build->callback([options, &exit] { exit = Build(*options); });
}

}  // namespace

void AddReference(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "reference", "What distributions published, to explain findings with");
  command->require_subcommand(1);
  auto options = std::make_shared<Options>();
  AddExamples(command, {{"assay reference build -o debian.set --policy "
                         "debian.yaml *.deb",
                         "a set for verify --reference"}});
  AddBuild(command, options, exit);
  CLI::App* show = command->add_subcommand("show", "List the publications");
  AddExamples(show, {{"assay reference show debian.set",
                      "who published what is in it"}});
  show->add_option("FILE", options->file, "a reference set")->required();
  show->callback([options, &exit] { exit = Show(*options); });
}

}  // namespace assay::cli
