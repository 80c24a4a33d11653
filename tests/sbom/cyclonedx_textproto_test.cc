#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/cyclonedx_textproto/router.textproto");

TEST(CyclonedxTextprotoTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "CycloneDX protobuf text");
  EXPECT_EQ(document->spec_version, "1.6");
  EXPECT_EQ(document->version, "2");
  EXPECT_EQ(document->timestamp, "2026-03-16T00:00:00Z");
  EXPECT_EQ(document->tools, std::vector<std::string>{"router-build 1.0"});
  EXPECT_EQ(document->lifecycle_phases, std::vector<std::string>{"post-build"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->type, "firmware");
  ASSERT_EQ(document->components.size(), 1U);
  const Component& file = document->components[0];
  EXPECT_EQ(file.ref, "dropbear");
  EXPECT_EQ(file.scope, "optional");
  EXPECT_EQ(file.licences_declared, std::vector<std::string>{"MIT"});
  ASSERT_EQ(file.claimed_digests.size(), 2U);
  EXPECT_EQ(file.claimed_digests[0].algorithm, "SHA3-256");
  EXPECT_EQ(file.digests.size(), 1U);
  ASSERT_EQ(document->dependencies.size(), 1U);
  EXPECT_EQ(document->dependencies[0].to, "dropbear");
  EXPECT_EQ(document->dependencies[0].completeness, "incomplete");
  EXPECT_EQ(Problems(*document), "");
}

TEST(CyclonedxTextprotoTest, WhatTheDescriptorsDoNotKnowIsRefused) {
  const std::string head = "spec_version: \"1.6\"\n";
  for (const std::string rest :
       {"nonsense: 1", "version: \"x\"", "components { type: NONE }",
        "components {", "components { name: 1 }"}) {
    const auto document = ReadSbom(AsBytes(head + rest));
    ASSERT_FALSE(document) << rest;
    EXPECT_NE(document.error().what.find("line 2"), std::string::npos)
        << document.error().what;
  }
  EXPECT_FALSE(ReadSbom(AsBytes("spec_version: \"1.2\"\n")));
  std::string deep = head;
  for (int i = 0; i < 100'000; ++i) {
    deep += "components {";
  }
  EXPECT_FALSE(ReadSbom(AsBytes(deep)));
}

TEST(CyclonedxTextprotoTest, NestedDependenciesAreDependencies) {
  const auto document = ReadSbom(AsBytes(
      "spec_version: \"1.6\"\ndependencies { ref: \"a\" dependencies { ref: "
      "\"b\" dependencies { ref: \"c\" } } dependencies { ref: \"d\" } }"));
  ASSERT_TRUE(document) << document.error().what;
  std::string edges;
  for (const auto& each : document->dependencies) {
    edges += each.from + each.to + " ";
  }
  EXPECT_EQ(edges, "ab ad bc ");
}

TEST(CyclonedxTextprotoTest, MillionsOfEmptyMessagesAreNotBuilt) {
  std::string text = "spec_version: \"1.6\"\n";
  for (int i = 0; i < 2'000'001; ++i) {
    text += "tools{}";
  }
  const auto document = ReadSbom(AsBytes(text));
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kLimit);
}

TEST(CyclonedxTextprotoTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
