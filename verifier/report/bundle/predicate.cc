#include "verifier/report/bundle/predicate.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/report/bundle/archive.h"
#include "verifier/report/names.h"
#include "verifier/report/schema.h"
#include "verifier/report/statement.h"

namespace assay::report {
namespace {

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPredicateType = "urn:assay:bundle:1";
constexpr std::string_view kSchemaFamily = "assay-bundle/";
constexpr std::size_t kDigestDigits = 64;

void PutConditions(JsonText& json, const Report& report) {
  json.Text("at", TimeText(report.at));
  if (report.policy_sha256.empty()) {
    json.Null("policy");
  } else {
    json.OpenObject("policy");
    json.Text("name", report.policy_name);
    json.Text("sha256", report.policy_sha256);
    json.TextIf("signer", report.policy_signer);
    json.Close();
  }
  json.OpenObject("rules");
  json.Text("sha256", report.rules_sha256);
  json.Close();
  json.OpenArray("explanations");
  for (const ExplanationSource& source : report.explanations) {
    json.OpenObject();
    json.Text("kind", source.kind);
    json.Text("name", source.name);
    json.Text("sha256", source.sha256);
    json.Close();
  }
  json.Close();
  json.OpenObject("limits");
  for (const auto& [key, value] : LimitValues(report.limits)) {
    json.Number(key, value);
  }
  json.Close();
  json.Flag("reproducible", report.reproducible);
  json.Text("confinement", report.confinement);
}

void PutEntries(JsonText& json, const std::vector<BundleEntry>& entries) {
  json.OpenArray("entries");
  for (const BundleEntry& entry : entries) {
    json.OpenObject();
    json.Text("name", entry.name);
    json.Text("sha256", entry.sha256);
    json.Number("size", entry.size);
    json.Close();
  }
  json.Close();
}

Result<BundleEntry> EntryFrom(const Json& value) {
  BundleEntry entry{.name = TextAt(value, "name"),
                    .sha256 = TextAt(value, "sha256")};
  const Json& size = At(value, "size");
  const auto digest = BytesFromHex(entry.sha256);
  if (!IsBundleName(entry.name) || !size.is_number_unsigned() || !digest ||
      entry.sha256.size() != kDigestDigits) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("its list has an entry \"{}\" without a name, "
                            "SHA-256 or size that entries have",
                            Escaped(entry.name)));
  }
  entry.size = size.get<std::uint64_t>();
  return entry;
}

Result<void> CheckSchema(const Json& predicate) {
  const std::string schema = TextAt(predicate, "schema");
  if (schema == kBundleSchema) {
    return {};
  }
  const bool another =
      schema.starts_with(kSchemaFamily) &&
      NumberOf(std::string_view(schema).substr(kSchemaFamily.size()));
  return Fail(
      ErrorCode::kMalformed,
      another ? fmt::format("it is {}, of another version of assay; "
                            "this one reads {}",
                            schema, kBundleSchema)
              : fmt::format("it does not say that it is {}", kBundleSchema));
}

}  // namespace

std::string BundleStatement(const Report& report,
                            const std::vector<BundleEntry>& entries) {
  std::vector<StatementSubject> subjects;
  for (const BundleEntry& entry : entries) {
    subjects.push_back({entry.name, entry.sha256});
  }
  JsonText json;
  OpenStatement(json, report, kPredicateType, subjects);
  json.Text("schema", kBundleSchema);
  PutVerifier(json, report, true);
  json.Text("tlp", NameOf(report.tlp));
  json.Text("verdict", NameOf(report.verdict));
  json.OpenObject("product");
  json.Text("name", Escaped(report.product));
  json.Text("sha256", report.product_sha256);
  json.Number("size", report.product_size);
  json.Close();
  PutConditions(json, report);
  PutEntries(json, entries);
  json.Close();
  json.Close();
  return json.Finish();
}

Result<BundleClaims> ReadBundleStatement(std::string_view json) {
  const auto document = ParseJson(json);
  if (!document) {
    return Fail(document.error());
  }
  const Json& predicate = At(*document, "predicate");
  if (TextAt(*document, "_type") != kStatementType || !predicate.is_object()) {
    return Fail(ErrorCode::kMalformed, "no in-toto Statement v1");
  }
  if (const auto good = CheckSchema(predicate); !good) {
    return Fail(good.error());
  }
  if (TextAt(*document, "predicateType") != kPredicateType) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("its predicateType is not {}", kPredicateType));
  }
  BundleClaims claims{
      .tool_version = TextAt(At(At(predicate, "verifier"), "version"), "assay"),
      .tlp = TextAt(predicate, "tlp"),
      .verdict = TextAt(predicate, "verdict"),
      .at = TextAt(predicate, "at"),
      .product_sha256 = TextAt(At(predicate, "product"), "sha256"),
      .rules_sha256 = TextAt(At(predicate, "rules"), "sha256"),
      .policy_sha256 = TextAt(At(predicate, "policy"), "sha256")};
  const Json& entries = At(predicate, "entries");
  if (!entries.is_array() || entries.empty() ||
      entries.size() > kMostBundleEntries) {
    return Fail(ErrorCode::kMalformed, "it lists no entries, or too many");
  }
  for (const Json& value : entries) {
    auto entry = EntryFrom(value);
    if (!entry) {
      return Fail(entry.error());
    }
    claims.entries.push_back(std::move(*entry));
  }
  return claims;
}

std::string Contradiction(const BundleClaims& claims, const Report& report) {
  const auto pairs = std::to_array<std::pair<std::string_view, bool>>({
      {"version of assay", claims.tool_version == report.tool_version},
      {"label", claims.tlp == NameOf(report.tlp)},
      {"verdict", claims.verdict == NameOf(report.verdict)},
      {"time", claims.at == TimeText(report.at)},
      {"product", claims.product_sha256 == report.product_sha256},
      {"rules", claims.rules_sha256 == report.rules_sha256},
      {"policy", claims.policy_sha256 == report.policy_sha256},
  });
  for (const auto& [what, agrees] : pairs) {
    if (!agrees) {
      return std::string(what);
    }
  }
  return "";
}

}  // namespace assay::report
