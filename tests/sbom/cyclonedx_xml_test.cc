#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/cyclonedx_xml/router.cdx.xml");

TEST(CyclonedxXmlTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "CycloneDX XML");
  EXPECT_EQ(document->spec_version, "1.6");
  EXPECT_EQ(document->version, "2");
  EXPECT_EQ(document->data_licence, "CC0-1.0");
  EXPECT_EQ(document->lifecycle_phases, std::vector<std::string>{"post-build"});
  EXPECT_EQ(document->tools, std::vector<std::string>{"router-build 1.0"});
  EXPECT_EQ(document->authors,
            std::vector<std::string>{"Example Networks <support@example.org>"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->digests.size(), 1U);
  ASSERT_EQ(document->components.size(), 3U);
  const Component& dropbear = document->components[0];
  EXPECT_EQ(dropbear.supplier, "Debian");
  EXPECT_EQ(dropbear.licences_declared, std::vector<std::string>{"MIT"});
  EXPECT_EQ(dropbear.copyright, "Matt Johnston");
  EXPECT_EQ(dropbear.description, "lightweight SSH2 server");
  EXPECT_EQ(dropbear.cpe.substr(0, 18), "cpe:2.3:a:dropbear");
  ASSERT_EQ(dropbear.external_references.size(), 1U);
  EXPECT_EQ(dropbear.external_references[0].type, "website");
  ASSERT_EQ(dropbear.properties.size(), 1U);
  EXPECT_EQ(dropbear.properties[0].value, "net");
  EXPECT_EQ(document->components[1].parent, "dropbear");
  EXPECT_EQ(document->components[1].claimed_digests.size(), 2U);
  const Component& zlib = document->components[2];
  EXPECT_EQ(zlib.scope, "optional");
  EXPECT_EQ(zlib.licences_concluded, std::vector<std::string>{"Zlib"});
  EXPECT_EQ(zlib.files, std::vector<std::string>{"usr/lib/libz.so.1"});
  ASSERT_EQ(zlib.identity_evidence.size(), 1U);
  EXPECT_EQ(zlib.identity_evidence[0].technique, "binary-analysis");
  EXPECT_EQ(zlib.identity_evidence[0].confidence, "0.9");
  ASSERT_EQ(document->dependencies.size(), 1U);
  EXPECT_EQ(document->dependencies[0].completeness, "incomplete");
  EXPECT_EQ(document->listed_dependencies,
            (std::vector<std::string>{"router", "dropbear"}));
  EXPECT_EQ(Problems(*document), "");
}

TEST(CyclonedxXmlTest, TheSampleConforms) {
  const auto validation = ValidateSbom(kSample);
  ASSERT_TRUE(validation);
  EXPECT_TRUE(validation->Conforms());
  EXPECT_EQ(validation->schema.schema, "bom-1.6.SNAPSHOT.xsd");
}

std::string Bom(const std::string& content) {
  return "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">\n" + content +
         "</bom>";
}

TEST(CyclonedxXmlTest, WhatBreaksTheSchemaIsNamedWithItsLine) {
  for (const std::string content :
       {"<components><component type='none'><name>a</name></component>"
        "</components>",
        "<components><component type='library'/></components>", "<nonsense/>",
        "text"}) {
    const auto validation = ValidateSbom(AsBytes(Bom(content)));
    ASSERT_TRUE(validation) << content;
    ASSERT_FALSE(validation->schema.problems.empty()) << content;
    EXPECT_EQ(validation->schema.problems[0].line, 2U) << content;
    EXPECT_FALSE(validation->Conforms());
  }
}

TEST(CyclonedxXmlTest, UnknownVersionsDoNotConform) {
  const auto validation = ValidateSbom(
      AsBytes("<bom xmlns=\"http://cyclonedx.org/schema/bom/12\"/>"));
  ASSERT_TRUE(validation);
  EXPECT_FALSE(validation->Conforms());
}

TEST(CyclonedxXmlTest, EntitiesAreRefusedBeforeTheyExpand) {
  std::string lol = "<!DOCTYPE bom [<!ENTITY a0 \"ha\">";
  for (int i = 1; i < 30; ++i) {
    const std::string last = "&a" + std::to_string(i - 1) + ";";
    lol += "<!ENTITY a" + std::to_string(i) + " \"" + last + last + "\">";
  }
  for (const std::string& head :
       {lol + "]>", std::string("<!DOCTYPE bom SYSTEM \"http://x.invalid/\">"),
        std::string("<!DOCTYPE bom [<!ENTITY a29 SYSTEM \"/etc/passwd\">]>")}) {
    const auto document =
        ReadSbom(AsBytes(head + Bom("<metadata>&a29;</metadata>")));
    ASSERT_FALSE(document);
    EXPECT_LT(document.error().what.size(), 300U);
  }
  EXPECT_FALSE(ReadSbom(AsBytes(Bom("<metadata>&unknown;</metadata>"))));
}

TEST(CyclonedxXmlTest, DamageIsNamedWithItsLine) {
  const struct {
    std::string content;
    std::string what;
  } kCases[] = {
      {"\n<components>", "line 3"},
      {"<a b='1' b='2'/>", "line 2"},
      {std::string("\xFF"), "line 2"},
  };
  for (const auto& each : kCases) {
    const auto document = ReadSbom(AsBytes(Bom(each.content)));
    ASSERT_FALSE(document) << each.content;
    EXPECT_EQ(document.error().code, ErrorCode::kMalformed);
    EXPECT_NE(document.error().what.find(each.what), std::string::npos)
        << document.error().what;
  }
}

TEST(CyclonedxXmlTest, OtherEncodingsAreReadOrRefused) {
  const std::string body = Bom("<metadata/>");
  EXPECT_TRUE(
      ReadSbom(AsBytes("<?xml version='1.0' encoding='ISO-8859-1'?>" + body)));
  std::string wide = "\xFF\xFE";
  for (const char c : body) {
    wide.push_back(c);
    wide.push_back('\0');
  }
  EXPECT_TRUE(ReadSbom(AsBytes(wide)));
  for (const std::string name : {"KOI8-R", "UTF-7", "none"}) {
    EXPECT_FALSE(ReadSbom(
        AsBytes("<?xml version='1.0' encoding='" + name + "'?>" + body)))
        << name;
  }
}

TEST(CyclonedxXmlTest, ANamespaceDoesNotMultiplyItsName) {
  const std::string space(100'000, 'n');
  for (const std::string content : {"<x:a/>", "<a x:b='1'/>"}) {
    const auto document = ReadSbom(
        AsBytes(Bom("<m xmlns:x='" + space + "'>" + content + "</m>")));
    ASSERT_FALSE(document) << content;
    EXPECT_NE(document.error().what.find("line 2: a namespace of more than"),
              std::string::npos)
        << document.error().what.substr(0, 200);
  }
}

// As the schema of all versions allows.
TEST(CyclonedxXmlTest, NestedDependenciesAreDependencies) {
  const auto document = ReadSbom(AsBytes(
      Bom("<dependencies><dependency ref='a'><dependency ref='b'><dependency "
          "ref='c'/></dependency><dependency ref='d'/></dependency>"
          "</dependencies>")));
  ASSERT_TRUE(document);
  std::string edges;
  for (const auto& each : document->dependencies) {
    edges += each.from + each.to + " ";
  }
  EXPECT_EQ(edges, "ab ad bc ");
  EXPECT_EQ(document->listed_dependencies,
            (std::vector<std::string>{"a", "b"}));
}

TEST(CyclonedxXmlTest, NestingIsBounded) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) {
    deep += "<components>";
  }
  const auto document = ReadSbom(AsBytes(Bom(deep)));
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kMalformed);
}

TEST(CyclonedxXmlTest, ReferencesMustBeUnique) {
  const std::string one =
      "<component type='library' bom-ref='x'><name>a</name></component>";
  const auto validation =
      ValidateSbom(AsBytes(Bom("<components>" + one + one + "</components>")));
  ASSERT_TRUE(validation);
  EXPECT_FALSE(validation->Conforms());
  EXPECT_NE(Problems(validation->document).find("sbom.reference-duplicate"),
            std::string::npos);
}

TEST(CyclonedxXmlTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
