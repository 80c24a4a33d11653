#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

struct Database {
  std::string_view sample;
  std::string_view place;
};
// Written by SQLite 3.40 and Berkeley DB 5.3, with the headers that rpm 4.18
// stored; the ndb by hand after rpmpkg.c, as Debian's rpm has none.
constexpr Database kDatabases[] = {
    {"cataloguers/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite"},
    {"cataloguers/rpm/Packages.db", "usr/lib/sysimage/rpm/Packages.db"},
    {"cataloguers/rpm/Packages.little", "var/lib/rpm/Packages"},
    {"cataloguers/rpm/Packages.big", "a/var/lib/rpm/Packages"},
};

std::size_t Anomalies(const Observations& seen) {
  std::size_t count = 0;
  for (const Fact& fact : seen.facts) {
    count += fact.kind == "anomaly" && fact.value == "rpmdb.damaged" ? 1U : 0U;
  }
  return count;
}

// What `rpm -q --queryformat` says of the two packages; rows may come in any
// order, as the hash has them.
TEST(RpmTest, ReadsEachKindOfDatabase) {
  for (const auto& [sample, place] : kDatabases) {
    const auto [understood, seen] = ExamineFile(kRpm, place, Sample(sample));
    EXPECT_TRUE(understood) << sample;
    EXPECT_EQ(Anomalies(seen), 0U) << sample;
    std::vector<std::string> purls;
    for (const ComponentEvidence& one : seen.components) {
      if (one.component.type != kFileListType) {
        purls.push_back(one.component.purl);
      }
    }
    std::sort(purls.begin(), purls.end());
    EXPECT_EQ(purls,
              (std::vector<std::string>{
                  "pkg:rpm/sample-libs@2.4.1-3.el9?arch=noarch",
                  "pkg:rpm/sample-tool@2.4.1-3.el9?arch=noarch&epoch=1"}))
        << sample;
  }
}

TEST(RpmTest, GivesTheFilesAndTheirDigests) {
  const auto seen = ExamineFile(kRpm, "root/var/lib/rpm/rpmdb.sqlite",
                                Sample("cataloguers/rpm/rpmdb.sqlite"))
                        .seen;
  ASSERT_EQ(seen.components.size(), 3U);
  const Component& tool = seen.components[1].component;
  EXPECT_EQ(tool.version, "1:2.4.1-3.el9");
  EXPECT_EQ(tool.supplier, "Example Networks");
  EXPECT_EQ(tool.licences, std::vector<std::string>{"MIT AND Zlib"});
  EXPECT_EQ(tool.source_name, "sample-tool");
  EXPECT_EQ(tool.source_version, "2.4.1-3.el9");
  const ComponentEvidence& list = seen.components[2];
  EXPECT_EQ(list.component.type, kFileListType);
  EXPECT_EQ(list.component.files,
            (std::vector<std::string>{
                "root/etc/sample.conf", "root/usr/bin/alias",
                "root/usr/bin/sample", "root/var/log/sample.log"}));
  ASSERT_EQ(list.file_digests.size(), 4U);
  EXPECT_EQ(list.file_digests[0].hex, "") << "a configuration file";
  EXPECT_EQ(list.file_digests[1].hex, "") << "a link";
  // SHA-256 of "abc", FIPS 180-2 appendix B.1.
  EXPECT_EQ(list.file_digests[2].hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(list.file_digests[3].hex, "") << "a ghost";
}

TEST(RpmTest, OtherFilesAreNotItsConcern) {
  const Bytes sqlite = Sample("cataloguers/rpm/rpmdb.sqlite");
  for (const std::string_view path :
       {"rpmdb.sqlite", "var/lib/rpm", "var/lib/rpm/rpmdb.sqlite-wal",
        "var/lib/rpm/a/Packages", "var/lib/rpmx/Packages", ""}) {
    EXPECT_FALSE(ExamineFile(kRpm, path, sqlite).understood) << path;
  }
  for (const std::string_view text :
       {"", "SQLite format 3", "RpmQ", "not a database at all"}) {
    EXPECT_FALSE(
        ExamineFile(kRpm, "var/lib/rpm/Packages", AsBytes(text)).understood)
        << text;
  }
}

TEST(RpmTest, DamageIsToldAndTheRestReadOn) {
  Bytes ndb = Sample("cataloguers/rpm/Packages.db");
  ndb[32 + 8] ^= 0x40;  // the first slot's block
  const auto seen = ExamineFile(kRpm, "var/lib/rpm/Packages.db", ndb).seen;
  EXPECT_EQ(Anomalies(seen), 1U);
  ASSERT_EQ(seen.components.size(), 2U);
  EXPECT_EQ(seen.components[0].component.name, "sample-tool");
}

TEST(RpmTest, PageLoopsAndLyingSizesEnd) {
  // SQLite: the root of Packages says that it is its own right-hand page.
  Bytes sqlite = Sample("cataloguers/rpm/rpmdb.sqlite");
  for (std::size_t page = 512; page + 512 <= sqlite.size(); page += 512) {
    sqlite[page] = 0x05;
    sqlite[page + 8] = sqlite[page + 9] = sqlite[page + 10] = 0;
    sqlite[page + 11] = static_cast<std::uint8_t>(page / 512 + 1);
  }
  EXPECT_GE(
      Anomalies(ExamineFile(kRpm, "var/lib/rpm/rpmdb.sqlite", sqlite).seen),
      1U);
  // ndb: every slot page there could be, in a file of one.
  Bytes ndb = Sample("cataloguers/rpm/Packages.db");
  ndb[12] = ndb[13] = ndb[14] = ndb[15] = 0xff;
  const auto seen = ExamineFile(kRpm, "var/lib/rpm/Packages.db", ndb).seen;
  EXPECT_GE(Anomalies(seen), 2U);
  EXPECT_LE(Anomalies(seen), 32U);
}

TEST(RpmTest, SurvivesDamage) {
  for (const auto& [sample, place] : kDatabases) {
    SweepContent(kRpm, place, Sample(sample));
  }
}

}  // namespace
}  // namespace assay::sbom
