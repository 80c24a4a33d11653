// SBOM documents inside the product, by name and content. What they say is a
// claim like any other (PEP 770, Bitnami, build tools put them there).

#include <algorithm>
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
// Most files have another end, and are no further looked at.
constexpr std::array<std::string_view, 7> kEnds = {
    ".json", ".xml", ".yaml", ".swidtag", ".coswid", ".uswid", ".spdx"};

bool Examine(const Subject& subject, Observations& into) {
  const std::string path = Lower(subject.artifact.inner_path);
  const bool possible =
      std::any_of(kEnds.begin(), kEnds.end(),
                  [&](std::string_view end) { return path.ends_with(end); });
  std::size_t named = possible ? 0 : kNames.size();
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
