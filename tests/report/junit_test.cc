#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tests/report/checks.h"
#include "tests/report/example.h"
#include "tests/support/hex.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleReport;
using testing::HostileReport;

struct Case {
  std::string suite;
  std::string name;
  std::string outcome;  // of the element inside, "" when there is none
  std::string message;
};

struct FreeDoc {
  void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};

std::string TextOf(const xmlChar* text) {
  std::string copy;
  for (; text != nullptr && *text != 0; ++text) {
    copy.push_back(static_cast<char>(*text));
  }
  return copy;
}

std::string NameOf(const xmlNode& node) {
  return TextOf(node.name);
}

std::string Attribute(xmlNode& node, std::string_view name) {
  std::string text;
  for (xmlAttr* one = node.properties; one != nullptr; one = one->next) {
    if (TextOf(one->name) == name) {
      xmlChar* value = xmlNodeListGetString(node.doc, one->children, 1);
      text = TextOf(value);
      xmlFree(value);
    }
  }
  return text;
}

std::vector<xmlNode*> Elements(xmlNode& of, std::string_view name) {
  std::vector<xmlNode*> list;
  for (xmlNode* node = of.children; node != nullptr; node = node->next) {
    if (node->type == XML_ELEMENT_NODE &&
        (name.empty() || NameOf(*node) == name)) {
      list.push_back(node);
    }
  }
  return list;
}

// As libxml2 reads it; the counts that each suite gives have to be right.
std::vector<Case> CasesOf(const Report& report) {
  const std::string text = kJunit.write(report, {});
  const std::unique_ptr<xmlDoc, FreeDoc> doc(
      xmlReadMemory(text.data(), static_cast<int>(text.size()), "junit.xml",
                    nullptr, XML_PARSE_NONET | XML_PARSE_HUGE));
  std::vector<Case> cases;
  if (!doc) {
    ADD_FAILURE() << "not XML";
    return cases;
  }
  for (xmlNode* suite :
       Elements(*xmlDocGetRootElement(doc.get()), "testsuite")) {
    const std::size_t before = cases.size();
    for (xmlNode* one : Elements(*suite, "testcase")) {
      const auto inside = Elements(*one, "");
      EXPECT_LE(inside.size(), 1U);
      EXPECT_FALSE(Attribute(*one, "classname").empty());
      cases.push_back({Attribute(*suite, "name"), Attribute(*one, "name"),
                       inside.empty() ? "" : NameOf(*inside[0]),
                       inside.empty() ? "" : Attribute(*inside[0], "message")});
    }
    const auto count = [&](std::string_view outcome) {
      return std::to_string(std::count_if(
          cases.begin() + static_cast<std::ptrdiff_t>(before), cases.end(),
          [&](const Case& one) { return one.outcome == outcome; }));
    };
    EXPECT_EQ(Attribute(*suite, "tests"),
              std::to_string(cases.size() - before));
    EXPECT_EQ(Attribute(*suite, "failures"), count("failure"));
    EXPECT_EQ(Attribute(*suite, "errors"), count("error"));
    EXPECT_EQ(Attribute(*suite, "skipped"), count("skipped"));
    EXPECT_EQ(
        Attribute(
            *Elements(*Elements(*suite, "properties").at(0), "property").at(0),
            "value"),
        NameOf(report.tlp));
  }
  return cases;
}

// The last word of the name of a rule's case that found something.
std::vector<std::string> IdsIn(const std::vector<Case>& cases) {
  std::vector<std::string> ids;
  for (const Case& one : cases) {
    const std::size_t at = one.name.rfind(' ');
    const std::string last =
        at == std::string::npos ? "" : one.name.substr(at + 1);
    if (one.suite == "rules" && last.starts_with("f-")) {
      ids.push_back(last);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::size_t CountOf(const std::vector<Case>& cases, std::string_view suite,
                    std::string_view outcome) {
  return static_cast<std::size_t>(
      std::count_if(cases.begin(), cases.end(), [&](const Case& one) {
        return one.suite == suite && one.outcome == outcome;
      }));
}

TEST(JunitTest, CarriesEveryFinding) {
  for (const Report& report :
       {ExampleReport(), HostileReport(), testing::LargeReport(6000)}) {
    EXPECT_EQ(IdsIn(CasesOf(report)), testing::IdsOf(report));
  }
}

TEST(JunitTest, TheSampleCarriesItsFindings) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/junit/checks.json")));
  ASSERT_TRUE(report) << report.error().what;
  const auto cases = CasesOf(*report);
  EXPECT_EQ(IdsIn(cases), testing::IdsOf(*report));
  EXPECT_EQ(CountOf(cases, "rules", ""), report->rules.passed.size());
}

TEST(JunitTest, WhatPassedShows) {
  const auto cases = CasesOf(ExampleReport());
  EXPECT_EQ(CountOf(cases, "rules", ""), 2U);  // RuleTally::passed
  EXPECT_EQ(CountOf(cases, "rules", "failure"), 1U);
  EXPECT_EQ(CountOf(cases, "rules", "skipped"), 2U);
  EXPECT_EQ(CountOf(cases, "signatures", "failure"), 1U);
  EXPECT_EQ(CountOf(cases, "sbom", "failure"), 1U);
  EXPECT_EQ(CountOf(cases, "sbom", ""), 17U);
}

TEST(JunitTest, OnlyWhatWeighsFails) {
  Report report = HostileReport();  // failing, waived, explained
  EXPECT_EQ(CountOf(CasesOf(report), "rules", "failure"), 1U);
  report.findings[0].severity = Severity::kLow;
  EXPECT_EQ(CountOf(CasesOf(report), "rules", "failure"), 0U);
  report.thresholds.fail_on = Severity::kLow;
  EXPECT_EQ(CountOf(CasesOf(report), "rules", "failure"), 1U);
}

TEST(JunitTest, AProductThatPassesHasNoFailure) {
  Report report = ExampleReport();
  report.verdict = Verdict::kPass;
  report.findings[0].waiver = "W-1";
  for (const Case& one : CasesOf(report)) {
    EXPECT_NE(one.outcome, "failure") << one.name;
    EXPECT_NE(one.outcome, "error") << one.name;
  }
}

TEST(JunitTest, WhatIsInconclusiveIsAnError) {
  Report report = ExampleReport();
  report.verdict = Verdict::kInconclusive;
  report.findings.clear();
  const auto cases = CasesOf(report);
  EXPECT_EQ(CountOf(cases, "verdict", "error"), 1U);
  EXPECT_EQ(CountOf(cases, "signatures", "skipped"), 1U);
}

TEST(JunitTest, WithoutAnSbomNothingPassesForIt) {
  Report report = ExampleReport();
  report.reconciliation = {};
  const auto cases = CasesOf(report);
  EXPECT_EQ(CountOf(cases, "sbom", ""), 0U);
  EXPECT_EQ(CountOf(cases, "sbom", "skipped"), 18U);
}

TEST(JunitTest, NothingInItActs) {
  testing::ExpectInert(kJunit, HostileReport());
  const std::string text = kJunit.write(HostileReport(), {});
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(text.find("]]>"), std::string::npos);
  for (const Case& one : CasesOf(HostileReport())) {
    EXPECT_EQ(one.name.find('\x1b'), std::string::npos);
    EXPECT_EQ(one.message.find("\xe2\x80\xae"), std::string::npos);
  }
}

}  // namespace
}  // namespace assay::report
