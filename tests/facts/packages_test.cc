#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Examined;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kManifest = Sample("facts/packages/package.json");
const Bytes kPostinst = Sample("facts/packages/postinst");
const Bytes kPth = Sample("facts/packages/demo.pth");

TEST(PackagesTest, TellsWhatNpmRunsOnInstallation) {
  const auto seen = Examine(kPackages, "package/package.json", kManifest);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(seen.Lines(),
            (Strings{"package.script postinstall ecosystem=npm "
                     "package=demo-package command=node setup.js",
                     "command node setup.js program=node within=npm"}));
  EXPECT_EQ(PlaceText(seen.facts[0], kManifest),
            "\"postinstall\": \"node setup.js\",");
}

TEST(PackagesTest, ReadsComposerManifests) {
  EXPECT_EQ(Examine(kPackages, "composer.json",
                    R"({"name":"a/b","scripts":{"post-install-cmd":["x","y"],
                    "test":"z"}})")
                .Lines(),
            (Strings{"package.script post-install-cmd ecosystem=composer "
                     "package=a/b command=x && y",
                     "command x program=x within=composer",
                     "command y program=y within=composer"}));
}

Examined ExamineAt(std::string path, std::string inner, ByteView content) {
  Artifact artifact;
  artifact.path = std::move(path);
  artifact.inner_path = std::move(inner);
  Observations seen;
  const Limits limits;
  const bool understood = kPackages.examine({artifact, content, limits}, seen);
  return {understood, std::move(seen.facts)};
}

TEST(PackagesTest, KnowsMaintainerScriptsByTheirArchive) {
  EXPECT_EQ(ExamineAt("demo_1.0_all.deb!/control.tar.xz!/control.tar!/postinst",
                      "postinst", kPostinst)
                .Lines(),
            Strings{"package.script postinst ecosystem=deb package=demo "
                    "command=/bin/sh"});
  EXPECT_EQ(
      ExamineAt("demo_1.0_all.deb!/control.tar!/config", "config", AsBytes("x"))
          .Lines(),
      Strings{"package.script config ecosystem=deb package=demo"});
  EXPECT_TRUE(
      ExamineAt("demo_1.0_all.deb!/data.tar!/config", "config", kPostinst)
          .facts.empty());
  EXPECT_TRUE(
      ExamineAt("demo_1.0_all.deb!/control.tar!/control", "control", kPostinst)
          .facts.empty());
}

TEST(PackagesTest, KnowsScriptsOfInstalledPackages) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"var/lib/dpkg/info/bash.postinst",
       "package.script postinst ecosystem=deb package=bash command=/bin/sh"},
      {"usr/lib/opkg/info/base-files.prerm",
       "package.script prerm ecosystem=opkg package=base-files "
       "command=/bin/sh"},
      {".post-install",
       "package.script post-install ecosystem=apk command=/bin/sh"},
      {"extconf.rb", "package.script extconf ecosystem=gem"},
      {"a/binding.gyp",
       "package.script install ecosystem=npm command=node-gyp rebuild"},
      {"lib/sitecustomize.py", "package.script sitecustomize ecosystem=python"},
  };
  for (const auto& [path, line] : cases) {
    EXPECT_EQ(Examine(kPackages, path, kPostinst).Lines(),
              Strings{std::string(line)});
  }
}

TEST(PackagesTest, SeesCodeThatPythonRuns) {
  EXPECT_EQ(Examine(kPackages, "site-packages/demo.pth", kPth).Lines(),
            Strings{"package.script pth ecosystem=python command=import "
                    "demo_hook; demo_hook.nothing()"});
  EXPECT_EQ(Examine(kPackages, "setup.py", "setup(cmdclass={'install': X})")
                .Values("package.script"),
            Strings{"cmdclass"});
  EXPECT_TRUE(Examine(kPackages, "setup.py", "setup(name='x')").facts.empty());
}

TEST(PackagesTest, TakesNoOtherFileForAHook) {
  for (const std::string_view text :
       {"", "{", "[]", "{}", "null", R"({"scripts":"x"})",
        R"({"scripts":{"test":"x"}})", R"({"scripts":{"install":7}})",
        R"({"scripts":{"install":""}})", R"({"scripts":null})"}) {
    EXPECT_TRUE(Examine(kPackages, "package.json", text).facts.empty()) << text;
  }
  for (const std::string_view path :
       {"usr/share/postinst.txt", "info/x.postinst", "usr/bin/postinst",
        "a.post-install", "control"}) {
    EXPECT_TRUE(Examine(kPackages, path, kPostinst).facts.empty()) << path;
  }
}

TEST(PackagesTest, DamageNeverLeadsOutside) {
  Sweep(kPackages, "package.json", kManifest);
  Sweep(kPackages, "postinst", kPostinst);
  Sweep(kPackages, "x.pth", kPth);
}

}  // namespace
}  // namespace assay::facts
