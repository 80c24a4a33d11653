#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "tests/report/checks.h"
#include "tests/report/example.h"
#include "tests/support/hex.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleReport;
using testing::HostileReport;
using testing::JsonBy;

std::vector<Json> ObjectsOf(const Json& bundle, std::string_view type) {
  std::vector<Json> list;
  for (const Json& object : bundle["objects"]) {
    if (object["type"] == type) {
      list.push_back(object);
    }
  }
  return list;
}

// Of indicators and notes, by their first external reference.
std::vector<std::string> IdsIn(const Json& bundle) {
  std::vector<std::string> ids;
  for (const Json& object : bundle["objects"]) {
    if (object["type"] == "indicator" || object["type"] == "note") {
      ids.push_back(object["external_references"][0]["external_id"]);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// STIX 2.1, sections 2.9, 3.2 and 4: what objects must have.
void ExpectObjects(const Json& bundle) {
  const std::regex id(
      "([a-z-]+)--[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-"
      "[0-9a-f]{12}");
  const std::regex time("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  EXPECT_EQ(bundle["type"], "bundle");
  std::set<std::string> known;
  for (const Json& object : bundle["objects"]) {
    std::smatch match;
    const std::string text = object["id"];
    ASSERT_TRUE(std::regex_match(text, match, id)) << text;
    EXPECT_EQ(match[1], object["type"].get<std::string>());
    EXPECT_TRUE(known.insert(text).second) << text << " stands twice";
    EXPECT_EQ(object["spec_version"], "2.1");
    if (object["type"] != "file") {
      EXPECT_TRUE(std::regex_match(object["created"].get<std::string>(), time));
    }
  }
  for (const Json& object : bundle["objects"]) {
    for (const char* const key : {"object_refs", "object_marking_refs"}) {
      for (const Json& reference : object.value(key, Json::array())) {
        EXPECT_EQ(known.count(reference.get<std::string>()), 1U) << reference;
      }
    }
    for (const char* const key : {"sample_ref", "created_by_ref"}) {
      if (object.contains(key)) {
        EXPECT_EQ(known.count(object[key].get<std::string>()), 1U);
      }
    }
  }
}

TEST(StixTest, ObjectsAreComplete) {
  for (const Report& report :
       {ExampleReport(), HostileReport(), testing::LargeReport(50)}) {
    ExpectObjects(JsonBy(kStix, report));
  }
}

TEST(StixTest, CarriesEveryFinding) {
  for (const Report& report : {HostileReport(), testing::LargeReport(100)}) {
    EXPECT_EQ(IdsIn(JsonBy(kStix, report)), testing::IdsOf(report));
  }
}

TEST(StixTest, AFindingAboutContentIsAnIndicatorOfIt) {
  const auto indicators =
      ObjectsOf(JsonBy(kStix, ExampleReport()), "indicator");
  ASSERT_EQ(indicators.size(), 1U);
  EXPECT_EQ(indicators[0]["pattern"],
            "[file:hashes.'SHA-256' = '" +
                ExampleReport().artifacts[1].sha256() + "']");
  EXPECT_EQ(indicators[0]["confidence"], 85);
  EXPECT_EQ(indicators[0]["valid_from"], "2026-03-16T00:00:00.000Z");
}

TEST(StixTest, AFindingAboutNoContentIsANote) {
  const Json bundle = JsonBy(kStix, HostileReport());
  EXPECT_EQ(ObjectsOf(bundle, "indicator").size(), 2U);
  EXPECT_EQ(ObjectsOf(bundle, "note").size(), 1U);
}

// Section 2.9: UUIDv5 of the contributing properties as RFC 8785 writes them;
// this one by Python's uuid.uuid5(), with the SHA-256 of "abc".
TEST(StixTest, ObservedObjectsHaveTheIdsOfTheSpecification) {
  Report report = ExampleReport();
  report.product = "a";
  report.product_sha256 = Sha256Hex(AsBytes("abc"));
  const auto files = ObjectsOf(JsonBy(kStix, report), "file");
  ASSERT_FALSE(files.empty());
  EXPECT_EQ(files[0]["id"], "file--8c2b5491-8b14-5a46-8a0a-9b591b8da654");
}

// OASIS CTI, "TLP 2.0" extension definition: ids of its examples.
TEST(StixTest, MarkingsAreThoseOfTlp2) {
  const std::pair<Tlp, const char*> kMarkings[] = {
      {Tlp::kRed, "e828b379-4e03-4974-9ac4-e53a884c97c1"},
      {Tlp::kAmberStrict, "939a9414-2ddd-4d32-a0cd-375ea402b003"},
      {Tlp::kAmber, "55d920b0-5e8b-4f79-9ee9-91f868d9b421"},
      {Tlp::kGreen, "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
      {Tlp::kClear, "94868c89-83c2-464b-929b-a1a8aa3c8487"},
  };
  for (const auto& [tlp, uuid] : kMarkings) {
    Report report = ExampleReport();
    report.tlp = tlp;
    const Json bundle = JsonBy(kStix, report);
    const auto markings = ObjectsOf(bundle, "marking-definition");
    ASSERT_EQ(markings.size(), 1U);
    EXPECT_EQ(markings[0]["id"], std::string("marking-definition--") + uuid);
    EXPECT_EQ(markings[0]["name"], NameOf(tlp));
    for (const Json& object : bundle["objects"]) {
      const bool of_the_bundle = object["type"] != "marking-definition" &&
                                 object["type"] != "identity";
      EXPECT_EQ(object.contains("object_marking_refs"), of_the_bundle);
    }
  }
}

TEST(StixTest, NothingMakesAProductBenign) {
  Report report = ExampleReport();
  const auto result = [](const Report& of) {
    return ObjectsOf(JsonBy(kStix, of), "malware-analysis").at(0)["result"];
  };
  EXPECT_EQ(result(report), "suspicious");
  report.findings.clear();
  report.verdict = Verdict::kPass;
  EXPECT_EQ(result(report), "unknown");
}

TEST(StixTest, TheSampleCarriesItsFindings) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/stix/suspicious.json")));
  ASSERT_TRUE(report) << report.error().what;
  const Json bundle = JsonBy(kStix, *report);
  ExpectObjects(bundle);
  EXPECT_EQ(IdsIn(bundle), testing::IdsOf(*report));
}

TEST(StixTest, NothingInItActs) {
  testing::ExpectInert(kStix, HostileReport());
  testing::ExpectInertStrings(JsonBy(kStix, HostileReport()));
}

}  // namespace
}  // namespace assay::report
