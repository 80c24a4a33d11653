// Hostile YARA files: they are read, compiled and run over themselves; places
// lie within the content.

#include <cstddef>
#include <cstdint>
#include <string>

#include "rules/yara/program.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace assay;  // NOLINT(google-build-using-namespace): entry point
  const ByteView content(data, size);
  const yara::Compiled compiled =
      yara::Compile({{"a.yar", std::string(AsText(content))}});
  for (const yara::Note& note : compiled.mistakes) {
    fuzz::Require(note.mark.line > 0 && !note.what.empty(),
                  "a mistake has a place and a text");
  }
  for (const yara::RuleHit& hit : yara::Scan(compiled.program, content).hits) {
    fuzz::Require(hit.rule < compiled.program.rules.size(), "a rule exists");
    for (const Range& place : hit.places) {
      fuzz::Require(fuzz::LiesWithin(place, size),
                    "a place lies within the content");
    }
  }
  return 0;
}
