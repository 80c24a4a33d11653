// Texts in files of builds and installations that look like commands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct BuildText {
  std::string text = {};                // a command line or a whole script,
  std::vector<std::string> words = {};  // or the words of one command
  Range place = {};
  std::uint32_t line = 0;
};

enum class BuildSyntax {
  kTexts,     // quoted texts and lines: CMake, Meson, gyp, Gradle, Rake, JSON
  kMarkup,    // attributes and elements of XML: Maven, Ant, MSBuild
  kSteps,     // YAML whose values are scripts: build services
  kSections,  // scripts behind headings: spec and kickstart files, bitbake
  kRemarks,   // "//go:generate" in sources
};

// At most 2,000 of one file.
[[nodiscard]] std::vector<BuildText> ReadBuildTexts(BuildSyntax syntax,
                                                    std::string_view text);

}  // namespace assay::facts
