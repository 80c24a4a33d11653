#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/archive_writer.h"
#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAr;
namespace {

using testing::Attempt;
using testing::Fingerprint;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordingSink;
using testing::Sample;

std::string Entry(std::string name, const std::string& content,
                  std::string size = {}) {
  name.resize(16, ' ');
  size = size.empty() ? std::to_string(content.size()) : size;
  size.resize(10, ' ');
  return name + "0           0     0     100644  " + size + "`\n" + content +
         (content.size() % 2 != 0 ? "\n" : "");
}

Bytes Archive(const std::vector<std::string>& entries) {
  std::string all = "!<arch>\n";
  for (const std::string& entry : entries) {
    all += entry;
  }
  return CopyOf(AsBytes(all));
}

TEST(ArTest, ReadsADebianPackageAndAccountsForEveryByte) {
  const Bytes image = Sample("formats/ar/deb.hex");
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kAr, image, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, image.size());
  EXPECT_EQ(kAr.measure(image).value_or(0), image.size());
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(sink.members[0].member.name, "debian-binary");
  EXPECT_EQ(AsText(sink.members[0].content), "2.0\n");
  EXPECT_EQ(sink.members[1].member.name, "control.tar.xz");
  EXPECT_EQ(AsText(sink.members[2].content), "data!");
  EXPECT_EQ(sink.members[2].member.meta.mode, 0644U);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(ArTest, ReadsLongNamesOfGnuAndBsd) {
  const std::string name = "a-name-of-more-than-16.o";
  const Bytes gnu = Sample("formats/ar/long-name.hex");
  const Bytes bsd = testing::WriteArchive(
      "arbsd", {{.name = name, .meta = {.mode = 0644}, .content = "long"}});
  for (const Bytes& image : {gnu, bsd}) {
    RecordingSink sink;
    const auto result = Unpack(kAr, image, sink);
    ASSERT_TRUE(result) << result.error().what;
    ASSERT_NE(sink.Find(name), nullptr);
    EXPECT_EQ(AsText(sink.Find(name)->content), "long");
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(ArTest, ReadsTheSameFromAStream) {
  RecordingSink sink;
  ASSERT_TRUE(UnpackStream(kAr, Sample("formats/ar/deb.hex"), sink, 7));
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(AsText(sink.members[2].content), "data!");
}

TEST(ArTest, LinkerTablesAreMetadataAndNoMembers) {
  const Bytes image = Archive({Entry("/", "index"), Entry("b.o/", "x")});
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAr, image, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "b.o");
}

TEST(ArTest, APaddingByteWithAMeaningIsSlack) {
  Bytes image = Archive({Entry("a", "x"), Entry("b", "yy")});
  image[8 + 60 + 1] = 'H';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAr, image, sink));
  EXPECT_EQ(
      std::count_if(sink.regions.begin(), sink.regions.end(),
                    [](const Region& r) { return r.use == RegionUse::kSlack; }),
      1);
}

struct DebCase {
  std::vector<std::string> members;
  std::string anomaly;  // empty: none
};

TEST(ArTest, NoticesWhatDoesNotBelongIntoADebianPackage) {
  const std::string control = Entry("control.tar.xz", "c");
  const std::string data = Entry("data.tar.xz", "d");
  const std::string unexpected = "ar.deb-unexpected-member";
  const DebCase cases[] = {
      {{control, data}, ""},
      {{Entry("control.tar", "c"), Entry("data.tar.zst/", "d")}, ""},
      {{control, data, Entry("_gpgorigin", "s")}, "ar.deb-signature-member"},
      {{control, data, Entry("_data.tar.gz", "evil")}, unexpected},
      {{control, data, data}, unexpected},
      {{control, Entry("data.tar.gz", "e"), data}, unexpected},
      {{data, control}, unexpected},
      {{control, Entry("extra", "e"), data}, unexpected},
      {{control, Entry("/", "evil"), data}, unexpected},
      {{control, Entry("data.tar.exe", "d")}, unexpected},
      {{control}, "ar.deb-missing-member"},
      {{}, "ar.deb-missing-member"},
  };
  for (const DebCase& c : cases) {
    std::vector<std::string> all = {Entry("debian-binary", "2.0\n")};
    all.insert(all.end(), c.members.begin(), c.members.end());
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kAr, Archive(all), sink));
    EXPECT_EQ(sink.anomalies.empty(), c.anomaly.empty());
    EXPECT_TRUE(c.anomaly.empty() || sink.Saw(c.anomaly)) << c.anomaly;
  }
}

TEST(ArTest, OtherArchivesMayHoldAnyMembers) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kAr, Archive({Entry("a", "1"), Entry("debian-binary", "2.0\n")}), sink));
  EXPECT_TRUE(sink.anomalies.empty());
}

TEST(ArTest, RefusesHeadersThatAreNoNumbersAndNamesThePlace) {
  const std::string refused[] = {
      Entry("a", "x", "12abc"),
      Entry("a", "x", "-1"),
      Entry("a", "x", " 1"),
      Entry("a", "x", "0x1"),
      Entry("/7", "x"),
      Entry("#1/99", "x"),
      Entry("#1/x", "x"),
      Entry("a", "x", "9999999999"),
      Entry("/99999999999999", "x"),
      std::string(60, ' '),
  };
  for (const std::string& bad : refused) {
    RecordingSink sink;
    const auto result = Unpack(kAr, Archive({Entry("good", "1"), bad}), sink);
    ASSERT_FALSE(result) << bad;
    EXPECT_NE(result.error().what.find("offset "), std::string::npos)
        << result.error().what;
    EXPECT_EQ(sink.members.size(), 1U) << "what came before stands";
  }
}

TEST(ArTest, EndsWhereNoHeaderBeginsWhenCarved) {
  const Bytes image = Sample("formats/ar/deb.hex");
  const Bytes longer = testing::Concat(image, testing::Hex("00112233"));
  EXPECT_EQ(kAr.measure(longer).value_or(0), image.size());
  EXPECT_FALSE(
      kAr.matches(AsBytes("!<arch>\nis what ar archives start with, "
                          "says the manual page of ar(5) ...")));
  EXPECT_FALSE(kAr.measure(AsBytes("!<arch>\n")));
}

TEST(ArTest, APrefixFailsOrMissesMembers) {
  ForEachPrefix(kAr, Sample("formats/ar/deb.hex"), [](const Attempt& attempt) {
    // The last byte of the sample is padding.
    EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty() ||
                attempt.sink->members.size() == 3 || attempt.at == 8)
        << attempt.at;
  });
}

TEST(ArTest, EveryFlippedByteShows) {
  const Bytes image = Sample("formats/ar/deb.hex");
  RecordingSink good;
  ASSERT_TRUE(Unpack(kAr, image, good));
  ForEachFlip(kAr, image, [&](const Attempt& attempt) {
    // The mode's digits for the file type say nothing: all are files.
    const std::size_t in_header = (attempt.at - 8) % 64;
    const bool mode = attempt.at >= 8 && in_header >= 40 && in_header < 48;
    EXPECT_TRUE(!attempt.ok || mode ||
                Fingerprint(*attempt.sink) != Fingerprint(good))
        << attempt.at;
  });
}

}  // namespace
}  // namespace assay::formats
