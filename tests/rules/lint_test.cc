// What the catalogue does not take in.

#include "rules/lint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace assay::rules {
namespace {

const std::string kGood = R"yaml(
id: NI3-HF01-001
version: 1
title: "possible hidden administrator {value}"
family: HF-01
severity: high
confidence: high
norm: {gge: "13(i)", para: ["58(c)"]}
cwe: [798]
attack: [T1136.001]
patterns:
  marker: {literal: "marker of a test"}
when:
  any:
    - fact: {kind: account, attributes: {uid: "==0"}}
    - pattern: marker
unless: [declared]
explanation: >
  An account with user id 0 has all rights of root under another name, and no
  audit that looks for root finds it. There is rarely a reason to ship one.
fix: >
  Remove the account, or list it in the manifest of declared functions.
examples:
  match:
    - facts: [{kind: account, value: a, attributes: {uid: "0"}}]
  no_match:
    - facts: [{kind: account, value: a, attributes: {uid: "1"}}]
    - artifacts: [{path: a, text: "nothing"}]
  explained:
    - facts: [{kind: account, value: a, attributes: {uid: "0"}}]
      declared: {accounts: [{name: a}]}
)yaml";

std::string Replaced(std::string text, const std::string& what,
                     const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

std::vector<Problem> ProblemsOf(
    const std::string& text,
    const std::string& file = "hf01_static_credentials/x.yml") {
  return Lint(ParseRules({{file, text}}));
}

TEST(LintTest, TakesAGoodRule) {
  for (const Problem& problem : ProblemsOf(kGood)) {
    ADD_FAILURE() << TextOf(problem);
  }
}

TEST(LintTest, WantsTheFileInTheFolderOfItsFamily) {
  EXPECT_EQ(ProblemsOf(kGood, "hf02_bypass/x.yml").size(), 1U);
  EXPECT_EQ(ProblemsOf(kGood, "x.yml").size(), 1U);
}

struct Fault {
  const char* name;
  const char* what;
  const char* by;
  const char* complaint;
};

class FaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(FaultTest, IsNamed) {
  const Fault& fault = GetParam();
  const auto problems = ProblemsOf(Replaced(kGood, fault.what, fault.by));
  const bool named = std::any_of(
      problems.begin(), problems.end(), [&](const Problem& problem) {
        return problem.what.find(fault.complaint) != std::string::npos &&
               problem.mark.line > 0;
      });
  EXPECT_TRUE(named);
  for (const Problem& problem : problems) {
    if (!named) {
      ADD_FAILURE() << TextOf(problem);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, FaultTest,
    ::testing::Values(
        Fault{"id", "NI3-HF01-001", "NI3-HF02-001", "the id is NI3-HF01-"},
        Fault{"short_id", "NI3-HF01-001", "NI3-HF01-1", "the id is"},
        Fault{"version", "version: 1", "version: 0", "counts from 1"},
        Fault{"family", "family: HF-01", "family: HF-1", "family is"},
        Fault{"title", "possible hidden", "hidden", "begins with \"possible"},
        Fault{"gap", "{value}", "{colour}", "nothing fills the gap"},
        Fault{"explanation",
              "An account with user id 0 has all rights of root "
              "under another name, and no\n  audit that looks for root finds "
              "it. There",
              "There", "explain to a buyer"},
        Fault{"fix",
              "Remove the account, or list it in the manifest of "
              "declared functions.",
              "Remove it.", "tell the vendor"},
        Fault{"forbidden_word", "There is rarely",
              "This malicious thing is "
              "rarely",
              "without \"malicious\""},
        Fault{"vendor", "There is rarely", "Siemens has rarely",
              "without \"siemens\""},
        Fault{"norm", "13(i)", "13", "norm.gge"},
        Fault{"paragraph", "58(c)", "58.c", "norm.para"},
        Fault{"no_cwe", "cwe: [798]", "cwe: []", "name at least one CWE"},
        Fault{"cwe", "cwe: [798]", "cwe: [79800]", "there is no CWE-79800"},
        Fault{"technique", "T1136.001", "T1136.1", "no ATT&CK technique"},
        Fault{"fact_kind", "{kind: account, attributes: {uid: \"==0\"}}",
              "{kind: acount}", "unknown kind of fact \"acount\""},
        Fault{"attribute", "attributes: {uid: \"==0\"}",
              "attributes: {uidd: \"==0\"}", "has no attribute \"uidd\""},
        Fault{"needs",
              "when:", "needs: [code.gate]\nwhen:", "needs an unknown kind"},
        Fault{"literal", "marker of a test", "mark", "fewer than 5 bytes"},
        Fault{"hex", "literal: \"marker of a test\"",
              "hex: \"7f 45 4c 46 ?? ??\"", "fewer than 5 bytes"},
        Fault{"unused_pattern", "    - pattern: marker\n", "",
              "no condition uses pattern marker"},
        Fault{"signature_explains_high", "unless: [declared]",
              "unless: [declared, signed_original]",
              "a signature alone must not explain"},
        Fault{"missing_example",
              "    - artifacts: [{path: a, text: \"nothing\"}]\n", "",
              "one example that matches and two"},
        Fault{"missing_explained",
              "  explained:\n    - facts: [{kind: account, "
              "value: a, attributes: {uid: \"0\"}}]\n      declared: "
              "{accounts: [{name: a}]}\n",
              "", "an anchor explains"},
        Fault{"example_does_not_match",
              "match:\n    - facts: [{kind: account, value: a, attributes: "
              "{uid: \"0\"}}]",
              "match:\n    - facts: [{kind: account, value: a, attributes: "
              "{uid: \"5\"}}]",
              "gave 0 findings"},
        Fault{"counterexample_matches", "text: \"nothing\"",
              "text: \"the marker of a test\"", "gave 1 findings"}),
    [](const auto& test) { return test.param.name; });

TEST(LintTest, KeepsTheLoadersProblems) {
  const auto problems = ProblemsOf("id: [");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].mark.line, 1U);
}

}  // namespace
}  // namespace assay::rules
