#include "verifier/report/read.h"

#include <algorithm>
#include <limits>

#include "verifier/report/fields.h"
#include "verifier/report/schema.h"

namespace assay::report {
namespace {

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();

Verdict VerdictFrom(Fields& fields) {
  const std::string name = fields.Text("verdict");
  for (const Verdict verdict :
       {Verdict::kPass, Verdict::kFail, Verdict::kInconclusive}) {
    if (NameOf(verdict) == name) {
      return verdict;
    }
  }
  fields.Refuse("verdict", "not a verdict");
  return Verdict::kInconclusive;
}

Limits LimitsFrom(Fields fields) {
  Limits limits;
  limits.depth = static_cast<std::uint32_t>(fields.Number("depth", kMost32));
  limits.entries = fields.Number("entries");
  limits.unpacked = fields.Number("unpacked");
  limits.member = fields.Number("member");
  limits.ratio = fields.Number("ratio");
  limits.ratio_floor = fields.Number("ratio_floor");
  limits.name = fields.Number("name");
  limits.facts = fields.Number("facts");
  limits.memory_per_member = fields.Number("memory_per_member");
  fields.End();
  return limits;
}

std::optional<Range> PlaceFrom(Fields& fields) {
  if (!fields.Has("offset") && !fields.Has("length")) {
    return std::nullopt;
  }
  Range place;
  place.offset = fields.Number("offset");
  place.length = fields.Number(
      "length", std::numeric_limits<std::uint64_t>::max() - place.offset);
  return place;
}

Evidence EvidenceFrom(Fields fields) {
  Evidence evidence;
  const auto kind = EvidenceKindOf(fields.Text("kind"));
  if (!kind) {
    fields.Refuse("kind", "not a kind of evidence");
  }
  evidence.kind = kind.value_or(Evidence::Kind::kBytes);
  evidence.path = fields.TextIf("path");
  evidence.sha256 = fields.Has("sha256") ? fields.Sha256("sha256") : "";
  evidence.place = PlaceFrom(fields);
  evidence.digest = fields.Has("digest") ? fields.Sha256("digest") : "";
  evidence.field = fields.TextIf("field");
  evidence.value = fields.TextIf("value");
  evidence.excerpt = fields.TextIf("excerpt");
  fields.End();
  return evidence;
}

Finding FindingFrom(Fields fields) {
  Finding finding;
  finding.id = fields.Text("id");
  finding.rule = fields.Text("rule");
  finding.rule_version = fields.Text("rule_version");
  finding.family = fields.Text("family");
  const auto severity = SeverityOf(fields.Text("severity"));
  if (!severity) {
    fields.Refuse("severity", "not a severity");
  }
  finding.severity = severity.value_or(Severity::kInfo);
  const auto confidence = ConfidenceOf(fields.Text("confidence"));
  if (!confidence) {
    fields.Refuse("confidence", "not a confidence");
  }
  finding.confidence = confidence.value_or(Confidence::kLow);
  finding.title = fields.Text("title");
  finding.explanation = fields.Text("explanation");
  finding.fix = fields.Text("fix");
  finding.cwe = fields.Texts("cwe");
  finding.attack = fields.Texts("attack");
  finding.norm = fields.Texts("norm");
  finding.subject = fields.Text("subject");
  finding.explained_by = fields.TextIf("explained_by");
  finding.waiver = fields.TextIf("waiver");
  fields.Each("evidence", [&finding](Fields evidence) {
    finding.evidence.push_back(EvidenceFrom(std::move(evidence)));
  });
  fields.End();
  return finding;
}

// Ids count up from 0 and a parent stands before its children, so that a
// reader may follow parents without a check of its own.
Artifact ArtifactFrom(Fields fields, std::size_t index) {
  Artifact artifact;
  artifact.id = static_cast<ArtifactId>(fields.Number("id", kNoArtifact - 1));
  if (artifact.id != index) {
    fields.Refuse("id", "not the artifact's place in the list");
  }
  if (index > 0 || !fields.IsNull("parent")) {
    artifact.parent = static_cast<ArtifactId>(
        fields.Number("parent", index == 0 ? 0 : index - 1));
  }
  if (index == 0 && artifact.parent != kNoArtifact) {
    fields.Refuse("parent", "the product has no parent");
  }
  artifact.path = fields.Text("path");
  if (fields.Has("digests")) {
    Fields digests = fields.Object("digests");
    artifact.digests.push_back(
        {DigestAlgorithm::kSha256, digests.Sha256("sha256")});
    digests.Allow({"md5", "sha1", "sha384", "sha512", "blake2b512"});
    digests.End();
    artifact.size = fields.Number("size");
    artifact.has_content = true;
  }
  fields.Allow({"name",          "inner_path", "format",      "type",
                "mode",          "uid",        "gid",         "owner",
                "group",         "mtime",      "link_target", "device",
                "xattrs",        "origin",     "structure",   "examination",
                "opaque_reason", "entropy",    "component",   "anomalies"});
  fields.End();
  return artifact;
}

void ReadHead(Fields& fields, Report& report) {
  Fields tool = fields.Object("tool");
  if (tool.Text("name") != "assay") {
    tool.Refuse("name", "not assay");
  }
  report.tool_version = tool.Text("version");
  tool.End();
  report.verdict = VerdictFrom(fields);
  report.reasons = fields.Texts("reasons");
  Fields product = fields.Object("product");
  report.product = product.Text("name");
  report.product_sha256 = product.Sha256("sha256");
  report.product_size = product.Number("size");
  product.End();
}

void ReadConditions(Fields& fields, Report& report) {
  if (!fields.IsNull("policy")) {
    Fields policy = fields.Object("policy");
    report.policy_name = policy.Text("name");
    report.policy_sha256 = policy.Sha256("sha256");
    report.policy_signer = policy.TextIf("signer");
    policy.End();
  }
  fields.Each("explanations", [&report](Fields source) {
    report.explanations.push_back({.kind = source.Text("kind"),
                                   .name = source.Text("name"),
                                   .sha256 = source.Sha256("sha256"),
                                   .detail = source.Text("detail")});
    source.End();
  });
  Fields rules = fields.Object("rules");
  report.rules_sha256 = rules.Sha256("sha256");
  report.rules.evaluated = rules.Number("evaluated");
  report.rules.matched = rules.Number("matched");
  report.rules.not_evaluated = rules.Texts("not_evaluated");
  report.rules.disabled = rules.Texts("disabled");
  rules.End();
  const auto at = ParseTime(fields.Text("at"));
  if (!at) {
    fields.Refuse("at", "not an RFC 3339 time");
  }
  report.at = at.value_or(0);
  report.limits = LimitsFrom(fields.Object("limits"));
  report.reproducible = fields.Flag("reproducible");
  report.confinement = fields.Text("confinement");
  Fields secrets = fields.Object("secrets");
  report.keys = secrets.Number("keys");
  report.passwords = secrets.Number("passwords");
  secrets.End();
}

}  // namespace

Result<Report> ReadReport(std::string_view json) {
  const auto document = ParseJson(json);
  if (!document) {
    return Fail(document.error());
  }
  FirstProblem problem;
  Report report;
  Fields fields(*document, "", problem);
  if (fields.Text("schema") != kReportSchema) {
    fields.Refuse("schema", "not assay-report/1");
  }
  ReadHead(fields, report);
  ReadConditions(fields, report);
  fields.Each("findings", [&report](Fields finding) {
    report.findings.push_back(FindingFrom(std::move(finding)));
  });
  fields.Each("artifacts", [&report](Fields artifact) {
    const std::size_t index = report.artifacts.size();
    report.artifacts.push_back(ArtifactFrom(std::move(artifact), index));
  });
  if (!fields.IsNull("delta")) {
    fields.Skip("delta", Json::value_t::object);
  }
  fields.Skip("signatures", Json::value_t::array);
  fields.Skip("sbom", Json::value_t::object);
  fields.Skip("ledger", Json::value_t::object);
  fields.Skip("not_examined", Json::value_t::array);
  fields.End();
  if (problem) {
    return Fail(*problem);
  }
  return report;
}

}  // namespace assay::report
