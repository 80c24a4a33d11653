#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/syft_json/router.syft.json");

TEST(SyftJsonTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "Syft JSON");
  EXPECT_EQ(document->spec_version, "16.0.34");
  EXPECT_EQ(document->tools, std::vector<std::string>{"syft 1.46.0"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "router");
  ASSERT_EQ(document->components.size(), 3U);
  EXPECT_EQ(document->components[0].licences_declared,
            std::vector<std::string>{"MIT"});
  EXPECT_EQ(document->components[0].cpe.substr(0, 18), "cpe:2.3:a:dropbear");
  const Component& file = document->components[2];
  EXPECT_EQ(file.parent, "1");
  EXPECT_EQ(file.files, std::vector<std::string>{"usr/sbin/dropbear"});
  EXPECT_EQ(file.digests.size(), 1U);
  ASSERT_EQ(document->dependencies.size(), 1U);
  EXPECT_EQ(document->dependencies[0].from, "1");
  EXPECT_EQ(document->dependencies[0].to, "2");
  EXPECT_EQ(Problems(*document), "");
}

TEST(SyftJsonTest, SurvivesEveryWrongType) {
  SweepTypes(kSample);
}

TEST(SyftJsonTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
