#include "tests/report/checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "tests/report/example.h"
#include "verifier/base/text.h"

namespace assay::testing {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Escape sequences, an override of direction, a byte that is no UTF-8, markup,
// Markdown, a formula and an entity.
constexpr std::string_view kHostile =
    "=cmd|'/c x'!A0\x1b[2J\n\xff\xe2\x80\xae\xef\xbf\xbf<script>alert(1)"
    "</script>&amp;\"]]>--> [x](javascript:x) `@all` ../..";

Finding HostileFinding(std::string rule) {
  const std::string hostile(kHostile);
  Finding finding = ExampleFinding();
  finding.rule = std::move(rule);
  finding.title = "possible " + hostile;
  finding.subject = "router.bin!/" + Escaped(hostile);
  for (Evidence& evidence : finding.evidence) {
    evidence.value = hostile;
    evidence.excerpt = Escaped(hostile);
  }
  finding.evidence[0].path = finding.subject;
  return finding;
}

void Decoded(const Json& value, std::string& to) {
  if (value.is_string()) {
    to += value.get<std::string>();
  }
  for (const auto& item : value.items()) {
    if (value.is_structured()) {
      Decoded(item.value(), to);
    }
  }
}

}  // namespace

std::string ProblemsOf(const std::string& schema_file, const Json& document) {
  const auto schema_json = ParseJson(ReadFile(schema_file));
  if (!schema_json) {
    return schema_file + ": " + schema_json.error().what;
  }
  const nlohmann::json plain_schema(*schema_json);
  const nlohmann::json plain(document);
  valijson::Schema schema;
  // What the schema refers to lies beside it.
  const std::string folder = schema_file.substr(0, schema_file.rfind('/') + 1);
  const auto fetch = [&folder](const std::string& uri) {
    const auto json =
        ParseJson(ReadFile(folder + uri.substr(uri.rfind('/') + 1)));
    return json ? std::make_unique<nlohmann::json>(*json).release() : nullptr;
  };
  valijson::SchemaParser().populateSchema(
      valijson::adapters::NlohmannJsonAdapter(plain_schema), schema, fetch,
      [](const nlohmann::json* read) {
        const std::unique_ptr<const nlohmann::json> freed(read);
      });
  valijson::ValidationResults results;
  valijson::Validator(valijson::Validator::kStrongTypes)
      .validate(schema, valijson::adapters::NlohmannJsonAdapter(plain),
                &results);
  valijson::ValidationResults::Error error;
  std::string problems;
  while (results.popError(error)) {
    for (const std::string& step : error.context) {
      problems += step;
    }
    problems += ": " + error.description + "\n";
  }
  return problems;
}

std::string OfficialSchema(const std::string& name) {
  return ASSAY_TEST_SCHEMAS "/" + name;
}

Report HostileReport() {
  const std::string hostile(kHostile);
  Report report = ExampleReport();
  report.product = hostile;
  report.reasons = {hostile};
  report.findings = {HostileFinding("NI3-HF03-001"),
                     HostileFinding("NI3-HF03-002"),
                     HostileFinding("NI3-HF03-003")};
  report.findings[1].waiver = "W-1";
  report.findings[1].severity = Severity::kMedium;
  report.findings[2].explained_by = hostile;
  report.findings[2].severity = Severity::kInfo;
  report.findings[2].subject = "";
  for (Finding& finding : report.findings) {
    finding.id = FindingId(finding);
  }
  Artifact artifact = ExampleArtifact(2, 0, report.findings[0].subject, 9);
  artifact.name = hostile;
  artifact.inner_path = hostile;
  report.artifacts.push_back(artifact);
  report.checks[0].signer = hostile;
  report.checks[0].detail = hostile;
  report.checks[0].holder = Escaped(hostile);
  report.reconciliation.discrepancies[0].component = hostile;
  report.reconciliation.documents[0].holder = Escaped(hostile);
  report.not_examined[0] = {artifact.path, {0, 9}, hostile};
  report.rules.not_evaluated = {"NI3-HF11-001"};
  return report;
}

Report LargeReport(std::size_t findings) {
  Report report = ExampleReport();
  report.findings.clear();
  for (std::size_t i = 0; i < findings; ++i) {
    Finding finding = ExampleFinding();
    finding.severity = static_cast<Severity>(i % 5);
    finding.rule = "NI3-HF0" + std::to_string(i % 7) + "-001";
    finding.evidence[0].digest = Sha256Hex(AsBytes(std::to_string(i)));
    finding.id = FindingId(finding);
    report.findings.push_back(std::move(finding));
  }
  return report;
}

void ExpectInert(const report::ReportWriter& writer, const Report& report) {
  const std::string text = writer.write(report, {});
  EXPECT_TRUE(IsValidUtf8(text)) << writer.name;
  EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n') || c == 0x7F;
  })) << writer.name;
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos) << writer.name;
  EXPECT_EQ(text, writer.write(report, {})) << writer.name;
}

void ExpectInertStrings(const Json& document) {
  std::string text;
  Decoded(document, text);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n') || c == 0x7F;
  }));
}

Json JsonBy(const report::ReportWriter& writer, const Report& report) {
  const auto json = ParseJson(writer.write(report, {}));
  EXPECT_TRUE(json) << json.error().what;
  return json.value_or(Json());
}

std::vector<std::string> IdsOf(const Report& report) {
  std::vector<std::string> ids;
  for (const Finding& finding : report.findings) {
    ids.push_back(finding.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace assay::testing
