#include "verifier/engine/delta.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"

namespace assay::engine {
namespace {

struct File {
  std::string place;
  std::string content;
  std::vector<Fact> facts = {};
  std::string format = {};
};

Fact Of(std::string_view kind, std::string value) {
  return {.kind = kind, .value = std::move(value), .place = Range{0, 1}};
}

// A product that is a file, or a folder for "". Members of members have "!/" in
// their place, and stand after what they lie in.
Survey Release(const std::string& name, std::vector<File> files) {
  Survey survey;
  Node root;
  root.artifact.path = root.artifact.name = name;
  root.artifact.has_content = !name.empty();
  root.artifact.structure = {{{}, Structure::kMember}};
  survey.nodes.push_back(std::move(root));
  std::map<std::string, ArtifactId> ids = {{name, 0}};
  for (File& file : files) {
    Node node;
    node.artifact.id = static_cast<ArtifactId>(survey.nodes.size());
    node.artifact.path = name.empty() ? file.place : name + "!/" + file.place;
    const std::string& path = node.artifact.path;
    const auto above = path.rfind("!/");
    node.artifact.parent =
        above == std::string::npos ? 0 : ids.at(path.substr(0, above));
    node.artifact.depth = survey.At(node.artifact.parent).depth + 1;
    ids[path] = node.artifact.id;
    node.artifact.has_content = true;
    node.artifact.format = file.format;
    node.artifact.size = file.content.size();
    node.artifact.digests = {
        {DigestAlgorithm::kSha256, Sha256Hex(AsBytes(file.content))}};
    node.seen.facts = std::move(file.facts);
    survey.nodes.push_back(std::move(node));
  }
  return survey;
}

using Lines = std::vector<std::string>;

Lines FilesOf(const Delta& delta) {
  std::vector<std::string> lines;
  for (const ChangedFile& file : delta.files) {
    lines.push_back(std::string(NameOf(file.change)) + " " + file.path);
  }
  return lines;
}

std::vector<std::string> TraitsOf(const Delta& delta) {
  std::vector<std::string> lines;
  for (const NewTrait& trait : delta.traits) {
    lines.push_back(trait.path + " " + trait.kind + " " + trait.value +
                    (trait.elsewhere ? " elsewhere" : ""));
  }
  return lines;
}

TEST(Delta, FilesAreComparedByPlaceWhateverTheReleaseIsCalled) {
  const Survey before =
      Release("r-1.0.bin", {{"bin/a", "a"},
                            {"bin/b", "b", {Of("elf.import", "puts")}, "elf"},
                            {"etc/text", "words"},
                            {"bin/c", "c"},
                            {"bin/gone", "gone"},
                            {"old/d", "moved"}});
  Survey now =
      Release("r-1.1.bin", {{"bin/a", "a"},
                            {"bin/b", "b2", {Of("elf.import", "puts")}, "elf"},
                            {"etc/text", "new words"},
                            {"bin/c", "c2", {Of("elf.import", "system")}},
                            {"bin/more", "more"},
                            {"new/d", "moved"}});
  const Delta delta = CompareReleases(before, now);
  EXPECT_EQ(delta.same, 1U);
  EXPECT_EQ(FilesOf(delta),
            (Lines{"removed r-1.0.bin!/bin/gone", "rebuilt r-1.1.bin!/bin/b",
                   "changed r-1.1.bin!/bin/c", "added r-1.1.bin!/bin/more",
                   "changed r-1.1.bin!/etc/text", "moved r-1.1.bin!/new/d"}));
}

TEST(Delta, FilesOfFoldersAreComparedByTheirNames) {
  const Survey before =
      Release("", {{"etc/passwd", "1"}, {"bin/ls", "ls"}, {"bin/cat", "cat"}});
  Survey now = Release(
      "", {{"etc/passwd", "1"}, {"bin/ls", "ls"}, {"bin/cat", "other"}});
  const Delta delta = CompareReleases(before, now);
  EXPECT_EQ(delta.same, 2U);
  EXPECT_EQ(FilesOf(delta), (Lines{"changed bin/cat"}));
}

// One of two copies that went is gone, and a copy that came is another file.
TEST(Delta, CopiesAreFilesOfTheirOwn) {
  const Survey two = Release("", {{"a", "1"}, {"b", "1"}, {"z", "2"}});
  Survey one = Release("", {{"a", "1"}, {"z", "2"}});
  EXPECT_EQ(FilesOf(CompareReleases(two, one)), (Lines{"removed b"}));
  Survey both = two;
  EXPECT_EQ(FilesOf(CompareReleases(one, both)), (Lines{"added b"}));
}

TEST(Delta, NamesMayCarryTheVersion) {
  const Survey before = Release("", {{"r-1.0.bin", "r"},
                                     {"r-1.0.bin!/etc/a", "a"},
                                     {"r-1.0.sig", "s"},
                                     {"lib1.so", "x"},
                                     {"lib2.so", "y"}});
  Survey now = Release("", {{"r-1.10.bin", "r"},
                            {"r-1.10.bin!/etc/a", "a"},
                            {"r-1.10.sig", "t"},
                            {"lib3.so", "x2"},
                            {"lib2.so", "y"}});
  const Delta delta = CompareReleases(before, now);
  EXPECT_EQ(delta.same, 3U);
  EXPECT_EQ(FilesOf(delta), (Lines{"changed lib3.so", "changed r-1.10.sig"}));
  // Of several that differ in numbers alone, none is another.
  Survey more = Release("", {{"lib3.so", "x2"}, {"lib4.so", "z"}});
  EXPECT_EQ(FilesOf(CompareReleases(
                Release("", {{"lib1.so", "x"}, {"lib2.so", "y"}}), more)),
            (Lines{"removed lib1.so", "removed lib2.so", "added lib3.so",
                   "added lib4.so"}));
}

// The version stands in the package, in the stream inside of it, and in the
// folder inside of that; numbers below tell files apart.
TEST(Delta, VersionsAreSeenThroughOnEveryLevel) {
  const Survey before = Release("p-1.9.tgz", {{"p-1.9.tar", "t"},
                                              {"p-1.9.tar!/p-1.9/test1", "1"},
                                              {"p-1.9.tar!/p-1.9/test2", "2"}});
  Survey now = Release("p-2.0.tgz", {{"p-2.0.tar", "u"},
                                     {"p-2.0.tar!/p-2.0/test1", "1"},
                                     {"p-2.0.tar!/p-2.0/test2", "2b"}});
  const Delta delta = CompareReleases(before, now);
  EXPECT_EQ(delta.same, 1U);
  EXPECT_EQ(FilesOf(delta),
            (Lines{"changed p-2.0.tgz!/p-2.0.tar",
                   "changed p-2.0.tgz!/p-2.0.tar!/p-2.0/test2"}));
}

TEST(Delta, TheHeaviestTraitComesFirstAndWhatOthersHadWeighsLess) {
  const Survey before = Release(
      "r", {{"bin/a", "1"}, {"bin/shell", "s", {Of("elf.import", "execve")}}});
  Survey now = Release(
      "r", {{"bin/a",
             "2",
             {Of("elf.import", "strlen"), Of("url", "http://192.0.2.1/"),
              Of("elf.import", "execve"), Of("ssh.authorized_key", "k"),
              Of("ssh.authorized_key", "k"), Of("script", "shell")}},
            {"bin/shell", "s", {Of("elf.import", "execve")}}});
  const Delta delta = CompareReleases(before, now);
  EXPECT_EQ(TraitsOf(delta), (Lines{"r!/bin/a ssh.authorized_key k",
                                    "r!/bin/a elf.import execve elsewhere",
                                    "r!/bin/a url http://192.0.2.1/"}));
  EXPECT_EQ(delta.light, 1U);
}

TEST(Delta, RulesCanAskForWhatIsNew) {
  const Survey before = Release("r", {{"a", "1", {Of("listener", "80")}}});
  Survey now = Release(
      "r", {{"a", "2", {Of("listener", "80"), Of("listener", "2323")}}});
  (void)CompareReleases(before, now);
  ASSERT_EQ(now.nodes[1].seen.facts.size(), 3U);
  const Fact& fact = now.nodes[1].seen.facts[2];
  EXPECT_EQ(fact.kind, "new");
  EXPECT_EQ(fact.value, "2323");
  EXPECT_EQ(fact.Attribute("kind"), "listener");
  EXPECT_EQ(fact.Attribute("elsewhere"), "no");
  EXPECT_EQ(fact.place, (Range{0, 1}));
}

TEST(Delta, TheSameReleaseHasNothingNew) {
  const Survey before = Release("r", {{"a", "1", {Of("listener", "80")}}});
  Survey now = Release("r", {{"a", "1", {Of("listener", "80")}}});
  const Delta delta = CompareReleases(before, now);
  EXPECT_TRUE(delta.files.empty());
  EXPECT_TRUE(delta.traits.empty());
  EXPECT_EQ(delta.same, 1U);
  EXPECT_EQ(now.nodes[1].seen.facts.size(), 1U);
}

}  // namespace
}  // namespace assay::engine
