#include "verifier/report/html/data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "verifier/report/exchange.h"
#include "verifier/report/html/rows.h"
#include "verifier/report/html/words.h"
#include "verifier/report/names.h"

namespace assay::report::html {
namespace {

// Why a finding has no weight on the verdict; "" when it has.
std::string WhyNoted(const Finding& finding) {
  if (!finding.waiver.empty()) {
    return "Accepted by waiver " + finding.waiver + ".";
  }
  if (!finding.explained_by.empty()) {
    return "Explained by " + finding.explained_by + ".";
  }
  if (!finding.baseline.empty()) {
    return "Known from " + finding.baseline + ".";
  }
  return IsLoud(finding) ? "" : "For information.";
}

std::string NotesOf(const Finding& finding) {
  std::vector<std::string> notes = finding.cwe;
  notes.insert(notes.end(), finding.attack.begin(), finding.attack.end());
  for (const std::string& paragraph : finding.norm) {
    notes.push_back("UN GGE/OEWG " + paragraph);
  }
  return fmt::format("{}", fmt::join(notes, ", "));
}

void PutFinding(Pool& pool, const Finding& finding) {
  pool.Text(finding.id);
  pool.Text(finding.rule + " v" + finding.rule_version);
  pool.Text(finding.family);
  pool.Text(TitleOfFamily(finding.family));
  pool.Number(static_cast<std::uint64_t>(finding.severity));
  pool.Text(NameOf(finding.confidence));
  pool.Text(finding.title);
  pool.Text(finding.explanation);
  pool.Text(finding.fix);
  pool.Text(finding.subject);
  pool.Number(IsLoud(finding) ? 0 : 1);
  pool.Text(WhyNoted(finding));
  pool.Text(NotesOf(finding));
  pool.Number(finding.evidence.size());
  pool.OpenArray();
  for (std::size_t i = 0; i < std::min(finding.evidence.size(), kMostEvidence);
       ++i) {
    PutEvidence(pool, finding.evidence[i]);
  }
  pool.Close();
}

std::string TimeIf(const std::optional<UnixTime>& time) {
  return time ? TimeText(*time) : "";
}

void PutCheck(Pool& pool, const SignatureCheck& check) {
  pool.Text(check.scheme);
  pool.Text(check.holder);
  pool.Text(check.target);
  pool.Text(OutcomeOf(check.indication));
  pool.Text(std::string(NameOf(check.indication)) +
            (check.sub_indication.empty() ? "" : " " + check.sub_indication));
  pool.Text(check.signer);
  pool.Text(check.key);
  pool.Text(check.anchor);
  pool.Text(TextOf(check.algorithm));
  pool.Text(TimeIf(check.signed_at));
  pool.Text(TimeIf(check.proven_at));
  pool.Texts(check.steps);
  pool.Texts(check.skipped);
  pool.Text(check.detail);
  pool.Text(check.reproduce);
}

std::string_view PathOf(const Report& report, ArtifactId id) {
  return id < report.artifacts.size() ? report.artifacts[id].path
                                      : std::string_view();
}

void PutDiscrepancy(Pool& pool, const Report& report, const Discrepancy& one) {
  pool.Text(HeadingOf(one.kind));
  pool.Text(one.code);
  pool.Number(one.weight);
  pool.Text(one.component);
  pool.Text(one.claimed);
  pool.Text(one.found);
  pool.Text(PathOf(report, one.artifact));
  pool.Text(one.document);
  pool.Text(one.pointer);
  pool.Text(RecheckOf(one.kind));
}

void PutDelta(Pool& pool, const Delta& delta) {
  PutRows(pool, "traits", delta.traits, kMostRows, [&](const NewTrait& trait) {
    pool.Number(trait.weight);
    pool.Text(trait.kind);
    pool.Text(trait.value);
    pool.Text(trait.path);
    pool.Text(trait.elsewhere ? "another file had it" : "new");
  });
  PutRows(pool, "files", delta.files, kMostRows, [&](const ChangedFile& file) {
    pool.Text(NameOf(file.change));
    pool.Text(file.path);
  });
}

}  // namespace

std::string DataOf(const Report& report) {
  Pool pool;
  pool.OpenObject();
  pool.Text(report.product, "product");
  PutRows(pool, "findings", report.findings, kMostFindings,
          [&](const Finding& finding) { PutFinding(pool, finding); });
  PutRows(pool, "checks", report.checks, kMostRows,
          [&](const SignatureCheck& check) { PutCheck(pool, check); });
  PutRows(pool, "discrepancies", report.reconciliation.discrepancies, kMostRows,
          [&](const Discrepancy& one) { PutDiscrepancy(pool, report, one); });
  PutRows(pool, "not_examined", report.not_examined, kMostRows,
          [&](const NotExamined& part) {
            pool.Text(part.path);
            pool.Number(part.range.offset);
            pool.Number(part.range.length);
            pool.Text(part.reason);
          });
  PutDelta(pool, report.delta.value_or(Delta{}));
  PutTree(pool, report);
  pool.Close();
  return pool.Finish();
}

}  // namespace assay::report::html
