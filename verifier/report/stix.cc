// STIX 2.1 (OASIS): the product, the files that findings are about, an
// indicator for every finding (a note where it is about no content), and a
// report that holds them together. All ids are made of what they name.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"
#include "verifier/report/exchange.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

// OASIS CTI, "TLP 2.0" extension definition and its five markings.
constexpr std::string_view kTlpExtension =
    "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
constexpr std::string_view kTlpCreated = "2022-10-01T00:00:00.000Z";

std::string_view MarkingOf(Tlp tlp) {
  switch (tlp) {
    case Tlp::kRed:
      return "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
    case Tlp::kAmberStrict:
      return "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003";
    case Tlp::kAmber:
      return "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
    case Tlp::kGreen:
      return "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
    case Tlp::kClear:
      break;
  }
  return "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
}

// STIX 2.1 appendix A: "Low", "Med" and "High" as numbers.
std::uint64_t NumberOf(Confidence confidence) {
  switch (confidence) {
    case Confidence::kHigh:
      return 85;
    case Confidence::kMedium:
      return 50;
    case Confidence::kLow:
      break;
  }
  return 15;
}

// A JSON string as RFC 8785 has it; the text is printable.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c == '"' || c == '\\' ? "\\" : "";
    out.push_back(c);
  }
  return out + "\"";
}

struct File {
  std::string id;
  std::string name;
  std::string sha256;
};

// Section 2.9: observed objects of the same properties have the same id.
File FileOf(std::string_view name, std::string_view sha256) {
  File file{.id = {}, .name = Printable(name), .sha256 = std::string(sha256)};
  file.id = "file--" + UuidIn("00abedb4aa42466c9c01fed23315a9b7",
                              fmt::format("{{\"hashes\":{{\"SHA-256\":\"{}\"}},"
                                          "\"name\":{}}}",
                                          sha256, Quoted(file.name)));
  return file;
}

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report), index_(report) {
    // With milliseconds, section 2.16.
    at_ = FormatTime(std::clamp<UnixTime>(report.at, 0, 253'402'300'799));
    at_.insert(at_.size() - 1, ".000");
  }

  std::string Write() {
    json_.OpenObject();
    json_.Text("type", "bundle");
    json_.Text("id", IdOf("bundle", ""));
    json_.OpenArray("objects");
    PutMarking();
    PutIdentity();
    const File product =
        FileOf(Escaped(report_.product), report_.product_sha256);
    PutFile(product, report_.product_size);
    for (const Finding& finding : report_.findings) {
      PutFinding(finding, product);
    }
    PutAnalysis(product);
    PutReport();
    json_.Close();
    json_.Close();
    return json_.Finish();
  }

 private:
  // Of this verdict: another time, another object.
  [[nodiscard]] std::string IdOf(std::string_view type,
                                 std::string_view name) const {
    return fmt::format(
        "{}--{}", type,
        UuidOf(fmt::format("stix:{}", type),
               fmt::format("{} {} {}", report_.product_sha256, at_, name)));
  }

  void Open(std::string_view type, std::string id) {
    json_.OpenObject();
    json_.Text("type", type);
    json_.Text("spec_version", "2.1");
    json_.Text("id", id);
    objects_.push_back(std::move(id));
  }

  void PutCommon() {
    json_.Text("created_by_ref", identity_);
    json_.Text("created", at_);
    json_.Text("modified", at_);
    json_.Texts("object_marking_refs", {std::string(MarkingOf(report_.tlp))});
  }

  void PutMarking() {
    const std::string_view name = NameOf(report_.tlp);
    json_.OpenObject();
    json_.Text("type", "marking-definition");
    json_.Text("spec_version", "2.1");
    json_.Text("id", MarkingOf(report_.tlp));
    json_.Text("created", kTlpCreated);
    json_.Text("name", name);
    json_.OpenObject("extensions");
    json_.OpenObject(kTlpExtension);
    json_.Text("extension_type", "property-extension");
    json_.Text("tlp_2_0", Lower(name.substr(name.find(':') + 1)));
    json_.Close();
    json_.Close();
    json_.Close();
  }

  // The tool is the same in every bundle, and so is its object.
  void PutIdentity() {
    identity_ = "identity--" + UuidOf("stix:identity", "assay");
    json_.OpenObject();
    json_.Text("type", "identity");
    json_.Text("spec_version", "2.1");
    json_.Text("id", identity_);
    json_.Text("created", kTlpCreated);
    json_.Text("modified", kTlpCreated);
    json_.Text("name", "Assay");
    json_.Text("identity_class", "system");
    json_.Close();
  }

  void PutFile(const File& file, std::optional<std::uint64_t> size) {
    if (!files_.insert(file.id).second) {
      return;
    }
    Open("file", file.id);
    json_.OpenObject("hashes");
    json_.Text("SHA-256", file.sha256);
    json_.Close();
    json_.Text("name", file.name);
    if (size) {
      json_.Number("size", *size);
    }
    json_.Texts("object_marking_refs", {std::string(MarkingOf(report_.tlp))});
    json_.Close();
  }

  void PutReferences(const Finding& finding) {
    json_.OpenArray("external_references");
    const auto put = [this](std::string_view source, const std::string& id) {
      json_.OpenObject();
      json_.Text("source_name", source);
      json_.Text("external_id", Printable(id));
      json_.Close();
    };
    put("assay", finding.id);
    put("assay-rule", finding.rule);
    for (const std::string& cwe : finding.cwe) {
      put("cwe", cwe);
    }
    for (const std::string& technique : finding.attack) {
      put("mitre-attack", technique);
    }
    json_.Close();
  }

  void PutWords(const Finding& finding) {
    json_.Number("confidence", NumberOf(finding.confidence));
    json_.Texts("labels", {"severity:" + std::string(NameOf(finding.severity)),
                           "family:" + Printable(finding.family)});
    PutReferences(finding);
  }

  void PutFinding(const Finding& finding, const File& product) {
    const Artifact* artifact = index_.Find(finding.subject);
    if (artifact == nullptr || !artifact->has_content || artifact->redacted) {
      PutNote(finding, product);
      return;
    }
    PutFile(FileOf(artifact->path, artifact->sha256()), artifact->size);
    Open("indicator", IdOf("indicator", finding.id));
    PutCommon();
    json_.Text("name", Printable(finding.title));
    json_.Text("description", DescriptionOf(finding));
    json_.Texts("indicator_types", {"anomalous-activity"});
    json_.Text("pattern", fmt::format("[file:hashes.'SHA-256' = '{}']",
                                      artifact->sha256()));
    json_.Text("pattern_type", "stix");
    json_.Text("valid_from", at_);
    PutWords(finding);
    json_.Close();
  }

  void PutNote(const Finding& finding, const File& product) {
    Open("note", IdOf("note", finding.id));
    PutCommon();
    json_.Text("abstract", Printable(finding.title));
    json_.Text("content", DescriptionOf(finding));
    json_.Texts("object_refs", {product.id});
    PutWords(finding);
    json_.Close();
  }

  static std::string DescriptionOf(const Finding& finding) {
    return Printable(fmt::format("{} What to do: {} Finding {} in {}.",
                                 finding.explanation, finding.fix, finding.id,
                                 finding.subject));
  }

  // Evidence of hidden functions makes a product suspicious; that there is none
  // makes nothing benign.
  void PutAnalysis(const File& product) {
    const bool suspicious = std::any_of(
        report_.findings.begin(), report_.findings.end(),
        [&](const Finding& finding) { return Weighs(finding, report_); });
    Open("malware-analysis", IdOf("malware-analysis", ""));
    PutCommon();
    json_.Text("product", "assay");
    json_.Text("version", Printable(report_.tool_version));
    json_.Text("analysis_ended", at_);
    json_.Text("result", suspicious ? "suspicious" : "unknown");
    json_.Text("sample_ref", product.id);
    json_.Close();
  }

  void PutReport() {
    const auto objects = std::move(objects_);  // without itself
    Open("report", IdOf("report", ""));
    PutCommon();
    json_.Text("name",
               Printable(fmt::format("Assay: {}: {}", Escaped(report_.product),
                                     NameOf(report_.verdict))));
    json_.TextIf("description", Printable(RedactionText(report_)));
    json_.Texts("report_types", {"indicator"});
    json_.Text("published", at_);
    json_.Texts("object_refs", objects);
    json_.Close();
  }

  const Report& report_;
  ArtifactIndex index_;
  std::string at_;
  std::string identity_;
  std::set<std::string> files_;       // ids that were written
  std::vector<std::string> objects_;  // what the report refers to
  JsonText json_;
};

std::string Write(const Report& report, const Style& /*style*/) {
  return Writer(report).Write();
}

}  // namespace

const ReportWriter kStix = {
    .name = "stix",
    .title = "STIX 2.1 bundle",
    .write = Write,
};

}  // namespace assay::report
