#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/uswid/plain.hex");

TEST(UswidTest, ReadsTheTagsHoweverTheyArePacked) {
  for (const std::string name : {"plain", "zlib", "lzma"}) {
    const auto document = ReadSbom(Sample("sbom/uswid/" + name + ".hex"));
    ASSERT_TRUE(document) << name << ": " << document.error().what;
    EXPECT_EQ(document->format, "uSWID");
    ASSERT_TRUE(document->subject);
    EXPECT_EQ(document->subject->name, "router");
    ASSERT_EQ(document->components.size(), 2U);
    EXPECT_EQ(document->components[1].name, "dropbear");
    EXPECT_EQ(document->components[1].swid, "000102030405060708090a0b0c0d0e0f");
  }
}

TEST(UswidTest, LyingHeadersAreNamed) {
  const std::string magic = "53424F4DD6BA2EACA3E67A52AAEE3BAF";
  for (const std::string rest :
       {"01 1700 FFFFFFFF", "01 FFFF 00000000", "01 0000 00000000",
        "00 1700 00000000", "03 1900 01000000 01 01 00",
        "03 1900 01000000 01 02 00", "03 1900 01000000 01 09 00"}) {
    const auto document = ReadSbom(testing::Hex(magic + rest));
    ASSERT_FALSE(document) << rest;
    EXPECT_NE(document.error().what.find("uSWID"), std::string::npos);
  }
}

// A CycloneDX document inside, as header version 4 and format 1 say.
Bytes WithCycloneDx(std::string_view json) {
  Bytes bytes = testing::Hex(
      "53424F4DD6BA2EACA3E67A52AAEE3BAF 04 1A00 00000000 00 00 01");
  bytes[19] = static_cast<std::uint8_t>(json.size());
  bytes[20] = static_cast<std::uint8_t>(json.size() >> 8U);
  bytes.insert(bytes.end(), json.begin(), json.end());
  return bytes;
}

TEST(UswidTest, WhatIsInsideIsValidated) {
  const std::string good =
      R"({"bomFormat":"CycloneDX","specVersion":"1.6","version":1})";
  const auto conforms = ValidateSbom(WithCycloneDx(good));
  ASSERT_TRUE(conforms) << conforms.error().what;
  EXPECT_TRUE(conforms->Conforms());
  const auto breaks = ValidateSbom(WithCycloneDx(
      R"({"bomFormat":"CycloneDX","specVersion":"1.6","nonsense":1})"));
  ASSERT_TRUE(breaks);
  EXPECT_FALSE(breaks->Conforms());
}

TEST(UswidTest, HeadersOfNoVersionAreNamed) {
  const Bytes sample = Sample("sbom/uswid/lzma.hex");
  Bytes flagged = sample;
  ASSERT_GT(flagged[16], 1) << "a version with flags";
  EXPECT_TRUE(ValidateSbom(flagged)->Conforms());
  flagged[23] |= 0x80U;
  EXPECT_FALSE(ValidateSbom(flagged)->Conforms());
  Bytes newer = testing::Hex(
      "53424F4DD6BA2EACA3E67A52AAEE3BAF 05 1A00 00000000 00 00 00");
  const auto validation = ValidateSbom(newer);
  ASSERT_TRUE(validation) << validation.error().what;
  EXPECT_FALSE(validation->schema.problems.empty());
  EXPECT_FALSE(ReadSbom(testing::Hex(
      "53424F4DD6BA2EACA3E67A52AAEE3BAF 04 1A00 00000000 00 00 03")));
}

TEST(UswidTest, DoesNotNest) {
  const Bytes header = testing::Hex(
      "53424F4DD6BA2EACA3E67A52AAEE3BAF 04 1A00 FF000000 00 00 01");
  Bytes nested = testing::Concat(header, kSample);
  nested[19] = static_cast<std::uint8_t>(kSample.size());
  nested[20] = static_cast<std::uint8_t>(kSample.size() >> 8U);
  const auto document = ReadSbom(nested);
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().what, "uSWID inside uSWID");
}

TEST(UswidTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
