// Zip archives in segments, put together. tests/oracle/volumes.sh has those of
// zip(1), which makes none below 64 KiB.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kZip;
namespace {

using testing::RecordingSink;

std::string Le(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) {
    bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  }
  return bytes;
}

struct File {
  std::string name = {}, content = {};
  unsigned disk = 0;
  std::uint64_t local_at = 0;
};

std::string Local(const File& file) {
  const std::size_t size = file.content.size();
  return "PK\x03\x04" + Le(20, 2) + Le(0, 4) + Le(0x210000, 4) +
         Le(Crc32(AsBytes(file.content)), 4) + Le(size, 4) + Le(size, 4) +
         Le(file.name.size(), 2) + Le(0, 2) + file.name + file.content;
}

std::string Central(const File& file) {
  const std::size_t size = file.content.size();
  return "PK\x01\x02" + Le(0x314, 2) + Le(20, 2) + Le(0, 4) + Le(0x210000, 4) +
         Le(Crc32(AsBytes(file.content)), 4) + Le(size, 4) + Le(size, 4) +
         Le(file.name.size(), 2) + Le(0, 4) + Le(file.disk, 2) + Le(0, 6) +
         Le(file.local_at, 4) + file.name;
}

// A marker, "a" in segment 0, "b" from segment 0 into 1, "c" in 2, and the
// directory there.
constexpr std::size_t kCut1 = 60;   // in the middle of b
constexpr std::size_t kCut2 = 110;  // behind b

std::vector<File> Files() {
  std::vector<File> files = {
      {"a", "first"}, {"b", std::string(43, 'b')}, {"c", "third"}};
  std::uint64_t at = 4;
  for (File& file : files) {
    file.disk = at < kCut1 ? 0 : 2;
    file.local_at = at - (file.disk == 0 ? 0 : kCut2);
    at += Local(file).size();
  }
  return files;
}

Bytes Joined(const std::vector<File>& files, unsigned last = 2) {
  std::string body = "PK\x07\x08";
  std::string central;
  for (const File& file : files) {
    body += Local(file);
    central += Central(file);
  }
  return CopyOf(AsBytes(body + central + "PK\x05\x06" + Le(last, 2) +
                        Le(last, 2) + Le(files.size(), 2) +
                        Le(files.size(), 2) + Le(central.size(), 4) +
                        Le(body.size() - kCut2, 4) + Le(0, 2)));
}

TEST(ZipSegmentsTest, OffsetsCountFromTheirSegment) {
  const Bytes zip = Joined(Files());
  EXPECT_TRUE(kZip.matches(zip));
  EXPECT_EQ(kZip.measure(zip).value_or(0), zip.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, zip, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(AsText(sink.Find("a")->content), "first");
  EXPECT_EQ(AsText(sink.Find("b")->content), std::string(43, 'b'));
  EXPECT_EQ(AsText(sink.Find("c")->content), "third");
  std::string why;
  EXPECT_TRUE(sink.Accounts(zip.size(), &why)) << why;
}

TEST(ZipSegmentsTest, EveryProperPrefixFails) {
  const Bytes zip = Joined(Files());
  testing::ForEachPrefix(kZip, zip, [&](const testing::Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kZip.measure(ByteView(zip).first(attempt.at)));
  });
}

TEST(ZipSegmentsTest, FlipsAreAccountedFor) {
  testing::ForEachFlip(kZip, Joined(Files()), [](const testing::Attempt&) {});
}

TEST(ZipSegmentsTest, AnEntryThatLeadsNowhereIsSaid) {
  for (const std::uint64_t offset : {1UL, 0xFFFFUL, 0xFFFFFFFEUL}) {
    auto files = Files();
    files[2].local_at = offset;
    RecordingSink sink;
    (void)Unpack(kZip, Joined(files), sink);
    EXPECT_FALSE(sink.anomalies.empty() && sink.Find("c")->problem.empty() &&
                 AsText(sink.Find("c")->content) != "third")
        << offset;
  }
  auto files = Files();
  files[2].name = "d";  // and so is its local header
  Bytes zip = Joined(files);
  const std::size_t at = AsText(zip).find(
      "d"
      "third");
  zip[at] = 'x';
  RecordingSink sink;
  (void)Unpack(kZip, zip, sink);
  EXPECT_FALSE(sink.anomalies.empty());
}

TEST(ZipSegmentsTest, AMarkerAloneIsNoZip) {
  EXPECT_FALSE(kZip.matches(AsBytes("PK\x07\x08")));
  EXPECT_FALSE(kZip.matches(AsBytes("PK\x07\x08PK\x03\x04")));
  EXPECT_FALSE(kZip.matches(
      AsBytes("PK\x07\x08PK\x07\x08PK\x03\x04" + std::string(40, '\0'))));
}

}  // namespace
}  // namespace assay::formats
