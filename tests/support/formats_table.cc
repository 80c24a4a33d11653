// Prints the table of formats, signature schemes and SBOM formats that stands
// in README.md between its two markers.

#include <fmt/format.h>

#include "sbom/registry.h"
#include "signatures/scheme.h"
#include "verifier/formats/format.h"

int main() {
  fmt::print("| name | what | read | specification |\n");
  fmt::print("| --- | --- | --- | --- |\n");
  for (const auto* format : assay::formats::AllFormats()) {
    fmt::print("| `{}` | {} | {} | {} |\n", format->name, format->title,
               format->depth, format->reference);
  }
  for (const auto* scheme : assay::signatures::AllSchemes()) {
    fmt::print("| `{}` | {} | signature | {} |\n", scheme->name, scheme->title,
               scheme->reference);
  }
  for (const auto* reader : assay::sbom::AllReaders()) {
    fmt::print("| `{}` | {} | SBOM | {} |\n", reader->name, reader->title,
               reader->reference);
  }
  return 0;
}
