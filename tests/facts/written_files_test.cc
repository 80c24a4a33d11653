#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;

const Bytes kPostinst = Sample("facts/written_files/postinst");

std::vector<WrittenText> WrittenBy(ByteView script) {
  Artifact artifact;
  artifact.inner_path = "DEBIAN/postinst";
  Observations seen;
  const Limits limits;
  EXPECT_FALSE(kWrittenFiles.examine({artifact, script, limits}, seen));
  EXPECT_TRUE(seen.facts.empty());
  return seen.written;
}

// "path: text" of each.
Strings TextsOf(std::string_view script) {
  Strings texts;
  for (const WrittenText& written : WrittenBy(AsBytes(script))) {
    texts.push_back(written.path + ": " + written.text);
  }
  return texts;
}

Strings FactsOf(const WrittenText& written) {
  testing::Examined seen;
  seen.facts = written.facts;
  return seen.Lines();
}

TEST(WrittenFilesTest, FindsWhatAScriptPutsInPlace) {
  const auto written = WrittenBy(kPostinst);
  Strings paths;
  for (const WrittenText& file : written) {
    paths.push_back(file.path);
  }
  EXPECT_EQ(paths,
            (Strings{"etc/apt/sources.list.d/demo.list",
                     "root/.ssh/authorized_keys", "etc/passwd",
                     "etc/systemd/system/demo.service", "etc/ssh/sshd_config",
                     "etc/cron.d/demo", "var/spool/cron/crontabs/root"}));
  ASSERT_EQ(written.size(), 7U);
  EXPECT_EQ(written[0].text,
            "# made by hand\n"
            "deb [trusted=yes] http://packages.example.org/debian stable "
            "main\n");
  EXPECT_EQ(written[4].text, "PermitRootLogin yes\n");
}

TEST(WrittenFilesTest, ReadsItAsThatFile) {
  const auto written = WrittenBy(kPostinst);
  ASSERT_EQ(written.size(), 7U);
  EXPECT_EQ(FactsOf(written[2])[0].substr(0, 14), "account helper");
  EXPECT_EQ(FactsOf(written[1])[0].substr(0, 18), "ssh.authorized_key");
  for (const WrittenText& file : written) {
    for (const Fact& fact : file.facts) {
      ASSERT_TRUE(fact.place) << file.path;
      EXPECT_LE(fact.place->end(), kPostinst.size());
    }
  }
}

TEST(WrittenFilesTest, KnowsTheWaysToWrite) {
  const struct {
    std::string script;
    Strings texts;
  } kCases[] = {
      {"tee /etc/a <<'E'\nx\nE\n", {"etc/a: x\n"}},
      {"cat <<E | sudo tee -a /etc/a >/dev/null\nx\nE\n", {"etc/a: x\n"}},
      {"dd of=/etc/a <<E\nx\nE\n", {"etc/a: x\n"}},
      {"install -m 600 /dev/stdin /etc/a <<E\nx\nE\n", {"etc/a: x\n"}},
      {"printf '%s\\n' a b >/etc/a", {"etc/a: a\nb\n"}},
      {"echo 'a\\nb' >/etc/a", {"etc/a: a\nb\n"}},
      {"echo eA== | base64 -d > /etc/a", {"etc/a: x"}},
      {"echo a >/etc/a; echo b >>/etc/a", {"etc/a: a\nb\n"}},
      {"f=/etc/a; echo a >> $f", {"etc/a: a\n"}},
      {"echo a > ${DESTDIR}/etc/a", {"etc/a: a\n"}},
      {"sed -i '/^x/a y z' /etc/a", {"etc/a: y z\n"}},
      {"sed -i -e '$a y z' /etc/a", {"etc/a: y z\n"}},
      {"cat >/etc/a <<< word", {"etc/a: word\n"}},
      {"sed -i 's/^x.*/y z/;s#a#b#g' /etc/a", {"etc/a: y z\nb\n"}},
      // What is no file of the system, and what says nothing.
      {"echo a > conftest.c", {}},
      {"echo a > /dev/null 2>&1", {}},
      {"cat /etc/x > /etc/a", {}},
      {"sed -n 's/a/b/p' /etc/a", {}},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(TextsOf("#!/bin/sh\n" + one.script), one.texts) << one.script;
  }
}

// What a bound leaves out, the report says.
TEST(WrittenFilesTest, IsBoundedAndSaysSo) {
  const auto echoes = [](int count) {
    std::string script = "#!/bin/sh\n";
    for (int i = 0; i < count; ++i) {
      script += "echo a > /etc/" + std::to_string(i) + "\n";
    }
    return script;
  };
  const std::string large =
      "#!/bin/sh\ncat <<E >/etc/a\n" + std::string(2UL << 20U, 'x') + "\nE\n";
  const struct {
    std::string script;
    std::size_t files;
    bool complete;
  } kCases[] = {
      {echoes(500), 500, true}, {echoes(1500), 1024, false}, {large, 0, false}};
  for (const auto& one : kCases) {
    const auto seen = Examine(kWrittenFiles, "x", AsBytes(one.script));
    EXPECT_EQ(seen.facts.empty(), one.complete) << one.files;
    for (const Fact& fact : seen.facts) {
      EXPECT_EQ(fact.kind, "facts.truncated");
    }
    Artifact artifact;
    Observations all;
    EXPECT_FALSE(
        kWrittenFiles.examine({artifact, AsBytes(one.script), Limits{}}, all));
    EXPECT_EQ(all.written.size(), one.files);
  }
}

TEST(WrittenFilesTest, SurvivesNestingAndDamage) {
  std::string nested = "a";
  for (int i = 0; i < 60; ++i) {
    nested = "{ " + nested + " | b; } > /etc/x";
  }
  EXPECT_LE(WrittenBy(AsBytes("#!/bin/sh\n" + nested)).size(), 1U);
  testing::Sweep(kWrittenFiles, "DEBIAN/postinst", kPostinst);
}

}  // namespace
}  // namespace assay::facts
