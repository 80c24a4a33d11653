// OASIS Static Analysis Results Interchange Format (SARIF) 2.1.0.
#include "verifier/report/sarif_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/text.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"

namespace assay::report {
namespace {

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json";

// Tags as code-scanning hosts know them.
std::vector<std::string> TagsOf(const Finding& finding, std::size_t most) {
  std::vector<std::string> tags = {"security", finding.family};
  for (const std::string& cwe : finding.cwe) {
    tags.push_back("external/cwe/" + Lower(cwe));
  }
  for (const std::string& technique : finding.attack) {
    tags.push_back("external/attack/" + Lower(technique));
  }
  for (const std::string& norm : finding.norm) {
    tags.push_back("norm/" + norm);
  }
  tags.resize(std::min(tags.size(), most));
  for (std::string& tag : tags) {
    tag = Printable(tag);
  }
  return tags;
}

void PutRule(JsonText& json, const Finding& finding, std::size_t tags) {
  json.OpenObject();
  json.Text("id", Printable(finding.rule));
  PutMessage(json, "shortDescription",
             fmt::format("{}: {}", finding.family, finding.rule));
  PutMessage(json, "fullDescription", finding.explanation);
  json.OpenObject("help");
  json.Text("text",
            fmt::format("{}\n\nWhat to do: {}", Printable(finding.explanation),
                        Printable(finding.fix)));
  json.Close();
  json.OpenObject("defaultConfiguration");
  json.Text("level", LevelOf(finding.severity));
  json.Close();
  json.OpenObject("properties");
  json.Texts("tags", TagsOf(finding, tags));
  json.Text("precision", NameOf(finding.confidence));
  json.Text("security-severity", SecuritySeverityOf(finding.severity));
  json.Text("version", Printable(finding.rule_version));
  json.Close();
  json.Close();
}

void PutBareRule(JsonText& json, std::string_view id, bool enabled) {
  json.OpenObject();
  json.Text("id", Printable(id));
  if (!enabled) {
    json.OpenObject("defaultConfiguration");
    json.Flag("enabled", false);
    json.Close();
  }
  json.Close();
}

}  // namespace

std::string_view LevelOf(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
    case Severity::kHigh:
      return "error";
    case Severity::kMedium:
      return "warning";
    case Severity::kLow:
    case Severity::kInfo:
      break;
  }
  return "note";
}

void PutSarifHead(JsonText& json) {
  json.Text("$schema", kSchema);
  json.Text("version", "2.1.0");
}

void PutMessage(JsonText& json, std::string_view key, std::string_view text) {
  json.OpenObject(key);
  json.Text("text", Printable(text));
  json.Close();
}

void PutTool(JsonText& json, const Report& report, const SarifRules& rules,
             std::size_t tags) {
  json.OpenObject("tool");
  json.OpenObject("driver");
  json.Text("name", "Assay");
  json.Text("version", Printable(report.tool_version));
  json.OpenArray("rules");
  for (const RuleSummary& rule : rules.found) {
    PutRule(json, *rule.worst, tags);
  }
  for (const std::string& id : rules.more) {
    PutBareRule(json, id, true);
  }
  for (const std::string& id : rules.disabled) {
    PutBareRule(json, id, false);
  }
  json.Close();
  json.OpenObject("properties");
  json.Text("rulesSha256", report.rules_sha256);
  json.Close();
  json.Close();
  json.Close();
}

void PutRegion(JsonText& json, Range place, std::string_view excerpt) {
  json.OpenObject("region");
  json.Number("byteOffset", place.offset);
  json.Number("byteLength", place.length);
  if (!excerpt.empty()) {
    PutMessage(json, "snippet", excerpt);
  }
  json.Close();
}

void PutLogicalLocation(JsonText& json, std::string_view path) {
  json.OpenArray("logicalLocations");
  json.OpenObject();
  json.Text("fullyQualifiedName", Printable(path));
  json.Close();
  json.Close();
}

std::string WordsOfEvidence(const Evidence& evidence) {
  switch (evidence.kind) {
    case Evidence::Kind::kBytes:
      return "sha256 of these bytes: " + evidence.digest;
    case Evidence::Kind::kMetadata:
      return evidence.field + " is " + evidence.value;
    case Evidence::Kind::kAbsence:
      return "is not there";
    case Evidence::Kind::kRelation:
      break;
  }
  return evidence.value;
}

void PutRunProperties(JsonText& json, const Report& report) {
  json.OpenObject("properties");
  json.Text("tlp", NameOf(report.tlp));
  json.TextIf("redaction", Printable(RedactionText(report)));
  json.Text("verdict", NameOf(report.verdict));
  json.OpenArray("reasons");
  for (const std::string& reason : report.reasons) {
    json.Element(Printable(reason));
  }
  json.Close();
  json.Text("product", Escaped(report.product));
  json.Text("productSha256", report.product_sha256);
  json.Number("productSize", report.product_size);
  json.TextIf("policy", Printable(report.policy_name));
  json.TextIf("policySha256", report.policy_sha256);
  json.Text("at", TimeText(report.at));
  json.Flag("reproducible", report.reproducible);
  json.Close();
}

void PutResultHead(JsonText& json, const Finding& finding,
                   std::size_t rule_index) {
  json.Text("ruleId", Printable(finding.rule));
  json.Number("ruleIndex", rule_index);
  json.Text("level", LevelOf(finding.severity));
  PutMessage(json, "message",
             finding.title.empty() ? finding.rule : finding.title);
}

void PutSuppressions(JsonText& json, const Finding& finding) {
  if (finding.waiver.empty()) {
    return;
  }
  json.OpenArray("suppressions");
  json.OpenObject();
  json.Text("kind", "external");
  json.Text("status", "accepted");
  json.Text("justification",
            "waiver " + Printable(finding.waiver) + " of the policy");
  json.Close();
  json.Close();
}

}  // namespace assay::report
