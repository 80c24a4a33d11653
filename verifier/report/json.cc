// The report for machines. Its form is verifier/report/assay-report.schema.json
// and changes only with the number in "schema". Names from inside the product
// are escaped as base/text.h says; other text stands as it is.

#include <fmt/format.h>

#include <cstddef>
#include <span>

#include "verifier/base/text.h"
#include "verifier/report/json_artifact.h"
#include "verifier/report/json_check.h"
#include "verifier/report/json_evidence.h"
#include "verifier/report/json_norm.h"
#include "verifier/report/json_redaction.h"
#include "verifier/report/json_text.h"
#include "verifier/report/names.h"
#include "verifier/report/schema.h"
#include "verifier/report/scores.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

void PutHead(JsonText& json, const Report& report) {
  json.Text("schema", kReportSchema);
  json.OpenObject("tool");
  json.Text("name", "assay");
  json.Text("version", report.tool_version);
  json.Close();
  json.Text("tlp", NameOf(report.tlp));
  PutRedaction(json, report);
  json.Text("verdict", NameOf(report.verdict));
  json.Texts("reasons", report.reasons);
  json.OpenObject("product");
  json.Text("name", Escaped(report.product));
  json.Text("sha256", report.product_sha256);
  json.Number("size", report.product_size);
  json.Close();
}

void PutDelta(JsonText& json, const std::optional<Delta>& delta) {
  if (!delta) {
    json.Null("delta");
    return;
  }
  json.OpenObject("delta");
  json.Text("previous", Escaped(delta->previous));
  json.Text("previous_sha256", delta->previous_sha256);
  json.Number("same", delta->same);
  json.OpenArray("files");
  for (const ChangedFile& file : delta->files) {
    json.OpenObject();
    json.Text("change", NameOf(file.change));
    json.Text("path", file.path);
    json.Close();
  }
  json.Close();
  json.OpenArray("traits");
  for (const NewTrait& trait : delta->traits) {
    json.OpenObject();
    json.Number("weight", trait.weight);
    json.Text("path", trait.path);
    json.Text("kind", trait.kind);
    json.Text("value", Escaped(trait.value));
    json.Flag("elsewhere", trait.elsewhere);
    json.Close();
  }
  json.Close();
  json.Number("light", delta->light);
  json.Texts("incomplete", delta->incomplete);
  json.Close();
}

void PutConditions(JsonText& json, const Report& report) {
  if (report.policy_sha256.empty()) {
    json.Null("policy");
  } else {
    json.OpenObject("policy");
    json.Text("name", report.policy_name);
    json.Text("sha256", report.policy_sha256);
    json.TextIf("signer", report.policy_signer);
    json.Close();
  }
  json.OpenObject("thresholds");
  json.Text("fail_on", NameOf(report.thresholds.fail_on));
  json.OpenObject("families");
  for (const auto& [family, severity] : report.thresholds.families) {
    json.Text(family, NameOf(severity));
  }
  json.Close();
  json.Close();
  PutDelta(json, report.delta);
  json.OpenArray("explanations");
  for (const ExplanationSource& source : report.explanations) {
    json.OpenObject();
    json.Text("kind", source.kind);
    json.Text("name", source.name);
    json.Text("sha256", source.sha256);
    json.Text("detail", source.detail);
    json.Close();
  }
  json.Close();
  json.OpenObject("rules");
  json.Text("sha256", report.rules_sha256);
  json.Number("evaluated", report.rules.evaluated);
  json.Number("matched", report.rules.matched);
  json.Texts("passed", report.rules.passed);
  json.Texts("not_evaluated", report.rules.not_evaluated);
  json.Texts("disabled", report.rules.disabled);
  json.Close();
  json.Text("at", TimeText(report.at));
  json.OpenObject("limits");
  for (const auto& [key, value] : LimitValues(report.limits)) {
    json.Number(key, value);
  }
  json.Close();
  json.Flag("reproducible", report.reproducible);
  json.Text("confinement", report.confinement);
  json.OpenObject("secrets");
  json.Number("keys", report.keys);
  json.Number("passwords", report.passwords);
  json.Close();
}

void PutFinding(JsonText& json, const Finding& finding) {
  json.OpenObject();
  json.Text("id", finding.id);
  json.Text("rule", finding.rule);
  json.Text("rule_version", finding.rule_version);
  json.Text("family", finding.family);
  json.Text("severity", NameOf(finding.severity));
  json.Text("confidence", NameOf(finding.confidence));
  json.Text("title", finding.title);
  json.Text("explanation", finding.explanation);
  json.Text("fix", finding.fix);
  json.Texts("cwe", finding.cwe);
  json.Texts("attack", finding.attack);
  json.Texts("norm", finding.norm);
  json.Text("subject", finding.subject);
  json.TextIf("explained_by", finding.explained_by);
  json.TextIf("waiver", finding.waiver);
  json.TextIf("baseline", finding.baseline);
  json.FlagIf("redacted", finding.redacted);
  PutEvidence(json, finding.evidence);
  json.Close();
}

void PutDocument(JsonText& json, const HeldDocument& held) {
  const SbomDocument& document = held.document;
  json.OpenObject();
  json.Text("holder", held.holder);
  if (held.artifact != kNoArtifact) {
    json.Number("artifact", held.artifact);
  }
  json.Flag("embedded", held.embedded);
  json.Text("format", document.format);
  json.Text("spec_version", document.spec_version);
  json.TextIf("serial", document.serial);
  json.TextIf("timestamp", document.timestamp);
  json.Texts("authors", document.authors);
  json.Texts("tools", document.tools);
  if (document.subject) {
    json.OpenObject("subject");
    json.Text("name", document.subject->name);
    json.TextIf("version", document.subject->version);
    json.TextIf("purl", document.subject->purl);
    json.Close();
  }
  json.Number("components", document.components.size());
  json.Number("dependencies", document.dependencies.size());
  json.OpenArray("problems");
  for (const SbomProblem& problem : document.problems) {
    json.OpenObject();
    json.Text("rule", problem.rule);
    json.Text("pointer", problem.pointer);
    json.Text("detail", problem.detail);
    json.Close();
  }
  json.Close();
  json.Close();
}

void PutInventoryItem(JsonText& json, const InventoryItem& item) {
  const Component& component = item.evidence.component;
  json.OpenObject();
  json.Number("artifact", item.artifact);
  json.Place(item.evidence.place);
  json.Text("cataloguer", item.evidence.cataloguer);
  json.Text("strength", NameOf(item.evidence.strength));
  json.TextIf("type", component.type);
  json.TextIf("group", component.group);
  json.Text("name", component.name);
  json.TextIf("version", component.version);
  json.TextIf("purl", component.purl);
  json.TextIf("supplier", component.supplier);
  json.TextIf("source_name", component.source_name);
  json.TextIf("source_version", component.source_version);
  json.Texts("licences", component.licences);
  json.Number("files", component.files.size());
  json.Close();
}

void PutDiscrepancy(JsonText& json, const Discrepancy& discrepancy) {
  json.OpenObject();
  json.Text("kind", NameOf(discrepancy.kind));
  json.TextIf("code", std::string(discrepancy.code));
  json.Number("weight", discrepancy.weight);
  json.Text("component", discrepancy.component);
  json.TextIf("purl", discrepancy.purl);
  if (discrepancy.artifact != kNoArtifact) {
    json.Number("artifact", discrepancy.artifact);
    if (discrepancy.place.length > 0) {
      json.Place(discrepancy.place);
    }
  }
  json.TextIf("claimed", discrepancy.claimed);
  json.TextIf("found", discrepancy.found);
  json.TextIf("document", discrepancy.document);
  json.TextIf("pointer", discrepancy.pointer);
  json.Text("recheck", RecheckOf(discrepancy.kind));
  json.Close();
}

void PutSbom(JsonText& json, const Reconciliation& reconciliation) {
  json.OpenObject("sbom");
  json.OpenArray("documents");
  for (const HeldDocument& held : reconciliation.documents) {
    PutDocument(json, held);
  }
  json.Close();
  json.OpenArray("components");
  for (const InventoryItem& item : reconciliation.inventory) {
    if (item.evidence.component.type != kFileListType) {
      PutInventoryItem(json, item);
    }
  }
  json.Close();
  json.OpenArray("discrepancies");
  for (const Discrepancy& discrepancy : reconciliation.discrepancies) {
    PutDiscrepancy(json, discrepancy);
  }
  json.Close();
  json.Number("confirmed", reconciliation.confirmed);
  if (reconciliation.scores) {
    PutScores(json, *reconciliation.scores);
  }
  json.Close();
}

void PutAxes(JsonText& json, const std::vector<LedgerAxis>& axes) {
  json.OpenObject("axes");
  for (const LedgerAxis& axis : axes) {
    json.OpenObject(axis.name);
    for (const LedgerEntry& entry : axis.entries) {
      json.Number(entry.category, entry.bytes);
    }
    json.Close();
  }
  json.Close();
}

void PutLedger(JsonText& json, const Ledger& ledger) {
  json.OpenObject("ledger");
  json.Number("leaf_bytes", ledger.leaf_bytes);
  PutAxes(json, ledger.headline);
  json.OpenArray("accounts");
  for (const LedgerAccount& account : ledger.accounts) {
    json.OpenObject();
    json.Number("artifact", account.artifact);
    PutAxes(json, account.axes);
    json.Close();
  }
  json.Close();
  json.Close();
}

// All lists are in the order of the tree: one step through each.
void PutArtifacts(JsonText& json, const Report& report) {
  const std::vector<Owner>& owners = report.reconciliation.owners;
  const std::span<const Trait> traits = report.traits;
  std::size_t owner = 0;
  std::size_t trait = 0;
  json.OpenArray("artifacts");
  for (const Artifact& artifact : report.artifacts) {
    while (owner < owners.size() && owners[owner].artifact < artifact.id) {
      ++owner;
    }
    const bool owned =
        owner < owners.size() && owners[owner].artifact == artifact.id;
    const std::size_t first = trait;
    while (trait < traits.size() && traits[trait].artifact == artifact.id) {
      ++trait;
    }
    PutArtifact(json, artifact,
                {.component = owned ? std::string_view(owners[owner].component)
                                    : std::string_view(),
                 .traits = traits.subspan(first, trait - first)});
  }
  json.Close();
}

void PutNotExamined(JsonText& json, const Report& report) {
  json.OpenArray("not_examined");
  for (const NotExamined& part : report.not_examined) {
    json.OpenObject();
    json.Text("path", part.path);
    json.Place(part.range);
    json.Text("reason", part.reason);
    json.Close();
  }
  json.Close();
}

std::string Write(const Report& report, const Style& /*style*/) {
  JsonText json;
  json.OpenObject();
  PutHead(json, report);
  PutConditions(json, report);
  json.OpenArray("findings");
  for (const Finding& finding : report.findings) {
    PutFinding(json, finding);
  }
  json.Close();
  json.OpenArray("signatures");
  for (const SignatureCheck& check : report.checks) {
    PutCheck(json, check);
  }
  json.Close();
  PutNorm(json, report);
  PutSbom(json, report.reconciliation);
  PutLedger(json, report.ledger);
  PutArtifacts(json, report);
  PutNotExamined(json, report);
  json.Close();
  return json.Finish();
}

}  // namespace

const ReportWriter kJson = {
    .name = "json",
    .title = "JSON for machines and for recheck (assay-report/1)",
    .write = Write,
};

}  // namespace assay::report
