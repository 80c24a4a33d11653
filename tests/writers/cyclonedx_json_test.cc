#include <gtest/gtest.h>

#include <algorithm>

#include "sbom/read.h"
#include "sbom/writer.h"
#include "tests/writers/documents.h"
#include "verifier/base/json.h"

namespace assay::sbom {
namespace {

Json Written(const SbomDocument& document,
             std::string_view format = "cyclonedx-json") {
  const auto written = WriteSbom(document, format);
  EXPECT_TRUE(written) << (written ? "" : written.error().what);
  return written ? Json::parse(written->text) : Json();
}

class CyclonedxJsonWriter : public testing::TestWithParam<const char*> {};

TEST_P(CyclonedxJsonWriter, ConformsToTheOfficialSchema) {
  const auto written = WriteSbom(FullDocument(), GetParam());
  ASSERT_TRUE(written);
  const auto validation = ValidateSbom(AsBytes(written->text));
  ASSERT_TRUE(validation) << validation.error().what;
  EXPECT_FALSE(validation->schema.schema.empty());
  EXPECT_TRUE(validation->Conforms());
  for (const SbomProblem& problem : validation->schema.problems) {
    ADD_FAILURE() << problem.pointer << ": " << problem.detail;
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, CyclonedxJsonWriter,
                         testing::Values("cyclonedx-json@1.6",
                                         "cyclonedx-json@1.7"));

TEST(CyclonedxJsonWrite, PutsFieldsWhereTheSpecificationWantsThem) {
  const Json bom = Written(FullDocument());
  EXPECT_EQ(bom["specVersion"], "1.6");
  EXPECT_EQ(bom["metadata"]["lifecycles"][0]["phase"], "post-build");
  EXPECT_EQ(bom["metadata"]["authors"][0]["email"], "sbom@example.org");
  const Json& library = bom["components"][0];
  EXPECT_EQ(library["supplier"]["contact"][0]["email"], "broonie@debian.org");
  EXPECT_EQ(library["licenses"][0]["expression"], "Zlib");
  EXPECT_EQ(library["hashes"][1]["alg"], "SHA-512");
  EXPECT_EQ(library["evidence"]["identity"][0]["methods"][0]["technique"],
            "manifest-analysis");
  EXPECT_EQ(library["components"][0]["name"], "lib/libz.so.1");
  EXPECT_EQ(bom["compositions"][0]["aggregate"], "incomplete");
}

TEST(CyclonedxJsonWrite, ReadsBackAsItWas) {
  const SbomDocument before = FullDocument();
  const auto written = WriteSbom(before, "cyclonedx-json");
  ASSERT_TRUE(written);
  const auto after = ReadSbom(AsBytes(written->text));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->serial, before.serial);
  EXPECT_EQ(after->subject->version, "1.0");
  ASSERT_EQ(after->components.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(after->components[i].name, before.components[i].name);
    EXPECT_EQ(after->components[i].purl, before.components[i].purl);
    EXPECT_EQ(after->components[i].cpe, before.components[i].cpe);
    EXPECT_EQ(after->components[i].supplier, before.components[i].supplier);
    EXPECT_EQ(after->components[i].digests, before.components[i].digests);
    EXPECT_EQ(after->components[i].parent, before.components[i].parent);
    EXPECT_EQ(after->components[i].licences, before.components[i].licences);
  }
  EXPECT_TRUE(written->losses.empty());
}

TEST(CyclonedxJsonWrite, GivesTheSameBytesEachTime) {
  EXPECT_EQ(WriteSbom(FullDocument(), "cyclonedx-json")->text,
            WriteSbom(FullDocument(), "cyclonedx-json")->text);
}

TEST(CyclonedxJsonWrite, NamesWhatItCannotCarry) {
  SbomDocument document = FullDocument();
  document.serial = "https://example.org/spdxdocs/router";
  document.components[0].claimed_digests = {{"MD6", "00"}};
  const auto written = WriteSbom(document, "cyclonedx-json");
  ASSERT_TRUE(written);
  EXPECT_EQ(written->losses,
            (std::vector<std::string>{"a digest by MD6",
                                      "a namespace that is no urn:uuid"}));
  EXPECT_FALSE(Json::parse(written->text).contains("serialNumber"));
}

TEST(CyclonedxJsonWrite, KeepsLicencesThatAreNoExpressionAsNames) {
  SbomDocument document = FullDocument();
  document.components[0].licences = {"BSD, see the file", "MIT"};
  const Json bom = Written(document);
  const Json& licences = bom["components"][0]["licenses"];
  EXPECT_EQ(licences[0]["license"]["name"], "BSD, see the file");
  EXPECT_EQ(licences[1]["license"]["name"], "MIT");
}

TEST(CyclonedxJsonWrite, AComponentThatHoldsItselfIsWrittenOnce) {
  SbomDocument document = FullDocument();
  Component loop;
  loop.ref = "a";
  loop.name = "a";
  loop.parent = "b";
  document.components.push_back(loop);
  loop.ref = "b";
  loop.name = "b";
  loop.parent = "a";
  document.components.push_back(loop);
  const Json list = Written(document)["components"];
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1]["name"], "a");
  EXPECT_EQ(list[1]["components"][0]["name"], "b");
  EXPECT_FALSE(list[1]["components"][0].contains("components"));
}

TEST(CyclonedxJsonWrite, DepthIsBoundedAndNothingIsLostBelowIt) {
  SbomDocument document = FullDocument();
  document.components.clear();
  constexpr int kDeep = 50'000;
  for (int i = 0; i < kDeep; ++i) {
    Component one{.ref = std::to_string(i), .type = "library", .name = "x"};
    one.parent = i == 0 ? "" : std::to_string(i - 1);
    document.components.push_back(std::move(one));
  }
  const auto written = WriteSbom(document, "cyclonedx-json");
  ASSERT_TRUE(written);
  const auto after = ReadSbom(AsBytes(written->text));
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(after->components.size(), std::size_t{kDeep});
  const auto& losses = written->losses;
  EXPECT_TRUE(std::any_of(losses.begin(), losses.end(), [](const auto& loss) {
    return loss.substr(0, 7) == "nesting";
  }));
}

TEST(CyclonedxJsonWrite, AReferenceThatTwoComponentsHaveIsWrittenOnce) {
  SbomDocument document = FullDocument();
  document.components[1].ref = document.components[0].ref;
  document.components[1].parent.clear();
  const auto written = WriteSbom(document, "cyclonedx-json");
  ASSERT_TRUE(written);
  const Json list = Json::parse(written->text)["components"];
  ASSERT_EQ(list.size(), 2U);
  EXPECT_TRUE(list[0].contains("bom-ref"));
  EXPECT_FALSE(list[1].contains("bom-ref"));
  EXPECT_NE(std::find(written->losses.begin(), written->losses.end(),
                      "a reference that two components have"),
            written->losses.end());
}

TEST(CyclonedxJsonWrite, ReplacesBytesThatAreNoText) {
  SbomDocument document = FullDocument();
  document.components[0].description = "\xFF\xFE";
  EXPECT_TRUE(Written(document).is_object());
}

TEST(WriteSbom, AnUnknownFormatListsTheKnownOnes) {
  for (const char* format : {"", "cyclonedx", "cyclonedx-json@1.2",
                             "spdx-json@", "cyclonedx-json@1.6@1.7"}) {
    const auto written = WriteSbom(FullDocument(), format);
    ASSERT_FALSE(written) << format;
    EXPECT_EQ(written.error().code, ErrorCode::kConfig);
    EXPECT_NE(written.error().what.find("cyclonedx-json@1.6"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace assay::sbom
