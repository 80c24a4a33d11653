// Products built by hand, for tests of the reconciliation.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/model/reconciliation.h"
#include "verifier/model/survey.h"

namespace assay::sbom {

class SurveyBuilder {
 public:
  // The first artifact is the product. Content is digested with `algorithms`
  // and examined by every cataloguer, as the engine does it.
  explicit SurveyBuilder(DigestSet algorithms = {DigestAlgorithm::kSha256})
      : algorithms_(algorithms) {}

  // A product without content: a folder of deliveries.
  ArtifactId Folder(std::string_view name);
  ArtifactId Add(ArtifactId parent, std::string_view inner_path,
                 std::string_view content, std::uint32_t mode = 0644);
  // A stream or part: no mode, no folders.
  ArtifactId AddPart(ArtifactId parent, std::string_view name,
                     std::string_view content);
  ArtifactId AddLink(ArtifactId parent, std::string_view inner_path,
                     std::string_view target);

  // What analyses that are not cataloguers saw.
  void AddEvidence(ArtifactId id, ComponentEvidence evidence) {
    survey_.nodes.at(id).seen.components.push_back(std::move(evidence));
  }
  void AddFact(ArtifactId id, Fact fact) {
    survey_.nodes.at(id).seen.facts.push_back(std::move(fact));
  }
  void SetTime(ArtifactId id, std::int64_t mtime) {
    survey_.nodes.at(id).artifact.meta.mtime = mtime;
  }
  void SetFormat(ArtifactId id, std::string format) {
    survey_.nodes.at(id).artifact.format = std::move(format);
  }
  void SetOpaque(ArtifactId id, std::string reason) {
    survey_.nodes.at(id).artifact.examination = Examination::kOpaque;
    survey_.nodes.at(id).artifact.opaque_reason = std::move(reason);
  }

  [[nodiscard]] const Survey& survey() const { return survey_; }

 private:
  Node& NewNode(ArtifactId parent, std::string_view inner_path);
  void Fill(Node& node, std::string_view content);

  DigestSet algorithms_;
  Survey survey_;
};

// A document given beside the product, from components alone.
[[nodiscard]] HeldDocument Vendor(std::vector<Component> components);
// A component of type "file" with the SHA-256 of `content`.
[[nodiscard]] Component FileClaim(std::string_view path,
                                  std::string_view content,
                                  std::string_view parent = {});
[[nodiscard]] Component PackageClaim(std::string_view purl);

// "KIND COMPONENT\n" for each discrepancy.
[[nodiscard]] std::string Summary(const Reconciliation& result);
// "sbom:NAME", "record:NAME" or "unexplained" for an artifact.
[[nodiscard]] std::string OwnerOf(const Reconciliation& result, ArtifactId id);

}  // namespace assay::sbom
