#include "tests/cataloguers/examining.h"

#include <gtest/gtest.h>

namespace assay::sbom {
namespace {

void ExpectPlacesInside(const Observations& seen, std::size_t size) {
  for (const ComponentEvidence& evidence : seen.components) {
    EXPECT_TRUE(evidence.place.offset <= size &&
                evidence.place.length <= size - evidence.place.offset);
    EXPECT_TRUE(evidence.file_digests.empty() ||
                evidence.file_digests.size() ==
                    evidence.component.files.size());
  }
}

}  // namespace

Examined ExamineFile(const Analysis& cataloguer, std::string_view inner_path,
                     ByteView content) {
  const Limits limits;
  Artifact artifact;
  artifact.inner_path = inner_path;
  artifact.name = inner_path;
  artifact.size = content.size();
  artifact.has_content = true;
  Examined result;
  result.understood =
      cataloguer.examine({artifact, content, limits}, result.seen);
  return result;
}

void SweepContent(const Analysis& cataloguer, std::string_view inner_path,
                  ByteView content) {
  for (std::size_t size = 0; size <= content.size(); ++size) {
    const Examined result =
        ExamineFile(cataloguer, inner_path, content.first(size));
    ExpectPlacesInside(result.seen, size);
  }
  for (std::size_t at = 0; at < content.size(); ++at) {
    Bytes damaged = CopyOf(content);
    damaged[at] ^= 0x41;
    ExpectPlacesInside(ExamineFile(cataloguer, inner_path, damaged).seen,
                       damaged.size());
  }
}

}  // namespace assay::sbom
