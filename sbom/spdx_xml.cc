// SPDX 2 as XML: the JSON document with its names as elements, arrays as
// elements that repeat. Specification: SPDX 2.3, clause 5.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sbom/registry.h"
#include "sbom/spdx2.h"
#include "sbom/spdx2_shape.h"
#include "sbom/xml_tree.h"

namespace assay::sbom {
namespace {

// Members that are arrays, however often they stand there.
constexpr std::array<std::string_view, 24> kArrays = {
    "annotations",
    "attributionTexts",
    "checksums",
    "creators",
    "crossRefs",
    "documentDescribes",
    "externalDocumentRefs",
    "externalRefs",
    "fileContributors",
    "fileDependencies",
    "fileTypes",
    "files",
    "hasExtractedLicensingInfos",
    "hasFiles",
    "licenseInfoFromFiles",
    "licenseInfoInFiles",
    "licenseInfoInSnippets",
    "packageVerificationCodeExcludedFiles",
    "packages",
    "ranges",
    "relationships",
    "revieweds",
    "seeAlsos",
    "snippets"};

class Shaper {
 public:
  explicit Shaper(const Tree& xml)
      : xml_(xml), builder_(TreeBuilder::ForLines()) {}

  Result<Tree> Shape() {
    Put(*xml_.root().begin());
    if (!builder_.ok()) {
      return Fail(ErrorCode::kMalformed, builder_.problem());
    }
    return builder_.Finish();
  }

 private:
  [[nodiscard]] std::uint32_t Line(Value value) const {
    return xml_.PlaceOf(value).line;
  }

  // What is no element of the shape (attributes without a namespace, text
  // between elements) keeps its name, which the check of the shape does not
  // know. What stands more often than it may becomes an array, whose type is
  // wrong.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by TreeBuilder::kMaxDepth.
  void Put(Value element) {
    std::map<std::string_view, std::vector<Value>> by_name;
    std::string text(element.text());
    for (const Value child : element) {
      if (child.key() == "#text") {
        text += child.text();
      } else if (child.key().substr(0, 2) != "@{") {
        by_name[child.key()].push_back(child);
      }
    }
    if (by_name.empty()) {
      PutText(element, text);
      return;
    }
    builder_.OpenObject(Line(element));
    for (const auto& [name, members] : by_name) {
      builder_.Key(name);
      const bool array =
          std::find(kArrays.begin(), kArrays.end(), name) != kArrays.end();
      if (!array && members.size() == 1) {
        Put(members.front());
        continue;
      }
      builder_.OpenArray(Line(members.front()));
      for (const Value member : members) {
        Put(member);
      }
      builder_.Close();
    }
    if (!text.empty()) {
      builder_.Key("#text");
      builder_.String(text, Line(element));
    }
    builder_.Close();
  }

  void PutText(Value element, std::string_view text) {
    if (element.key() == "filesAnalyzed") {
      builder_.Bool(text == "true", Line(element));
    } else {
      builder_.String(text, Line(element));
    }
  }

  const Tree& xml_;
  TreeBuilder builder_;
};

// The root has no name of its own that all writers share; the version decides.
bool Identify(const SbomSource& source) {
  constexpr std::size_t kLookedAt = 65536;
  return source.LooksLikeXml() && source.xml_root().name == "Document" &&
         source.text().substr(0, kLookedAt).find("SPDX-2.") !=
             std::string_view::npos;
}

Result<Tree> ShapeOf(const SbomSource& source) {
  const auto xml = XmlTree(source.bytes());
  if (!xml) {
    return Fail(xml.error());
  }
  auto shape = Shaper(*xml).Shape();
  if (shape && !IsSpdx2(shape->root())) {
    return Fail(ErrorCode::kUnsupported, "XML that names no version of SPDX");
  }
  return shape;
}

Result<SbomDocument> Read(const SbomSource& source) {
  const auto shape = ShapeOf(source);
  if (!shape) {
    return Fail(shape.error());
  }
  return ReadSpdx2(*shape, "SPDX XML");
}

SchemaCheck Validate(const SbomSource& source) {
  const auto shape = ShapeOf(source);
  return shape ? CheckSpdx2(*shape) : SchemaCheck();
}

}  // namespace

const SbomReader kSpdxXml = {
    .name = "spdx-xml",
    .title = "SPDX 2.2-2.3, XML",
    .reference = "SPDX 2.3, clauses 5 to 11",
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
