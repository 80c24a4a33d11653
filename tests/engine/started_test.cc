#include "verifier/engine/started.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace assay::engine {
namespace {

struct File {
  std::string tree;  // "" for the product itself
  std::string place;
  std::vector<Fact> facts = {};
  std::string format = {};
};

Fact Startup(std::string value) {
  return {.kind = "startup", .value = std::move(value)};
}
Fact Command(std::string value, std::string program) {
  return {.kind = "command",
          .value = std::move(value),
          .attributes = {{"program", std::move(program)}}};
}
const Fact kScript{.kind = "script", .value = "shell"};

// A product of two archives, "a" and "b", and their files.
Survey ProductOf(std::vector<File> files) {
  Survey survey;
  const auto add = [&](ArtifactId parent, std::string path, std::string inner) {
    Node node;
    node.artifact.id = static_cast<ArtifactId>(survey.nodes.size());
    node.artifact.parent = parent;
    node.artifact.depth =
        parent == kNoArtifact ? 0 : survey.At(parent).depth + 1;
    node.artifact.path = std::move(path);
    node.artifact.inner_path = std::move(inner);
    node.artifact.has_content = true;
    node.artifact.structure = {{{}, Structure::kMember}};
    survey.nodes.push_back(std::move(node));
  };
  add(kNoArtifact, "p", "");
  for (const std::string tree : {"a", "b"}) {
    const auto parent = static_cast<ArtifactId>(survey.nodes.size());
    add(0, "p!/" + tree, tree);
    for (File& file : files) {
      if (file.tree == tree) {
        add(parent, "p!/" + tree + "!/" + file.place, file.place);
        survey.nodes.back().seen.facts = std::move(file.facts);
        survey.nodes.back().artifact.format = file.format;
      }
    }
  }
  return survey;
}

// "a:usr/sbin/x by a:etc/init.d/S1 (startup)" of every started file.
std::vector<std::string> StartedIn(std::vector<File> files) {
  Survey survey = ProductOf(std::move(files));
  AddStarted(survey);
  std::vector<std::string> lines;
  for (const Node& node : survey.nodes) {
    for (const Fact& fact : node.seen.facts) {
      if (fact.kind == "started") {
        lines.push_back(node.artifact.path.substr(3) + " by " +
                        fact.value.substr(3) + " (" +
                        std::string(fact.Attribute("kind")) + ")");
      }
    }
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Started, AStartUpFileLeadsToWhatItNamesAndSoOn) {
  EXPECT_EQ(
      StartedIn(
          {{"a",
            "etc/init.d/S1",
            {Startup("etc/init.d/S1"), kScript,
             Command("/usr/lib/x/run -d", "run"), Command("meter", "meter")}},
           {"a", "usr/lib/x/run", {kScript, Command("./deep", "./deep")}},
           {"a", "usr/lib/x/deep", {}, "elf"},
           {"a", "usr/sbin/meter", {}, "elf"},
           {"a", "usr/sbin/other", {}, "elf"}}),
      (Lines{"a!/usr/lib/x/run by a!/etc/init.d/S1 (startup)",
             "a!/usr/lib/x/deep by a!/usr/lib/x/run (startup)",
             "a!/usr/sbin/meter by a!/etc/init.d/S1 (startup)"}));
}

TEST(Started, WhatASuperServerStartsReadsTheSocket) {
  Fact served = Startup("/usr/bin/serve");
  served.attributes = {{"kind", "systemd"}, {"input", "socket"}};
  Survey survey = ProductOf(
      {{"a", "x.service", {served}},
       {"a", "usr/bin/serve", {kScript, Command("/usr/bin/deep", "deep")}},
       {"a", "usr/bin/deep", {}, "elf"},
       {"a", "etc/init.d/S1", {Startup("/usr/bin/x")}},
       {"a", "usr/bin/x", {}, "elf"}});
  AddStarted(survey);
  std::vector<std::string> inputs;
  for (const Node& node : survey.nodes) {
    for (const Fact& fact : node.seen.facts) {
      if (fact.kind == "started") {
        inputs.emplace_back(node.artifact.inner_path + " " +
                            std::string(fact.Attribute("input")));
      }
    }
  }
  EXPECT_EQ(inputs, (Lines{"usr/bin/serve socket", "usr/bin/deep socket",
                           "usr/bin/x "}));
}

TEST(Started, OnlyWhatRunsOtherProgramsStartsItsArguments) {
  const auto started_by = [](const Fact& command) {
    return StartedIn({{"a",
                       "c",
                       {{.kind = "cron", .value = "/usr/bin/job"}, command}},
                      {"a", "usr/bin/job", {}, "elf"},
                      {"a", "usr/bin/x", {}, "elf"}})
        .size();
  };
  EXPECT_EQ(started_by(Command("nohup '/usr/bin/x' &", "nohup")), 2U);
  EXPECT_EQ(started_by(Command("python3 /usr/bin/x", "python3")), 2U);
  EXPECT_EQ(started_by(Command("grep -q /usr/bin/x /etc/shells", "grep")), 1U);
  EXPECT_EQ(started_by(Command("cat /usr/bin/x", "cat")), 1U);
  EXPECT_EQ(started_by(Command("$X /usr/bin/x", "$X")), 1U);
}

TEST(Started, APathMeansTheNearestFileSystem) {
  EXPECT_EQ(StartedIn({{"a", "usr/bin/x", {}, "elf"},
                       {"b", "etc/init.d/S1", {Startup("/usr/bin/x")}},
                       {"b", "bin/x", {}, "elf"}}),
            (Lines{"b!/bin/x by b!/etc/init.d/S1 (startup)"}));
  EXPECT_EQ(StartedIn({{"a", "usr/bin/x", {}, "elf"},
                       {"b",
                        "postinst",
                        {{.kind = "package.script", .value = "postinst"},
                         Command("x --now", "x")}}}),
            (Lines{"a!/usr/bin/x by b!/postinst (package.script)"}));
}

TEST(Started, TextsAndFilesThatNobodyNamesAreNot) {
  EXPECT_EQ(StartedIn({{"a", "etc/init.d/S1", {Startup("/etc/motd")}},
                       {"a", "etc/motd"},
                       {"a", "usr/bin/x", {Command("y", "y")}, "elf"},
                       {"a", "usr/bin/y", {}, "elf"}}),
            Lines{});
  // Two that start each other end.
  EXPECT_EQ(StartedIn({{"a", "c", {Startup("/x")}},
                       {"a", "x", {kScript, Command("/y", "/y")}},
                       {"a", "y", {kScript, Command("/x", "/x")}}})
                .size(),
            2U);
}

}  // namespace
}  // namespace assay::engine
