// JUnit XML, as Jenkins and GitLab read it: one test case for every check, so
// that what passed shows as well. Test cases fail when they weigh on the
// verdict; what could not be decided is an error where it weighs, and skipped
// where not. A product that passes has no failure and no error.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/report/exchange.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

enum class Outcome : std::uint8_t { kPassed, kFailed, kError, kSkipped };

struct Case {
  std::string group = {};  // "classname"
  std::string name = {};
  Outcome outcome = Outcome::kPassed;
  std::string message = {};  // one line, "" when there is nothing to say
  std::string detail = {};
};

// Printable text in attributes and elements. Two code points that UTF-8 has and
// XML 1.0 (section 2.2) forbids become escapes.
std::string Xml(std::string_view text) {
  std::string out;
  const std::string printable = Printable(text);
  for (std::size_t i = 0; i < printable.size(); ++i) {
    const char c = printable[i];
    const std::string_view rest = std::string_view(printable).substr(i, 3);
    if (rest == "\xEF\xBF\xBE" || rest == "\xEF\xBF\xBF") {
      out += rest == "\xEF\xBF\xBE" ? "\\xef\\xbf\\xbe" : "\\xef\\xbf\\xbf";
      i += 2;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

void PutCase(const Case& one, std::string& to) {
  to += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\"",
                    Xml(one.group), Xml(one.name));
  constexpr std::array<std::string_view, 4> kElements = {
      "system-out", "failure", "error", "skipped"};
  const std::string_view element =
      kElements.at(static_cast<std::size_t>(one.outcome));
  if (one.outcome == Outcome::kPassed) {
    to += one.message.empty()
              ? "/>\n"
              : fmt::format(">\n      <{0}>{1}</{0}>\n    </testcase>\n",
                            element, Xml(one.message + " " + one.detail));
    return;
  }
  to +=
      fmt::format(">\n      <{0} message=\"{1}\">{2}</{0}>\n    </testcase>\n",
                  element, Xml(one.message), Xml(one.detail));
}

// Its cases as text: of a million findings they exist in no other form.
class Suite {
 public:
  explicit Suite(std::string_view name) : name_(name) {}

  void Add(const Case& one) {
    PutCase(one, cases_);
    ++counts_.at(static_cast<std::size_t>(one.outcome));
  }

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const std::string& cases() const { return cases_; }
  [[nodiscard]] std::size_t CountOf(Outcome outcome) const {
    return counts_.at(static_cast<std::size_t>(outcome));
  }
  [[nodiscard]] std::size_t Count() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
  }

 private:
  std::string_view name_;
  std::string cases_;
  std::array<std::size_t, 4> counts_ = {};
};

// "NI3-HF03" of "NI3-HF03-007".
std::string GroupOf(std::string_view rule) {
  return fmt::format("rules.{}", rule.substr(0, rule.rfind('-')));
}

std::string EvidenceOf(const Finding& finding) {
  std::vector<std::string> lines;
  for (const Evidence& evidence : finding.evidence) {
    lines.push_back(
        fmt::format("{} {}{} {}", NameOf(evidence.kind), evidence.path,
                    evidence.place ? " " + PlaceText(*evidence.place) : "",
                    evidence.kind == Evidence::Kind::kMetadata
                        ? evidence.field + " is " + evidence.value
                        : evidence.value + evidence.excerpt));
  }
  return fmt::format("{} | {} | evidence: {}", finding.explanation, finding.fix,
                     fmt::join(lines, "; "));
}

Case CaseOf(const Finding& finding, const Report& report) {
  Case one{
      .group = GroupOf(finding.rule),
      .name =
          fmt::format("{} {} {}", finding.rule, finding.subject, finding.id),
      .outcome = Weighs(finding, report) ? Outcome::kFailed : Outcome::kSkipped,
      .message = fmt::format("{}, {} confidence: {}", NameOf(finding.severity),
                             NameOf(finding.confidence), finding.title),
      .detail = EvidenceOf(finding)};
  if (!finding.waiver.empty()) {
    one.message += ", accepted by waiver " + finding.waiver;
  }
  if (!finding.baseline.empty()) {
    one.message += ", known from " + finding.baseline;
  }
  if (!finding.explained_by.empty()) {
    one.message += ", explained by " + finding.explained_by;
  }
  return one;
}

Suite RulesSuite(const Report& report) {
  Suite suite("rules");
  for (const Finding& finding : report.findings) {
    suite.Add(CaseOf(finding, report));
  }
  for (const std::string& id : report.rules.passed) {
    suite.Add({.group = GroupOf(id), .name = id});
  }
  for (const std::string& id : report.rules.not_evaluated) {
    suite.Add({.group = GroupOf(id),
               .name = id,
               .outcome = Outcome::kSkipped,
               .message = "nothing to judge by"});
  }
  for (const std::string& id : report.rules.disabled) {
    suite.Add({.group = GroupOf(id),
               .name = id,
               .outcome = Outcome::kSkipped,
               .message = "disabled by the policy"});
  }
  return suite;
}

Outcome OutcomeOf(const SignatureCheck& check, Verdict verdict) {
  switch (check.indication) {
    case Indication::kTotalPassed:
      return Outcome::kPassed;
    case Indication::kTotalFailed:
      return verdict == Verdict::kFail ? Outcome::kFailed : Outcome::kSkipped;
    default:
      return Outcome::kSkipped;
  }
}

Suite SignaturesSuite(const Report& report) {
  Suite suite("signatures");
  for (const SignatureCheck& check : report.checks) {
    suite.Add({.group = "signatures." + check.scheme,
               .name = fmt::format("{} signs {}", check.holder, check.target),
               .outcome = OutcomeOf(check, report.verdict),
               .message = fmt::format("{} {}", NameOf(check.indication),
                                      check.sub_indication),
               .detail = check.detail});
  }
  return suite;
}

// One check for each way in which SBOM and content can differ.
Suite SbomSuite(const Report& report) {
  constexpr std::array kKinds = {
      DiscrepancyKind::kUndeclared,       DiscrepancyKind::kPhantom,
      DiscrepancyKind::kVersionMismatch,  DiscrepancyKind::kDigestMismatch,
      DiscrepancyKind::kProducerMismatch, DiscrepancyKind::kLicenceMismatch,
      DiscrepancyKind::kUnexplainedFile,  DiscrepancyKind::kMissingFile,
      DiscrepancyKind::kRecordMismatch,   DiscrepancyKind::kHiddenPackage,
      DiscrepancyKind::kEdgeMismatch,     DiscrepancyKind::kSelfContradiction,
      DiscrepancyKind::kWrongSubject,     DiscrepancyKind::kDocumentMismatch,
      DiscrepancyKind::kOpaqueRegion,     DiscrepancyKind::kImplausibleContext,
      DiscrepancyKind::kModifiedBuild,    DiscrepancyKind::kMalformed};
  std::map<DiscrepancyKind, std::vector<std::string>> found;
  for (const Discrepancy& one : report.reconciliation.discrepancies) {
    found[one.kind].push_back(one.component);
  }
  Suite suite("sbom");
  for (const DiscrepancyKind kind : kKinds) {
    Case one{.group = "sbom", .name = std::string(NameOf(kind))};
    if (const auto some = found.find(kind); some != found.end()) {
      one.outcome = report.verdict == Verdict::kFail ? Outcome::kFailed
                                                     : Outcome::kSkipped;
      one.message = CountText(some->second.size(), "discrepancy");
      one.detail = fmt::format("{}", fmt::join(some->second, ", "));
    } else if (report.reconciliation.documents.empty()) {
      one.outcome = Outcome::kSkipped;
      one.message = "no SBOM was given or found";
    }
    suite.Add(one);
  }
  return suite;
}

Suite VerdictSuite(const Report& report) {
  Case one{.group = "verdict",
           .name = Escaped(report.product),
           .message = std::string(NameOf(report.verdict)),
           .detail = fmt::format("{}", fmt::join(report.reasons, "; "))};
  if (report.verdict != Verdict::kPass) {
    one.outcome =
        report.verdict == Verdict::kFail ? Outcome::kFailed : Outcome::kError;
  }
  Suite suite("verdict");
  suite.Add(one);
  for (const NotExamined& part : report.not_examined) {
    suite.Add({.group = "examination",
               .name = fmt::format("{} {}", part.path, PlaceText(part.range)),
               .outcome = Outcome::kSkipped,
               .message = "not examined: " + part.reason});
  }
  return suite;
}

void PutSuite(const Suite& suite, const Report& report, std::string& to) {
  // "2026-11-22T10:00:00": the attribute has no zone.
  const std::string at = TimeText(report.at);
  to += fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"{}\" time=\"0\" timestamp=\"{}\">\n",
      suite.name(), suite.Count(), suite.CountOf(Outcome::kFailed),
      suite.CountOf(Outcome::kError), suite.CountOf(Outcome::kSkipped),
      Xml(at.substr(0, at.find('Z'))));
  to += "    <properties>\n";
  const auto property = [&to](std::string_view name, std::string_view value) {
    to += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name,
                      Xml(value));
  };
  property("tlp", NameOf(report.tlp));
  if (report.redaction) {
    property("redaction", RedactionText(report));
  }
  property("product", Escaped(report.product));
  property("product.sha256", report.product_sha256);
  property("verdict", NameOf(report.verdict));
  to += "    </properties>\n";
  to += suite.cases();
  to += "  </testsuite>\n";
}

std::string Write(const Report& report, const Style& /*style*/) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += "<testsuites name=\"assay\">\n";
  for (const auto& suite_of :
       {VerdictSuite, RulesSuite, SignaturesSuite, SbomSuite}) {
    PutSuite(suite_of(report), report, text);
  }
  text += "</testsuites>\n";
  return text;
}

}  // namespace

const ReportWriter kJunit = {
    .name = "junit",
    .title = "JUnit XML, one test case for every check",
    .write = Write,
};

}  // namespace assay::report
