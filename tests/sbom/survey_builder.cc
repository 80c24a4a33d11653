#include "tests/sbom/survey_builder.h"

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {

Node& SurveyBuilder::NewNode(ArtifactId parent, std::string_view inner_path) {
  Node& node = survey_.nodes.emplace_back();
  Artifact& artifact = node.artifact;
  artifact.id = static_cast<ArtifactId>(survey_.nodes.size() - 1);
  artifact.parent = artifact.id == 0 ? kNoArtifact : parent;
  artifact.name = inner_path;
  artifact.inner_path = NormalPath(inner_path);
  artifact.path = artifact.id == 0 ? artifact.name
                                   : survey_.nodes[parent].artifact.path +
                                         "!/" + artifact.inner_path;
  return node;
}

void SurveyBuilder::Fill(Node& node, std::string_view content) {
  Artifact& artifact = node.artifact;
  artifact.has_content = true;
  artifact.size = content.size();
  Hasher hasher(algorithms_);
  hasher.Update(AsBytes(content));
  artifact.digests = hasher.Finish();
  const Limits limits;
  for (const Analysis* cataloguer : AllCataloguers()) {
    (void)cataloguer->examine({artifact, AsBytes(content), limits}, node.seen);
  }
}

ArtifactId SurveyBuilder::Folder(std::string_view name) {
  Node& node = NewNode(kNoArtifact, name);
  node.artifact.format = "directory";
  return node.artifact.id;
}

ArtifactId SurveyBuilder::Add(ArtifactId parent, std::string_view inner_path,
                              std::string_view content, std::uint32_t mode) {
  Node& node = NewNode(parent, inner_path);
  node.artifact.meta.mode = mode;
  Fill(node, content);
  return node.artifact.id;
}

ArtifactId SurveyBuilder::AddPart(ArtifactId parent, std::string_view name,
                                  std::string_view content) {
  Node& node = NewNode(parent, name);
  Fill(node, content);
  return node.artifact.id;
}

ArtifactId SurveyBuilder::AddLink(ArtifactId parent,
                                  std::string_view inner_path,
                                  std::string_view target) {
  Node& node = NewNode(parent, inner_path);
  node.artifact.meta.type = FileType::kSymlink;
  node.artifact.meta.mode = 0777;
  node.artifact.meta.link_target = target;
  return node.artifact.id;
}

HeldDocument Vendor(std::vector<Component> components) {
  HeldDocument held{.holder = "vendor.cdx.json"};
  for (std::size_t i = 0; i < components.size(); ++i) {
    components[i].pointer = "/components/" + std::to_string(i);
  }
  held.document.components = std::move(components);
  return held;
}

Component FileClaim(std::string_view path, std::string_view content,
                    std::string_view parent) {
  return {.type = "file",
          .name = std::string(path),
          .digests = {DigestOf(DigestAlgorithm::kSha256, AsBytes(content))},
          .files = {NormalPath(path)},
          .parent = std::string(parent)};
}

Component PackageClaim(std::string_view text) {
  const auto purl = ParsePurl(text);
  return {.ref = std::string(text),
          .type = "library",
          .name = purl ? purl->name : "",
          .version = purl ? purl->version : "",
          .purl = std::string(text)};
}

std::string Summary(const Reconciliation& result) {
  std::string text;
  for (const Discrepancy& one : result.discrepancies) {
    text += std::string(NameOf(one.kind)) + " " + one.component + "\n";
  }
  return text;
}

std::string OwnerOf(const Reconciliation& result, ArtifactId id) {
  for (const Owner& owner : result.owners) {
    if (owner.artifact != id) {
      continue;
    }
    switch (owner.provenance) {
      case Provenance::kSbom:
        return "sbom:" + owner.component;
      case Provenance::kRecord:
        return "record:" + owner.component;
      case Provenance::kUnexplained:
        return "unexplained";
    }
  }
  return "none";
}

}  // namespace assay::sbom
