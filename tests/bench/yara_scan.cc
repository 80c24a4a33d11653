// yara_scan RULES FILE...: which rules of a YARA file match which files, as
// `yara` prints it ("rule file"); on stderr what it cost. No unpacking, one
// thread. For tests/bench/yara.sh.

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "rules/yara/program.h"
#include "verifier/base/byte_source.h"

namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace assay;  // NOLINT(google-build-using-namespace): entry point
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) {
    fmt::print(stderr, "usage: yara_scan RULES FILE...\n");
    return EXIT_FAILURE;
  }
  const auto text = ByteSource::MapFile(arguments[0]);
  if (!text) {
    fmt::print(stderr, "{}\n", text.error().what);
    return EXIT_FAILURE;
  }
  auto start = Clock::now();
  const yara::Compiled compiled =
      yara::Compile({{arguments[0], std::string(AsText(text->bytes()))}});
  const double compiling = SecondsSince(start);
  for (const auto* notes : {&compiled.mistakes, &compiled.not_imported}) {
    for (const yara::Note& note : *notes) {
      fmt::print(stderr, "{}:{}:{}: {} {}\n", note.file, note.mark.line,
                 note.mark.column, note.rule, note.what);
    }
  }
  start = Clock::now();
  std::uint64_t bytes = 0;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto file = ByteSource::MapFile(arguments[i]);
    if (!file) {
      continue;
    }
    bytes += file->size();
    const yara::Outcome outcome = yara::Scan(compiled.program, file->bytes());
    for (const yara::RuleHit& hit : outcome.hits) {
      fmt::print("{} {}\n", compiled.program.rules[hit.rule].rule.name,
                 arguments[i]);
    }
    for (const std::uint32_t rule : outcome.undecided) {
      fmt::print(stderr, "undecided: {} {}\n",
                 compiled.program.rules[rule].rule.name, arguments[i]);
    }
  }
  const double scanning = SecondsSince(start);
  fmt::print(stderr, "{} rules, compiled in {:.2f} s; {} bytes in {:.3f} s\n",
             compiled.program.rules.size() - compiled.not_imported.size(),
             compiling, bytes, scanning);
  return EXIT_SUCCESS;
}
