#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/swid_xml/router.swidtag");

TEST(SwidXmlTest, ReadsWhatTheTagClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "SWID XML");
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

TEST(SwidXmlTest, ATagNeedsIdNameAndCreator) {
  const auto document = ReadSbom(AsBytes(
      "<SoftwareIdentity "
      "xmlns='http://standards.iso.org/iso/19770/-2/2015/schema.xsd'/>"));
  ASSERT_TRUE(document);
  EXPECT_EQ(Problems(*document),
            "/0/tag-id sbom.reference-empty\n"
            "/0/entity sbom.required-missing\n"
            "/0 sbom.name-missing\n");
}

TEST(SwidXmlTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
