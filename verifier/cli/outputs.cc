#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "verifier/base/byte_source.h"
#include "verifier/base/text.h"
#include "verifier/cli/bundle.h"
#include "verifier/cli/commands.h"
#include "verifier/engine/attest.h"

namespace assay::cli {
namespace {

// Where the report of one of several products goes: "{}" in the path becomes
// its number and name.
std::string PathFor(const Output& output, std::size_t index,
                    const std::string& product) {
  std::string path = output.path;
  const auto braces = path.find("{}");
  if (braces == std::string::npos) {
    return path;
  }
  std::string name = Escaped(product);
  std::replace(name.begin(), name.end(), '/', '_');
  return path.replace(braces, 2, fmt::format("{}-{}", index + 1, name));
}

std::vector<std::string> OutputFormats() {
  std::vector<std::string> names;
  for (const report::ReportWriter* writer : report::AllWriters()) {
    names.emplace_back(writer->name);
  }
  names.emplace_back(Output{}.format());
  return names;
}

Result<Output> OutputOf(const std::string& option) {
  const auto equals = option.find('=');
  Output output{.writer = report::FindWriter(option.substr(0, equals))};
  const bool bundle = option.substr(0, equals) == Output{}.format();
  if (output.writer == nullptr && !bundle) {
    return Fail(ErrorCode::kConfig,
                fmt::format("-o {}: unknown format; there are {}", option,
                            fmt::join(OutputFormats(), ", ")));
  }
  if (equals != std::string::npos) {
    output.path = option.substr(equals + 1);
  }
  if (output.path.empty() || (bundle && equals == std::string::npos)) {
    return Fail(ErrorCode::kConfig,
                bundle ? "-o bundle: a file is needed: -o bundle=FILE"
                       : fmt::format("-o {}: the path is empty", option));
  }
  return output;
}

Result<std::string> AttestKeyFrom(const std::string& path) {
  const auto file = ByteSource::MapFile(path);
  if (!file) {
    return Fail(file.error());
  }
  if (const auto good = engine::CheckAttestKey(file->bytes()); !good) {
    return Fail(good.error().code,
                fmt::format("--attest-key {}: {}", path, good.error().what));
  }
  return std::string(AsText(file->bytes()));
}

// The document, signed where it is an attestation.
Result<std::string> TextOf(const Output& output, const Outputs& outputs,
                           const Report& report) {
  if (output.writer == nullptr) {
    return MakeBundle(report, outputs.attest_key);
  }
  report::Style style =
      output.path == "-" ? StyleOf(STDOUT_FILENO) : report::Style{};
  style.verbose = outputs.verbose;
  std::string text = output.writer->write(report, style);
  return output.writer->attestation
             ? engine::SealStatement(text, AsBytes(outputs.attest_key))
             : Result<std::string>(std::move(text));
}

}  // namespace

void AddTlp(CLI::App* command, std::string& tlp) {
  Choices(command
              ->add_option("--tlp", tlp,
                           "with whom the report may be shared (TLP 2.0)")
              ->expected(1),
          {"red", "amber+strict", "amber", "green", "clear"});
}

Result<std::optional<Tlp>> ParseTlp(const std::string& text) {
  const std::optional<Tlp> tlp = TlpOf(text);
  if (!tlp && !text.empty()) {
    return Fail(ErrorCode::kConfig,
                fmt::format("--tlp {}: no label of TLP 2.0; there are red, "
                            "amber+strict, amber, green, clear",
                            text));
  }
  return tlp;
}

void AddOutputs(CLI::App* command, OutputOptions& options) {
  Choices(command
              ->add_option("-o,--output", options.outputs,
                           "a report, text unless named; PATH - is standard "
                           "output")
              ->expected(1)
              ->take_all(),
          OutputFormats());
  AddTlp(command, options.tlp);
  command
      ->add_option("--attest-key", options.attest_key,
                   "the private key that attestations (svr, vsa) and bundles "
                   "are signed with: ECDSA P-256 or Ed25519, PEM")
      ->expected(1);
  command->add_flag("-v,--verbose", options.verbose,
                    "list everything in the text report");
}

Result<Outputs> ParseOutputs(const OutputOptions& options) {
  Outputs outputs{.verbose = options.verbose};
  const auto tlp = ParseTlp(options.tlp);
  if (!tlp) {
    return Fail(tlp.error());
  }
  outputs.tlp = *tlp;
  for (const std::string& option : options.outputs) {
    auto output = OutputOf(option);
    if (!output) {
      return Fail(output.error());
    }
    if (output->writer != nullptr && output->writer->attestation &&
        options.attest_key.empty()) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("-o {}: an attestation is signed: give "
                              "--attest-key FILE",
                              option));
    }
    outputs.list.push_back(std::move(*output));
  }
  if (outputs.list.empty() && !TheConsole().quiet) {
    outputs.list.push_back({.writer = report::FindWriter("text")});
  }
  if (!options.attest_key.empty()) {
    auto key = AttestKeyFrom(options.attest_key);
    if (!key) {
      return Fail(key.error());
    }
    outputs.attest_key = std::move(*key);
  }
  return outputs;
}

Result<void> CheckOutputs(const Outputs& outputs, std::size_t products,
                          const std::vector<std::string>& inputs) {
  for (const Output& output : outputs.list) {
    if (products > 1 && output.path != "-" &&
        output.path.find("{}") == std::string::npos) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("-o {}={}: with several products the path must "
                              "contain {{}}",
                              output.format(), output.path));
    }
    if (auto ok = RefuseInput(output.path, inputs); !ok) {
      return ok;
    }
  }
  return {};
}

int WriteOutputs(const Outputs& outputs, const Report& report,
                 std::size_t index) {
  int exit = ExitOf(report.verdict);
  for (const Output& output : outputs.list) {
    const auto text = TextOf(output, outputs, report);
    const auto written =
        text ? WriteOutput(PathFor(output, index, report.product), *text)
             : Result<void>(Fail(text.error()));
    if (!written) {
      exit = Complain(written.error());
    }
  }
  return exit;
}

}  // namespace assay::cli
