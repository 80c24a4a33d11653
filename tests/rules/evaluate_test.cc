// What conditions mean, what a finding contains, what explains it.

#include "rules/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/rules/support.h"

namespace assay::rules {
namespace {

using testing::DossierOf;
using testing::RulesOf;
using testing::RuleText;

// Two artifacts: an account file with two records and a script.
constexpr const char* kProduct = R"(
artifacts:
  - path: etc/passwd
    size: 100
    mode: "644"
    facts:
      - {kind: account, value: root, attributes: {uid: "0", shell: /bin/sh}}
      - {kind: account, value: support, attributes: {uid: "0", shell: /bin/ash}}
      - {kind: password.hash, value: support, attributes: {state: hash}}
  - path: usr/bin/tool
    format: script
    size: 4096
    text: "curl http://a.invalid/; curl http://b.invalid/; echo done"
    facts:
      - {kind: script, value: shell}
      - {kind: command, value: "curl http://a.invalid/", attributes: {program: curl}}
    anomalies: [{id: test.odd, detail: quite odd}]
    regions: [{role: content, size: 4000}, {role: unknown, size: 96}]
discrepancies:
  - {kind: phantom, component: libx, document: x.cdx.json}
  - {kind: undeclared, path: usr/bin/tool, component: tool, found: "1.0"}
checks:
  - {scheme: minisign, target: usr/bin/tool, indication: TOTAL-FAILED, sub_indication: HASH_FAILURE}
)";

constexpr const char* kPatterns = "patterns: {get: {literal: \"curl http\"}}\n";

std::vector<Finding> FindingsOf(const std::string& when,
                                const std::string& extra = "",
                                const std::string& product = kProduct) {
  const RuleSet rules = RulesOf({RuleText(when, extra)});
  return Evaluate(rules, DossierOf(rules, product)).findings;
}

struct Semantics {
  const char* name;
  std::string when;
  std::string extra;
  std::vector<std::string> subjects;  // of the findings, in order
};

class SemanticsTest : public ::testing::TestWithParam<Semantics> {};

TEST_P(SemanticsTest, GivesTheseFindings) {
  std::vector<std::string> subjects;
  for (const Finding& finding :
       FindingsOf(GetParam().when, kPatterns + GetParam().extra)) {
    subjects.push_back(finding.subject);
    EXPECT_FALSE(finding.evidence.empty());
    EXPECT_EQ(finding.id, FindingId(finding));
  }
  EXPECT_EQ(subjects, GetParam().subjects);
}

const std::string kPasswd = "product!/etc/passwd";
const std::string kTool = "product!/usr/bin/tool";

INSTANTIATE_TEST_SUITE_P(
    Conditions, SemanticsTest,
    ::testing::Values(
        Semantics{"one_finding_per_fact",
                  "fact: {kind: account}",
                  "",
                  {kPasswd, kPasswd}},
        Semantics{"or_one_per_artifact",
                  "fact: {kind: account}",
                  "each: false\n",
                  {kPasswd}},
        Semantics{"value_and_attribute",
                  "fact: {kind: account, value: \"!=root\", attributes: {uid: "
                  "\"==0\"}}",
                  "",
                  {kPasswd}},
        Semantics{"value_regex",
                  "fact: {kind: account, value: \"matches ^sup\"}",
                  "",
                  {kPasswd}},
        Semantics{"value_not_regex",
                  "fact: {kind: account, value: \"not matches ^sup\"}",
                  "",
                  {kPasswd}},
        Semantics{"attribute_regex",
                  "fact: {kind: account, attributes: {shell: \"matches "
                  "ash$\"}}",
                  "",
                  {kPasswd}},
        Semantics{"path_of_fact",
                  "fact: {kind: account, path: \"glob etc/*\"}",
                  "each: false\n",
                  {kPasswd}},
        Semantics{"other_path_of_fact",
                  "fact: {kind: account, path: \"glob var/*\"}",
                  "",
                  {}},
        Semantics{"enough_facts",
                  "fact: {kind: account, at_least: 2}",
                  "each: false\n",
                  {kPasswd}},
        Semantics{
            "too_few_facts", "fact: {kind: account, at_least: 3}", "", {}},
        Semantics{"pattern", "pattern: get", "", {kTool}},
        Semantics{
            "pattern_often", "pattern: {name: get, at_least: 2}", "", {kTool}},
        Semantics{
            "pattern_too_seldom", "pattern: {name: get, at_least: 3}", "", {}},
        Semantics{"path", "path: [var/**, etc/pass*]", "", {kPasswd}},
        Semantics{"address", "address: \"product!/usr/**\"", "", {kTool}},
        Semantics{"format", "format: [elf, script]", "", {kTool}},
        Semantics{"size", "size: \">=57\"", "", {kPasswd, kTool}},
        Semantics{"mode", "artifact: {mode: \"644\"}", "", {kPasswd}},
        Semantics{"all",
                  "all: [{pattern: get}, {fact: {kind: script}}]",
                  "",
                  {kTool}},
        Semantics{"all_fails",
                  "all: [{pattern: get}, {fact: {kind: account}}]",
                  "",
                  {}},
        Semantics{"any",
                  "any: [{pattern: get}, {fact: {kind: account}}]",
                  "each: false\n",
                  {kPasswd, kTool}},
        Semantics{"none",
                  "all: [{fact: {kind: script}}, {none: [{fact: {kind: "
                  "account}}]}]",
                  "",
                  {kTool}},
        Semantics{"none_fails",
                  "all: [{fact: {kind: script}}, {none: [{pattern: get}]}]",
                  "",
                  {}},
        Semantics{"count",
                  "count: {of: [{pattern: get}, {fact: {kind: script}}, "
                  "{fact: {kind: cron}}], at_least: 2}",
                  "",
                  {kTool}},
        Semantics{"count_fails",
                  "count: {of: [{pattern: get}, {fact: {kind: cron}}], "
                  "at_least: 2}",
                  "",
                  {}},
        Semantics{"anomaly", "anomaly: {id: \"glob test.*\"}", "", {kTool}},
        Semantics{"other_anomaly", "anomaly: {id: \"glob tar.*\"}", "", {}},
        Semantics{
            "region", "region: {role: unknown, size: \">=96\"}", "", {kTool}},
        Semantics{
            "small_region", "region: {role: unknown, size: \">96\"}", "", {}},
        Semantics{
            "check", "signature: {indication: [TOTAL-FAILED]}", "", {kTool}},
        Semantics{"other_check", "signature: {scheme: openpgp}", "", {}},
        Semantics{"discrepancy", "sbom: {kind: undeclared}", "", {kTool}},
        Semantics{"phantom_is_about_the_document",
                  "sbom: {kind: phantom}",
                  "",
                  {"x.cdx.json"}},
        // Parts from different artifacts only meet in product scope.
        Semantics{"apart",
                  "all: [{fact: {kind: account}}, {pattern: get}]",
                  "each: false\n",
                  {}},
        Semantics{"together",
                  "all: [{fact: {kind: account}}, {pattern: get}]",
                  "scope: product\neach: false\n",
                  {kPasswd}},
        Semantics{"same_artifact",
                  "same_artifact: {all: [{fact: {kind: script}}, {pattern: "
                  "get}]}",
                  "scope: product\neach: false\n",
                  {kTool}},
        Semantics{"not_the_same_artifact",
                  "same_artifact: {all: [{fact: {kind: account}}, {pattern: "
                  "get}]}",
                  "scope: product\n",
                  {}},
        Semantics{"join",
                  "join: {on: value, of: [{fact: {kind: account}}, {fact: "
                  "{kind: password.hash}}]}",
                  "scope: product\n",
                  {kPasswd}},
        Semantics{"join_on_nothing_common",
                  "join: {on: value, of: [{fact: {kind: account}}, {fact: "
                  "{kind: script}}]}",
                  "scope: product\n",
                  {}},
        Semantics{"join_on_absent_field",
                  "join: {on: home, of: [{fact: {kind: account}}, {fact: "
                  "{kind: account}}]}",
                  "scope: product\n",
                  {}},
        Semantics{"absence_in_the_product",
                  "none: [{fact: {kind: cron}}]",
                  "scope: product\n",
                  {"product"}}),
    [](const auto& test) { return test.param.name; });

TEST(EvaluateTest, AFindingCarriesItsRuleAndProof) {
  const auto findings =
      FindingsOf("fact: {kind: account, value: support}", "attack: [T1136]\n");
  ASSERT_EQ(findings.size(), 1U);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.rule, "NI3-HF01-001");
  EXPECT_EQ(finding.rule_version, "1");
  EXPECT_EQ(finding.family, "HF-01");
  EXPECT_EQ(finding.severity, Severity::kHigh);
  EXPECT_EQ(finding.cwe, std::vector<std::string>{"CWE-798"});
  EXPECT_EQ(finding.norm, (std::vector<std::string>{"13(i)", "58(c)"}));
  ASSERT_EQ(finding.evidence.size(), 1U);
  const Evidence& evidence = finding.evidence[0];
  EXPECT_EQ(evidence.kind, Evidence::Kind::kBytes);
  EXPECT_EQ(evidence.path, kPasswd);
  EXPECT_EQ(evidence.place, (Range{1, 1}));
  EXPECT_EQ(evidence.digest.size(), 64U);
  EXPECT_EQ(evidence.excerpt, "account \"support\" uid=0 shell=/bin/ash");
}

TEST(EvaluateTest, RedactedEvidenceShowsNoText) {
  const auto findings =
      FindingsOf("fact: {kind: account, value: support}", "redact: true\n");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].evidence.at(0).excerpt, "");
  EXPECT_EQ(findings[0].evidence.at(0).value, "");
}

TEST(EvaluateTest, MetadataAndRelationsAreEvidenceToo) {
  const auto setuid =
      FindingsOf("fact: {kind: file.setuid}", "",
                 "artifacts: [{path: a, facts: [{kind: file.setuid, value: a, "
                 "attributes: {mode: \"4755\"}}]}]");
  ASSERT_EQ(setuid.size(), 1U);
  const auto check = FindingsOf("signature: {indication: TOTAL-FAILED}");
  ASSERT_EQ(check.size(), 1U);
  EXPECT_EQ(check[0].evidence.at(0).kind, Evidence::Kind::kRelation);
  EXPECT_EQ(check[0].evidence.at(0).value,
            "minisign signature in product!/usr/bin/tool: TOTAL-FAILED "
            "HASH_FAILURE");
  const auto size = FindingsOf("size: \"==100\"");
  ASSERT_EQ(size.size(), 1U);
  EXPECT_EQ(size[0].evidence.at(0).kind, Evidence::Kind::kMetadata);
  EXPECT_EQ(size[0].evidence.at(0).field, "size");
  EXPECT_EQ(size[0].evidence.at(0).value, "100");
}

TEST(EvaluateTest, AFactWithoutPlaceIsMetadata) {
  const RuleSet rules = RulesOf({RuleText("fact: {kind: file.setuid}")});
  Dossier dossier =
      DossierOf(rules,
                "artifacts: [{path: a, facts: [{kind: file.setuid, value: a, "
                "attributes: {mode: \"4755\"}}]}]");
  dossier.survey.nodes[1].seen.facts[0].place.reset();
  const auto findings = Evaluate(rules, dossier).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].evidence.at(0).kind, Evidence::Kind::kMetadata);
  EXPECT_EQ(findings[0].evidence.at(0).field, "mode");
  EXPECT_EQ(findings[0].evidence.at(0).value, "4755");
}

// An encrypted member has no bytes of its own; its anomaly speaks of those of
// the container, which a reader of the report would look for in vain.
TEST(EvaluateTest, AnAnomalyOfWhatWasNotDecodedPointsNowhere) {
  const RuleSet rules = RulesOf({RuleText("anomaly: {id: test.odd}")});
  Dossier dossier = DossierOf(
      rules, "artifacts: [{path: a, anomalies: [{id: test.odd, detail: x}]}]");
  Artifact& artifact = dossier.survey.nodes[1].artifact;
  artifact.anomalies[0].range = {16, 64};
  artifact.has_content = true;
  EXPECT_EQ(Evaluate(rules, dossier).findings.at(0).evidence.at(0).place,
            (Range{16, 64}));
  artifact.has_content = false;
  EXPECT_EQ(Evaluate(rules, dossier).findings.at(0).evidence.at(0).place,
            std::nullopt);
}

// What another file says is a relation: the artifact alone cannot repeat it.
TEST(EvaluateTest, WhoStartsAProgramIsARelation) {
  const RuleSet rules = RulesOf({RuleText("fact: {kind: started}")});
  Dossier dossier =
      DossierOf(rules,
                "artifacts: [{path: a, facts: [{kind: started, value: "
                "etc/init.d/S1, attributes: {kind: startup}}]}]");
  dossier.survey.nodes[1].seen.facts[0].place.reset();
  const auto findings = Evaluate(rules, dossier).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].evidence.at(0).kind, Evidence::Kind::kRelation);
}

TEST(EvaluateTest, WhatAScriptWritesIsJudgedAsThatFile) {
  const RuleSet rules =
      RulesOf({RuleText("{fact: {kind: account, path: 'etc/passwd', "
                        "attributes: {uid: '==0'}}}")});
  Dossier dossier = DossierOf(rules, kProduct);
  Node& script = dossier.survey.nodes[2];
  Fact fact{.kind = "account", .value = "helper", .place = Range{4, 8}};
  fact.attributes = {{"uid", "0"}};
  script.seen.written.push_back(
      {.path = "etc/passwd", .size = 20, .pieces = {{0, {4, 8}}}});
  script.seen.written[0].facts.push_back(fact);
  const auto findings = Evaluate(rules, dossier).findings;
  ASSERT_EQ(findings.size(), 3U);
  const Finding& last = findings.back();
  EXPECT_NE(last.subject.find("usr/bin/tool"), std::string::npos);
  ASSERT_TRUE(last.evidence[0].place);
  EXPECT_EQ(last.evidence[0].place->offset, 4U);
  EXPECT_EQ(last.evidence[0].sha256, script.artifact.sha256());
}

TEST(EvaluateTest, TitlesAreFilledAndEscaped) {
  std::string text =
      RuleText("fact: {kind: account, attributes: {uid: \"0\"}}");
  const std::string title = "possible thing of a test";
  text.replace(text.find(title), title.size(),
               "\"possible {value} in {path}, {count}, {gid}\"");
  const RuleSet rules = RulesOf({text});
  const auto findings =
      Evaluate(rules,
               DossierOf(rules,
                         "artifacts: [{path: etc/passwd, facts: [{kind: "
                         "account, value: \"a\\e[31m\", attributes: {uid: "
                         "\"0\"}}]}]"))
          .findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].title, "possible a\\x1b[31m in etc/passwd, 1, ?");
}

TEST(EvaluateTest, EvidenceOfOneFindingIsBounded) {
  std::string product = "facts:\n";
  for (int i = 0; i < 100; ++i) {
    product += "  - {kind: account, value: u" + std::to_string(i) + "}\n";
  }
  const auto findings =
      FindingsOf("fact: {kind: account}", "each: false\n", product);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].evidence.size(), kEvidencePerFinding);
}

TEST(EvaluateTest, SevereFindingsComeFirstWhateverTheOrderOfRules) {
  std::string low = RuleText("fact: {kind: script}");
  low.replace(low.find("severity: high"), 14, "severity: low ");
  std::string other = RuleText("fact: {kind: account}");
  other.replace(other.find("-001"), 4, "-002");
  const RuleSet rules = RulesOf({low, other});
  const Dossier dossier = DossierOf(rules, kProduct);
  const Evaluation evaluation = Evaluate(rules, dossier);
  ASSERT_EQ(evaluation.findings.size(), 3U);
  EXPECT_EQ(evaluation.findings[0].rule, "NI3-HF01-002");
  EXPECT_EQ(evaluation.findings[0].evidence[0].place->offset, 0U);
  EXPECT_EQ(evaluation.findings[1].evidence[0].place->offset, 1U);
  EXPECT_EQ(evaluation.findings[2].severity, Severity::kLow);
  EXPECT_EQ(evaluation.tally.evaluated, 2U);
  EXPECT_EQ(evaluation.tally.matched, 2U);

  const RuleSet turned = RulesOf({other, low});
  const Evaluation again = Evaluate(turned, DossierOf(turned, kProduct));
  ASSERT_EQ(again.findings.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again.findings[i].id, evaluation.findings[i].id);
  }
}

TEST(EvaluateTest, WhatCannotBeKnownIsNotEvaluated) {
  const RuleSet rules =
      RulesOf({RuleText("none: [{fact: {kind: code.gate}}]")});
  const Evaluation evaluation = Evaluate(rules, DossierOf(rules, kProduct));
  EXPECT_TRUE(evaluation.findings.empty());
  EXPECT_EQ(evaluation.tally.evaluated, 0U);
  EXPECT_EQ(evaluation.tally.not_evaluated,
            std::vector<std::string>{"NI3-HF01-001"});
}

TEST(EvaluateTest, WhatIsDisabledIsNotAsked) {
  const RuleSet rules = RulesOf({RuleText("fact: {kind: account}")});
  const Dossier dossier = DossierOf(
      rules, "artifacts: [{path: a, facts: [{kind: account, value: x}]}]");
  ASSERT_EQ(Evaluate(rules, dossier).findings.size(), 1U);
  for (const char* name : {"NI3-HF01-001", "HF-01"}) {
    const Evaluation evaluation = Evaluate(rules, dossier, {name});
    EXPECT_TRUE(evaluation.findings.empty());
    EXPECT_EQ(evaluation.tally.evaluated, 0U);
    EXPECT_EQ(evaluation.tally.disabled,
              std::vector<std::string>{"NI3-HF01-001"});
  }
  EXPECT_EQ(Evaluate(rules, dossier, {"HF-1", "NI3-HF01"}).findings.size(), 1U);
}

TEST(EvaluateTest, AnEmptyDossierHasNoFindings) {
  const RuleSet rules =
      RulesOf({RuleText("none: [{fact: {kind: cron}}]", "scope: product\n")});
  EXPECT_TRUE(Evaluate(rules, Dossier{}).findings.empty());
}

TEST(EvaluateTest, ReferencesOutsideOfTheProductDoNoHarm) {
  const RuleSet rules = RulesOf({RuleText(
      "sbom: {kind: undeclared}", "unless: [sbom, signed_original]\n")});
  Dossier dossier = DossierOf(rules, kProduct);
  dossier.reconciliation.discrepancies[1].artifact = 4'000'000;
  dossier.reconciliation.owners.push_back({.artifact = 4'000'000});
  dossier.checks[0].artifact = 4'000'000;
  dossier.checks[0].target = "nowhere";
  dossier.checks[0].covers.push_back({.artifact = 4'000'000});
  dossier.survey.nodes[2].seen.hits.push_back({.hit = {.pattern = 99}});
  dossier.survey.nodes[1].artifact.parent = 77;
  EXPECT_EQ(Evaluate(rules, dossier).findings.size(), 1U);
}

}  // namespace
}  // namespace assay::rules
