#include "verifier/report/statement.h"

#include "verifier/base/text.h"
#include "verifier/report/layout.h"
#include "verifier/report/redaction_words.h"

namespace assay::report {
namespace {

void PutSubject(JsonText& json, std::string_view name,
                std::string_view sha256) {
  json.OpenObject();
  json.Text("name", Printable(name));
  json.OpenObject("digest");
  json.Text("sha256", sha256);
  json.Close();
  json.Close();
}

// Of a delivery its files: nobody else computes the digest of their list.
void PutSubjects(JsonText& json, const Report& report,
                 std::span<const StatementSubject> others) {
  const bool delivery =
      !report.artifacts.empty() && !report.artifacts.front().has_content;
  json.OpenArray("subject");
  for (const StatementSubject& other : others) {
    PutSubject(json, other.name, other.sha256);
  }
  if (!delivery) {
    PutSubject(json, Escaped(report.product), report.product_sha256);
  }
  for (const Artifact& artifact : report.artifacts) {
    if (delivery && artifact.depth == 1 && artifact.has_content &&
        !artifact.redacted) {
      PutSubject(json, artifact.path, artifact.sha256());
    }
  }
  json.Close();
}

}  // namespace

void OpenStatement(JsonText& json, const Report& report,
                   std::string_view predicate_type,
                   std::span<const StatementSubject> others) {
  json.OpenObject();
  json.Text("_type", "https://in-toto.io/Statement/v1");
  PutSubjects(json, report, others);
  json.Text("predicateType", predicate_type);
  json.OpenObject("predicate");
}

void PutVerifier(JsonText& json, const Report& report, bool with_versions) {
  json.OpenObject("verifier");
  json.Text("id", "urn:assay:verifier:" + Printable(report.tool_version));
  if (with_versions) {
    json.OpenObject("version");
    json.Text("assay", Printable(report.tool_version));
    json.Close();
  }
  json.Close();
}

void PutPolicyDescriptor(JsonText& json, const Report& report) {
  json.Text("name", Printable(report.policy_name));
  json.Text("uri", "urn:assay:policy:" + report.policy_sha256);
  json.OpenObject("digest");
  json.Text("sha256", report.policy_sha256);
  json.Close();
}

void PutExtensions(JsonText& json, const Report& report) {
  json.Text("assay_tlp", NameOf(report.tlp));
  json.TextIf("assay_redaction", Printable(RedactionText(report)));
  json.Text("assay_verdict", NameOf(report.verdict));
  json.Text("assay_rules_sha256", report.rules_sha256);
}

}  // namespace assay::report
