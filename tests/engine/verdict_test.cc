#include "verifier/engine/verdict.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verifier/engine/waivers.h"

namespace assay::engine {
namespace {

constexpr UnixTime kNow = 1'795'305'600;
constexpr UnixTime kDay = 86400;

Report ReportOf(std::vector<Severity> severities) {
  Report report;
  report.confinement = kConfinedProcess;
  report.at = kNow;
  report.policy_name = "p";
  for (const Severity severity : severities) {
    report.findings.push_back({.rule = "R-1",
                               .severity = severity,
                               .title = "possible thing",
                               .subject = "a!/etc/passwd"});
  }
  report.artifacts.push_back({.path = "a", .has_content = true});
  return report;
}

Survey SurveyOf(std::vector<std::string> anomalies) {
  Survey survey;
  survey.nodes.emplace_back();
  for (std::string& id : anomalies) {
    survey.nodes[0].artifact.anomalies.push_back({std::move(id), {}, ""});
  }
  return survey;
}

Verdict Decided(const Policy& policy, Report report,
                const Survey& survey = SurveyOf({})) {
  static_cast<void>(ApplyWaivers(policy, report));
  Decide(&policy, survey, report);
  EXPECT_FALSE(report.reasons.empty());
  return report.verdict;
}

Policy PolicyThatWantsASignature() {
  Policy policy;
  policy.signatures.push_back({.match = "a", .anchors = {"vendor"}});
  return policy;
}

SignatureCheck CheckOf(Indication indication, std::string anchor,
                       std::string key = "K1") {
  SignatureCheck check{.target = "a",
                       .indication = indication,
                       .key = std::move(key),
                       .anchor = std::move(anchor)};
  if (indication == Indication::kTotalPassed) {
    check.good_keys = {GoodKeyOf(check)};
  }
  return check;
}

TEST(VerdictTest, WithoutAPolicyNothingPasses) {
  Report report = ReportOf({});
  Decide(nullptr, SurveyOf({}), report);
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
}

TEST(VerdictTest, TheThresholdDecides) {
  Policy policy;
  EXPECT_EQ(Decided(policy, ReportOf({Severity::kLow})), Verdict::kPass);
  EXPECT_EQ(Decided(policy, ReportOf({Severity::kMedium})), Verdict::kFail);
  policy.fail_on = Severity::kCritical;
  EXPECT_EQ(Decided(policy, ReportOf({Severity::kHigh})), Verdict::kPass);
}

TEST(VerdictTest, WhatWasNotExaminedNeverPasses) {
  const Policy policy;
  for (const char* id : {"unpack.damaged", "unpack.limit", "unpack.internal",
                         "unpack.unreadable"}) {
    EXPECT_EQ(Decided(policy, ReportOf({}), SurveyOf({id})),
              Verdict::kInconclusive)
        << id;
  }
  Survey stopped = SurveyOf({});
  stopped.stopped = "interrupted";
  EXPECT_EQ(Decided(policy, ReportOf({}), stopped), Verdict::kInconclusive);
  // A failure outweighs what could not be seen.
  EXPECT_EQ(Decided(policy, ReportOf({Severity::kHigh}), stopped),
            Verdict::kFail);
}

TEST(VerdictTest, ARequiredSignatureMustBeGoodAndByTheAnchor) {
  const Policy policy = PolicyThatWantsASignature();
  struct Case {
    std::vector<SignatureCheck> checks;
    Verdict verdict;
  };
  const Case cases[] = {
      {{CheckOf(Indication::kTotalPassed, "vendor")}, Verdict::kPass},
      {{}, Verdict::kFail},
      {{CheckOf(Indication::kTotalPassed, "other")}, Verdict::kFail},
      {{CheckOf(Indication::kTotalPassed, "")}, Verdict::kFail},
      {{CheckOf(Indication::kTotalFailed, "vendor")}, Verdict::kFail},
      {{CheckOf(Indication::kDigestOnly, "")}, Verdict::kFail},
      {{CheckOf(Indication::kIndeterminate, "")}, Verdict::kInconclusive},
      {{CheckOf(Indication::kUnsupported, "")}, Verdict::kInconclusive},
  };
  for (const Case& test : cases) {
    Report report = ReportOf({});
    report.checks = test.checks;
    EXPECT_EQ(Decided(policy, report), test.verdict);
  }
}

TEST(VerdictTest, ARuleThatMeetsNoFileDoesNotPass) {
  Policy policy = PolicyThatWantsASignature();
  policy.signatures[0].match = "*.img";
  EXPECT_EQ(Decided(policy, ReportOf({})), Verdict::kInconclusive);
}

TEST(VerdictTest, TwoRequiredSignersAreNotOneSignerTwiceOver) {
  Policy policy = PolicyThatWantsASignature();
  policy.signatures[0].count = 2;
  Report report = ReportOf({});
  report.checks = {CheckOf(Indication::kTotalPassed, "vendor"),
                   CheckOf(Indication::kTotalPassed, "vendor")};
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
  report.checks[1] = CheckOf(Indication::kTotalPassed, "vendor", "K2");
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
}

TEST(VerdictTest, OnePrivateKeyIsOneSignerWhateverItIsCalled) {
  Policy policy = PolicyThatWantsASignature();
  policy.signatures[0].count = 2;
  Report report = ReportOf({});
  report.checks = {CheckOf(Indication::kTotalPassed, "vendor"),
                   CheckOf(Indication::kTotalPassed, "vendor", "K2")};
  for (SignatureCheck& check : report.checks) {
    check.good_keys[0].public_key = "SAME";
  }
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
  report.checks[1].good_keys[0].public_key = "OTHER";
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
  // OpenPGP knows its keys by their own fingerprints.
  report.checks[1].good_keys[0].public_key = "";
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
}

TEST(VerdictTest, SignersOfOtherAnchorsAreNotCounted) {
  Policy policy = PolicyThatWantsASignature();
  policy.signatures[0].count = 2;
  Report report = ReportOf({});
  report.checks = {CheckOf(Indication::kTotalPassed, "vendor")};
  report.checks[0].good_keys.push_back({.key = "K2", .anchor = "other"});
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
  // One key is one signer, whichever anchors know it.
  policy.signatures[0].anchors = {};
  report.checks[0].good_keys[1].key = "K1";
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
  report.checks[0].good_keys[1].key = "K2";
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
  // The one that speaks for the check may be another's.
  policy.signatures[0] = {.match = "a", .anchors = {"other"}};
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
}

TEST(VerdictTest, ATimeStampProvesTheTimeOfItsOwnSignatureAlone) {
  Policy policy = PolicyThatWantsASignature();
  policy.signatures[0].count = 2;
  policy.signatures[0].time = TimeModel::kTrustedTimestamp;
  Report report = ReportOf({});
  report.checks = {CheckOf(Indication::kTotalPassed, "vendor")};
  report.checks[0].proven_at = kNow;
  report.checks[0].good_keys[0].proven_at = kNow;
  report.checks[0].good_keys.push_back({.key = "K2", .anchor = "vendor"});
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
  report.checks[0].good_keys[1].proven_at = kNow;
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
}

TEST(VerdictTest, CoverageIsThatOfTheSignersOfTheRule) {
  Survey survey = SurveyOf({});
  Artifact& artifact = survey.nodes[0].artifact;
  artifact.path = "a";
  artifact.size = 100;
  artifact.has_content = true;
  artifact.structure = {{{0, 100}, Structure::kContent}};
  Policy policy = PolicyThatWantsASignature();
  policy.signatures[0].coverage = 100;
  Report report = ReportOf({});
  report.artifacts = {artifact};
  report.checks = {CheckOf(Indication::kTotalPassed, "vendor"),
                   CheckOf(Indication::kTotalPassed, "other", "K2")};
  report.checks[0].covers = {{.artifact = 0, .range = {0, 60}}};
  report.checks[1].covers = {{.artifact = 0, .range = {0, 100}}};
  EXPECT_EQ(Decided(policy, report, survey), Verdict::kFail);
  policy.signatures[0].coverage = 60;
  EXPECT_EQ(Decided(policy, report, survey), Verdict::kPass);
  policy.signatures[0].coverage = 100;
  report.checks[0].covers[0].range.length = 100;
  EXPECT_EQ(Decided(policy, report, survey), Verdict::kPass);
}

TEST(VerdictTest, ARuleOfFreshnessThatNothingMeetsDoesNotPass) {
  Policy policy;
  policy.freshness = {{.scheme = "avb", .rollback_index = 7}};
  const auto with = [&](Indication indication, std::string_view scheme,
                        std::uint64_t index) {
    Report report = ReportOf({});
    report.checks = {CheckOf(indication, "vendor")};
    report.checks[0].scheme = scheme;
    report.checks[0].age.rollback_index = index;
    return Decided(policy, report);
  };
  EXPECT_EQ(Decided(policy, ReportOf({})), Verdict::kInconclusive);
  EXPECT_EQ(with(Indication::kTotalPassed, "avb", 7), Verdict::kPass);
  EXPECT_EQ(with(Indication::kTotalPassed, "mcuboot", 7),
            Verdict::kInconclusive);
  // What does not hold states no age.
  for (const Indication indication :
       {Indication::kNone, Indication::kIndeterminate,
        Indication::kTotalFailed}) {
    EXPECT_EQ(with(indication, "avb", 7), Verdict::kInconclusive);
  }
}

TEST(VerdictTest, AWaiverAcceptsWhatItNamesUntilItExpires) {
  struct Case {
    Waiver waiver;
    Verdict verdict;
  };
  const Waiver good{.id = "W",
                    .rule = "R-1",
                    .subject = "**/etc/passwd",
                    .expires = kNow + kDay};
  Waiver expired = good;
  expired.expires = kNow;
  Waiver too_long = good;
  too_long.expires = kNow + 366 * kDay;
  Waiver other_rule = good;
  other_rule.rule = "R-2";
  Waiver other_place = good;
  other_place.subject = "etc/passwd";
  Waiver other_bytes = good;
  other_bytes.sha256 = "00";
  for (const auto& [waiver, verdict] :
       {Case{good, Verdict::kPass}, Case{expired, Verdict::kFail},
        Case{too_long, Verdict::kFail}, Case{other_rule, Verdict::kFail},
        Case{other_place, Verdict::kFail}, Case{other_bytes, Verdict::kFail}}) {
    Policy policy;
    policy.waivers.push_back(waiver);
    EXPECT_EQ(Decided(policy, ReportOf({Severity::kHigh})), verdict)
        << waiver.rule << waiver.subject << waiver.expires;
  }
}

TEST(VerdictTest, AWaivedFindingStaysVisible) {
  Policy policy;
  policy.waivers.push_back(
      {.id = "W", .rule = "R-1", .subject = "**", .expires = kNow + kDay});
  Report report = ReportOf({Severity::kHigh});
  EXPECT_TRUE(ApplyWaivers(policy, report).empty());
  Decide(&policy, SurveyOf({}), report);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].waiver, "W");
  EXPECT_EQ(report.findings[0].severity, Severity::kHigh);
}

// A device has no digest; its waiver may be bound to the product's.
TEST(VerdictTest, WhatHasNoContentIsWaivedByTheProductsDigest) {
  Policy policy;
  policy.waivers.push_back({.id = "W",
                            .rule = "R-1",
                            .subject = "**",
                            .sha256 = "aa",
                            .expires = kNow + kDay});
  Report report = ReportOf({Severity::kHigh});
  Finding& finding = report.findings[0];
  finding.evidence = {{.path = finding.subject}};
  report.product_sha256 = "bb";
  EXPECT_EQ(ApplyWaivers(policy, report).size(), 1U);
  report.product_sha256 = "aa";
  EXPECT_TRUE(ApplyWaivers(policy, report).empty());
  EXPECT_EQ(finding.waiver, "W");
}

TEST(VerdictTest, LedgerThresholdsDecide) {
  Report report = ReportOf({});
  report.ledger.leaf_bytes = 100;
  report.ledger.headline = {
      {"structure", {{"content", 90}, {"unknown", 10}}},
      {"authenticity", {{"signed", 50}, {"uncovered-live", 50}}},
      {"examination", {{"parsed", 95}, {"opaque", 5}}}};
  Policy policy;
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
  policy.max_unknown = 9;
  EXPECT_EQ(Decided(policy, report), Verdict::kInconclusive);
  policy = {};
  policy.max_opaque = 4;
  EXPECT_EQ(Decided(policy, report), Verdict::kInconclusive);
  policy = {};
  policy.min_signed = 51;
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
}

TEST(VerdictTest, AWaiverWithoutEffectSaysWhy) {
  struct Case {
    Waiver waiver;
    std::string_view why;
  };
  const Waiver good{
      .id = "W", .rule = "R-1", .subject = "**", .expires = kNow + kDay};
  Waiver expired = good;
  expired.expires = kNow;
  Waiver too_long = good;
  too_long.expires = kNow + 366 * kDay;
  Waiver unmatched = good;
  unmatched.rule = "R-2";
  for (const auto& [waiver, why] :
       {Case{expired, "expired on"}, Case{too_long, "longer than 365"},
        Case{unmatched, "no finding"}}) {
    Policy policy;
    policy.waivers.push_back(waiver);
    Report report = ReportOf({Severity::kHigh});
    const auto dead = ApplyWaivers(policy, report);
    ASSERT_EQ(dead.size(), 1U) << why;
    EXPECT_EQ(dead[0].id, "W");
    EXPECT_NE(dead[0].why.find(why), std::string::npos) << dead[0].why;
  }
}

TEST(VerdictTest, AFamilyMayHaveAThresholdOfItsOwn) {
  Policy policy;
  policy.fail_on = Severity::kMedium;
  Report report = ReportOf({Severity::kHigh});
  const std::string family = report.findings[0].family;
  policy.fail_on_family[family] = Severity::kCritical;
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
  policy.fail_on_family = {{"OTHER", Severity::kCritical}};
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
  policy.fail_on = Severity::kCritical;
  policy.fail_on_family = {{family, Severity::kLow}};
  EXPECT_EQ(Decided(policy, report), Verdict::kFail);
}

TEST(VerdictTest, TheCommandLineStandsInForThresholdsAndIsNamed) {
  Policy policy;
  policy.fail_on = Severity::kLow;
  policy.fail_on_family = {{"HF-01", Severity::kInfo}};
  Report report = ReportOf({Severity::kMedium});
  Decide(&policy, SurveyOf({}), report, Severity::kHigh);
  EXPECT_EQ(report.verdict, Verdict::kPass);
  EXPECT_NE(report.reasons.back().find("command line"), std::string::npos);
  report = ReportOf({Severity::kHigh});
  Decide(nullptr, SurveyOf({}), report, Severity::kHigh);
  EXPECT_EQ(report.verdict, Verdict::kFail) << "a gate without a policy";
  report = ReportOf({Severity::kLow});
  Decide(nullptr, SurveyOf({}), report, Severity::kHigh);
  EXPECT_EQ(report.verdict, Verdict::kInconclusive) << "and never a pass";
}

TEST(VerdictTest, KnownFindingsDoNotFailAndAreCounted) {
  Report report = ReportOf({Severity::kHigh, Severity::kHigh});
  report.findings[0].baseline = "last.json";
  EXPECT_EQ(Decided(Policy{}, report), Verdict::kFail) << "the other is new";
  report = ReportOf({Severity::kHigh});
  report.findings[0].baseline = "last.json";
  Decide(nullptr, SurveyOf({}), report, Severity::kHigh);
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
  EXPECT_NE(fmt::format("{}", fmt::join(report.reasons, "\n"))
                .find("1 finding was already in the baseline"),
            std::string::npos);
}

TEST(VerdictTest, WarningsAreCountedAndDecideNothing) {
  Policy policy;
  policy.fail_on = Severity::kHigh;
  policy.warn_on = Severity::kLow;
  Report report = ReportOf({Severity::kMedium, Severity::kInfo});
  Decide(&policy, SurveyOf({}), report);
  EXPECT_EQ(report.verdict, Verdict::kPass);
  EXPECT_EQ(
      report.reasons.back(),
      "warning: 1 finding of severity low or above that does not fail it");
}

TEST(VerdictTest, AnSbomMustHaveTheMinimumElementsThatAreDemanded) {
  Policy policy;
  policy.sbom_profiles = {"ntia-2021"};
  Report report = ReportOf({});
  EXPECT_EQ(Decided(policy, report), Verdict::kFail) << "none came";
  report.reconciliation.documents.resize(1);
  report.reconciliation.documents[0].holder = "x.cdx.json";
  report.reconciliation.documents[0].document.components = {
      {.name = "busybox", .version = "1.36.1"}};
  Decide(&policy, SurveyOf({}), report);
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_NE(report.reasons[0].find("x.cdx.json: it lacks"), std::string::npos)
      << report.reasons[0];
  policy = {};
  policy.min_sbom_index = 1;
  EXPECT_EQ(Decided(policy, report), Verdict::kFail) << "no score, no index";
}

TEST(VerdictTest, EveryAxisOfTheLedgerHasABound) {
  Report report = ReportOf({});
  report.ledger.leaf_bytes = 1000;
  report.ledger.headline = {
      {"structure", {{"content", 900}, {"unknown", 100}}},
      {"provenance",
       {{"sbom", 300}, {"package-record", 200}, {"unexplained", 500}}},
      {"examination", {{"parsed", 600}, {"scanned", 300}, {"opaque", 100}}}};
  struct Case {
    double Policy::*bound;
    double met;
    double missed;
    Verdict verdict;
  };
  for (const Case& each :
       {Case{&Policy::max_unknown, 10, 9.9, Verdict::kInconclusive},
        Case{&Policy::max_opaque, 10, 9.9, Verdict::kInconclusive},
        Case{&Policy::min_parsed, 60, 60.1, Verdict::kInconclusive},
        Case{&Policy::min_claimed, 50, 50.1, Verdict::kFail}}) {
    Policy policy;
    policy.*each.bound = each.met;
    EXPECT_EQ(Decided(policy, report), Verdict::kPass);
    policy.*each.bound = each.missed;
    EXPECT_EQ(Decided(policy, report), each.verdict);
  }
  Policy policy;
  policy.max_opaque_bytes = 100;
  EXPECT_EQ(Decided(policy, report), Verdict::kPass);
  policy.max_opaque_bytes = 99;
  EXPECT_EQ(Decided(policy, report), Verdict::kInconclusive);
}

}  // namespace
}  // namespace assay::engine
