#include "verifier/model/programs.h"

namespace assay {

bool IsProgram(const Artifact& artifact) {
  return artifact.format == "elf" || artifact.format == "pe" ||
         artifact.format == "te";
}

}  // namespace assay
