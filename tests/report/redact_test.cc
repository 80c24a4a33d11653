#include "verifier/report/redact.h"

#include <gtest/gtest.h>

#include "tests/report/redacting.h"
#include "verifier/report/redact_plan.h"

namespace assay::report {
namespace {

using testing::Done;
using testing::ExpectGone;
using testing::ExpectProven;
using testing::ExpectSameFigures;
using testing::kPasswd;
using testing::Misfit;
using testing::Original;
using testing::Refusal;
using testing::Wish;
using testing::Written;

TEST(RedactTest, OfAFindingOnlyItsSeverityIsLeft) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.findings = {"NI3-HF03-009"};
  const RedactedReport done = Done(wish, original);
  ExpectProven(done, original);
  ExpectSameFigures(original, done.report);
  EXPECT_EQ(done.report.redaction->findings.at(Severity::kCritical), 1);
  for (const char* text :
       {"NI3-HF03-009", "toor", "securetty", "HF-03", "CWE-798"}) {
    ExpectGone(done.report, text);
  }
  ExpectGone(done.report, original.findings[0].id);
  // Nobody can tell which rule it was from those that found nothing.
  EXPECT_TRUE(done.report.rules.passed.empty());
}

TEST(RedactTest, APathAndAllBelowItGoesEverywhere) {
  Report original = Original();
  original.artifacts.push_back(assay::testing::ExampleArtifact(
      3, 1, "router.bin!/etc/passwd!/hidden-part.bin", 3));
  original.artifacts[3].depth = 2;
  original.checks[0].detail = "ETC/PASSWD holds hidden-part";
  RedactWish wish = Wish();
  wish.paths = {"**/passwd"};
  const RedactedReport done = Done(wish, original);
  ExpectProven(done, original);
  ExpectSameFigures(original, done.report);
  for (const char* text : {"passwd", "PASSWD", "hidden-part"}) {
    ExpectGone(done.report, text);
  }
  const Artifact& gone = done.report.artifacts[1];
  EXPECT_EQ(gone.path, "router.bin!/[redacted-1]");
  EXPECT_EQ(done.report.artifacts[3].path,
            "router.bin!/[redacted-1]!/[redacted-2]");
  EXPECT_TRUE(gone.redacted && gone.has_content && gone.digests.empty());
  EXPECT_EQ(gone.size, 43);
  EXPECT_EQ(done.report.findings[0].subject, "router.bin!/[redacted-1]");
  // Its other evidence can still be repeated.
  EXPECT_TRUE(done.report.findings[0].evidence[0].redacted);
  EXPECT_FALSE(done.report.findings[0].evidence[2].redacted);
}

// Everything that a report says about a file gives away what it is.
TEST(RedactTest, OfAPathNothingIsLeftElsewhere) {
  Report original = Original();
  original.artifacts[1].digests = {
      {DigestAlgorithm::kSha256, Sha256Hex(AsBytes("the file"))}};
  const std::string digest = original.artifacts[1].sha256();
  original.findings[0].title = "possible account telltale-of-title";
  original.reasons = {"critical: possible account telltale-of-title"};
  SignatureCheck inside = assay::testing::ExampleCheck();
  inside.artifact = 1;
  inside.holder = kPasswd;
  inside.signer = inside.key = inside.anchor = inside.detail = "telltale";
  inside.steps = inside.skipped = {"telltale"};
  inside.age = {.version = "telltale", .date = 1};
  inside.good_keys = {{.key = "telltale"}};
  inside.reproduce = "openssl telltale";
  original.checks[0].detail = "the digest " + digest + " is not listed";
  original.checks.push_back(inside);
  HeldDocument& held = original.reconciliation.documents[0];
  held.artifact = 1;
  held.holder = kPasswd;
  held.document.format = held.document.spec_version = "telltale";
  held.document.serial = held.document.timestamp = "telltale";
  held.document.authors = held.document.tools = {"telltale"};
  held.document.subject = Component{.name = "telltale"};
  held.document.problems = {{.pointer = "telltale", .detail = "telltale"}};
  Component& component =
      original.reconciliation.inventory[0].evidence.component;
  component.name = component.version = component.purl = "telltale";
  component.supplier = component.group = component.type = "telltale";
  component.licences = {"telltale"};
  Discrepancy& discrepancy = original.reconciliation.discrepancies[0];
  discrepancy.artifact = 1;
  discrepancy.component = discrepancy.claimed = discrepancy.found = "telltale";
  discrepancy.purl = discrepancy.pointer = "telltale";
  original.reconciliation.owners[1].component = "telltale";
  original.not_examined.back().reason = "telltale";
  original.artifacts[1].anomalies = {{.id = "telltale", .detail = "telltale"}};
  RedactWish wish = Wish();
  wish.paths = {kPasswd};
  const RedactedReport done = Done(wish, original);
  ExpectProven(done, original);
  ExpectSameFigures(original, done.report);
  ExpectGone(done.report, "telltale");
  ExpectGone(done.report, digest);
  EXPECT_EQ(done.report.checks[1].indication, inside.indication);
  EXPECT_EQ(done.report.delta->traits[0].kind, kRedacted);
  EXPECT_EQ(done.report.reconciliation.inventory[0].evidence.component.name,
            kRedacted);
}

// A removed copy is not known by its lack of parts.
TEST(RedactTest, ThatItIsACopyIsNotTold) {
  const Report original = Original();
  ASSERT_EQ(original.artifacts[1].sha256(), original.artifacts[2].sha256());
  RedactWish wish = Wish();
  wish.paths = {kPasswd};
  const RedactedReport done = Done(wish, original);
  ExpectProven(done, original);
  EXPECT_EQ(done.report.artifacts[1].structure.size(), 1);
}

// With "passwd" taken out of a sentence that everybody can look up, everybody
// knows what was taken out.
TEST(RedactTest, TheWordsOfARuleTellNoName) {
  Report original = Original();
  original.findings[1].explanation = "It reads passwd as root.";
  original.findings[1].fix = "Remove passwd.";
  original.findings[1].title = "possible passwd of everybody";
  original.reasons = {"low: possible passwd of everybody"};
  RedactWish wish = Wish();
  wish.paths = {kPasswd};
  const RedactedReport done = Done(wish, original);
  ExpectProven(done, original);
  EXPECT_EQ(done.report.findings[1].explanation,
            original.findings[1].explanation);
  EXPECT_EQ(done.report.findings[1].fix, original.findings[1].fix);
  EXPECT_EQ(done.report.findings[1].title, kRedacted);
  EXPECT_EQ(done.report.reasons[0], "low: [redacted]");
  // A text that may stand nowhere does not stand there either.
  wish.texts = {"reads"};
  EXPECT_EQ(Done(wish, original).report.findings[1].explanation,
            "It [redacted] passwd as root.");
}

// What was found at a place whose proof goes tells of the proof.
TEST(RedactTest, NothingIsSaidWhereProofGoes) {
  Report original = Original();
  original.artifacts[1].anomalies = {{.id = "telltale", .detail = "telltale"}};
  RedactWish wish = Wish();
  wish.findings = {"NI3-HF03-009"};
  const RedactedReport done = Done(wish, original);
  ExpectProven(done, original);
  ExpectGone(done.report, "telltale");
}

TEST(RedactTest, ProofGoesAndTheFindingStays) {
  const Report original = Original();
  for (const std::string& by :
       {original.findings[0].id, std::string("**/etc/*")}) {
    RedactWish wish = Wish();
    wish.evidence = {by};
    const RedactedReport done = Done(wish, original);
    ExpectProven(done, original);
    ExpectSameFigures(original, done.report);
    ExpectGone(done.report, "toor");
    EXPECT_EQ(done.report.findings[0].rule, "NI3-HF03-009");
    EXPECT_EQ(done.report.findings[0].subject, kPasswd);
    EXPECT_FALSE(done.report.findings[1].redacted);
    EXPECT_EQ(done.report.rules.passed, original.rules.passed);
  }
}

TEST(RedactTest, TextsStandNowhere) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.texts = {"oo"};                              // inside of words too
  EXPECT_NE(Refusal(wish, Written(original)), "");  // of the tool's words
  wish.texts = {"toor"};
  const RedactedReport done = Done(wish, original);
  ExpectProven(done, original);
  ExpectGone(done.report, "toor");
  EXPECT_EQ(done.report.findings[0].title,
            "possible hidden administrator \"[redacted]\"");
}

TEST(RedactTest, EveryOutputSaysSo) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.paths = {kPasswd};
  const RedactedReport done = Done(wish, original);
  for (const ReportWriter* writer : AllWriters()) {
    EXPECT_NE(writer->write(done.report, {}).find("under repair"),
              std::string::npos)
        << writer->name;
    EXPECT_EQ(writer->write(original, {}).find("redacted for"),
              std::string::npos)
        << writer->name;
  }
}

TEST(RedactTest, TheSaltDecidesEveryByte) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.findings = {original.findings[0].id};
  const RedactedReport one = Done(wish, original);
  EXPECT_EQ(Written(one.report), Written(Done(wish, original).report));
  EXPECT_EQ(one.opening, Done(wish, original).opening);
  wish.salt.back() = 8;
  const RedactedReport other = Done(wish, original);
  EXPECT_NE(one.report.redaction->original, other.report.redaction->original);
  EXPECT_NE(one.report.redaction->records[0].commitment,
            other.report.redaction->records[0].commitment);
  EXPECT_NE(one.report.findings[0].id, other.report.findings[0].id);
  EXPECT_NE(Misfit(Written(one.report), other.opening), "");
  // Who guesses the original must not be able to confirm it.
  const std::string digest = Sha256Hex(AsBytes(Written(original)));
  EXPECT_EQ(Written(one.report).find(digest), std::string::npos);
  wish.name_original = true;
  EXPECT_EQ(Done(wish, original).report.redaction->original_sha256, digest);
}

TEST(RedactTest, WishesThatCannotBeMetAreRefused) {
  const Report original = Original();
  const std::string json = Written(original);
  RedactWish wish = Wish();
  wish.findings = {"NI3-HF03-999"};
  EXPECT_NE(Refusal(wish, json).find("--finding NI3-HF03-999"),
            std::string::npos);
  wish = Wish();
  wish.paths = {"**/passwd", "**/pasword"};
  EXPECT_NE(Refusal(wish, json).find("--path **/pasword"), std::string::npos);
  wish.paths = {"**"};
  EXPECT_NE(Refusal(wish, json).find("the product itself"), std::string::npos);
  wish = Wish();
  wish.evidence = {"f-0123456789abcdef"};
  EXPECT_NE(Refusal(wish, json).find("--evidence f-0"), std::string::npos);
  wish = Wish();
  wish.paths = {kPasswd};
  wish.reason = "/etc/passwd is ours";
  EXPECT_NE(Refusal(wish, json).find("--reason"), std::string::npos);
  wish.reason = "ours\xe2\x80\xae";
  EXPECT_NE(Refusal(wish, json).find("reorder a line"), std::string::npos);
  wish.reason = "ours\xff";
  EXPECT_NE(Refusal(wish, json), "");
  EXPECT_NE(Refusal(Wish(), "{}"), "");
  EXPECT_NE(Refusal(Wish(), json + " ").find("byte for byte"),
            std::string::npos);
  wish = Wish();
  wish.paths = {kPasswd};
  EXPECT_NE(Refusal(wish, Written(Done(wish, original).report))
                .find("redacted already"),
            std::string::npos);
}

// Names made to fill memory: each step of a path begins a name of its own.
TEST(RedactTest, DeepPathsCostNoMoreThanTheirLength) {
  constexpr std::size_t kSteps = 1000;
  std::string path = "router.bin!";
  for (std::size_t i = 0; i < kSteps; ++i) {
    path += "/step" + std::to_string(i);
  }
  Report original = Original();
  original.artifacts[2] = assay::testing::ExampleArtifact(2, 0, path, 7);
  RedactWish wish = Wish();
  wish.paths = {"**/step999"};
  const auto plan = PlanRedaction(original, wish);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_LT(plan->mentions.size(), 4 * kSteps);
  const RedactedReport done = Done(wish, original);
  ExpectGone(done.report, "step999");
  ExpectGone(done.report, "step2/step3/");
}

// A name that stands in the marks themselves: no opening could be proven.
TEST(RedactTest, WhatCouldNotBeProvenIsNotHandedOut) {
  Report original = Original();
  original.artifacts[2] =
      assay::testing::ExampleArtifact(2, 0, "router.bin!/redacted", 7);
  RedactWish wish = Wish();
  wish.paths = {"**/redacted"};
  wish.texts = {"toor"};
  EXPECT_NE(Refusal(wish, Written(original)).find("would not prove"),
            std::string::npos);
}

TEST(RedactTest, ALabelIsPartOfWhatIsProven) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.paths = {kPasswd};
  wish.tlp = Tlp::kClear;
  const RedactedReport done = Done(wish, original);
  EXPECT_EQ(done.report.tlp, Tlp::kClear);
  ExpectProven(done, original);
}

}  // namespace
}  // namespace assay::report
