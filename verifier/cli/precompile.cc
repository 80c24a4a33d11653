// precompile OUT: compiles the patterns of the built-in rules and banners, for
// the program to hold (verifier/base/pattern_archive.h). Run by the build.

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <fstream>

#include "sbom/banners/scanner.h"
#include "verifier/base/pattern_archive.h"
#include "verifier/engine/catalogue.h"

int main(int argc, char** argv) {
  using namespace assay;  // NOLINT(google-build-using-namespace): entry point
  if (argc != 2) {
    fmt::print(stderr, "usage: precompile OUT\n");
    return EXIT_FAILURE;
  }
  try {
    pattern_archive::StartRecording();
    if (const auto rules = engine::LoadCatalogue({}); !rules) {
      fmt::print(stderr, "{}\n", rules.error().what);
      return EXIT_FAILURE;
    }
    static_cast<void>(sbom::BannerScanner::BuiltIn());
    std::ofstream out(argv[1], std::ios::binary);
    out << AsText(pattern_archive::Recorded());
    return out.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    fmt::print(stderr, "precompile: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
