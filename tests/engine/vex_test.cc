#include "verifier/engine/vex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "verifier/engine/vex_waivers.h"

namespace assay::engine {
namespace {

const std::string kDigest(64, 'a');

// Made by hand from OPENVEX-SPEC.md 0.2.0.
Json OpenVex() {
  return ParseJson(R"({
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://vendor.example/vex/1",
    "author": "Jane Doe", "timestamp": "2026-01-02T03:04:05Z", "version": 1,
    "statements": [
      {"vulnerability": {"name": "NI3-HF01-001"},
       "products": [{"@id": "pkg:generic/router",
                     "subcomponents": [{"@id": "x", "hashes": {"sha-256": ")" +
                   kDigest + R"("}}]}],
       "status": "not_affected",
       "justification": "vulnerable_code_not_in_execute_path",
       "impact_statement": "never started"},
      {"vulnerability": {"name": "CVE-2024-0001"},
       "products": [{"@id": "pkg:generic/router"}],
       "status": "not_affected", "justification": "component_not_present"}
    ]})")
      .value_or(Json());
}

// Made by hand from the CycloneDX 1.5 reference.
Json CycloneDx() {
  return ParseJson(R"({
    "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
    "metadata": {"timestamp": "2026-01-02T03:04:05Z",
                 "authors": [{"name": "Jane Doe"}]},
    "components": [{"type": "file", "bom-ref": "f", "name": "shadow",
      "hashes": [{"alg": "SHA-256", "content": ")" +
                   kDigest + R"("}]}],
    "vulnerabilities": [
      {"id": "NI3-HF01-001", "affects": [{"ref": "f"}],
       "analysis": {"state": "false_positive", "detail": "a test vector"}}
    ]})")
      .value_or(Json());
}

// Made by hand from CSAF 2.0, sections 3 and 4.5.
Json Csaf() {
  return ParseJson(R"({
    "document": {"category": "csaf_vex", "csaf_version": "2.0",
      "publisher": {"category": "vendor", "name": "Jane Doe",
                    "namespace": "https://vendor.example"},
      "title": "t",
      "tracking": {"current_release_date": "2026-01-02T03:04:05Z"}},
    "product_tree": {"branches": [{"category": "vendor", "name": "v",
      "branches": [{"category": "product_version", "name": "1", "product": {
        "name": "shadow", "product_id": "P1",
        "product_identification_helper": {"hashes": [{"filename": "shadow",
          "file_hashes": [{"algorithm": "sha256", "value": ")" +
                   kDigest + R"("}]}]}}}]}]},
    "vulnerabilities": [
      {"ids": [{"system_name": "Assay", "text": "NI3-HF01-001"}],
       "product_status": {"known_not_affected": ["P1"]},
       "flags": [{"label": "vulnerable_code_not_present",
                  "product_ids": ["P1"]}],
       "threats": [{"category": "impact", "details": "an empty file"}]}
    ]})")
      .value_or(Json());
}

bool Knows(const std::string& id) {
  return id == "NI3-HF01-001";
}

VexWaivers Imported(const Json& document) {
  const auto vex = ReadVex(document.dump());
  EXPECT_TRUE(vex) << vex.error().what;
  return WaiversOf(vex.value_or(VexDocument{}), "v", Knows);
}

std::string RefusalOf(const Json& document) {
  const auto vex = ReadVex(document.dump());
  return vex ? "" : vex.error().what;
}

TEST(VexTest, EachFormGivesAWaiverForAYear) {
  struct Case {
    Json document;
    const char* reason;
  };
  for (const Case& one :
       {Case{OpenVex(), "vulnerable_code_not_in_execute_path: never started"},
        Case{CycloneDx(), "false_positive: a test vector"},
        Case{Csaf(), "vulnerable_code_not_present: an empty file"}}) {
    const VexWaivers result = Imported(one.document);
    ASSERT_EQ(result.waivers.size(), 1) << one.reason;
    const Waiver& waiver = result.waivers[0];
    EXPECT_EQ(waiver.id, "v-1");
    EXPECT_EQ(waiver.rule, "NI3-HF01-001");
    EXPECT_EQ(waiver.subject, "**");
    EXPECT_EQ(waiver.sha256, kDigest);
    EXPECT_EQ(waiver.reason, one.reason);
    EXPECT_EQ(waiver.approver, "Jane Doe");
    EXPECT_EQ(FormatTime(waiver.expires), "2027-01-02T03:04:05Z");
  }
}

TEST(VexTest, StatementsThatDoNotFitAreNamed) {
  EXPECT_EQ(Imported(OpenVex()).misfits,
            std::vector<std::string>{
                "/statements/1: CVE-2024-0001: none of these is a rule"});
  struct Case {
    const char* at;
    Json value;
    const char* why;
  };
  for (const Case& one : {
           Case{"/statements/0/status", "affected",
                "it is affected, which accepts nothing"},
           Case{"/statements/0/status", "fixed",
                "it was fixed, so that no finding is left to accept"},
           Case{"/statements/0/status", "under_investigation",
                "it is under investigation, which accepts nothing"},
           Case{"/statements/0/products/0/subcomponents", Json::array(),
                "it names no file, by SHA-256 or path"},
           Case{"/statements/0/products", Json::array(),
                "it names no file, by SHA-256 or path"},
           Case{"/statements/0/products/0/subcomponents/0/hashes/sha-256",
                "abc", "its SHA-256 is none"},
       }) {
    Json document = OpenVex();
    document[Json::json_pointer(one.at)] = one.value;
    const VexWaivers result = Imported(document);
    EXPECT_TRUE(result.waivers.empty()) << one.why;
    EXPECT_EQ(result.misfits.at(0),
              std::string("/statements/0: NI3-HF01-001: ") + one.why);
  }
  Json silent = OpenVex();
  silent["statements"][0].erase("justification");
  silent["statements"][0].erase("impact_statement");
  EXPECT_EQ(Imported(silent).misfits.at(0),
            "/statements/0: NI3-HF01-001: it gives no justification");
}

TEST(VexTest, APathIsNoGlob) {
  Json document = OpenVex();
  Json& part = document["statements"][0]["products"][0]["subcomponents"][0];
  part = {{"@id", "urn:assay:path:a.bin!/etc/pass%77d"}};
  EXPECT_EQ(Imported(document).waivers.at(0).subject, "a.bin!/etc/passwd");
  part = {{"@id", "urn:assay:path:a.bin!/%2A%2A"}};
  EXPECT_TRUE(Imported(document).waivers.empty());
  part = {{"@id", "urn:assay:path:a.bin!/%2A%2A"},
          {"hashes", {{"sha-256", kDigest}}}};
  EXPECT_EQ(Imported(document).waivers.at(0).subject, "a.bin!/??");
  part = {{"@id", "urn:assay:path:a.bin!/%5Cxff%5B1%5D"}};
  EXPECT_EQ(Imported(document).waivers.at(0).subject, "a.bin!/\\xff[1]");
  part = {{"@id", "urn:assay:path:a%0A- id: b"}};
  EXPECT_TRUE(Imported(document).waivers.empty()) << "no report's path";
  part = {{"@id", "urn:assay:path:"}};
  EXPECT_TRUE(Imported(document).waivers.empty());
}

// A path alone would hold for every product that has it.
TEST(VexTest, WhatHasNoDigestIsBoundToTheProductsOwn) {
  const std::string product(64, 'b');
  Json open = OpenVex();
  Json& products = open["statements"][0]["products"];
  products[0]["hashes"] = {{"sha-256", product}};
  products[0]["subcomponents"][0] = {{"@id", "urn:assay:path:fw/dev/mem"}};
  Json cyclone = CycloneDx();
  cyclone["metadata"]["component"] = {
      {"type", "file"},
      {"name", "fw"},
      {"hashes", {{{"alg", "SHA-256"}, {"content", product}}}}};
  cyclone["components"][0].erase("hashes");
  cyclone["components"][0]["bom-ref"] = "urn:assay:path:fw/dev/mem";
  cyclone["vulnerabilities"][0]["affects"][0]["ref"] =
      "urn:assay:path:fw/dev/mem";
  for (const Json& document : {open, cyclone}) {
    const VexWaivers result = Imported(document);
    ASSERT_EQ(result.waivers.size(), 1);
    EXPECT_EQ(result.waivers[0].subject, "fw/dev/mem");
    EXPECT_EQ(result.waivers[0].sha256, product);
  }
}

TEST(VexTest, VersionsAreNoFiles) {
  for (const Json& version :
       {Json{{"version", "1.0"}, {"status", "unaffected"}},
        Json{{"range", "vers:deb/<2"}, {"status", "unaffected"}}}) {
    Json document = CycloneDx();
    document["vulnerabilities"][0]["affects"][0]["versions"] = {version};
    const VexWaivers result = Imported(document);
    EXPECT_TRUE(result.waivers.empty());
    EXPECT_EQ(result.misfits.at(0),
              "/vulnerabilities/0: NI3-HF01-001: it speaks of versions, of "
              "which waivers know none");
  }
}

// Another statement about the same rule.
Json WithStatement(const char* status, const char* time, Json part) {
  Json document = OpenVex();
  Json& other = document["statements"][1];
  other = {
      {"vulnerability", {{"name", "other"}, {"aliases", {"NI3-HF01-001"}}}},
      {"status", status},
      {"timestamp", time}};
  other["products"] = {{{"@id", "pkg:generic/router"}}};
  if (!part.is_null()) {
    other["products"][0]["subcomponents"] = Json::array({std::move(part)});
  }
  return document;
}

TEST(VexTest, TheLastWordHolds) {
  const Json same = {{"hashes", {{"sha-256", kDigest}}}};
  const Json by_path = {{"@id", "urn:assay:path:a"}};
  const Json another = {{"hashes", {{"sha-256", std::string(64, 'c')}}}};
  struct Case {
    Json document;
    std::size_t waivers = 0;
  };
  for (const Case& one : {
           Case{WithStatement("affected", "2026-01-03T00:00:00Z", same), 0},
           Case{WithStatement("under_investigation", "2026-01-02T03:04:05Z",
                              same),
                0},
           Case{WithStatement("fixed", "2026-01-03T00:00:00Z", same), 0},
           // All of the product, and a file that may be the same.
           Case{WithStatement("affected", "2026-01-03T00:00:00Z", nullptr), 0},
           Case{WithStatement("affected", "2026-01-03T00:00:00Z", by_path), 0},
           // Superseded, and of another file.
           Case{WithStatement("affected", "2026-01-02T03:04:04Z", same), 1},
           Case{WithStatement("affected", "2026-01-03T00:00:00Z", another), 1},
       }) {
    const VexWaivers result = Imported(one.document);
    EXPECT_EQ(result.waivers.size(), one.waivers) << one.document;
    if (one.waivers == 0) {
      EXPECT_EQ(result.misfits.at(0),
                "/statements/0: NI3-HF01-001: a statement of that time or "
                "later says otherwise");
    }
  }
}

TEST(VexTest, WordsForOtherProductsAreNoReason) {
  Json document = Csaf();
  Json& one = document["vulnerabilities"][0];
  one.erase("flags");
  EXPECT_EQ(Imported(document).waivers.at(0).reason, "an empty file");
  one["threats"][0]["group_ids"] = {"G"};
  EXPECT_TRUE(Imported(document).waivers.empty());
}

TEST(VexTest, BadDocumentsAreRefusedByPlace) {
  struct Case {
    Json document;
    const char* at;
    Json value;  // null: taken out
    const char* message;
  };
  const std::string bidi =
      "a\xe2\x80\xae"
      "b";
  for (const Case& one : {
           Case{OpenVex(), "/author", nullptr, "/author: missing"},
           Case{OpenVex(), "/author", 7, "/author: not a text"},
           Case{OpenVex(), "/timestamp", nullptr,
                "/statements/0/timestamp: missing, here and in the document"},
           Case{OpenVex(), "/timestamp", "soon",
                "/timestamp: not an RFC 3339 time"},
           Case{OpenVex(), "/@context", "https://openvex.dev/ns/v0.3.0",
                "/@context: this version reads OpenVEX 0.2.0"},
           Case{OpenVex(), "/statements/0/status", "harmless",
                "/statements/0/status: \"harmless\" is not a word that this "
                "version knows"},
           Case{OpenVex(), "/statements/0/status", nullptr,
                "/statements/0/status: missing"},
           Case{OpenVex(), "/statements/0/justification", "trust_me",
                "/statements/0/justification: \"trust_me\" is not a word that "
                "this version knows"},
           Case{OpenVex(), "/statements/0/impact_statement", bidi,
                "/statements/0/impact_statement: holds characters that nobody "
                "sees or that reorder a line"},
           Case{OpenVex(), "/statements/0/impact_statement", "a\x1b[2J",
                "/statements/0/impact_statement: holds characters that nobody "
                "sees or that reorder a line"},
           Case{OpenVex(), "/statements/0/vulnerability", nullptr,
                "/statements/0/vulnerability/name: missing"},
           Case{OpenVex(), "/statements", "none", "/statements: not a list"},
           Case{CycloneDx(), "/specVersion", "1.3",
                "/specVersion: this version reads VEX of CycloneDX 1.4 to 1.7"},
           Case{CycloneDx(), "/specVersion", "2.0",
                "/specVersion: this version reads VEX of CycloneDX 1.4 to 1.7"},
           Case{CycloneDx(), "/metadata/authors", nullptr,
                "/metadata/authors: missing, and no manufacturer or supplier"},
           Case{CycloneDx(), "/metadata/timestamp", nullptr,
                "/vulnerabilities/0/analysis/lastUpdated: missing, and "
                "metadata has no timestamp"},
           Case{CycloneDx(), "/vulnerabilities/0/analysis/state", "fine",
                "/vulnerabilities/0/analysis/state: \"fine\" is not a word "
                "that this version knows"},
           Case{CycloneDx(), "/vulnerabilities/0/analysis", nullptr,
                "/vulnerabilities/0/analysis/state: missing"},
           Case{CycloneDx(), "/vulnerabilities/0/analysis/detail", bidi,
                "/vulnerabilities/0/analysis/detail: holds characters that "
                "nobody sees or that reorder a line"},
           Case{Csaf(), "/document/csaf_version", "2.1",
                "/document/csaf_version: this version reads CSAF 2.0"},
           Case{Csaf(), "/document/category", "csaf_base",
                "/document/category: not csaf_vex"},
           Case{Csaf(), "/document/publisher", nullptr,
                "/document/publisher/name: missing"},
           Case{Csaf(), "/document/tracking", nullptr,
                "/document/tracking/current_release_date: missing"},
           Case{Csaf(), "/vulnerabilities/0/ids", nullptr,
                "/vulnerabilities/0/ids: missing, and there is no cve"},
           Case{Csaf(), "/vulnerabilities/0/flags/0/label", "none",
                "/vulnerabilities/0/flags/0/label: \"none\" is not a word that "
                "this version knows"},
           Case{Csaf(),
                "/vulnerabilities/0/product_status/known_not_affected/0", "P2",
                "/vulnerabilities/0/product_status/known_not_affected/0: not "
                "a product of the product tree"},
           // CSAF 2.0, section 6.1.6.
           Case{Csaf(), "/vulnerabilities/0/product_status/last_affected",
                Json::array({"P1"}),
                "/vulnerabilities/0/product_status/last_affected/0: has "
                "another status as well"},
           Case{Csaf(), "/product_tree/full_product_names",
                Json::array({{{"product_id", "P1"}, {"name", "n"}}}),
                "/product_tree/branches/0/branches/0/product/product_id: "
                "stands twice"},
           Case{CycloneDx(), "/components/1", CycloneDx()["components"][0],
                "/components/1/bom-ref: stands twice"},
           Case{CycloneDx(), "/vulnerabilities/0/affects/0", Json::object(),
                "/vulnerabilities/0/affects/0/ref: missing"},
       }) {
    Json document = one.document;
    const Json::json_pointer at(one.at);
    if (one.value.is_null()) {
      document[at.parent_pointer()].erase(at.back());
    } else {
      document[at] = one.value;
    }
    EXPECT_EQ(RefusalOf(document), one.message);
  }
}

TEST(VexTest, OtherDocumentsAreRefused) {
  for (const char* const text :
       {"", "[]", "{}", "null", "\"@context\"", "{\"@context\": []}",
        "{\"document\": {}}", "{\"bomFormat\": \"CycloneDX\"}",
        "{\"document\": 1}"}) {
    EXPECT_FALSE(ReadVex(text)) << text;
  }
  EXPECT_FALSE(ReadVex(std::string(100'000, '[')));
  const std::string whole = OpenVex().dump();
  for (std::size_t size = 0; size < whole.size(); size += 3) {
    EXPECT_FALSE(ReadVex(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(VexTest, WaiversAreWrittenAsTheyAreRead) {
  Waiver waiver{.id = "v-1",
                .rule = "NI3-HF01-001",
                .subject = "a: \"b\" # c",
                .reason = "it's \"so\": yes \U0001f44d",
                .approver = "- J",
                .expires = 1798859045};
  EXPECT_EQ(WaiversAsYaml({waiver}),
            "waivers:\n"
            "  - id: \"v-1\"\n"
            "    rule: \"NI3-HF01-001\"\n"
            "    subject: \"a: \\\"b\\\" # c\"\n"
            "    reason: \"it's \\\"so\\\": yes \U0001f44d\"\n"
            "    approver: \"- J\"\n"
            "    expires: \"2027-01-02T03:04:05Z\"\n");
  EXPECT_EQ(WaiversAsYaml({}), "waivers: []\n");
}

}  // namespace
}  // namespace assay::engine
