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
  };
  for (const auto& each : kCases) {
    const auto document = ReadSbom(Hex(each.hex));
    ASSERT_FALSE(document) << each.hex;
    EXPECT_EQ(document.error().code, each.code) << each.hex;
    EXPECT_NE(document.error().what.find("byte "), std::string::npos);
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
