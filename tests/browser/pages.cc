// Writes the pages that the browser tests open: pages DIR
//   example.html   something in every section
//   hostile.html   every hostile text in every field
//   large.html     100,000 artifacts and 12,000 findings
//   norm.html      example.html with a finding of the norm's pack NI-3
//   empty.html     an empty report
//   comparison.html, comparison-hostile.html   the same of two products

#include <fstream>
#include <string>

#include "tests/report/comparison_example.h"
#include "verifier/report/comparison.h"
#include "verifier/report/writer.h"

namespace assay {
namespace {

constexpr ArtifactId kArtifacts = 100'000;
constexpr ArtifactId kFilesInFolder = 500;
constexpr std::size_t kFindings = 12'000;

Report LargeReport() {
  Report report = testing::ExampleReport();
  report.artifacts = {
      testing::ExampleArtifact(0, kNoArtifact, "router.bin", 1'000'000)};
  report.ledger.accounts.clear();
  ArtifactId folder = 0;
  for (ArtifactId id = 1; id < kArtifacts; ++id) {
    const bool opens = id % kFilesInFolder == 1;
    const ArtifactId parent = opens ? 0 : folder;
    report.artifacts.push_back(testing::ExampleArtifact(
        id, parent,
        report.artifacts[parent].path + (opens ? "!/folder-" : "!/file-") +
            std::to_string(id),
        opens ? 0 : 1000 + id % 977));
    folder = opens ? id : folder;
    report.ledger.accounts.push_back(
        {id,
         {{"structure", {{"content", report.artifacts.back().size}}},
          {"authenticity",
           {{id % 3 == 0 ? "signed" : "uncovered-live",
             report.artifacts.back().size}}}}});
  }
  for (std::size_t i = 0; i < kFindings; ++i) {
    Finding finding = testing::ExampleFinding();
    finding.title += " number " + std::to_string(i);
    finding.subject = report.artifacts[2 + i].path;
    finding.severity = i < 10 ? Severity::kCritical : Severity::kLow;
    finding.id = FindingId(finding);
    report.findings.push_back(finding);
  }
  return report;
}

Report ReportForTheNorm() {
  Report report = testing::ExampleReport();
  report.findings[0].rule = "NI3-HF03-007";
  report.findings[0].id = FindingId(report.findings[0]);
  report.rules.not_evaluated = {"NI3-HF11-001"};
  return report;
}

bool Write(const std::string& path, const std::string& page) {
  std::ofstream file(path, std::ios::binary);
  file << page;
  return file.good();
}

std::string PageOf(const Report& report) {
  return report::kHtml.write(report, {});
}

bool WriteAll(const std::string& folder) {
  constexpr std::string_view kHostile = "</script><script>alert(1)</script>";
  return Write(folder + "/example.html",
               PageOf(testing::ReportWithUnknownByte())) &&
         Write(folder + "/hostile.html",
               PageOf(testing::HostileReport(kHostile))) &&
         Write(folder + "/large.html", PageOf(LargeReport())) &&
         Write(folder + "/norm.html", PageOf(ReportForTheNorm())) &&
         Write(folder + "/empty.html", PageOf(Report{})) &&
         Write(folder + "/comparison.html",
               report::ComparisonHtml(testing::ExampleComparison(), {})) &&
         Write(
             folder + "/comparison-hostile.html",
             report::ComparisonHtml(testing::HostileComparison(kHostile), {}));
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  if (argc != 2) {
    return 64;
  }
  return assay::WriteAll(argv[1]) ? 0 : 74;
}
