#include "verifier/report/read.h"

#include <gtest/gtest.h>

#include "tests/report/example.h"
#include "tests/support/hex.h"
#include "verifier/base/json.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleReport;

std::string Written(const Report& report) {
  return kJson.write(report, {});
}

const char kHostile[] = "a\x1b[2J\n\xff\xe2\x80\xae\\x41\"=<b>";

// Everything that a report may leave out is in it.
Artifact FullArtifact() {
  Artifact artifact = testing::ExampleArtifact(2, 1, "router.bin!/a!/b", 9);
  artifact.name = kHostile;
  artifact.inner_path = kHostile;
  artifact.format = "tar";
  artifact.meta = {.type = FileType::kBlockDevice,
                   .mode = 04755,
                   .uid = UINT64_MAX,
                   .gid = 0,
                   .owner = kHostile,
                   .group = "staff",
                   .mtime = -1,
                   .link_target = kHostile,
                   .device_major = 8,
                   .device_minor = 4294967295,
                   .xattrs = {{"user.a", kHostile}, {"security.x", ""}}};
  artifact.digests.push_back({DigestAlgorithm::kMd5, "00ff"});
  artifact.origin = Range{7, 9};
  artifact.stored = true;
  artifact.structure = {{{0, 4}, Structure::kMember},
                        {{4, 5}, Structure::kSlack}};
  artifact.examination = Examination::kOpaque;
  artifact.opaque_reason = "encrypted";
  artifact.entropy = 8;
  artifact.anomalies = {{"tar.odd", {1, 2}, "detail"}, {"tar.even", {}, ""}};
  return artifact;
}

SignatureCheck FullCheck() {
  SignatureCheck check = testing::ExampleCheck();
  check.artifact = 1;
  check.signer = "CN=\x1b[2J \xe2\x80\xae \\x41 <b>";
  check.anchor = "acme";
  check.signed_at = INT64_MIN;
  check.proven_at = 0;
  check.time = TimeModel::kTrustedTimestamp;
  check.age = {.rollback_index = 3,
               .version = "1-2",
               .date = 1,
               .valid_until = 400'000'000'000};
  check.good_keys = {{.key = "A"}, {.key = "B"}};
  check.algorithm = {"RSA", 4096, DigestAlgorithm::kSha512};
  check.skipped = {"revocation: no list given"};
  check.reproduce = "minisign -V";
  return check;
}

Report FullReport() {
  Report report = ExampleReport();
  report.tlp = Tlp::kGreen;
  report.product = kHostile;
  report.policy_signer = "CN=x";
  report.artifacts.push_back(FullArtifact());
  Artifact undecoded;  // a member that could not be decoded
  undecoded.id = 3;
  undecoded.parent = 0;
  undecoded.depth = 1;
  undecoded.path = "router.bin!/locked";
  undecoded.name = "locked";
  undecoded.origin = Range{60, 9};
  undecoded.examination = Examination::kOpaque;
  undecoded.opaque_reason = "encrypted";
  report.artifacts.push_back(undecoded);
  report.checks.push_back(FullCheck());
  report.checks.push_back(FullCheck());
  report.checks[2].algorithm = {"Ed25519", 0, {}};
  report.findings[0].waiver = "W-1";
  report.findings[0].explained_by = "manifest";
  report.findings[0].baseline = "old.json";
  report.thresholds = {Severity::kHigh, {{"HF-11", Severity::kLow}}};
  report.traits.push_back({2, "endpoint", kHostile});
  report.delta->previous = kHostile;
  report.delta->traits[0].value = kHostile;
  Reconciliation& sbom = report.reconciliation;
  sbom.documents[0].artifact = 2;
  sbom.documents[0].document.authors = {"A"};
  sbom.documents[0].document.problems = {{"/a", "sbom.x", "odd"}};
  sbom.inventory[0].evidence.component.licences = {"MIT"};
  sbom.inventory[0].evidence.component.files.resize(12);
  sbom.documents[0].document.dependencies.resize(3);
  sbom.discrepancies.push_back({.kind = DiscrepancyKind::kUnexplainedFile,
                                .component = "bin/x",
                                .artifact = 1,
                                .place = {3, 4},
                                .found = "x",
                                .weight = 7,
                                .code = "D08"});
  sbom.scores = Scores{.precision = {1, 2},
                       .recall = {3, 4},
                       .index = 42,
                       .cap = 60,
                       .capped_by = {"D07"}};
  return report;
}

Json Document() {
  return ParseJson(Written(FullReport())).value_or(Json());
}

// The message for a document that must be refused, or "read".
std::string RefusalOf(const Json& document) {
  const auto report = ReadReport(document.dump());
  return report ? "read" : report.error().what;
}

TEST(ReadReportTest, WhatWasReadIsWrittenAsItWas) {
  for (const Report& wrote : {ExampleReport(), FullReport()}) {
    const auto read = ReadReport(Written(wrote));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(Written(*read), Written(wrote));
    for (const ReportWriter* writer : AllWriters()) {
      EXPECT_EQ(writer->write(*read, {.verbose = true}),
                writer->write(wrote, {.verbose = true}))
          << writer->name;
    }
  }
}

TEST(ReadReportTest, WhatCouldNotBeDecodedStaysSo) {
  const auto read = ReadReport(Written(FullReport()));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_FALSE(read->artifacts[3].has_content);
  EXPECT_EQ(read->artifacts[3].examination, Examination::kOpaque);
  EXPECT_EQ(read->artifacts[3].opaque_reason, "encrypted");
}

TEST(ReadReportTest, TheSampleIsWrittenAsItWas) {
  const auto sample = testing::Sample("report/json/router.json");
  const auto read = ReadReport(AsText(sample));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(Written(*read), AsText(sample));
}

// A copy outlives the report and the text that it was read from.
TEST(ReadReportTest, ViewsOutliveTheReport) {
  Report copy;
  {
    const auto read = ReadReport(Written(FullReport()));
    ASSERT_TRUE(read) << read.error().what;
    copy = *read;
  }
  EXPECT_EQ(copy.checks[1].algorithm.key, "RSA");
  EXPECT_EQ(copy.reconciliation.inventory[0].evidence.cataloguer, "dpkg");
  EXPECT_EQ(copy.reconciliation.discrepancies[1].code, "D08");
}

TEST(ReadReportTest, GivesBackWhatRecheckNeeds) {
  const Report wrote = ExampleReport();
  const auto read = ReadReport(Written(wrote));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->tool_version, "0.1.0");
  EXPECT_EQ(read->product, "router.bin");
  EXPECT_EQ(read->product_sha256, wrote.product_sha256);
  EXPECT_EQ(read->product_size, wrote.product_size);
  EXPECT_EQ(read->policy_name, "acme");
  EXPECT_EQ(read->policy_sha256, wrote.policy_sha256);
  EXPECT_EQ(read->rules_sha256, wrote.rules_sha256);
  EXPECT_EQ(read->at, wrote.at);
  EXPECT_EQ(read->limits.unpacked, wrote.limits.unpacked);
  EXPECT_EQ(read->limits.depth, wrote.limits.depth);
  EXPECT_EQ(read->keys, wrote.keys);
  EXPECT_EQ(read->passwords, wrote.passwords);
  EXPECT_EQ(read->verdict, Verdict::kFail);
  EXPECT_EQ(read->reasons, wrote.reasons);
  ASSERT_EQ(read->artifacts.size(), 2U);
  EXPECT_EQ(read->artifacts[1].path, "router.bin!/etc/passwd");
  EXPECT_EQ(read->artifacts[1].parent, 0U);
  EXPECT_EQ(read->artifacts[0].parent, kNoArtifact);
  EXPECT_EQ(read->artifacts[1].sha256(), wrote.artifacts[1].sha256());
}

// The id is a digest over all evidence: if it can be computed again from what
// was read, nothing of the evidence was lost on the way.
TEST(ReadReportTest, FindingsKeepTheirIds) {
  const auto read = ReadReport(Written(ExampleReport()));
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->findings.size(), 1U);
  EXPECT_EQ(FindingId(read->findings[0]), ExampleReport().findings[0].id);
  EXPECT_EQ(read->findings[0].id, ExampleReport().findings[0].id);
  EXPECT_EQ(read->findings[0].severity, Severity::kCritical);
  EXPECT_EQ(read->findings[0].evidence[0].excerpt, "toor:x:0:0::");
}

TEST(ReadReportTest, ReadsTheSample) {
  const auto read =
      ReadReport(AsText(testing::Sample("report/json/router.json")));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->verdict, Verdict::kInconclusive);
  EXPECT_EQ(read->policy_sha256, "");
}

// Objects of which every key must be there and none may be added.
const char* const kStrictObjects[] = {
    "",
    "/tool",
    "/product",
    "/policy",
    "/thresholds",
    "/delta",
    "/delta/files/0",
    "/delta/traits/0",
    "/explanations/0",
    "/rules",
    "/limits",
    "/secrets",
    "/findings/0",
    "/signatures/0/covers/0",
    "/sbom/scores",
    "/sbom/scores/recall",
    "/ledger",
    "/ledger/accounts/0",
    "/artifacts/1/origin",
    "/not_examined/0",
};

TEST(ReadReportTest, EveryMissingKeyIsNamed) {
  Report report = FullReport();
  report.policy_signer.clear();
  report.findings[0].waiver.clear();
  report.findings[0].explained_by.clear();
  report.findings[0].baseline.clear();
  const Json document = ParseJson(Written(report)).value_or(Json());
  for (const char* const pointer : kStrictObjects) {
    const Json& object = document[Json::json_pointer(pointer)];
    for (const auto& [key, value] : object.items()) {
      Json damaged = document;
      damaged[Json::json_pointer(pointer)].erase(key);
      const std::string path = std::string(pointer) + "/" + key;
      EXPECT_EQ(RefusalOf(damaged).substr(0, path.size() + 1), path + ":");
    }
  }
}

TEST(ReadReportTest, EveryIllTypedValueIsNamed) {
  for (const char* const pointer : kStrictObjects) {
    const Json document = Document();
    const Json& object = document[Json::json_pointer(pointer)];
    for (const auto& [key, value] : object.items()) {
      Json damaged = document;
      damaged[Json::json_pointer(pointer)][key] = -1.5;
      const std::string path = std::string(pointer) + "/" + key;
      EXPECT_EQ(RefusalOf(damaged).substr(0, path.size() + 1), path + ":");
    }
  }
}

TEST(ReadReportTest, EveryUnknownKeyIsNamed) {
  for (const std::string pointer : {"",
                                    "/tool",
                                    "/product",
                                    "/policy",
                                    "/thresholds",
                                    "/delta",
                                    "/delta/files/0",
                                    "/delta/traits/0",
                                    "/explanations/0",
                                    "/rules",
                                    "/limits",
                                    "/secrets",
                                    "/findings/0",
                                    "/findings/0/evidence/0",
                                    "/signatures/1",
                                    "/signatures/1/age",
                                    "/signatures/1/covers/0",
                                    "/sbom",
                                    "/sbom/documents/0",
                                    "/sbom/documents/0/subject",
                                    "/sbom/documents/0/problems/0",
                                    "/sbom/components/0",
                                    "/sbom/discrepancies/1",
                                    "/sbom/scores",
                                    "/sbom/scores/fidelity",
                                    "/ledger",
                                    "/ledger/accounts/0",
                                    "/artifacts/1",
                                    "/artifacts/1/digests",
                                    "/artifacts/1/origin",
                                    "/artifacts/2/anomalies/0",
                                    "/not_examined/0"}) {
    Json damaged = Document();
    damaged[Json::json_pointer(pointer)]["a/b~c"] = true;
    EXPECT_EQ(RefusalOf(damaged), pointer + "/a~1b~0c: unknown");
  }
}

// Pages show the first ones of many as the heaviest.
TEST(ReadReportTest, FindingsAreInOrderAndStandOnce) {
  Report report = FullReport();
  report.findings.push_back(report.findings[0]);
  report.findings[1].id = "f-0123456789abcdef";
  report.findings[1].severity = Severity::kHigh;
  EXPECT_TRUE(ReadReport(Written(report)));
  std::swap(report.findings[0], report.findings[1]);
  EXPECT_EQ(ReadReport(Written(report)).error().what,
            "/findings/1/severity: heavier than the finding before it");
  report.findings[1] = report.findings[0];
  EXPECT_EQ(ReadReport(Written(report)).error().what,
            "/findings/1/id: stands twice");
}

struct Wrong {
  const char* pointer;
  Json value;
  const char* message;
};

TEST(ReadReportTest, ValuesOutOfRangeAreNamed) {
  const Wrong kWrong[] = {
      {"/schema", "assay-report/2",
       "/schema: not assay-report/1: another version of assay wrote "
       "assay-report/2"},
      {"/schema", "assay-report/0",
       "/schema: not assay-report/1: another version of assay wrote "
       "assay-report/0"},
      {"/schema", "assay-report/x", "/schema: not assay-report/1"},
      {"/schema", "assay-report/", "/schema: not assay-report/1"},
      {"/schema", "other/1", "/schema: not assay-report/1"},
      {"/tool/name", "other", "/tool/name: not assay"},
      {"/verdict", "PASS", "/verdict: not a verdict"},
      {"/reasons", {"a", 1}, "/reasons: not an array of strings"},
      {"/product/sha256", std::string(64, 'A'),
       "/product/sha256: not 64 lower-case hexadecimal digits"},
      {"/product/size", -1, "/product/size: not a whole number from 0 on"},
      {"/at", "yesterday", "/at: not an RFC 3339 time"},
      {"/limits/depth", 4294967296, "/limits/depth: over 4294967295"},
      {"/findings/0", nullptr, "/findings/0: not an object"},
      {"/findings/1", nullptr, "/findings/1: not an object"},
      {"/artifacts/4", 1, "/artifacts/4: not an object"},
      {"/findings/0/severity", "worst", "/findings/0/severity: not a severity"},
      {"/findings/0/evidence/1/kind", "hearsay",
       "/findings/0/evidence/1/kind: not a kind of evidence"},
      {"/findings/0/evidence/0/length", UINT64_MAX,
       "/findings/0/evidence/0/length: over 18446744073709551584"},
      {"/artifacts/1/id", 7,
       "/artifacts/1/id: not the artifact's place in the list"},
      {"/artifacts/1/parent", 1, "/artifacts/1/parent: over 0"},
      {"/artifacts/1/parent", nullptr,
       "/artifacts/1/parent: not a whole number from 0 on"},
      {"/artifacts/0/parent", 0,
       "/artifacts/0/parent: the product has no parent"},
      {"/tlp", "TLP:WHITE", "/tlp: not a label of TLP 2.0"},
      {"/product/name", "a\\x4", "/product/name: not escaped as reports do it"},
      {"/product/name", "a\\x41",
       "/product/name: not escaped as reports do it"},
      {"/product/name", "a\\y00",
       "/product/name: not escaped as reports do it"},
      {"/artifacts/2/name", "\xe2\x80\xae",
       "/artifacts/2/name: not escaped as reports do it"},
      {"/artifacts/2/xattrs/0", "\\",
       "/artifacts/2/xattrs: not escaped as reports do it"},
      {"/artifacts/2/xattrs/0", "x", "/artifacts/2/xattrs: not NAME=VALUE"},
      {"/artifacts/2/traits/0", "account",
       "/artifacts/2/traits: not KIND and VALUE"},
      {"/thresholds/families/HF-11", "worst",
       "/thresholds/families/HF-11: not a severity"},
      {"/artifacts/2/type", "door", "/artifacts/2/type: not a type of file"},
      {"/artifacts/2/mode", "0855", "/artifacts/2/mode: not an octal mode"},
      {"/artifacts/2/mode", "755", "/artifacts/2/mode: not an octal mode"},
      {"/artifacts/2/device", "8", "/artifacts/2/device: not MAJOR:MINOR"},
      {"/artifacts/2/device", "8:4294967296",
       "/artifacts/2/device: not MAJOR:MINOR"},
      {"/artifacts/2/mtime", UINT64_MAX,
       "/artifacts/2/mtime: not a whole number of 64 bits"},
      {"/artifacts/2/entropy", "8", "/artifacts/2/entropy: not a number"},
      {"/artifacts/2/structure/0", "0-4 member",
       "/artifacts/2/structure: not parts as \"offset+length role\""},
      {"/artifacts/2/structure/0", "0+18446744073709551616 member",
       "/artifacts/2/structure: not parts as \"offset+length role\""},
      {"/artifacts/2/structure/1", "4+18446744073709551612 slack",
       "/artifacts/2/structure: not parts as \"offset+length role\""},
      {"/artifacts/2/structure/0", "0+4 hole",
       "/artifacts/2/structure: not parts as \"offset+length role\""},
      {"/artifacts/2/examination", "seen",
       "/artifacts/2/examination: not a kind of examination"},
      {"/artifacts/2/origin/length", UINT64_MAX,
       "/artifacts/2/origin/length: over 18446744073709551608"},
      {"/delta/files/0/change", "gone",
       "/delta/files/0/change: not a kind of change"},
      {"/delta/traits/0/weight", 11, "/delta/traits/0/weight: over 10"},
      {"/signatures/1/artifact", 4, "/signatures/1/artifact: over 3"},
      {"/signatures/1/covers/0/artifact", 4,
       "/signatures/1/covers/0/artifact: over 3"},
      {"/signatures/1/indication", "VALID",
       "/signatures/1/indication: not an indication"},
      {"/signatures/1/time", "", "/signatures/1/time: not a model of time"},
      {"/signatures/1/signed_at", "@1e9",
       "/signatures/1/signed_at: not an RFC 3339 time"},
      {"/signatures/1/algorithm", "RSA-4096 with sha9",
       "/signatures/1/algorithm: not KEY-BITS with DIGEST"},
      {"/sbom/documents/0/components", 1000001,
       "/sbom/documents/0/components: over 1000000"},
      // Two components stand before them.
      {"/sbom/documents/0/dependencies", 999999,
       "/sbom/documents/0/dependencies: over 999998"},
      {"/sbom/components/0/files", 16000001,
       "/sbom/components/0/files: over 16000000"},
      {"/findings/0/id", "f-0123456789ABCDEF",
       "/findings/0/id: not the id of a finding"},
      {"/artifacts/2/digests/md5", "xy",
       "/artifacts/2/digests/md5: not lower-case hexadecimal digits"},
      {"/sbom/components/0/artifact", 4, "/sbom/components/0/artifact: over 3"},
      {"/sbom/components/0/strength", "iron",
       "/sbom/components/0/strength: not a strength"},
      {"/sbom/discrepancies/1/kind", "odd",
       "/sbom/discrepancies/1/kind: not a kind of discrepancy"},
      {"/sbom/discrepancies/1/weight", 11,
       "/sbom/discrepancies/1/weight: over 10"},
      {"/ledger/accounts/0/artifact", 4, "/ledger/accounts/0/artifact: over 3"},
      {"/ledger/axes/structure/content", "all",
       "/ledger/axes/structure/content: not a whole number from 0 on"},
      {"/artifacts/1/digests/sha256", "00",
       "/artifacts/1/digests/sha256: not 64 lower-case hexadecimal digits"},
  };
  for (const Wrong& wrong : kWrong) {
    Json damaged = Document();
    damaged[Json::json_pointer(wrong.pointer)] = wrong.value;
    EXPECT_EQ(RefusalOf(damaged), wrong.message);
  }
}

TEST(ReadReportTest, EvidenceWithHalfAPlaceIsRefused) {
  Json damaged = Document();
  damaged[Json::json_pointer("/findings/0/evidence/0")].erase("length");
  EXPECT_EQ(RefusalOf(damaged), "/findings/0/evidence/0/length: missing");
}

TEST(ReadReportTest, EveryProperPrefixFails) {
  const std::string text = Written(ExampleReport());
  for (std::size_t size = 0; size + 1 < text.size(); size += 7) {
    EXPECT_FALSE(ReadReport(std::string_view(text).substr(0, size))) << size;
  }
}

TEST(ReadReportTest, ARepeatedKeyIsRefused) {
  std::string text = Written(ExampleReport());
  text.insert(2, "  \"verdict\": \"pass\",\n");
  EXPECT_FALSE(ReadReport(text));
}

TEST(ReadReportTest, OtherJsonIsRefused) {
  for (const char* const text :
       {"", "[]", "null", "{}", "\"x\"", "{\"a\":1}"}) {
    EXPECT_FALSE(ReadReport(text)) << text;
  }
}

}  // namespace
}  // namespace assay::report
