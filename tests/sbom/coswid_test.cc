#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/coswid/router.hex");

TEST(CoswidTest, ReadsWhatTheTagClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "CoSWID");
  EXPECT_EQ(document->serial, "example.org/router@1.1");
  EXPECT_EQ(document->version, "3");
  EXPECT_EQ(document->authors, std::vector<std::string>{"Example Networks"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "router");
  EXPECT_EQ(document->subject->version, "1.1");
  EXPECT_EQ(document->subject->supplier, "Example Shop");
  EXPECT_EQ(document->subject->manufacturer, "Example Networks");
  EXPECT_EQ(document->subject->description, "firmware of a router");
  ASSERT_EQ(document->components.size(), 1U);
  const Component& file = document->components[0];
  EXPECT_EQ(file.files, std::vector<std::string>{"usr/sbin/dropbear"});
  ASSERT_EQ(file.digests.size(), 1U);
  EXPECT_EQ(file.digests[0].hex.substr(0, 8), "ba7816bf");
  ASSERT_EQ(document->dependencies.size(), 1U);
  EXPECT_EQ(document->dependencies[0].to, "example.org/dropbear");
  EXPECT_EQ(Problems(*document), "");
}

TEST(CoswidTest, HostileCborEndsWithItsPlace) {
  using testing::Hex;
  const struct {
    std::string hex;
    ErrorCode code;
  } kCases[] = {
      {"DA53574944 BB FFFFFFFFFFFFFFFF", ErrorCode::kTruncated},
      {"DA53574944 7B FFFFFFFFFFFFFFFF", ErrorCode::kTruncated},
      {"DA53574944 A1 00", ErrorCode::kTruncated},
      {"DA53574944 A1 F6 00", ErrorCode::kMalformed},
      {"DA53574944 A2 00 00 00 00", ErrorCode::kMalformed},
      {"DA53574944 FF", ErrorCode::kMalformed},
      {"DA53574944 1C", ErrorCode::kMalformed},
      {"DA53574944 61 FF", ErrorCode::kMalformed},
      {"DA53574944 7F 41 00 FF", ErrorCode::kMalformed},
      // RFC 8949, appendix F: indefinite lengths that there are not, and two
      // bytes for a simple value of one.
      {"DA53574944 1F", ErrorCode::kMalformed},
      {"DA53574944 3F", ErrorCode::kMalformed},
      {"DA53574944 DF 00", ErrorCode::kMalformed},
      {"DA53574944 A1 1F 00", ErrorCode::kMalformed},
      {"DA53574944 F8 14", ErrorCode::kMalformed},
      {"DA53574944 F8 1F", ErrorCode::kMalformed},
  };
  for (const auto& each : kCases) {
    const auto document = ReadSbom(Hex(each.hex));
    ASSERT_FALSE(document) << each.hex;
    EXPECT_EQ(document.error().code, each.code) << each.hex;
    EXPECT_NE(document.error().what.find("byte "), std::string::npos);
  }
}

// IANA's Named Information Hash Algorithm Registry: the number, the bits.
TEST(CoswidTest, HashesHaveTheNumbersOfTheRegistry) {
  const struct {
    std::string number;
    std::string name;
    std::size_t bytes;
  } kCases[] = {
      {"01", "SHA-256", 32},     {"02", "SHA-256-128", 16},
      {"03", "SHA-256-120", 15}, {"04", "SHA-256-96", 12},
      {"05", "SHA-256-64", 8},   {"06", "SHA-256-32", 4},
      {"07", "SHA-384", 48},     {"08", "SHA-512", 64},
      {"09", "SHA3-224", 28},    {"0A", "SHA3-256", 32},
      {"0B", "SHA3-384", 48},    {"0C", "SHA3-512", 64},
  };
  for (const auto& each : kCases) {
    // {tag-id: "a", payload: {file: {fs-name: "f", hash: [number, bytes]}}}
    Bytes tag = testing::Hex("A2 00 6161 06 A1 11 A2 1818 6166 07 82" +
                             each.number + "58");
    tag.push_back(static_cast<std::uint8_t>(each.bytes));
    tag.insert(tag.end(), each.bytes, 0xAB);
    const auto document = ReadSbom(tag);
    ASSERT_TRUE(document) << each.name << ": " << document.error().what;
    ASSERT_EQ(document->components.size(), 1U) << each.name;
    ASSERT_EQ(document->components[0].claimed_digests.size(), 1U) << each.name;
    EXPECT_EQ(document->components[0].claimed_digests[0].algorithm, each.name);
  }
}

// 6: payload, 16: directory, 17: file, 24: fs-name.
TEST(CoswidTest, AFolderDoesNotMultiplyItsName) {
  Bytes tag = testing::Hex("A2 00 6161 06 A1 10 A2 1818 79 2000");
  tag.insert(tag.end(), 0x2000, 'd');
  const Bytes files = testing::Hex("11 82 A1 1818 6166 A1 1818 6167");
  tag.insert(tag.end(), files.begin(), files.end());
  const auto document = ReadSbom(tag);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_NE(Problems(*document).find("sbom.limit"), std::string::npos);
  for (const Component& file : document->components) {
    for (const std::string& path : file.files) {
      EXPECT_LT(path.size(), 100U);
    }
  }
}

TEST(CoswidTest, NestingAndTagsAreBounded) {
  Bytes nested = testing::Hex("DA53574944");
  nested.insert(nested.end(), 1'000'000, 0x81);
  EXPECT_FALSE(ReadSbom(nested));
  Bytes tagged = testing::Hex("DA53574944");
  tagged.insert(tagged.end(), 1'000'000, 0xC1);
  EXPECT_FALSE(ReadSbom(tagged));
}

TEST(CoswidTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
