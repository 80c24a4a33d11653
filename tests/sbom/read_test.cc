#include "sbom/read.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

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
