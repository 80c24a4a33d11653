// A GitLab security report of the type "sast": gitlab-org/security-products/
// security-report-schemas 15.0.7, which every GitLab from 16.0 on accepts.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/exchange.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

constexpr std::size_t kMostName = 255;
constexpr std::size_t kMostSolution = 7000;
constexpr std::size_t kMostDescription = 1'048'576;
constexpr std::size_t kMostOption = 255;

std::string_view SeverityNameOf(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return "Critical";
    case Severity::kHigh:
      return "High";
    case Severity::kMedium:
      return "Medium";
    case Severity::kLow:
      return "Low";
    case Severity::kInfo:
      break;
  }
  return "Info";
}

// GitLab shows descriptions as Markdown, which no name from inside a product
// may speak: all of its ASCII punctuation is escaped (CommonMark 2.4).
std::string Plain(std::string_view text) {
  std::string out;
  for (const char c : Printable(text)) {
    if (std::string_view("\\`*_{}[]()<>#+-.!|~&@:$^").find(c) !=
        std::string_view::npos) {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  return out;
}

void PutIdentifier(JsonText& json, std::string_view type, std::string_view name,
                   std::string_view value, std::string_view url = {}) {
  json.OpenObject();
  json.Text("type", type);
  json.Text("name", Printable(name));
  json.Text("value", Printable(value));
  json.TextIf("url", url);
  json.Close();
}

// "798" of "CWE-798", "" of anything else.
std::string_view NumberOfCwe(std::string_view cwe) {
  constexpr std::string_view kPrefix = "CWE-";
  const std::string_view number =
      cwe.substr(cwe.starts_with(kPrefix) ? kPrefix.size() : cwe.size());
  return NumberOf(number) ? number : std::string_view();
}

void PutIdentifiers(JsonText& json, const Finding& finding) {
  json.OpenArray("identifiers");
  PutIdentifier(json, "assay_rule", "Assay " + finding.rule, finding.rule);
  for (const std::string& cwe : finding.cwe) {
    const std::string_view number = NumberOfCwe(cwe);
    if (!number.empty()) {
      PutIdentifier(json, "cwe", cwe, number,
                    fmt::format("https://cwe.mitre.org/data/definitions/"
                                "{}.html",
                                number));
    }
  }
  json.Close();
}

void PutDetail(JsonText& json, std::string_view key, std::string_view name,
               std::string_view value) {
  if (value.empty()) {
    return;
  }
  json.OpenObject(key);
  json.Text("name", name);
  json.Text("type", "text");
  json.Text("value", Printable(value));
  json.Close();
}

std::string EvidenceText(const Evidence& evidence) {
  std::string text = fmt::format("{} {}", NameOf(evidence.kind), evidence.path);
  if (evidence.place) {
    text += " " + PlaceText(*evidence.place);
  }
  if (!evidence.field.empty()) {
    text += fmt::format(" {} is", evidence.field);
  }
  return fmt::format("{} {} {}", text, evidence.value, evidence.excerpt);
}

void PutDetails(JsonText& json, const Finding& finding) {
  json.OpenObject("details");
  PutDetail(json, "confidence", "Confidence", NameOf(finding.confidence));
  PutDetail(json, "explained_by", "Explained by", finding.explained_by);
  PutDetail(json, "waiver", "Accepted by waiver", finding.waiver);
  PutDetail(json, "baseline", "Known from", finding.baseline);
  json.OpenObject("evidence");
  json.Text("name", "Evidence");
  json.Text("type", "list");
  json.OpenArray("items");
  for (const Evidence& evidence : finding.evidence) {
    json.OpenObject();
    json.Text("type", "text");
    json.Text("value", Printable(EvidenceText(evidence)));
    json.Close();
  }
  json.Close();
  json.Close();
  json.Close();
}

void PutVulnerability(JsonText& json, const Finding& finding) {
  json.OpenObject();
  json.Text("id", UuidOf("finding", finding.id));
  json.Text("name", Cut(Printable(finding.title), kMostName));
  json.Text("description",
            Cut(fmt::format("{} Finding {} in {}.", Plain(finding.explanation),
                            Plain(finding.id), Plain(finding.subject)),
                kMostDescription));
  json.Text("severity", SeverityNameOf(finding.severity));
  json.Text("solution", Cut(Plain(finding.fix), kMostSolution));
  PutIdentifiers(json, finding);
  json.OpenObject("location");
  json.Text("file", Printable(finding.subject));
  json.Number("start_line", 1);
  json.Close();
  PutDetails(json, finding);
  json.OpenObject("tracking");
  json.Text("type", "source");
  json.OpenArray("items");
  json.OpenObject();
  json.Text("file", Printable(finding.subject));
  json.Number("start_line", 1);
  json.OpenArray("signatures");
  json.OpenObject();
  json.Text("algorithm", "assay_rule_and_content");
  json.Text("value", FingerprintOf(finding));
  json.Close();
  json.Close();
  json.Close();
  json.Close();
  json.Close();
  json.Close();
}

void PutScanner(JsonText& json, std::string_view key, const Report& report) {
  json.OpenObject(key);
  json.Text("id", "assay");
  json.Text("name", "Assay");
  json.Text("version", Printable(report.tool_version));
  json.OpenObject("vendor");
  json.Text("name", "Assay");
  json.Close();
  json.Close();
}

void PutOption(JsonText& json, std::string_view name, std::string_view value) {
  json.OpenObject();
  json.Text("name", name);
  json.Text("value", Cut(Printable(value), kMostOption));
  json.Text("source", "other");
  json.Close();
}

void PutNotice(JsonText& json, std::string_view level, std::string_view text) {
  json.OpenObject();
  json.Text("level", level);
  json.Text("value", Printable(text));
  json.Close();
}

void PutScan(JsonText& json, const Report& report) {
  json.OpenObject("scan");
  PutScanner(json, "analyzer", report);
  PutScanner(json, "scanner", report);
  json.Text("type", "sast");
  // "2026-11-22T10:00:00": both are the time that the verdict speaks of.
  const std::string at =
      FormatTime(std::clamp<UnixTime>(report.at, 0, 253'402'300'799))
          .substr(0, 19);
  json.Text("start_time", at);
  json.Text("end_time", at);
  json.Text("status", report.reproducible ? "success" : "failure");
  json.OpenArray("messages");
  PutNotice(json, report.verdict == Verdict::kPass ? "info" : "warn",
            fmt::format("{}: {} {}", NameOf(report.tlp), NameOf(report.verdict),
                        fmt::join(report.reasons, "; ")));
  if (report.redaction) {
    PutNotice(json, "warn", RedactionText(report));
  }
  for (const NotExamined& part : report.not_examined) {
    PutNotice(json, "warn",
              fmt::format("not examined: {} {}: {}", part.path,
                          PlaceText(part.range), part.reason));
  }
  json.Close();
  json.OpenArray("options");
  PutOption(json, "tlp", NameOf(report.tlp));
  if (report.redaction) {
    PutOption(json, "redaction", RedactionText(report));
  }
  PutOption(json, "verdict", NameOf(report.verdict));
  PutOption(json, "product", Escaped(report.product));
  PutOption(json, "product_sha256", report.product_sha256);
  PutOption(json, "policy", report.policy_name);
  json.Close();
  json.Close();
}

std::string Write(const Report& report, const Style& /*style*/) {
  JsonText json;
  json.OpenObject();
  json.Text("version", "15.0.7");
  json.Text("schema",
            "https://gitlab.com/gitlab-org/security-products/"
            "security-report-schemas/-/raw/v15.0.7/dist/"
            "sast-report-format.json");
  PutScan(json, report);
  json.OpenArray("vulnerabilities");
  for (const Finding& finding : report.findings) {
    PutVulnerability(json, finding);
  }
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace

const ReportWriter kGitlab = {
    .name = "gitlab",
    .title = "GitLab security report (SAST, schema 15.0.7)",
    .write = Write,
};

}  // namespace assay::report
