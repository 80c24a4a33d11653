#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/cyclonedx_protobuf/router.cdx");

TEST(CyclonedxProtobufTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "CycloneDX protobuf");
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

TEST(CyclonedxProtobufTest, CutFieldsAreRefused) {
  const auto document = ReadSbom(ByteView(kSample).first(kSample.size() - 1));
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kMalformed);
}

// Field 3, the serial number, is no UTF-8: libprotobuf has words of its own for
// it.
TEST(CyclonedxProtobufTest, WhatIsDamagedIsToldByNobodyElse) {
  ::testing::internal::CaptureStderr();
  const auto document = ReadSbom(testing::Hex("0A03312E36 1A01FF"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kMalformed);
}

// Field 5, components, and inside of one field 21, again components.
TEST(CyclonedxProtobufTest, MillionsOfEmptyMessagesAreNotBuilt) {
  const Bytes head = testing::Hex("0A03312E36");
  Bytes flat = head;
  Bytes nested = head;
  const Bytes outer = testing::Hex("2A 80 87 A7 0E");  // 30,000,000 bytes
  nested.insert(nested.end(), outer.begin(), outer.end());
  for (int i = 0; i < 10'000'000; ++i) {
    flat.insert(flat.end(), {0x2A, 0x00});
    nested.insert(nested.end(), {0xAA, 0x01, 0x00});
  }
  for (const Bytes& bytes : {flat, nested}) {
    const auto document = ReadSbom(bytes);
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, ErrorCode::kLimit)
        << document.error().what;
  }
}

TEST(CyclonedxProtobufTest, GroupsAreRefused) {
  EXPECT_FALSE(ReadSbom(testing::Hex("0A03312E36 A306 A406")));
}

TEST(CyclonedxProtobufTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
