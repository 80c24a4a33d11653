#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/spdx_yaml/router.spdx.yaml");

TEST(SpdxYamlTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "SPDX YAML");
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

TEST(SpdxYamlTest, WhatIsNoTreeIsRefusedWithItsPlace) {
  const std::string head = "spdxVersion: SPDX-2.3\n";
  for (const std::string rest :
       {"a: &x [1]\nb: *x\n", "a: 1\na: 2\n", "a: [1\n", "? [1]\n: 2\n",
        "---\nname: another\n", "...\n---\n- 1\n"}) {
    const auto document = ReadSbom(AsBytes(head + rest));
    ASSERT_FALSE(document) << rest;
    EXPECT_EQ(document.error().code, ErrorCode::kMalformed);
  }
  EXPECT_FALSE(ReadSbom(AsBytes(head + "a: " + std::string(5000, '['))));
}

TEST(SpdxYamlTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
