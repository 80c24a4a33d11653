// CycloneDX 1.4 to 1.7 (ECMA-424), vulnerabilities[].analysis.

#include <array>
#include <map>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/engine/vex.h"
#include "verifier/engine/vex_fields.h"

namespace assay::engine {
namespace {

constexpr std::array<std::string_view, 4> kVersions = {"1.4", "1.5", "1.6",
                                                       "1.7"};
constexpr std::array<std::string_view, 6> kStates = {
    "not_affected", "false_positive", "exploitable",
    "in_triage",    "resolved",       "resolved_with_pedigree"};
constexpr std::array<std::string_view, 9> kJustifications = {
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control"};

using Components = std::map<std::string, VexSubject>;

VexStatus StatusOf(std::string_view state) {
  if (state == "not_affected" || state == "false_positive") {
    return VexStatus::kNotAffected;
  }
  if (state == "in_triage") {
    return VexStatus::kUnderInvestigation;
  }
  return state.starts_with("resolved") ? VexStatus::kFixed
                                       : VexStatus::kAffected;
}

std::string Sha256Of(VexFields& component) {
  std::string sha256;
  component.Each("hashes", [&](VexFields hash) {
    if (DigestAlgorithmOf(hash.TextIf("alg")) == DigestAlgorithm::kSha256) {
      sha256 = hash.TextIf("content");
    }
  });
  return sha256;
}

// By their references, which Assay's own VEX makes of paths. `whole`: the
// product's digest.
Components ComponentsOf(VexFields& fields, const std::string& whole) {
  Components components;
  fields.Each("components", [&](VexFields component) {
    if (!component.Has("bom-ref")) {
      return;
    }
    const std::string ref = component.Text("bom-ref");
    const std::string own = Sha256Of(component);
    const VexSubject subject{.path = PathOfUrn(ref),
                             .sha256 = own.empty() ? whole : own};
    if (!components.emplace(ref, subject).second) {
      component.Refuse("bom-ref", "stands twice");
    }
  });
  return components;
}

VexSubject SubjectOf(VexFields affected, const Components& components) {
  const auto found = components.find(affected.Text("ref"));
  VexSubject subject = found == components.end() ? VexSubject{} : found->second;
  if (affected.Has("versions")) {
    subject.why_not = "it speaks of versions, of which waivers know none";
  }
  return subject;
}

std::string AuthorOf(VexFields metadata) {
  std::string author;
  metadata.Each("authors", [&](VexFields one) {
    author = author.empty() ? one.TextIf("name") : author;
  });
  for (const std::string_view key : {"manufacturer", "supplier"}) {
    author = author.empty() ? metadata.Object(key).TextIf("name") : author;
  }
  if (author.empty()) {
    metadata.Refuse("authors", "missing, and no manufacturer or supplier");
  }
  return author;
}

VexStatement StatementFrom(VexFields fields, const Components& components,
                           std::optional<UnixTime> otherwise) {
  VexStatement statement{.at = fields.at(), .ids = {fields.Text("id")}};
  VexFields analysis = fields.Object("analysis");
  const std::string state = analysis.WordIf("state", kStates);
  if (!analysis.Has("state")) {
    analysis.Refuse("state", "missing");
  }
  statement.status = StatusOf(state);
  std::string justification = analysis.WordIf("justification", kJustifications);
  if (state == "false_positive" && justification.empty()) {
    justification = state;
  }
  statement.reason = ReasonOf(justification, analysis.TextIf("detail"));
  const auto updated = analysis.TimeIf("lastUpdated");
  const auto time = updated ? updated : analysis.TimeIf("firstIssued");
  if (!time && !otherwise) {
    analysis.Refuse("lastUpdated", "missing, and metadata has no timestamp");
  }
  statement.time = time ? *time : otherwise.value_or(0);
  fields.Each("affects", [&](VexFields affected) {
    statement.subjects.push_back(SubjectOf(std::move(affected), components));
  });
  return statement;
}

}  // namespace

Result<VexDocument> ReadCycloneDxVex(const Json& document) {
  std::optional<Error> problem;
  VexFields fields(document, "", problem);
  if (fields.WordIf("specVersion", kVersions).empty()) {
    problem.reset();
    fields.Unsupported("specVersion",
                       "this version reads VEX of CycloneDX 1.4 to 1.7");
  }
  VexFields metadata = fields.Object("metadata");
  const auto time = metadata.TimeIf("timestamp");
  VexDocument vex{.author = AuthorOf(metadata)};
  VexFields product = metadata.Object("component");
  const Components components = ComponentsOf(fields, Sha256Of(product));
  fields.Each("vulnerabilities", [&](VexFields one) {
    vex.statements.push_back(StatementFrom(std::move(one), components, time));
  });
  if (problem) {
    return Fail(*problem);
  }
  return vex;
}

}  // namespace assay::engine
