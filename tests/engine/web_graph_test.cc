#include "verifier/engine/web_graph.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::engine {
namespace {

struct File {
  std::string path;
  std::vector<std::string> links = {};
  bool program = false;
};

// A product that is one archive of these files.
Survey ProductOf(const std::vector<File>& files) {
  Survey survey;
  const auto add = [&](ArtifactId parent, std::string path, std::string inner) {
    Node node;
    node.artifact.id = static_cast<ArtifactId>(survey.nodes.size());
    node.artifact.parent = parent;
    node.artifact.depth = parent == kNoArtifact ? 0 : 1;
    node.artifact.path = std::move(path);
    node.artifact.inner_path = std::move(inner);
    node.artifact.has_content = true;
    node.artifact.structure = {{{}, Structure::kMember}};
    survey.nodes.push_back(std::move(node));
  };
  add(kNoArtifact, "p", "");
  for (const File& file : files) {
    add(0, "p!/" + file.path, file.path);
    Node& node = survey.nodes.back();
    node.artifact.format = file.program ? "elf" : "text";
    for (const std::string& link : file.links) {
      node.seen.facts.push_back({.kind = "web.link", .value = link});
    }
  }
  return survey;
}

// "path handler doubt" of everything that nothing leads to.
std::vector<std::string> UnlinkedIn(const std::vector<File>& files) {
  Survey survey = ProductOf(files);
  AddUnlinked(survey);
  std::vector<std::string> lines;
  for (const Node& node : survey.nodes) {
    for (const Fact& fact : node.seen.facts) {
      if (fact.kind == "web.unlinked") {
        lines.push_back(fact.value + " " +
                        std::string(fact.Attribute("handler")) + " " +
                        std::string(fact.Attribute("doubt")));
      }
    }
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(WebGraph, APageThatNothingLeadsTo) {
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"/cgi-bin/status", "menu.js"}},
                        {"www/menu.js", {"net.asp"}},
                        {"www/net.asp", {}},
                        {"www/old.html", {}},
                        {"www/cgi-bin/status", {}, true},
                        {"www/cgi-bin/eng", {}, true}}),
            (Lines{"www/old.html no no", "www/cgi-bin/eng yes no"}));
}

TEST(WebGraph, PagesThatLeadToEachOtherAloneAreNotReached) {
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"a.asp"}},
                        {"www/a.asp", {}},
                        {"www/x.asp", {"y.asp", "x.asp"}},
                        {"www/y.asp", {"x.asp"}}}),
            (Lines{"www/x.asp yes no", "www/y.asp yes no"}));
}

TEST(WebGraph, ScriptsSettingsAndProgramsLeadToPages) {
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"a.asp"}},
                        {"www/a.asp", {}},
                        {"www/b.asp", {}},
                        {"www/c.asp", {}},
                        {"etc/httpd.conf", {"/b.asp"}},
                        {"usr/sbin/httpd", {"c.asp"}, true}}),
            Lines{});
}

TEST(WebGraph, CaseAndFoldersOfLinksDoNotMatter) {
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"../x/A.ASP"}}, {"www/a.asp", {}}}),
            Lines{});
}

TEST(WebGraph, ALinkThatIsCompletedAtRunTimeMayMeanIt) {
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"/cgi-bin/status", "/cgi-bin/"}},
                        {"www/cgi-bin/status", {}, true},
                        {"www/cgi-bin/eng", {}, true}}),
            Lines{"www/cgi-bin/eng yes yes"});
  // A server's own word for the folder is no link.
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"/cgi-bin/status"}},
                        {"usr/sbin/httpd", {"/cgi-bin/"}, true},
                        {"www/cgi-bin/status", {}, true},
                        {"www/cgi-bin/eng", {}, true}}),
            Lines{"www/cgi-bin/eng yes no"});
}

TEST(WebGraph, WhereLinksAreNotSeenNothingIsSaid) {
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {}},
                        {"www/a.asp", {}},
                        {"www/cgi-bin/eng", {}, true}}),
            Lines{});
  // The link of another root says nothing about this one.
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"a.asp"}},
                        {"www/a.asp", {}},
                        {"opt/htdocs/b.asp", {}}}),
            Lines{});
}

TEST(WebGraph, WhatIsNoPageIsNotJudged) {
  EXPECT_EQ(UnlinkedIn({{"www/index.html", {"a.asp"}},
                        {"www/a.asp", {}},
                        {"www/style.css", {}},
                        {"www/cgi-bin/README", {}},
                        {"usr/share/doc/x/x.html", {}}}),
            Lines{});
}

}  // namespace
}  // namespace assay::engine
