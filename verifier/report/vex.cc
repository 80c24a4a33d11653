#include "verifier/report/vex.h"

#include <fmt/format.h>

#include "verifier/base/text.h"
#include "verifier/report/exchange.h"
#include "verifier/report/layout.h"

namespace assay::report {

std::vector<VexClaim> VexClaims(const Report& report) {
  const ArtifactIndex index(report);
  std::vector<VexClaim> claims;
  for (const Finding& finding : report.findings) {
    VexClaim claim{.finding = &finding};
    if (!finding.waiver.empty()) {
      claim.words = fmt::format("accepted by waiver {}", finding.waiver);
    } else if (!finding.explained_by.empty()) {
      claim.words = fmt::format("explained by {}", finding.explained_by);
    }
    claim.answered = !claim.words.empty();
    if (!claim.answered && finding.severity == Severity::kInfo) {
      continue;
    }
    if (!claim.answered) {
      claim.words = finding.fix;
    }
    claim.words = Printable(claim.words);
    const Artifact* const artifact = index.Find(finding.subject);
    claim.sha256 = artifact == nullptr ? "" : artifact->sha256();
    claims.push_back(std::move(claim));
  }
  return claims;
}

std::string PathUrn(std::string_view path) {
  return fmt::format("urn:assay:path:{}", UriOf(path));
}

std::string ProductPurl(const Report& report) {
  return fmt::format("pkg:generic/{}?checksum=sha256:{}",
                     UriOf(Escaped(report.product)), report.product_sha256);
}

std::string VexAuthor(const Report& report) {
  return report.policy_sha256.empty()
             ? "Assay, by no policy"
             : Printable(fmt::format("policy {}", report.policy_name));
}

}  // namespace assay::report
