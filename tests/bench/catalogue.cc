// Prints what the cataloguers find in files: catalogue ROOT FILE... with files
// relative to the root, one "FILE<tab>CATALOGUER<tab>STRENGTH<tab>NAME<tab>
// VERSION" a component. Used by tests/bench/banners.sh.

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay {
namespace {

Bytes ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void Print(const std::string& root, const std::string& file) {
  const Bytes content = ReadFile(root + "/" + file);
  const Limits limits;
  Artifact artifact;
  artifact.inner_path = file;
  artifact.size = content.size();
  artifact.has_content = true;
  artifact.format = AsText(content).substr(0, 4) ==
                            "\x7f"
                            "ELF"
                        ? "elf"
                        : "";
  Observations seen;
  for (const Analysis* cataloguer : sbom::AllCataloguers()) {
    (void)cataloguer->examine({artifact, content, limits}, seen);
  }
  for (const ComponentEvidence& one : seen.components) {
    fmt::print("{}\t{}\t{}\t{}\t{}\n", file, one.cataloguer,
               static_cast<int>(one.strength), Escaped(one.component.name),
               Escaped(one.component.version));
  }
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    assay::Print(argv[1], argv[i]);
  }
  return 0;
}
