#include "verifier/report/opening.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/report/redacting.h"

namespace assay::report {
namespace {

using testing::Done;
using testing::kPasswd;
using testing::Misfit;
using testing::Original;
using testing::Wish;
using testing::Written;

// Whoever redacts could also lie: what was done must be nothing but taking
// away, even where the opening admits it.
TEST(OpenRedactedTest, ChangesAreNoRedactions) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.paths = {kPasswd};
  const RedactedReport done = Done(wish, original);
  struct Lie {
    const char* at;
    Json is;
  };
  const std::vector<Lie> lies = {
      {"/verdict", "pass"},
      {"/reasons/0", "all is well [redacted]"},
      {"/findings/1/severity", "info"},
      {"/findings/1", nullptr},  // made shorter below
      {"/ledger/leaf_bytes", 1},
      {"/signatures/0/indication", "TOTAL-PASSED"},
      {"/findings", Json::array()},
  };
  for (const Lie& lie : lies) {
    Json document = ParseJson(Written(done.report)).value_or(Json());
    auto opening = ReadOpening(done.opening).value_or(Opening{});
    const Json::json_pointer at(lie.at);
    Json is = lie.is;
    if (is.is_null()) {
      is = document[at];
      is["waiver"] = "W-1";
    }
    for (RemovedParts& removed : opening.removed) {
      std::erase_if(removed.parts,
                    [&](const Removed& part) { return part.at == lie.at; });
    }
    const Json was = ParseJson(Written(original)).value_or(Json())[at];
    opening.removed.back().parts.push_back({lie.at, was});
    document[at] = is;
    auto report = ReadReport(document.dump());
    ASSERT_TRUE(report) << lie.at << ": " << report.error().what;
    report->redaction->records.clear();
    for (const RemovedParts& removed : opening.removed) {
      report->redaction->records.push_back(RecordOf(opening.salt, removed));
    }
    EXPECT_NE(Misfit(Written(*report), WriteOpening(opening)), "") << lie.at;
  }
}

// Less is said of the rule than honesty allows: a pack without its finding.
TEST(OpenRedactedTest, FindingsCountForTheirPack) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.findings = {"NI3-HF03-009"};
  RedactedReport done = Done(wish, original);
  ASSERT_EQ(done.report.findings[0].rule, "NI3-[redacted]");
  done.report.findings[0].rule = kRedacted;
  EXPECT_EQ(Misfit(Written(done.report), done.opening),
            "it says something else about the norm");
}

TEST(OpenRedactedTest, EveryDamagedByteOfTheReportShows) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.findings = {original.findings[0].id};
  const RedactedReport done = Done(wish, original);
  const std::string text = Written(done.report);
  for (std::size_t at = 0; at < text.size(); at += 11) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_NE(Misfit(damaged, done.opening), "") << "byte " << at;
  }
}

TEST(OpenRedactedTest, MalformedOpeningsNameThePlace) {
  const Report original = Original();
  RedactWish wish = Wish();
  wish.findings = {original.findings[0].id};
  const RedactedReport done = Done(wish, original);
  const std::string text = Written(done.report);
  const Json good = ParseJson(done.opening).value_or(Json());
  struct Wrong {
    const char* at;
    Json value;
    const char* message;
  };
  const std::vector<Wrong> wrongs = {
      {"/schema", "assay-redaction-opening/2", "/schema: not assay-redaction"},
      {"/salt", "00", "/salt: not 32 bytes"},
      {"/salt", "xy", "/salt: not lower-case hex"},
      {"/original_sha256", "00", "/original_sha256: not 64"},
      {"/records/0/removed/0/at", 7, "/records/0/removed/0/at: not a"},
      {"/records/0/removed/0/at", "/nowhere/7", "/nowhere/7: no place"},
      {"/records/0/removed/0/at", "/findings/99", "/findings/99: no place"},
      {"/records/0/removed/0/at", "", ": no place"},
      {"/records/0/removed/0/more", 1, "/records/0/removed/0/more: unknown"},
      {"/records/0/kind", "path", "is about something else"},
  };
  for (const Wrong& wrong : wrongs) {
    Json damaged = good;
    damaged[Json::json_pointer(wrong.at)] = wrong.value;
    const auto opened = OpenRedacted(text, damaged.dump());
    std::string all;
    if (opened) {
      for (const std::string& problem : opened->problems) {
        all += problem + "\n";
      }
    } else {
      all = opened.error().what;
    }
    EXPECT_NE(all.find(wrong.message), std::string::npos)
        << wrong.at << " gives " << all;
  }
  EXPECT_NE(Misfit(text, "[]"), "");
  EXPECT_NE(Misfit(text, ""), "");
  EXPECT_NE(Misfit(text, std::string(100'000, '[')), "");
  EXPECT_EQ(Misfit(Written(original), done.opening),
            "the report is not redacted");
}

}  // namespace
}  // namespace assay::report
