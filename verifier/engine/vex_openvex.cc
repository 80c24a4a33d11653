// OpenVEX 0.2.0: github.com/openvex/spec, OPENVEX-SPEC.md.

#include "verifier/engine/vex.h"

#include <array>
#include <utility>

#include "verifier/engine/vex_fields.h"

namespace assay::engine {
namespace {

constexpr std::string_view kContext = "https://openvex.dev/ns/v0.2.";
constexpr std::array<std::string_view, 4> kStatuses = {
    "not_affected", "affected", "fixed", "under_investigation"};
constexpr std::array<std::string_view, 5> kJustifications = {
    "component_not_present", "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist"};

VexStatus StatusOf(std::string_view word) {
  for (std::size_t i = 0; i < kStatuses.size(); ++i) {
    if (kStatuses.at(i) == word) {
      return static_cast<VexStatus>(i);
    }
  }
  return VexStatus::kAffected;
}

std::string Sha256Of(VexFields& component) {
  return component.Object("hashes").TextIf("sha-256");
}

// A product alone is what was delivered; its parts are the files in question.
void ReadProduct(VexFields product, VexStatement& statement) {
  const std::string whole = Sha256Of(product);
  bool parts = false;
  product.Each("subcomponents", [&](VexFields part) {
    parts = true;
    const std::string own = Sha256Of(part);
    statement.subjects.push_back({.path = PathOfUrn(part.TextIf("@id")),
                                  .sha256 = own.empty() ? whole : own});
  });
  if (!parts) {
    statement.subjects.emplace_back();
  }
}

VexStatement StatementFrom(VexFields fields,
                           std::optional<UnixTime> otherwise) {
  VexStatement statement{.at = fields.at()};
  VexFields vulnerability = fields.Object("vulnerability");
  statement.ids.push_back(vulnerability.Text("name"));
  vulnerability.Each("aliases", [&](VexFields alias) {
    statement.ids.push_back(alias.AsText());
  });
  static_cast<void>(fields.Text("status"));
  statement.status = StatusOf(fields.WordIf("status", kStatuses));
  statement.reason = ReasonOf(fields.WordIf("justification", kJustifications),
                              fields.TextIf("impact_statement"));
  const auto updated = fields.TimeIf("last_updated");
  const auto time = updated ? updated : fields.TimeIf("timestamp");
  if (!time && !otherwise) {
    fields.Refuse("timestamp", "missing, here and in the document");
  }
  statement.time = time ? *time : otherwise.value_or(0);
  fields.Each("products", [&](VexFields product) {
    ReadProduct(std::move(product), statement);
  });
  return statement;
}

}  // namespace

Result<VexDocument> ReadOpenVex(const Json& document) {
  std::optional<Error> problem;
  VexFields fields(document, "", problem);
  if (!fields.Text("@context").starts_with(kContext)) {
    fields.Unsupported("@context", "this version reads OpenVEX 0.2.0");
  }
  VexDocument vex{.author = fields.Text("author")};
  const auto updated = fields.TimeIf("last_updated");
  const auto time = updated ? updated : fields.TimeIf("timestamp");
  fields.Each("statements", [&](VexFields statement) {
    vex.statements.push_back(StatementFrom(std::move(statement), time));
  });
  if (problem) {
    return Fail(*problem);
  }
  return vex;
}

}  // namespace assay::engine
