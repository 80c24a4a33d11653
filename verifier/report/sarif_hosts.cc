// SARIF 2.1.0 within the limits of code-scanning hosts (GitHub, "SARIF support
// for code scanning"): files by relative URI, results on line 1, at most 5,000
// of them, and under 10 MB even before it is compressed.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/layout.h"
#include "verifier/report/sarif_parts.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

constexpr std::size_t kMostResults = 5000;
constexpr std::size_t kMostTags = 10;
constexpr std::size_t kMostText = 1000;
// Bytes of results and rules; what follows them is small.
constexpr std::size_t kMostBytes = 9'000'000;
constexpr std::string_view kOmittedRule = "assay-omitted";

Finding Shortened(Finding finding) {
  for (std::string* text :
       {&finding.title, &finding.explanation, &finding.fix}) {
    *text = Cut(Printable(*text), kMostText);
  }
  return finding;
}

// Findings by weight: severe ones first, accepted and old ones last.
std::vector<const Finding*> Ranked(const Report& report) {
  std::vector<const Finding*> ranked = FindingsOf(report);
  const auto is_open = [](const Finding* finding) {
    return finding->waiver.empty() && finding->baseline.empty();
  };
  std::stable_sort(
      ranked.begin(), ranked.end(), [&](const Finding* a, const Finding* b) {
        return is_open(a) != is_open(b) ? is_open(a)
                                        : a->severity > b->severity;
      });
  return ranked;
}

void PutLine(JsonText& json, std::string_view path) {
  json.OpenArray("locations");
  json.OpenObject();
  json.OpenObject("physicalLocation");
  json.OpenObject("artifactLocation");
  json.Text("uri", UriOf(path));
  json.Close();
  json.OpenObject("region");
  json.Number("startLine", 1);
  json.Close();
  json.Close();
  json.Close();
  json.Close();
}

void PutFingerprint(JsonText& json, const std::string& fingerprint) {
  json.OpenObject("partialFingerprints");
  // The one that hosts compare by; the other says what it is.
  json.Text("primaryLocationLineHash", fingerprint.substr(0, 16) + ":1");
  json.Text("ruleAndContent/v1", fingerprint);
  json.Close();
}

class Writer {
 public:
  explicit Writer(const Report& report)
      : report_(report), ranked_(Ranked(report)) {
    if (ranked_.size() > kMostResults) {
      ranked_.resize(kMostResults - 1);  // and the one that says so
    }
    rules_.found = RulesOf(ranked_);
    short_.reserve(rules_.found.size());
    for (RuleSummary& rule : rules_.found) {
      short_.push_back(Shortened(*rule.worst));
      rule_index_.emplace(rule.id, rule_index_.size());
    }
    for (std::size_t i = 0; i < short_.size(); ++i) {
      rules_.found[i].worst = &short_[i];
    }
  }

  std::string Write() {
    rules_.more.emplace_back(kOmittedRule);
    json_.OpenObject();
    PutSarifHead(json_);
    json_.OpenArray("runs");
    json_.OpenObject();
    PutTool(json_, report_, rules_, kMostTags);
    json_.OpenObject("automationDetails");
    json_.Text("id", fmt::format("assay/{}/", Escaped(report_.product)));
    json_.Close();
    json_.OpenArray("results");
    std::size_t shown = 0;
    while (shown < ranked_.size() && json_.size() < kMostBytes) {
      PutResult(*ranked_[shown++]);
    }
    if (shown < report_.findings.size()) {
      PutOmitted(report_.findings.size() - shown);
    }
    json_.Close();
    PutRunProperties(json_, report_);
    json_.Close();
    json_.Close();
    json_.Close();
    return json_.Finish();
  }

 private:
  // The product itself where a finding names no artifact.
  [[nodiscard]] std::string PathOf(const Finding& finding) const {
    return finding.subject.empty() ? Escaped(report_.product) : finding.subject;
  }

  void PutResult(const Finding& finding) {
    json_.OpenObject();
    PutResultHead(json_, Shortened(finding), rule_index_.at(finding.rule));
    PutLine(json_, PathOf(finding));
    PutFingerprint(json_, FingerprintOf(finding));
    PutSuppressions(json_, finding);
    json_.OpenObject("properties");
    json_.Text("id", finding.id);
    json_.Text("severity", NameOf(finding.severity));
    json_.Text("confidence", NameOf(finding.confidence));
    json_.Close();
    json_.Close();
  }

  void PutOmitted(std::size_t count) {
    json_.OpenObject();
    json_.Text("ruleId", kOmittedRule);
    json_.Number("ruleIndex", rules_.found.size());
    json_.Text("level", "warning");
    PutMessage(json_, "message",
               fmt::format("{} more findings are in the full report: this file "
                           "has the {} most severe, as many as hosts take",
                           count, report_.findings.size() - count));
    PutLine(json_, Escaped(report_.product));
    PutFingerprint(json_, Sha256Hex(AsBytes(kOmittedRule)));
    json_.Close();
  }

  const Report& report_;
  std::vector<const Finding*> ranked_;  // those that there is room for
  SarifRules rules_;
  std::vector<Finding> short_;  // what rules_.found points to
  std::unordered_map<std::string_view, std::size_t> rule_index_;
  JsonText json_;
};

std::string Write(const Report& report, const Style& /*style*/) {
  return Writer(report).Write();
}

}  // namespace

const ReportWriter kSarifHosts = {
    .name = "sarif-hosts",
    .title = "SARIF 2.1.0 within the limits of code-scanning hosts",
    .write = Write,
};

}  // namespace assay::report
