#include "verifier/engine/report_sbom.h"

#include <map>
#include <utility>
#include <vector>

#include "sbom/make.h"
#include "sbom/packages.h"
#include "sbom/product_index.h"
#include "sbom/writer.h"
#include "verifier/model/survey.h"

namespace assay::engine {
namespace {

using FilesByPackage =
    std::map<std::pair<ArtifactId, std::string>, std::vector<std::string>>;

// By file system and name of the package that owns them.
FilesByPackage FilesOf(const Report& report, const sbom::ProductIndex& index) {
  FilesByPackage files;
  for (const Owner& owner : report.reconciliation.owners) {
    if (!owner.component.empty()) {
      files[{index.TreeOf(owner.artifact), owner.component}].push_back(
          index.At(owner.artifact).inner_path);
    }
  }
  return files;
}

// What reading the bytes gave, as far as the report has it. Lists of files are
// made anew from who owns them.
Survey SurveyOf(const Report& report) {
  Survey survey;
  for (const Artifact& artifact : report.artifacts) {
    survey.nodes.push_back({.artifact = artifact});
  }
  if (survey.nodes.empty()) {
    return survey;
  }
  const sbom::ProductIndex index(survey);
  const FilesByPackage files = FilesOf(report, index);
  for (const InventoryItem& item : report.reconciliation.inventory) {
    ComponentEvidence evidence = item.evidence;
    evidence.component.files.clear();
    const auto owned =
        files.find({index.TreeOf(item.artifact), evidence.component.name});
    if (sbom::IsDatabase(evidence.cataloguer) && owned != files.end()) {
      ComponentEvidence list = evidence;
      list.component = {.type = std::string(kFileListType),
                        .name = evidence.component.name,
                        .files = owned->second};
      list.files_from_root = true;
      survey.nodes[item.artifact].seen.components.push_back(std::move(list));
    }
    survey.nodes[item.artifact].seen.components.push_back(std::move(evidence));
  }
  return survey;
}

}  // namespace

Result<std::string> SbomOfReport(const Report& report) {
  const Survey survey = SurveyOf(report);
  if (survey.nodes.empty()) {
    return Fail(ErrorCode::kMalformed, "the report lists no artifacts");
  }
  auto written = sbom::WriteSbom(
      sbom::MakeSbom(survey, report.product_sha256,
                     {.at = report.at, .tool_version = report.tool_version}),
      "cyclonedx-json@1.6");
  return written ? Result<std::string>(std::move(written->text))
                 : Fail(written.error());
}

}  // namespace assay::engine
