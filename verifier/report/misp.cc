// A MISP event (MISP core format): the findings as text, and the files that
// they are about by digest. Nothing is for intrusion detection by itself: every
// finding is a possibility. The event goes to nobody but the organisation that
// imports it.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "verifier/base/text.h"
#include "verifier/base/time.h"
#include "verifier/report/exchange.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

// FIRST's colours for TLP 2.0.
std::string_view ColourOf(Tlp tlp) {
  switch (tlp) {
    case Tlp::kRed:
      return "#FF2B2B";
    case Tlp::kAmberStrict:
    case Tlp::kAmber:
      return "#FFC000";
    case Tlp::kGreen:
      return "#33FF00";
    case Tlp::kClear:
      break;
  }
  return "#FFFFFF";
}

// 1 high, 2 medium, 3 low, 4 undefined.
std::string_view ThreatLevelOf(const Report& report) {
  Severity worst = Severity::kInfo;
  for (const Finding& finding : report.findings) {
    worst = Weighs(finding, report) ? std::max(worst, finding.severity) : worst;
  }
  switch (worst) {
    case Severity::kCritical:
    case Severity::kHigh:
      return "1";
    case Severity::kMedium:
      return "2";
    case Severity::kLow:
      return "3";
    case Severity::kInfo:
      break;
  }
  return "4";
}

class Writer {
 public:
  explicit Writer(const Report& report)
      : report_(report),
        index_(report),
        at_(std::clamp<UnixTime>(report.at, 0, 253'402'300'799)) {}

  std::string Write() {
    json_.OpenObject();
    json_.OpenObject("Event");
    json_.Text("uuid", IdOf("event", ""));
    json_.Text("info",
               Printable(fmt::format("Assay: {}: {}", Escaped(report_.product),
                                     NameOf(report_.verdict))));
    json_.Text("date", FormatTime(at_).substr(0, 10));
    json_.Text("timestamp", fmt::format("{}", at_));
    json_.Text("threat_level_id", ThreatLevelOf(report_));
    json_.Text("analysis", "2");
    json_.Text("distribution", "0");
    json_.Flag("published", false);
    json_.OpenObject("Orgc");
    json_.Text("name", "Assay");
    json_.Text("uuid", UuidOf("misp:org", "assay"));
    json_.Close();
    PutTags();
    json_.OpenArray("Attribute");
    PutFile(Escaped(report_.product), report_.product_sha256,
            "the product that was verified");
    if (report_.redaction) {
      json_.OpenObject();
      PutAttribute("text", "Other", Printable(RedactionText(report_)),
                   "what was taken out of this report");
      json_.Close();
    }
    for (const Finding& finding : report_.findings) {
      PutFinding(finding);
    }
    json_.Close();
    json_.Close();
    json_.Close();
    return json_.Finish();
  }

 private:
  [[nodiscard]] std::string IdOf(std::string_view kind,
                                 std::string_view name) const {
    return UuidOf(fmt::format("misp:{}", kind),
                  fmt::format("{} {} {}", report_.product_sha256, at_, name));
  }

  void PutTag(std::string_view name, std::string_view colour) {
    json_.OpenObject();
    json_.Text("name", name);
    json_.TextIf("colour", colour);
    json_.Close();
  }

  void PutTags() {
    json_.OpenArray("Tag");
    PutTag(Lower(NameOf(report_.tlp)), ColourOf(report_.tlp));
    PutTag(fmt::format("assay:verdict=\"{}\"", NameOf(report_.verdict)), "");
    json_.Close();
  }

  void PutAttribute(std::string_view type, std::string_view category,
                    std::string_view value, std::string_view comment) {
    json_.Text("uuid", IdOf("attribute", value));
    json_.Text("type", type);
    json_.Text("category", category);
    json_.Text("value", value);
    json_.Text("comment", Printable(comment));
    json_.Flag("to_ids", false);
    json_.Text("distribution", "5");  // as the event
    json_.Text("timestamp", fmt::format("{}", at_));
  }

  // The bar stands between name and digest.
  void PutFile(std::string_view path, std::string_view sha256,
               std::string_view comment) {
    std::string name = Printable(path);
    for (std::size_t at = 0; (at = name.find('|', at)) != std::string::npos;) {
      name.replace(at, 1, "\\x7c");
    }
    if (files_.insert(name).second) {
      json_.OpenObject();
      PutAttribute("filename|sha256", "Payload delivery",
                   fmt::format("{}|{}", name, sha256), comment);
      json_.Close();
    }
  }

  void PutFinding(const Finding& finding) {
    const Artifact* artifact = index_.Find(finding.subject);
    if (artifact != nullptr && artifact->has_content && !artifact->redacted) {
      PutFile(artifact->path, artifact->sha256(), "findings are about it");
    }
    json_.OpenObject();
    PutAttribute("text", "Other",
                 Printable(fmt::format(
                     "{} {}, {} confidence, {}: {} ({})", finding.rule,
                     NameOf(finding.severity), NameOf(finding.confidence),
                     finding.subject, finding.title, finding.id)),
                 finding.explanation + " " + finding.fix);
    json_.OpenArray("Tag");
    PutTag(fmt::format("assay:family=\"{}\"", Printable(finding.family)), "");
    PutTag(fmt::format("assay:severity=\"{}\"", NameOf(finding.severity)), "");
    json_.Close();
    json_.Close();
  }

  const Report& report_;
  ArtifactIndex index_;
  UnixTime at_;
  std::set<std::string> files_;
  JsonText json_;
};

std::string Write(const Report& report, const Style& /*style*/) {
  return Writer(report).Write();
}

}  // namespace

const ReportWriter kMisp = {
    .name = "misp",
    .title = "MISP event",
    .write = Write,
};

}  // namespace assay::report
