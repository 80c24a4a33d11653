// SBOM documents inside the product, by name and content. What they say is a
// claim like any other (PEP 770, Bitnami, build tools put them there).

#include <array>
#include <utility>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "**/*.cdx.json",
    "**/*.spdx.json",
    "**/*.cdx.xml",
    "**/*.spdx.yaml",
    "**/*.swidtag",
    "**/*.coswid",
    "**/*.uswid",
    "**/*.spdx",
    "**/bom.json",
    "**/bom.xml",
    "**/*.bom.json",
    "**/sbom*.json",
    "**/*.dist-info/sboms/*.json"};
// Names that leave no doubt: what is damaged there is worth a word.
constexpr std::size_t kCertain = 7;

bool Examine(const Subject& subject, Observations& into) {
  const std::string path = Lower(subject.artifact.inner_path);
  std::size_t named = 0;
  while (named < kNames.size() && !GlobMatches(kNames.at(named), path)) {
    ++named;
  }
  if (named == kNames.size() || subject.content.empty()) {
    return false;
  }
  auto document = ReadSbom(subject.content);
  if (document) {
    into.documents.push_back(std::move(*document));
    return true;
  }
  if (named < kCertain) {
    SbomDocument unread;
    unread.problems.push_back(
        {"", "sbom.unreadable", std::move(document.error().what)});
    into.documents.push_back(std::move(unread));
  }
  return false;
}

}  // namespace

const Analysis kDocuments = {
    .name = "documents",
    .title = "SBOM documents inside the product",
    .examine = Examine,
};

}  // namespace assay::sbom
