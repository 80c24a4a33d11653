// Products made of bytes in memory.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "verifier/unpack/walk.h"

namespace assay::testing {

[[nodiscard]] unpack::Product FileProduct(std::string name, Bytes content);
[[nodiscard]] unpack::Product FolderProduct(
    std::vector<std::pair<std::string, Bytes>> files);

// Examines nothing.
class Onlooker : public unpack::Examiner {
 public:
  void Examine(Artifact& /*artifact*/, const ByteSource& /*content*/,
               Observations& /*into*/) const override {}
};

// The artifact with that path; aborts when there is none.
[[nodiscard]] const Artifact& ArtifactAt(const Survey& survey,
                                         const std::string& path);
[[nodiscard]] bool HasAnomaly(const Artifact& artifact, const std::string& id);
// Whether the structure of every artifact with content sums to its size, in
// order and without a gap. `why` names the first that does not.
[[nodiscard]] bool IsPartitioned(const Survey& survey, std::string* why);

}  // namespace assay::testing
