#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/spdx_xml/router.spdx.xml");

TEST(SpdxXmlTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "SPDX XML");
  EXPECT_EQ(document->spec_version, "2.3");
  EXPECT_EQ(document->data_licence, "CC0-1.0");
  EXPECT_EQ(document->tools, std::vector<std::string>{"router-build-1.0"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "router");
  EXPECT_EQ(document->subject->version, "1.1");
  ASSERT_EQ(document->components.size(), 1U);
  EXPECT_EQ(document->components[0].version, "2022.83-1+deb12u3");
  EXPECT_EQ(document->components[0].parent, "SPDXRef-router");
  EXPECT_EQ(Problems(*document), "");
}

TEST(SpdxXmlTest, OtherDocumentsAreNotRead) {
  for (const std::string text :
       {"<Document>SPDX-2.3</Document>", "<Document><a>SPDX-2.3</a></Document>",
        "<Document><spdxVersion>SPDX-2.3</spdxVersion>", "<Other/>"}) {
    EXPECT_FALSE(ReadSbom(AsBytes(text))) << text;
  }
}

// "RULE of the first problem of the schema", "" for none.
std::string FirstProblem(const std::string& members) {
  const std::string text(AsText(kSample));
  const std::size_t end = text.find("</name>") + 7;
  const auto validation =
      ValidateSbom(AsBytes(text.substr(0, end) + members + text.substr(end)));
  EXPECT_TRUE(validation) << validation.error().what;
  return validation && !validation->schema.problems.empty()
             ? validation->schema.problems[0].rule
             : "";
}

TEST(SpdxXmlTest, WhatIsUnknownOrStandsTwiceIsNamed) {
  EXPECT_EQ(FirstProblem(""), "");
  EXPECT_EQ(FirstProblem("<name>another</name>"), "sbom.type-wrong");
  EXPECT_EQ(FirstProblem("<nonsense>1</nonsense>"), "sbom.field-unknown");
  EXPECT_EQ(FirstProblem("text"), "sbom.field-unknown");
  EXPECT_EQ(FirstProblem("<comment a='1'>b</comment>"), "sbom.type-wrong");
}

TEST(SpdxXmlTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
