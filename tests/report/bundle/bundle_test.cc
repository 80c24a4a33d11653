#include "verifier/report/bundle/bundle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/report/bundle/spelled_zip.h"
#include "tests/report/example.h"
#include "verifier/base/json.h"

namespace assay::report {
namespace {

using Entries = std::map<std::string, std::string>;

const Entries kContent = {{"report.html", "<html>"}, {"report.json", "{}"}};

std::string StatementOf(const Entries& content) {
  BundleWriter writer;
  for (const auto& [name, text] : content) {
    EXPECT_TRUE(writer.Add(name, text));
  }
  return writer.Statement(testing::ExampleReport());
}

// A bundle with a statement about kContent, whatever is in it.
std::string Holding(const Entries& content,
                    const std::string& statement = StatementOf(kContent)) {
  std::vector<testing::SpelledEntry> entries = {
      {.name = "assay-bundle.json", .content = statement}};
  for (const auto& [name, text] : content) {
    entries.push_back({.name = name, .content = text});
  }
  return testing::SpelledZip(entries);
}

// "NAME problem" of every entry that has one.
std::vector<std::string> Problems(const std::string& zip) {
  const auto bundle = Bundle::Open(AsBytes(zip));
  if (!bundle) {
    return {"no bundle: " + bundle.error().what};
  }
  std::vector<std::string> problems;
  for (const auto& [name, problem] : bundle->Check()) {
    if (!problem.empty()) {
      problems.push_back(name + " " + problem.substr(0, problem.find(';')));
    }
  }
  return problems;
}

using Texts = std::vector<std::string>;

TEST(BundleTest, WhatIsWrittenIsWhole) {
  BundleWriter writer;
  for (const auto& [name, text] : kContent) {
    ASSERT_TRUE(writer.Add(name, text));
  }
  const std::string statement = writer.Statement(testing::ExampleReport());
  const auto zip = writer.Finish(statement, "an envelope");
  ASSERT_TRUE(zip) << zip.error().what;
  EXPECT_EQ(Problems(*zip), Texts{});
  EXPECT_TRUE(Bundle::Begins(AsBytes(*zip)));
  const auto bundle = Bundle::Open(AsBytes(*zip));
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->statement(), statement);
  EXPECT_EQ(bundle->envelope(), "an envelope");
  EXPECT_EQ(bundle->Read("report.html").value_or(""), "<html>");
  EXPECT_FALSE(bundle->Read("nothing"));
}

TEST(BundleTest, WithoutAnEnvelopeThereIsNone) {
  const std::string zip = Holding(kContent);
  EXPECT_EQ(Problems(zip), Texts{});
  EXPECT_EQ(Bundle::Open(AsBytes(zip))->envelope(), "");
}

TEST(BundleTest, OtherZipsAreNoBundles) {
  EXPECT_FALSE(Bundle::Begins(AsBytes("")));
  EXPECT_FALSE(Bundle::Begins(AsBytes("PK\x03\x04")));
  const std::string zip =
      testing::SpelledZip({{.name = "manifest.json", .content = "{}"}});
  EXPECT_FALSE(Bundle::Begins(AsBytes(zip)));
  EXPECT_EQ(Problems(zip), Texts{"no bundle: assay-bundle.json: not there"});
}

// Every way to change one entry.
TEST(BundleTest, OtherContentIsNoticed) {
  Entries changed = kContent;
  changed["report.html"] = "<HTML>";
  EXPECT_EQ(Problems(Holding(changed)),
            Texts{"report.html has SHA-256 "
                  // printf '<HTML>' | sha256sum
                  "9fb57f26be3bfd018382c6c151fab964febb79fa8608cc988d01dcc6cb34"
                  "f40f"});
}

TEST(BundleTest, OtherSizesAreNoticed) {
  Entries changed = kContent;
  changed["report.html"] = "<html>\n";
  EXPECT_EQ(Problems(Holding(changed)), Texts{"report.html has 7 bytes"});
}

TEST(BundleTest, RemovedAddedAndRenamedEntriesAreNoticed) {
  EXPECT_EQ(Problems(Holding({{"report.json", "{}"}})),
            Texts{"report.html is missing"});
  EXPECT_EQ(Problems(Holding({})),
            (Texts{"report.html is missing", "report.json is missing"}));
  Entries more = kContent;
  more["report.txt"] = "";
  EXPECT_EQ(Problems(Holding(more)),
            Texts{"report.txt is not in the bundle's statement"});
  EXPECT_EQ(
      Problems(Holding({{"report.htm", "<html>"}, {"report.json", "{}"}})),
      (Texts{"report.html is missing",
             "report.htm is not in the bundle's statement"}));
}

TEST(BundleTest, ExchangedEntriesAreNoticed) {
  EXPECT_EQ(
      Problems(Holding({{"report.html", "{}"}, {"report.json", "<html>"}}))
          .size(),
      2U);
}

TEST(BundleTest, DamagedEntriesAreNoticed) {
  std::string zip = Holding(kContent);
  const std::size_t at = zip.find("<html>");
  ASSERT_NE(at, std::string::npos);
  zip[at] = '>';
  EXPECT_EQ(Problems(zip), Texts{"report.html is damaged"});
}

// A statement that lists no report, or an entry twice, is true and no use.
TEST(BundleTest, AStatementListsTheReportAndEverythingOnce) {
  const Entries page = {{"report.html", "<html>"}};
  EXPECT_EQ(Problems(Holding(page, StatementOf(page))),
            Texts{"report.json is missing"});
  std::string twice = StatementOf(kContent);
  const std::string name = R"("name": "report.html",
        "sha256")";
  const std::size_t at = twice.find(name);
  ASSERT_NE(at, std::string::npos);
  twice.replace(at + 9, 11, "report.json");
  const Texts problems = Problems(Holding(kContent, twice));
  EXPECT_NE(std::find(problems.begin(), problems.end(),
                      "report.json is listed more than once"),
            problems.end());
}

std::string WithSchema(const std::string& schema) {
  std::string statement = StatementOf(kContent);
  const std::string was = "\"assay-bundle/1\"";
  return Holding(kContent,
                 statement.replace(statement.find(was), was.size(), schema));
}

TEST(BundleTest, StatementsOfAnotherVersionAreNamed) {
  EXPECT_EQ(Problems(WithSchema("\"assay-bundle/2\"")),
            Texts{"no bundle: assay-bundle.json: it is assay-bundle/2, of "
                  "another version of assay; this one reads assay-bundle/1"});
  for (const char* const schema :
       {"\"assay-bundle/\"", "\"assay-bundle/x\"", "\"\"", "1", "null",
        "\"assay-bundle/1 \"", "\"assay-bundle/\\u001b[31m\""}) {
    EXPECT_EQ(Problems(WithSchema(schema)),
              Texts{"no bundle: assay-bundle.json: it does not say that it is "
                    "assay-bundle/1"})
        << schema;
  }
}

TEST(BundleTest, WhatIsNoStatementIsRefused) {
  const std::string good = StatementOf(kContent);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string statement = good;
    const std::size_t at = statement.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return statement.replace(at, from.size(), to);
  };
  const std::string digest = Sha256Hex(AsBytes("<html>"));
  for (const std::string& statement :
       {std::string(), std::string("{}"), std::string("[]"),
        good.substr(0, good.size() / 2),
        changed("in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1"),
        changed("urn:assay:bundle:1", "urn:assay:bundle:2"),
        changed("\"predicate\"", "\"Predicate\""),
        changed("\"entries\": [", "\"Entries\": ["),
        changed("\"size\": 6", "\"size\": -6"),
        changed("\"size\": 6", "\"size\": \"6\""),
        changed("\"name\": \"report.html\",\n        \"sha256\"",
                "\"name\": \"../report.html\",\n        \"sha256\""),
        changed(
            "\"sha256\": \"" + digest + "\",\n        \"size\"",
            "\"sha256\": \"" + digest.substr(2) + "\",\n        \"size\"")}) {
    const Texts problems = Problems(Holding(kContent, statement));
    ASSERT_EQ(problems.size(), 1U) << statement;
    EXPECT_EQ(problems[0].rfind("no bundle: assay-bundle.json", 0), 0U)
        << problems[0];
  }
}

// in-toto attestation framework, spec/v1: whoever verifies one finds the bytes
// that it speaks of, and the product, by digest.
TEST(BundleTest, TheStatementIsAboutEntriesAndProduct) {
  const Report report = testing::ExampleReport();
  const auto statement = ParseJson(StatementOf(kContent));
  ASSERT_TRUE(statement);
  EXPECT_EQ(TextAt(*statement, "_type"), "https://in-toto.io/Statement/v1");
  const Json& subjects = At(*statement, "subject");
  ASSERT_EQ(subjects.size(), 3U);
  EXPECT_EQ(TextAt(subjects[0], "name"), "report.html");
  EXPECT_EQ(TextAt(At(subjects[0], "digest"), "sha256"),
            Sha256Hex(AsBytes("<html>")));
  EXPECT_EQ(TextAt(subjects[2], "name"), "router.bin");
  EXPECT_EQ(TextAt(At(subjects[2], "digest"), "sha256"), report.product_sha256);
  const Json& predicate = At(*statement, "predicate");
  EXPECT_EQ(TextAt(predicate, "tlp"), "TLP:AMBER+STRICT");
  EXPECT_EQ(TextAt(predicate, "verdict"), "fail");
  EXPECT_EQ(TextAt(predicate, "at"), "2026-03-16T00:00:00Z");
  EXPECT_EQ(TextAt(At(predicate, "policy"), "sha256"), report.policy_sha256);
  EXPECT_EQ(TextAt(At(predicate, "rules"), "sha256"), report.rules_sha256);
  EXPECT_EQ(TextAt(At(predicate, "explanations")[0], "sha256"),
            report.explanations[0].sha256);
  EXPECT_EQ(At(At(predicate, "limits"), "depth"), 32);
}

TEST(BundleTest, AStatementThatContradictsTheReportIsNoticed) {
  const Report report = testing::ExampleReport();
  const auto claims = ReadBundleStatement(StatementOf(kContent));
  ASSERT_TRUE(claims) << claims.error().what;
  EXPECT_EQ(Contradiction(*claims, report), "");
  const auto other = [&](auto change) {
    Report changed = report;
    change(changed);
    return Contradiction(*claims, changed);
  };
  EXPECT_EQ(other([](Report& r) { r.tlp = Tlp::kClear; }), "label");
  EXPECT_EQ(other([](Report& r) { r.verdict = Verdict::kPass; }), "verdict");
  EXPECT_EQ(other([](Report& r) { r.at += 1; }), "time");
  EXPECT_EQ(other([](Report& r) { r.product_sha256[0] ^= 1; }), "product");
  EXPECT_EQ(other([](Report& r) { r.rules_sha256[0] ^= 1; }), "rules");
  EXPECT_EQ(other([](Report& r) { r.policy_sha256 = ""; }), "policy");
  EXPECT_EQ(other([](Report& r) { r.tool_version = "9"; }), "version of assay");
}

TEST(BundleTest, EveryPartHasAWriterAndTheReportIsOne) {
  bool report = false;
  for (const BundlePart& part : BundleParts()) {
    EXPECT_TRUE(IsBundleName(part.name)) << part.name;
    EXPECT_NE(FindWriter(part.writer), nullptr) << part.writer;
    report = report || (part.name == kBundledReport && part.writer == "json");
    // The statement comes first: that is what a bundle is known by.
    EXPECT_LT(kBundleStatement, part.name);
    EXPECT_LT(kBundleEnvelope, part.name);
  }
  EXPECT_TRUE(report);
}

}  // namespace
}  // namespace assay::report
