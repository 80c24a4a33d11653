#include "sbom/read.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "sbom/document_builder.h"

namespace assay::sbom {
namespace {

TEST(ReadSbomTest, SaysWhatTheBytesAreNot) {
  const struct {
    std::string bytes;
    ErrorCode code;
    std::string what;
  } kCases[] = {
      {"", ErrorCode::kMalformed, "not JSON: byte"},
      {"PK\x03\x04", ErrorCode::kMalformed, "not JSON: byte 1"},
      {"{\"bomFormat\":", ErrorCode::kMalformed, "not JSON: byte"},
      {"{\"a\":1,\"a\":2}", ErrorCode::kMalformed, "stands twice"},
      {std::string(1'000'000, '['), ErrorCode::kMalformed, "nested"},
      {"{}", ErrorCode::kUnsupported, "no SBOM format that is read"},
      {"[]", ErrorCode::kUnsupported, "no SBOM format that is read: an array"},
      {"<a/>", ErrorCode::kUnsupported, "<a> of"},
      {"<a", ErrorCode::kUnsupported, "damaged before its root"},
      {std::string("{\0\"\0", 4), ErrorCode::kMalformed, "not JSON: byte 2"},
      {"7", ErrorCode::kUnsupported, "no SBOM format that is read: a number"},
      {R"({"bomFormat":"cyclonedx"})", ErrorCode::kUnsupported, "no SBOM"},
      {R"({"specFormat":"CycloneDX"})", ErrorCode::kUnsupported, "2"},
      {R"({"spdxVersion":3})", ErrorCode::kUnsupported, "no SBOM"},
  };
  for (const auto& each : kCases) {
    const auto document = ReadSbom(AsBytes(each.bytes));
    ASSERT_FALSE(document) << each.bytes.substr(0, 40);
    EXPECT_EQ(document.error().code, each.code) << each.bytes.substr(0, 40);
    EXPECT_NE(document.error().what.find(each.what), std::string::npos)
        << document.error().what;
  }
}

TEST(ReadSbomTest, RefusesMoreThanTheLimit) {
  const Bytes large(kMaxSbomBytes + 1, ' ');
  const auto document = ReadSbom(large);
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kLimit);
}

TEST(ReadSbomTest, ListsAtMostAThousandProblemsAndCountsTheRest) {
  std::string text =
      R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[)";
  for (int i = 0; i < 1500; ++i) {
    text += R"({"type":"library"},)";
  }
  text += R"({"type":"library","name":"x"}]})";
  const auto document = ReadSbom(AsBytes(text));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->components.size(), 1501U);
  ASSERT_EQ(document->problems.size(), DocumentBuilder::kMaxProblems + 1);
  EXPECT_EQ(document->problems.back().detail,
            "501 further problems are not listed");
}

std::string Bom(const std::string& members) {
  return R"({"bomFormat":"CycloneDX","specVersion":"1.6",)" + members + "}";
}

bool HasProblem(const SbomDocument& document, std::string_view rule) {
  return std::any_of(
      document.problems.begin(), document.problems.end(),
      [&](const SbomProblem& problem) { return problem.rule == rule; });
}

// A reference that leads nowhere is advice; a missing name is a violation.
TEST(ReadSbomTest, AdviceDoesNotHideAViolation) {
  std::string refs;
  for (int i = 0; i < 1500; ++i) {
    refs += fmt::format(R"({}"r{}")", i == 0 ? "" : ",", i);
  }
  const std::string advice =
      R"("metadata":{"component":{"type":"firmware","name":"a","bom-ref":"a"}},)"
      R"("dependencies":[{"ref":"a","dependsOn":[)" +
      refs + "]}]";
  const auto good = ValidateSbom(AsBytes(Bom(advice)));
  ASSERT_TRUE(good);
  EXPECT_TRUE(good->Conforms());
  const auto bad = ReadSbom(AsBytes(
      Bom(advice + R"(,"citations":[{"timestamp":"2026-03-16T00:00:00Z"}])")));
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->problems.back().rule, "sbom.problems-unlisted");
  EXPECT_TRUE(bad->problems.back().violation);
}

TEST(ReadSbomTest, RepeatedIdentifiersDoNotMultiplyTheDocument) {
  const std::string ref(DocumentBuilder::kMaxId, 'r');
  std::string nested;
  for (int i = 0; i < 80'000; ++i) {
    nested += R"({"type":"library","name":"a"},)";
  }
  nested.pop_back();
  const auto document = ReadSbom(
      AsBytes(Bom(R"("components":[{"type":"library","name":"b","bom-ref":")" +
                  ref + R"(","components":[)" + nested + "]}]")));
  ASSERT_TRUE(document);
  EXPECT_LT(document->components.size(), 66'000U);
  EXPECT_TRUE(HasProblem(*document, "sbom.limit"));
}

TEST(ReadSbomTest, LongIdentifiersAreNone) {
  const std::string ref(DocumentBuilder::kMaxId + 1, 'r');
  for (const std::string& members :
       {R"("components":[{"type":"library","name":"b","bom-ref":")" + ref +
            "\"}]",
        R"("dependencies":[{"ref":")" + ref + R"(","dependsOn":["a"]}])",
        R"("dependencies":[{"ref":"a","dependsOn":[")" + ref + "\"]}]"}) {
    const auto document = ReadSbom(AsBytes(Bom(members)));
    ASSERT_TRUE(document);
    EXPECT_TRUE(HasProblem(*document, "sbom.limit"));
    for (const Component& component : document->components) {
      EXPECT_EQ(component.ref, "");
    }
  }
}

TEST(ReadSbomTest, NamesAndPointersAreBounded) {
  const std::string name(TreeBuilder::kMaxKey, 'n');
  const auto document = ReadSbom(AsBytes(Bom(
      "\"metadata\":{\"" + name + R"(":[{"bom-ref":"a"},{"bom-ref":"a"}]})")));
  ASSERT_TRUE(document);
  ASSERT_FALSE(document->problems.empty());
  EXPECT_EQ(document->problems[0].rule, "sbom.reference-duplicate");
  EXPECT_EQ(document->problems[0].pointer, "/metadata");
  EXPECT_LT(document->problems[0].detail.size(), 2 * TreeBuilder::kMaxKey);
  const auto longer = ReadSbom(AsBytes(Bom("\"" + name + "n\":1")));
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, ErrorCode::kMalformed);
}

TEST(ReadSbomTest, ReadsAHundredThousandComponents) {
  std::string text =
      R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[)";
  std::string dependencies;
  for (int i = 0; i < 100'000; ++i) {
    text +=
        fmt::format(R"({}{{"type":"library","bom-ref":"r{}","name":"n{}"}})",
                    i == 0 ? "" : ",", i, i);
    dependencies += fmt::format(R"({}{{"ref":"r{}","dependsOn":["r{}"]}})",
                                i == 0 ? "" : ",", i, 99'999 - i);
  }
  text += "],\"dependencies\":[" + dependencies + "]}";
  const auto document = ReadSbom(AsBytes(text));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->components.size(), 100'000U);
  EXPECT_EQ(document->dependencies.size(), 100'000U);
  EXPECT_EQ(document->problems.size(), 1U);  // no subject
}

}  // namespace
}  // namespace assay::sbom
