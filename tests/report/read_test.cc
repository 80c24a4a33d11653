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

Json Document() {
  return ParseJson(Written(ExampleReport())).value_or(Json());
}

// The message for a document that must be refused, or "read".
std::string RefusalOf(const Json& document) {
  const auto report = ReadReport(document.dump());
  return report ? "read" : report.error().what;
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
    "",       "/tool",   "/product", "/policy",
    "/rules", "/limits", "/secrets", "/findings/0",
};

TEST(ReadReportTest, EveryMissingKeyIsNamed) {
  for (const char* const pointer : kStrictObjects) {
    const Json document = Document();
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
  for (const std::string pointer :
       {"", "/tool", "/product", "/policy", "/rules", "/limits", "/secrets",
        "/findings/0", "/findings/0/evidence/0", "/artifacts/1",
        "/artifacts/1/digests"}) {
    Json damaged = Document();
    damaged[Json::json_pointer(pointer)]["a/b~c"] = true;
    EXPECT_EQ(RefusalOf(damaged), pointer + "/a~1b~0c: unknown");
  }
}

struct Wrong {
  const char* pointer;
  Json value;
  const char* message;
};

TEST(ReadReportTest, ValuesOutOfRangeAreNamed) {
  const Wrong kWrong[] = {
      {"/schema", "assay-report/2", "/schema: not assay-report/1"},
      {"/tool/name", "other", "/tool/name: not assay"},
      {"/verdict", "PASS", "/verdict: not a verdict"},
      {"/reasons", {"a", 1}, "/reasons: not an array of strings"},
      {"/product/sha256", std::string(64, 'A'),
       "/product/sha256: not 64 lower-case hexadecimal digits"},
      {"/product/size", -1, "/product/size: not a whole number from 0 on"},
      {"/at", "yesterday", "/at: not an RFC 3339 time"},
      {"/limits/depth", 4294967296, "/limits/depth: over 4294967295"},
      {"/findings/0", nullptr, "/findings/0: not an object"},
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
