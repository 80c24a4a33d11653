#include "verifier/model/leaf.h"

#include <algorithm>

namespace assay {

bool IsLeaf(const Artifact& artifact) {
  return artifact.has_content &&
         std::none_of(artifact.structure.begin(), artifact.structure.end(),
                      [](const StructureRange& part) {
                        return part.role == Structure::kMember;
                      });
}

}  // namespace assay
