// What explains a finding, and what only pretends to.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "rules/evaluate.h"
#include "tests/rules/support.h"
#include "verifier/base/digest.h"
#include "verifier/model/reference.h"

namespace assay::rules {
namespace {

using testing::DossierOf;
using testing::RulesOf;
using testing::RuleText;

struct Case {
  const char* name;
  std::string when;
  std::string anchor;
  std::string product;
  bool explained;
};

class AnchorTest : public ::testing::TestWithParam<Case> {};

TEST_P(AnchorTest, ExplainsOrNot) {
  const Case& one = GetParam();
  const RuleSet rules =
      RulesOf({RuleText(one.when, "unless: [" + one.anchor + "]\n")});
  const auto findings = Evaluate(rules, DossierOf(rules, one.product)).findings;
  ASSERT_EQ(findings.size(), 1U);  // explained or not, it never vanishes
  EXPECT_EQ(!findings[0].explained_by.empty(), one.explained);
  EXPECT_EQ(findings[0].severity,
            one.explained ? Severity::kInfo : Severity::kHigh);
}

std::string Facts(const std::string& fact, const std::string& declared) {
  return "artifacts: [{path: etc/x, facts: [" + fact +
         "]}]\ndeclared: " + declared;
}

const char* const kListener = "fact: {kind: listener}";
const char* const kTelnet =
    "{kind: listener, value: \"23\", attributes: {protocol: tcp, program: "
    "/usr/sbin/telnetd}}";

INSTANTIATE_TEST_SUITE_P(
    Declared, AnchorTest,
    ::testing::Values(
        Case{"listener", kListener, "declared",
             Facts(kTelnet,
                   "{listeners: [{protocol: TCP, port: 23, program: "
                   "usr/sbin/telnetd}]}"),
             true},
        Case{"listener_of_any_program", kListener, "declared",
             Facts(kTelnet, "{listeners: [{protocol: tcp, port: 23}]}"), true},
        Case{"other_program", kListener, "declared",
             Facts(kTelnet,
                   "{listeners: [{protocol: tcp, port: 23, program: "
                   "usr/sbin/sshd}]}"),
             false},
        Case{"other_port", kListener, "declared",
             Facts(kTelnet, "{listeners: [{protocol: tcp, port: 22}]}"), false},
        Case{"other_protocol", kListener, "declared",
             Facts(kTelnet, "{listeners: [{protocol: udp, port: 23}]}"), false},
        Case{"account", "fact: {kind: account}", "declared",
             Facts("{kind: account, value: a, attributes: {uid: \"0\"}}",
                   "{accounts: [{name: a, uid: 0}]}"),
             true},
        Case{"account_with_other_uid", "fact: {kind: account}", "declared",
             Facts("{kind: account, value: a, attributes: {uid: \"0\"}}",
                   "{accounts: [{name: a, uid: 1000}]}"),
             false},
        Case{"startup", "fact: {kind: startup}", "declared",
             Facts("{kind: startup, value: /bin/a}", "{startup: [etc/x]}"),
             true},
        Case{"url_below", "fact: {kind: url}", "declared",
             Facts("{kind: url, value: \"https://a.example/u/1\", attributes: "
                   "{host: a.example}}",
                   "{endpoints: [\"https://a.example/u\"]}"),
             true},
        Case{"url_beside", "fact: {kind: url}", "declared",
             Facts("{kind: url, value: \"https://a.example/user\", "
                   "attributes: {host: a.example}}",
                   "{endpoints: [\"https://a.example/u\"]}"),
             false},
        Case{"url_of_another_host", "fact: {kind: url}", "declared",
             Facts("{kind: url, value: \"https://a.example.evil.invalid/u\", "
                   "attributes: {host: a.example.evil.invalid}}",
                   "{endpoints: [\"https://a.example\"]}"),
             false},
        Case{"host", "fact: {kind: domain}", "declared",
             Facts("{kind: domain, value: A.example}",
                   "{endpoints: [\"https://a.example/u\"]}"),
             true},
        Case{"certificate", "fact: {kind: certificate}", "declared",
             Facts("{kind: certificate, value: CN=a, attributes: "
                   "{fingerprint: \"ab:cd\"}}",
                   "{certificates: [ABCD]}"),
             true},
        Case{
            "certificate_without_fingerprint", "fact: {kind: certificate}",
            "declared",
            Facts("{kind: certificate, value: CN=a}", "{certificates: [\"\"]}"),
            false},
        Case{"setuid", "fact: {kind: file.setuid}", "declared",
             Facts("{kind: file.setuid, value: etc/x}", "{setuid: [/etc/x]}"),
             true},
        Case{"hook", "fact: {kind: package.script}", "declared",
             Facts("{kind: package.script, value: postinst, attributes: "
                   "{package: webui}}",
                   "{install_hooks: [{package: webui, script: postinst}]}"),
             true},
        Case{"hook_of_another_package", "fact: {kind: package.script}",
             "declared",
             Facts("{kind: package.script, value: postinst, attributes: "
                   "{package: other}}",
                   "{install_hooks: [{package: webui, script: postinst}]}"),
             false},
        // A declared start-up file does not excuse what it does.
        Case{"command", "fact: {kind: command}", "declared",
             Facts("{kind: command, value: \"curl http://a.invalid/\"}",
                   "{startup: [etc/x]}"),
             false},
        // All that the finding shows has to be declared.
        Case{"one_of_two",
             "all: [{fact: {kind: account}}, {fact: {kind: "
             "file.setuid}}]",
             "declared",
             Facts("{kind: account, value: a}, {kind: file.setuid, value: "
                   "etc/x}",
                   "{accounts: [{name: a}]}"),
             false}),
    [](const auto& test) { return test.param.name; });

const char* const kSetuid = "fact: {kind: file.setuid}";
const std::string kProgram =
    "artifacts: [{path: a, size: 10, owner: sbom, facts: [{kind: file.setuid, "
    "value: a}]}]\n";

std::string Checked(const std::string& check) {
  return kProgram + "checks: [{target: a, " + check + "}]";
}

INSTANTIATE_TEST_SUITE_P(
    Signed, AnchorTest,
    ::testing::Values(
        Case{"listed", kSetuid, "signed_original",
             Checked("indication: TOTAL-PASSED, anchor: archive, covers: "
                     "signed-by-digest"),
             true},
        Case{"no_anchor", kSetuid, "signed_original",
             Checked("indication: TOTAL-PASSED, covers: signed-by-digest"),
             false},
        Case{"failed", kSetuid, "signed_original",
             Checked("indication: TOTAL-FAILED, anchor: archive, covers: "
                     "signed-by-digest"),
             false},
        // The maker's signature over all says who delivers, no more.
        Case{"signed_by_the_maker", kSetuid, "signed_original",
             Checked("indication: TOTAL-PASSED, anchor: maker, covers: "
                     "signed"),
             false},
        Case{"uncovered", kSetuid, "signed_original",
             Checked("indication: TOTAL-PASSED, anchor: archive, covers: "
                     "uncovered-live"),
             false},
        Case{"other_anchor_asked", kSetuid, "declared",
             Checked("indication: TOTAL-PASSED, anchor: archive, covers: "
                     "signed-by-digest"),
             false},
        Case{"in_signed_sbom", kSetuid, "sbom", kProgram + "signed_sbom: true",
             true},
        Case{"in_unsigned_sbom", kSetuid, "sbom", kProgram, false},
        Case{"sbom_says_otherwise", kSetuid, "sbom",
             kProgram + "signed_sbom: true\ndiscrepancies: [{kind: "
                        "digest-mismatch, path: a, component: a}]",
             false}),
    [](const auto& test) { return test.param.name; });

Dossier Nested(const RuleSet& rules, Range covered, Range origin) {
  Dossier dossier =
      DossierOf(rules,
                "artifacts: [{path: p.deb, size: 100}, {path: a, size: 5000, "
                "facts: [{kind: file.setuid, value: a}]}]");
  dossier.survey.nodes[2].artifact.parent = 1;
  dossier.survey.nodes[2].artifact.origin = origin;
  dossier.checks.push_back({.indication = Indication::kTotalPassed,
                            .anchor = "archive",
                            .covers = {{.artifact = 1,
                                        .range = covered,
                                        .coverage = Coverage::kByDigest}}});
  return dossier;
}

TEST(AnchorTest, WhatLiesInAListedFileIsListedWithIt) {
  const RuleSet rules =
      RulesOf({RuleText(kSetuid, "unless: [signed_original]\n")});
  const auto inside = Evaluate(rules, Nested(rules, {0, 100}, {50, 20}));
  ASSERT_EQ(inside.findings.size(), 1U);
  EXPECT_FALSE(inside.findings[0].explained_by.empty());
  const auto beside = Evaluate(rules, Nested(rules, {0, 60}, {50, 20}));
  ASSERT_EQ(beside.findings.size(), 1U);
  EXPECT_TRUE(beside.findings[0].explained_by.empty());
}

TEST(AnchorTest, AManifestThatIsNotAuthenticExplainsNothing) {
  const RuleSet rules = RulesOf({RuleText(kSetuid, "unless: [declared]\n")});
  Dossier dossier = DossierOf(
      rules, Facts("{kind: file.setuid, value: etc/x}", "{setuid: [etc/x]}"));
  ASSERT_EQ(Evaluate(rules, dossier).findings.at(0).explained_by,
            "declared functions: manifest.json");
  dossier.declarations.authentic = false;
  EXPECT_EQ(Evaluate(rules, dossier).findings.at(0).explained_by, "");
}

// A program of a delivery with what a rule sees of it.
struct Seen {
  const char* name;
  const char* when;
  std::string place;
  std::uint32_t mode;
  bool explained;
};

Dossier DossierWithOriginal(const RuleSet& rules, const Seen& one) {
  Dossier dossier = DossierOf(
      rules,
      "artifacts: [{path: usr/bin/tool, size: 4, text: 'tool of the archive', "
      "facts: [{kind: file.setuid, value: x}, {kind: elf.import, value: "
      "system}]}]");
  const std::string digest = Sha256Hex(AsBytes("tool"));
  Artifact& file = dossier.survey.nodes[1].artifact;
  file.digests = {{DigestAlgorithm::kSha256, digest}};
  file.has_content = true;
  file.meta.mode = 04755;
  ReferenceBuilder builder;
  builder.Add({.name = "tool.deb", .sha256 = "aa", .anchor = "archive"}, file);
  dossier.references.push_back(
      *ReferenceSet::Read(ByteSource::Own(builder.Finish())));
  file.inner_path = one.place;
  file.meta.mode = one.mode;
  for (Fact& fact : dossier.survey.nodes[1].seen.facts) {
    fact.place =
        fact.kind == "elf.import" ? std::optional(Range{0, 4}) : std::nullopt;
  }
  return dossier;
}

constexpr const char* kHit = "fact: {kind: elf.import}";
constexpr const char* kPrivilege = "fact: {kind: file.setuid}";

class OriginalTest : public ::testing::TestWithParam<Seen> {};

TEST_P(OriginalTest, ExplainsWhatItShowsItself) {
  const RuleSet rules = RulesOf({RuleText(GetParam().when)});
  const auto findings =
      Evaluate(rules, DossierWithOriginal(rules, GetParam())).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].explained_by,
            GetParam().explained
                ? "distribution original: tool.deb, signed, archive"
                : "");
}

INSTANTIATE_TEST_SUITE_P(
    Reference, OriginalTest,
    ::testing::Values(
        Seen{"content_at_its_place", kHit, "usr/bin/tool", 04755, true},
        Seen{"content_with_other_rights", kHit, "usr/bin/tool", 0755, true},
        Seen{"content_elsewhere", kHit, "tmp/tool", 04755, false},
        Seen{"right_as_published", kPrivilege, "usr/bin/tool", 04755, true},
        Seen{"right_in_merged_usr", kPrivilege, "bin/tool", 04755, true},
        Seen{"right_added", kPrivilege, "usr/bin/tool", 06755, false},
        Seen{"right_elsewhere", kPrivilege, "tmp/tool", 04755, false}),
    [](const auto& test) { return test.param.name; });

TEST(OriginalTest, ExplainsNoOtherContentAndNoOtherFamily) {
  const Seen seen{"", kHit, "usr/bin/tool", 04755, false};
  const RuleSet rules = RulesOf({RuleText(kHit)});
  Dossier other = DossierWithOriginal(rules, seen);
  other.survey.nodes[1].artifact.digests[0].hex =
      Sha256Hex(AsBytes("tool, changed"));
  EXPECT_EQ(Evaluate(rules, other).findings.at(0).explained_by, "");
  RuleSet unpack = RulesOf({RuleText(kHit)});
  unpack.rules[0].family = "UNPACK";
  EXPECT_EQ(Evaluate(unpack, DossierWithOriginal(unpack, seen))
                .findings.at(0)
                .explained_by,
            "");
}

// Yesterday's version of a program is an original, too.
TEST(OriginalTest, DoesNotExplainThatAClaimIsContradicted) {
  for (const auto& [kind, explained] : {std::pair("digest-mismatch", false),
                                        std::pair("record-mismatch", false),
                                        std::pair("version-mismatch", false),
                                        std::pair("unexplained-file", true)}) {
    const RuleSet rules =
        RulesOf({RuleText(fmt::format("sbom: {{kind: {}}}", kind))});
    Dossier dossier =
        DossierWithOriginal(rules, {"", "", "usr/bin/tool", 04755, false});
    dossier.reconciliation.discrepancies.push_back(
        {.kind = *DiscrepancyKindOf(kind), .component = "a", .artifact = 1});
    const auto findings = Evaluate(rules, dossier).findings;
    ASSERT_EQ(findings.size(), 1U) << kind;
    EXPECT_EQ(!findings[0].explained_by.empty(), explained) << kind;
  }
}

TEST(AnchorTest, AnExceptionExplainsOneRuleOfOneContent) {
  const RuleSet rules = RulesOf({RuleText(kPrivilege)});
  const std::string digest = Sha256Hex(AsBytes("tool"));
  Dossier dossier = DossierOf(
      rules, "artifacts: [{path: a, facts: [{kind: file.setuid, value: a}]}]");
  dossier.survey.nodes[1].artifact.digests = {
      {DigestAlgorithm::kSha256, digest}};
  ReviewedException exception{.rule = rules.rules[0].id,
                              .sha256 = digest,
                              .reason = "agreed",
                              .reviewer = "J. Doe",
                              .expires = 1'800'000'000};
  dossier.exceptions = {exception};
  EXPECT_EQ(Evaluate(rules, dossier).findings.at(0).explained_by,
            "reviewed exception: agreed (J. Doe, until 2027-01-15T08:00:00Z)");
  dossier.exceptions[0].rule = "NI3-HF01-999";
  EXPECT_EQ(Evaluate(rules, dossier).findings.at(0).explained_by, "");
  dossier.exceptions = {exception};
  dossier.exceptions[0].sha256 = Sha256Hex(AsBytes("other"));
  EXPECT_EQ(Evaluate(rules, dossier).findings.at(0).explained_by, "");
}

}  // namespace
}  // namespace assay::rules
