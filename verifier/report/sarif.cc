// SARIF 2.1.0 with all that the format can say: artifacts nested in each other,
// regions of bytes, fingerprints, waivers, taxonomies and what was not
// examined.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/layout.h"
#include "verifier/report/sarif_parts.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

constexpr std::size_t kAllTags = 1000;

// "sha-256": the names of IANA's registry of hash functions (section 3.24.11).
std::string_view HashNameOf(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kMd5:
      return "md5";
    case DigestAlgorithm::kSha1:
      return "sha-1";
    case DigestAlgorithm::kSha256:
      return "sha-256";
    case DigestAlgorithm::kSha384:
      return "sha-384";
    case DigestAlgorithm::kSha512:
      return "sha-512";
    case DigestAlgorithm::kBlake2b512:
      break;
  }
  return "blake2b-512";
}

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report), index_(report) {
    has_baseline_ = std::any_of(
        report.explanations.begin(), report.explanations.end(),
        [](const ExplanationSource& one) { return one.kind == "baseline"; });
    rules_.found = RulesOf(FindingsOf(report));
    rules_.more = report.rules.passed;
    rules_.more.insert(rules_.more.end(), report.rules.not_evaluated.begin(),
                       report.rules.not_evaluated.end());
    rules_.disabled = report.rules.disabled;
    for (std::size_t i = 0; i < rules_.found.size(); ++i) {
      rule_index_.emplace(rules_.found[i].id, i);
    }
    CollectArtifacts();
    CollectWeaknesses();
  }

  std::string Write() {
    json_.OpenObject();
    PutSarifHead(json_);
    json_.OpenArray("runs");
    json_.OpenObject();
    PutTool(json_, report_, rules_, kAllTags);
    PutInvocation();
    json_.OpenObject("automationDetails");
    json_.Text("id", fmt::format("assay/{}/", Escaped(report_.product)));
    json_.Close();
    PutArtifacts();
    json_.OpenArray("results");
    for (const Finding& finding : report_.findings) {
      PutResult(finding);
    }
    json_.Close();
    PutTaxonomy();
    PutRunProperties(json_, report_);
    json_.Close();
    json_.Close();
    json_.Close();
    return json_.Finish();
  }

 private:
  // Those that something is said about, and what holds them, in the order of
  // the tree: parents first.
  void CollectArtifacts() {
    std::set<ArtifactId> wanted;
    const auto want = [&](std::string_view path) {
      const Artifact* artifact = index_.Find(path);
      while (artifact != nullptr && wanted.insert(artifact->id).second) {
        artifact = artifact->parent < artifact->id
                       ? &report_.artifacts[artifact->parent]
                       : nullptr;
      }
    };
    for (const Finding& finding : report_.findings) {
      want(finding.subject);
      for (const Evidence& evidence : finding.evidence) {
        want(evidence.path);
      }
    }
    for (const NotExamined& part : report_.not_examined) {
      want(part.path);
    }
    for (const ArtifactId id : wanted) {
      place_of_.emplace(id, artifacts_.size());
      artifacts_.push_back(&report_.artifacts[id]);
    }
  }

  void CollectWeaknesses() {
    for (const Finding& finding : report_.findings) {
      for (const std::string& cwe : finding.cwe) {
        cwes_.emplace(cwe, 0);
      }
    }
    std::size_t next = 0;
    for (auto& [id, place] : cwes_) {
      place = next++;
    }
  }

  // Section 3.24.2: of a nested artifact the path inside the one that holds it,
  // beginning with a slash.
  [[nodiscard]] std::string UriIn(const Artifact& artifact) const {
    if (artifact.parent >= artifact.id) {
      return UriOf(artifact.path);
    }
    std::string_view path = artifact.path;
    const std::string& holder = report_.artifacts[artifact.parent].path;
    for (const std::string_view part :
         {std::string_view(holder), std::string_view("!/"),
          std::string_view("/")}) {
      path.remove_prefix(path.starts_with(part) ? part.size() : 0);
    }
    return "/" + UriOf(path);
  }

  void PutArtifacts() {
    json_.OpenArray("artifacts");
    for (const Artifact* artifact : artifacts_) {
      json_.OpenObject();
      json_.OpenObject("location");
      json_.Text("uri", UriIn(*artifact));
      json_.Close();
      PutPlacement(*artifact);
      PutContent(*artifact);
      json_.Close();
    }
    json_.Close();
  }

  void PutPlacement(const Artifact& artifact) {
    if (artifact.parent < artifact.id) {
      json_.Number("parentIndex", place_of_.at(artifact.parent));
    }
    if (artifact.stored && artifact.origin) {
      json_.Number("offset", artifact.origin->offset);
    }
    if (artifact.has_content) {
      json_.Number("length", artifact.size);
    }
    if (artifact.id == 0 || artifact.meta.type == FileType::kDirectory) {
      json_.Texts("roles", {artifact.id == 0 ? "analysisTarget" : "directory"});
    }
  }

  void PutContent(const Artifact& artifact) {
    if (!artifact.digests.empty()) {
      json_.OpenObject("hashes");
      for (const Digest& digest : artifact.digests) {
        json_.Text(HashNameOf(digest.algorithm), digest.hex);
      }
      json_.Close();
    }
    json_.OpenObject("properties");
    json_.Text("path", Printable(artifact.path));
    json_.TextIf("format", Printable(artifact.format));
    if (artifact.has_content || artifact.examination == Examination::kOpaque) {
      json_.Text("examination", NameOf(artifact.examination));
    }
    json_.Close();
  }

  void PutPhysical(std::string_view path, const Evidence* evidence,
                   std::optional<Range> place) {
    json_.OpenObject("physicalLocation");
    json_.OpenObject("artifactLocation");
    const Artifact* artifact = index_.Find(path);
    json_.Text("uri", artifact == nullptr ? UriOf(path) : UriIn(*artifact));
    if (artifact != nullptr) {
      json_.Number("index", place_of_.at(artifact->id));
    }
    json_.Close();
    if (place) {
      PutRegion(json_, *place, evidence == nullptr ? "" : evidence->excerpt);
    }
    json_.Close();
    PutLogicalLocation(json_, path);
  }

  void PutEvidence(const Finding& finding) {
    json_.OpenArray("relatedLocations");
    std::size_t id = 0;
    for (const Evidence& evidence : finding.evidence) {
      json_.OpenObject();
      json_.Number("id", ++id);
      PutPhysical(evidence.path.empty() ? finding.subject : evidence.path,
                  &evidence, evidence.place);
      PutMessage(json_, "message", WordsOfEvidence(evidence));
      json_.Close();
    }
    json_.Close();
  }

  void PutResult(const Finding& finding) {
    json_.OpenObject();
    PutResultHead(json_, finding, rule_index_.at(finding.rule));
    json_.Text("guid", UuidOf("finding", finding.id));
    const auto first = std::find_if(
        finding.evidence.begin(), finding.evidence.end(),
        [&](const Evidence& one) {
          return one.path == finding.subject && one.place.has_value();
        });
    const bool placed = first != finding.evidence.end();
    json_.OpenArray("locations");
    json_.OpenObject();
    PutPhysical(finding.subject, placed ? &*first : nullptr,
                placed ? first->place : std::nullopt);
    json_.Close();
    json_.Close();
    PutEvidence(finding);
    json_.OpenObject("fingerprints");
    json_.Text("assayFindingId/v1", finding.id);
    json_.Close();
    json_.OpenObject("partialFingerprints");
    json_.Text("ruleAndContent/v1", FingerprintOf(finding));
    json_.Close();
    PutSuppressions(json_, finding);
    if (has_baseline_) {
      json_.Text("baselineState",
                 finding.baseline.empty() ? "new" : "unchanged");
    }
    PutTaxa(finding);
    json_.OpenObject("properties");
    json_.Text("id", finding.id);
    json_.Text("family", Printable(finding.family));
    json_.Text("severity", NameOf(finding.severity));
    json_.Text("confidence", NameOf(finding.confidence));
    json_.Text("security-severity", SecuritySeverityOf(finding.severity));
    json_.TextIf("explainedBy", Printable(finding.explained_by));
    json_.Close();
    json_.Close();
  }

  void PutTaxa(const Finding& finding) {
    if (finding.cwe.empty()) {
      return;
    }
    json_.OpenArray("taxa");
    for (const std::string& cwe : finding.cwe) {
      json_.OpenObject();
      json_.Text("id", Printable(cwe));
      json_.Number("index", cwes_.at(cwe));
      json_.OpenObject("toolComponent");
      json_.Text("name", "CWE");
      json_.Number("index", 0);
      json_.Close();
      json_.Close();
    }
    json_.Close();
  }

  void PutTaxonomy() {
    json_.OpenArray("taxonomies");
    if (!cwes_.empty()) {
      json_.OpenObject();
      json_.Text("name", "CWE");
      json_.Text("organization", "MITRE");
      PutMessage(json_, "shortDescription", "Common Weakness Enumeration");
      json_.OpenArray("taxa");
      for (const auto& [id, place] : cwes_) {
        json_.OpenObject();
        json_.Text("id", Printable(id));
        json_.Close();
      }
      json_.Close();
      json_.Close();
    }
    json_.Close();
  }

  void PutInvocation() {
    json_.OpenArray("invocations");
    json_.OpenObject();
    json_.Flag("executionSuccessful", report_.reproducible);
    json_.Signed("exitCode", ExitCodeOf(report_.verdict));
    json_.Text("exitCodeDescription",
               Printable(fmt::format("{}: {}", NameOf(report_.verdict),
                                     fmt::join(report_.reasons, "; "))));
    json_.OpenArray("toolExecutionNotifications");
    for (const NotExamined& part : report_.not_examined) {
      json_.OpenObject();
      PutMessage(json_, "message", "not examined: " + part.reason);
      json_.Text("level", "warning");
      json_.OpenArray("locations");
      json_.OpenObject();
      PutPhysical(part.path, nullptr, part.range);
      json_.Close();
      json_.Close();
      json_.Close();
    }
    for (const std::string& id : report_.rules.not_evaluated) {
      json_.OpenObject();
      PutMessage(json_, "message", "not evaluated: rule " + id);
      json_.Text("level", "note");
      json_.Close();
    }
    json_.Close();
    json_.Close();
    json_.Close();
  }

  const Report& report_;
  ArtifactIndex index_;
  bool has_baseline_ = false;
  SarifRules rules_;
  std::unordered_map<std::string_view, std::size_t> rule_index_;
  std::vector<const Artifact*> artifacts_;
  std::unordered_map<ArtifactId, std::size_t> place_of_;  // in artifacts_
  std::map<std::string, std::size_t> cwes_;               // place in taxa
  JsonText json_;
};

std::string Write(const Report& report, const Style& /*style*/) {
  return Writer(report).Write();
}

}  // namespace

const ReportWriter kSarif = {
    .name = "sarif",
    .title = "SARIF 2.1.0 with nested artifacts",
    .write = Write,
};

}  // namespace assay::report
