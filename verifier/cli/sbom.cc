#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "sbom/read.h"
#include "sbom/writer.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/sbom_output.h"
#include "verifier/engine/product_sbom.h"

namespace assay::cli {
namespace {

struct Options {
  engine::VerifyRequest request;
  sbom::MakeRequest make;
  std::string first;
  std::string second;
  std::vector<std::string> outputs;
  std::vector<std::string> profiles;
  std::vector<std::string> references;
  std::vector<std::string> limits;
  SecretFiles secrets;
  std::string at;
};

// "FORMAT[=PATH]" in its parts.
std::pair<std::string, std::string> SplitOutput(const std::string& output) {
  const std::size_t equals = output.find('=');
  return {output.substr(0, equals),
          equals == std::string::npos ? "-" : output.substr(equals + 1)};
}

Result<SbomDocument> ReadFile(const std::string& path) {
  const auto content = ByteSource::MapFile(path);
  if (!content) {
    return Fail(content.error());
  }
  auto document = sbom::ReadSbom(content->bytes());
  if (!document) {
    return Fail(document.error().code,
                fmt::format("{}: {}", path, document.error().what));
  }
  return document;
}

// Everything that the command reads.
std::vector<std::string> InputsOf(const Options& options) {
  std::vector<std::string> inputs = options.references;
  for (const std::string& path :
       {options.request.product, options.first, options.second}) {
    if (!path.empty()) {
      inputs.push_back(path);
    }
  }
  for (const auto* list : {&options.secrets.keys, &options.secrets.passwords}) {
    inputs.insert(inputs.end(), list->begin(), list->end());
  }
  return inputs;
}

// What the result does not cover.
void PrintOpen(const std::vector<std::string>& reasons) {
  for (const std::string& reason : reasons) {
    Warn(Escaped(reason));
  }
}

// Writes a document in every wanted format; what a format cannot carry is
// said, never dropped silently.
int WriteDocument(const SbomDocument& document, const Options& options) {
  for (const std::string& output : options.outputs) {
    const auto [format, path] = SplitOutput(output);
    const auto written = sbom::WriteSbom(document, format);
    if (!written) {
      return Complain(written.error());
    }
    if (const auto done = WriteOutput(path, written->text); !done) {
      return Complain(done.error());
    }
    if (!written->losses.empty()) {
      Warn(fmt::format("{} does not carry: {}", format,
                       fmt::join(written->losses, "; ")));
    }
  }
  return kExitPass;
}

// `print` gives the text of one of "text" and "json".
template <typename Print>
int WriteResult(const Options& options, int exit, Print print) {
  std::vector<std::string> outputs = options.outputs;
  if (outputs.empty() && !TheConsole().quiet) {
    outputs.emplace_back("text");
  }
  for (const std::string& output : outputs) {
    const auto [format, path] = SplitOutput(output);
    if (format != "text" && format != "json") {
      return Misuse(fmt::format("-o {}: text or json", output));
    }
    const report::Style style =
        path == "-" ? StyleOf(STDOUT_FILENO) : report::Style{};
    const auto done = WriteOutput(path, print(format == "json", style));
    if (!done) {
      return Complain(done.error());
    }
  }
  return exit;
}

Result<void> Prepare(Options& options) {
  for (const std::string& limit : options.limits) {
    if (auto ok = ApplyLimit(limit, options.request.limits); !ok) {
      return ok;
    }
  }
  auto secrets = ReadSecrets(options.secrets);
  if (!secrets) {
    return Fail(secrets.error());
  }
  options.request.secrets = std::move(*secrets);
  options.request.jobs = std::max(1U, std::thread::hardware_concurrency());
  options.request.interrupted = &Interrupted();
  CatchInterrupts();
  const auto at = ParseAt(options.at);
  if (!at) {
    return Fail(at.error());
  }
  options.make.at = *at;
  return {};
}

int Make(Options& options) {
  if (const auto ready = Prepare(options); !ready) {
    return Misuse(ready.error());
  }
  if (options.outputs.empty()) {
    options.outputs.emplace_back("cyclonedx-json");
  }
  const auto made = engine::MakeProductSbom(options.request, options.make);
  if (!made) {
    return Complain(made.error());
  }
  PrintOpen(made->open);
  const int exit = WriteDocument(made->document, options);
  return exit == kExitPass && !made->open.empty() ? kExitInconclusive : exit;
}

int Convert(Options& options) {
  const auto document = ReadFile(options.first);
  if (!document) {
    return Complain(document.error());
  }
  if (options.outputs.empty()) {
    return Misuse("convert to what? -o FORMAT[=PATH]");
  }
  return WriteDocument(*document, options);
}

int Check(Options& options) {
  const auto content = ByteSource::MapFile(options.first);
  if (!content) {
    return Complain(content.error());
  }
  auto validation = sbom::ValidateSbom(content->bytes());
  if (!validation) {
    return Complain(
        {validation.error().code,
         fmt::format("{}: {}", options.first, validation.error().what)});
  }
  SbomCheck check{.name = options.first.substr(options.first.rfind('/') + 1),
                  .conforms = validation->Conforms()};
  check.document = std::move(validation->document);
  auto& problems = check.document.problems;
  problems.insert(problems.end(), validation->schema.problems.begin(),
                  validation->schema.problems.end());
  for (const std::string& name : options.profiles) {
    const sbom::Profile* profile = sbom::FindProfile(name);
    if (profile == nullptr) {
      std::vector<std::string_view> known;
      for (const sbom::Profile& each : sbom::AllProfiles()) {
        known.push_back(each.name);
      }
      return Misuse(fmt::format("no profile \"{}\"; known: {}", name,
                                fmt::join(known, ", ")));
    }
    check.profiles.push_back(sbom::CheckProfile(*profile, check.document));
  }
  return WriteResult(options, check.Passes() ? kExitPass : kExitFail,
                     [&](bool json, const report::Style& style) {
                       return json ? CheckJson(check) : CheckText(check, style);
                     });
}

int Compare(Options& options) {
  if (const auto ready = Prepare(options); !ready) {
    return Misuse(ready.error());
  }
  options.request.sboms = {options.first};
  const auto comparison =
      engine::CompareSboms(options.request, options.references);
  if (!comparison) {
    return Complain(comparison.error());
  }
  return WriteResult(options, ExitOf(comparison->verdict()),
                     [&](bool json, const report::Style& style) {
                       return json ? ComparisonJson(*comparison)
                                   : ComparisonText(*comparison, style);
                     });
}

int Diff(Options& options) {
  const auto before = ReadFile(options.first);
  if (!before) {
    return Complain(before.error());
  }
  const auto after = ReadFile(options.second);
  if (!after) {
    return Complain(after.error());
  }
  const auto changes = sbom::DiffSboms(*before, *after);
  return WriteResult(options, changes.empty() ? kExitPass : kExitFail,
                     [&](bool json, const report::Style& style) {
                       return json ? DiffJson(changes)
                                   : DiffText(changes, style);
                     });
}

// Before any work: no output may replace what it is made of.
int Guarded(int (*run)(Options&), Options& options) {
  for (const std::string& output : options.outputs) {
    const auto free =
        RefuseInput(SplitOutput(output).second, InputsOf(options));
    if (!free) {
      (void)Complain(free.error());
      return kExitUsage;
    }
  }
  return run(options);
}

void AddOutput(CLI::App* command, Options& options, const std::string& help) {
  command->add_option("-o,--output", options.outputs, help)
      ->expected(1)
      ->take_all();
}

void AddReading(CLI::App* command, Options& options) {
  command
      ->add_option("PRODUCT", options.request.product,
                   "a file, a delivery directory, or - for standard input")
      ->required();
  command->add_option("--limit", options.limits, "KEY=VALUE, as in verify")
      ->expected(1)
      ->take_all();
  AddSecrets(command, options.secrets);
  AddUnsafe(command, options.request.unsafe_no_sandbox);
}

std::string FormatHelp() {
  std::vector<std::string> formats;
  for (const sbom::SbomWriter* writer : sbom::AllWriters()) {
    for (const std::string_view version : writer->versions) {
      formats.push_back(fmt::format("{}@{}", writer->name, version));
    }
  }
  return fmt::format("FORMAT[@VERSION][=PATH]: {}", fmt::join(formats, ", "));
}

void AddMake(CLI::App* parent, const std::shared_ptr<Options>& options,
             int& exit) {
  CLI::App* make = parent->add_subcommand(
      "make", "Make an SBOM of what is really in a product");
  AddExamples(make,
              {{"assay sbom make router.bin -o cyclonedx-json=router.cdx.json",
                "CycloneDX, in its newest version"},
               {"assay sbom make router.bin -o spdx-json@2.3=router.spdx.json "
                "--name router --product-version 1.1",
                "SPDX 2.3, with what only you know"}});
  AddReading(make, *options);
  AddOutput(make, *options, FormatHelp());
  for (const auto& [name, text, help] : std::initializer_list<
           std::tuple<const char*, std::string*, const char*>>{
           {"--name", &options->make.name, "of the product"},
           {"--product-version", &options->make.version, "of the product"},
           {"--supplier", &options->make.supplier, "\"Name <mail or URL>\""},
           {"--at", &options->at,
            "the SBOM's time (RFC 3339; default: now)"}}) {
    make->add_option(name, *text, help);
  }
  for (const auto& [name, list, help] : std::initializer_list<
           std::tuple<const char*, std::vector<std::string>*, const char*>>{
           {"--author", &options->make.authors,
            "who makes the SBOM, \"Name <mail>\""},
           {"--licence", &options->make.licences,
            "of the product, an SPDX expression"}}) {
    make->add_option(name, *list, help)->expected(1)->take_all();
  }
  make->callback([options, &exit] { exit = Guarded(Make, *options); });
}

void AddFileCommands(CLI::App* parent, const std::shared_ptr<Options>& options,
                     int& exit) {
  CLI::App* check = parent->add_subcommand(
      "check", "Check an SBOM against its format and against standards");
  AddExamples(check, {{"assay sbom check router.cdx.json",
                       "does it conform to its format?"},
                      {"assay sbom check router.cdx.json --profile cisa-2026",
                       "does it have the minimum elements?"}});
  check->add_option("FILE", options->first, "an SBOM")->required();
  check
      ->add_option("--profile", options->profiles,
                   "minimum elements: a name; a wrong one lists all")
      ->expected(1)
      ->take_all();
  AddOutput(check, *options, "FORMAT[=PATH]: text or json");
  check->callback([options, &exit] { exit = Guarded(Check, *options); });

  CLI::App* convert =
      parent->add_subcommand("convert", "Write an SBOM in another format");
  AddExamples(
      convert,
      {{"assay sbom convert router.cdx.json -o spdx-json=router.spdx.json",
        "what SPDX cannot carry is named"}});
  convert->add_option("FILE", options->first, "an SBOM")->required();
  AddOutput(convert, *options, FormatHelp());
  convert->callback([options, &exit] { exit = Guarded(Convert, *options); });

  CLI::App* diff =
      parent->add_subcommand("diff", "What changed from one SBOM to another");
  AddExamples(diff, {{"assay sbom diff router-1.0.cdx.json router-1.1.cdx.json",
                      "components gained, lost and changed"}});
  diff->add_option("OLD", options->first, "an SBOM")->required();
  diff->add_option("NEW", options->second, "an SBOM")->required();
  AddOutput(diff, *options, "FORMAT[=PATH]: text or json");
  diff->callback([options, &exit] { exit = Guarded(Diff, *options); });
}

}  // namespace

void AddSbom(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "sbom", "Make, check, compare, convert and diff SBOMs");
  AddExamples(command,
              {{"assay sbom compare vendor.cdx.json router.bin",
                "what the vendor's SBOM leaves out, and what it makes up"},
               {"assay sbom make router.bin -o cyclonedx-json=router.cdx.json",
                "your own, from the bytes"}});
  command->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  AddMake(command, options, exit);
  AddFileCommands(command, options, exit);
  CLI::App* compare = command->add_subcommand(
      "compare", "Hold an SBOM against what is really in a product");
  AddExamples(compare, {{"assay sbom compare vendor.cdx.json router.bin",
                         "each discrepancy, with both values and the place"}});
  compare->add_option("FILE", options->first, "an SBOM")->required();
  AddReading(compare, *options);
  compare
      ->add_option("--reference", options->references,
                   "a package, or a folder of packages, that programs of the "
                   "same version are compared with")
      ->expected(1)
      ->take_all();
  AddOutput(compare, *options, "FORMAT[=PATH]: text or json");
  compare->callback([options, &exit] { exit = Guarded(Compare, *options); });
}

}  // namespace assay::cli
