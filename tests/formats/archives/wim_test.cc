#include <gtest/gtest.h>

#include <set>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/volume_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/digest.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kWim;
namespace {

using testing::Problems;
using testing::PutLe;
using testing::RecordingSink;
using testing::Sample;

const Bytes kStored = Sample("formats/wim/stored.hex");
const Bytes kXpress = Sample("formats/wim/xpress.hex");
const Bytes kLzx = Sample("formats/wim/lzx.hex");
const Bytes kSolid = Sample("formats/wim/solid.hex");
const Bytes kTwo = Sample("formats/wim/two.hex");
const Bytes kLzms = Sample("formats/wim/lzms.hex");

constexpr std::size_t kHeader = 208;
constexpr std::string_view kSu = "inert: not a program\n";

std::string Lines(int last, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) {
    for (int line = 1; line <= last; ++line) {
      text += std::to_string(line) + "\n";
    }
  }
  return text;
}

// An image of one directory, with its parts as the specification has them.
class Builder {
 public:
  struct Stream {
    std::string name, content;
  };
  // Returns where the entry begins in the metadata.
  std::size_t Add(const std::string& name, const std::string& content,
                  const std::vector<Stream>& streams = {},
                  std::uint32_t attributes = 0x80, std::uint64_t link = 0) {
    const std::size_t at = metadata_.size();
    PutEntry(name, content, streams.size(), attributes, link, 0);
    for (const Stream& stream : streams) {
      const std::size_t size = (38 + 2 * stream.name.size() + 2 + 7) / 8 * 8;
      const std::size_t begin = metadata_.size();
      metadata_.resize(begin + size);
      PutLe(metadata_, begin, size, 8);
      PutDigest(begin + 16, Keep(stream.content));
      PutLe(metadata_, begin + 36, 2 * stream.name.size(), 2);
      PutWide(begin + 38, stream.name);
    }
    return at;
  }
  // A directory whose entries are at `children`.
  std::size_t AddFolder(const std::string& name, std::uint64_t children) {
    const std::size_t at = metadata_.size();
    PutEntry(name, "", 0, 0x10, 0, children);
    return at;
  }
  Bytes& metadata() { return metadata_; }
  std::size_t first() const { return kFirst; }

  [[nodiscard]] Bytes Build() {
    Bytes metadata = metadata_;
    metadata.resize(metadata.size() + 8);  // the end of the directory
    Bytes image(kHeader);
    Bytes table;
    for (const std::string& content : contents_) {
      Append(image, table, AsBytes(content), 0);
    }
    Append(image, table, metadata, 2);
    PutResource(image, 48, image.size(), table.size());
    image.insert(image.end(), table.begin(), table.end());
    const std::string_view magic("MSWIM\0\0\0", 8);
    std::copy(magic.begin(), magic.end(), image.begin());
    PutLe(image, 8, kHeader, 4);
    PutLe(image, 12, 0x10D00, 4);
    PutLe(image, 40, 1, 2);
    PutLe(image, 42, 1, 2);
    PutLe(image, 44, 1, 4);
    return image;
  }

  Builder() {
    metadata_.resize(8);
    PutLe(metadata_, 0, 8, 4);
    PutEntry("", "", 0, 0x10, 0, kFirst);
    metadata_.resize(kFirst);
  }

 private:
  static constexpr std::size_t kFirst = 8 + 104 + 8;

  Bytes Keep(const std::string& content) {
    if (content.empty()) {
      return Bytes(20);
    }
    contents_.insert(content);
    return *BytesFromHex(
        DigestOf(DigestAlgorithm::kSha1, AsBytes(content)).hex);
  }
  void PutDigest(std::size_t at, const Bytes& digest) {
    std::copy(digest.begin(), digest.end(),
              metadata_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  void PutWide(std::size_t at, const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      metadata_.at(at + 2 * i) = static_cast<std::uint8_t>(text[i]);
    }
  }
  void PutEntry(const std::string& name, const std::string& content,
                std::size_t streams, std::uint32_t attributes,
                std::uint64_t link, std::uint64_t children) {
    const std::size_t at = metadata_.size();
    const std::size_t names = name.empty() ? 0 : 2 * name.size() + 2;
    const std::size_t size = (102 + names + 7) / 8 * 8;
    metadata_.resize(at + size);
    PutLe(metadata_, at, size, 8);
    PutLe(metadata_, at + 8, attributes, 4);
    PutLe(metadata_, at + 12, 0xFFFFFFFF, 4);
    PutLe(metadata_, at + 16, children, 8);
    PutDigest(at + 64, Keep(content));
    PutLe(metadata_, at + 88, link, 8);
    PutLe(metadata_, at + 96, streams, 2);
    PutLe(metadata_, at + 100, 2 * name.size(), 2);
    PutWide(at + 102, name);
  }
  static void PutResource(Bytes& into, std::size_t at, std::size_t offset,
                          std::size_t size, std::uint8_t flags = 0) {
    PutLe(into, at, size, 7);
    into.at(at + 7) = flags;
    PutLe(into, at + 8, offset, 8);
    PutLe(into, at + 16, size, 8);
  }
  static void Append(Bytes& image, Bytes& table, ByteView content,
                     std::uint8_t flags) {
    const std::size_t at = table.size();
    table.resize(at + 50);
    PutResource(table, at, image.size(), content.size(), flags);
    PutLe(table, at + 24, 1, 2);
    PutLe(table, at + 26, 1, 4);
    const auto digest =
        *BytesFromHex(DigestOf(DigestAlgorithm::kSha1, content).hex);
    std::copy(digest.begin(), digest.end(),
              table.begin() + static_cast<std::ptrdiff_t>(at + 30));
    image.insert(image.end(), content.begin(), content.end());
  }

  Bytes metadata_;
  std::set<std::string> contents_;
};

TEST(WimTest, ReadsEveryCompression) {
  for (const Bytes& image : {kStored, kXpress, kLzx, kSolid}) {
    testing::ExpectGood(kWim, image);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kWim, image, sink));
    const auto* su = sink.Find("bin/su");
    ASSERT_NE(su, nullptr);
    EXPECT_EQ(AsText(su->content), kSu);
    EXPECT_EQ(su->member.meta.mode, 04755U);
    EXPECT_EQ(su->member.meta.mtime, 1'000'000'000);
    EXPECT_EQ(sink.Find("bin/su2")->member.meta.type, FileType::kHardLink);
    EXPECT_EQ(AsText(sink.Find("etc/same")->content), kSu);
    EXPECT_EQ(AsText(sink.Find("etc/\u03A9")->content), "wide\n");
    EXPECT_EQ(sink.Find("etc/link")->member.meta.type, FileType::kSymlink);
    EXPECT_EQ(sink.Find("etc/link")->member.meta.link_target, "..\\bin\\su");
    EXPECT_EQ(sink.Find("etc/numbers")->member.meta.uid, 100U);
    EXPECT_EQ(sink.Find("dev/console")->member.meta.device_major, 5U);
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content),
              image == kStored ? Lines(30, 1) : Lines(2000, 4));
  }
}

TEST(WimTest, SeveralImagesAreFoldersOfTheirNumber) {
  testing::ExpectGood(kWim, kTwo);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, kTwo, sink));
  EXPECT_EQ(AsText(sink.Find("1/etc/numbers")->content), Lines(30, 1));
  EXPECT_EQ(AsText(sink.Find("2/etc/numbers")->content), "changed\n");
  EXPECT_EQ(AsText(sink.Find("2/bin/su")->content), kSu);
}

TEST(WimTest, NamedStreamsStandBesideTheirFile) {
  Builder builder;
  builder.Add("file", "", {{"", "content"}, {"hidden", "in a stream"}});
  const Bytes image = builder.Build();
  testing::ExpectGood(kWim, image);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, image, sink));
  EXPECT_EQ(AsText(sink.Find("file")->content), "content");
  EXPECT_EQ(AsText(sink.Find("file:hidden")->content), "in a stream");
}

TEST(WimTest, AttributesOfWindowsAreKept) {
  Builder builder;
  builder.Add("secret", "text", {}, 0x7);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, builder.Build(), sink));
  const auto& xattrs = sink.Find("secret")->member.meta.xattrs;
  ASSERT_FALSE(xattrs.empty());
  EXPECT_EQ(xattrs[0].second, "read-only hidden system");
}

TEST(WimTest, LzmsIsSaidToBeUnsupported) {
  EXPECT_TRUE(kWim.matches(kLzms));
  RecordingSink sink;
  EXPECT_EQ(Unpack(kWim, kLzms, sink).error().code, ErrorCode::kUnsupported);
  EXPECT_GT(sink.members.size(), 0U);
  EXPECT_EQ(Problems(sink), sink.members.size());
}

TEST(WimTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kStored, kXpress, kLzx, kSolid, kTwo}) {
    testing::CheckVolumePrefixes(kWim, image, 41);
  }
}

TEST(WimTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& image : {kStored, kXpress, kLzx, kSolid, kTwo}) {
    testing::SweepImage(kWim, image, 23);
  }
}

std::string Contents(const RecordingSink& sink) {
  std::string all;
  for (const auto& member : sink.members) {
    all += member.member.name + '\0' + std::string(AsText(member.content));
  }
  return all;
}

// SHA-1 covers all content, so that no damage to it goes unsaid.
TEST(WimTest, FlippedContentIsSaid) {
  for (const Bytes& image : {kStored, kXpress, kLzx}) {
    const std::size_t end =
        *ReadAt<Le64>(image, 56);  // where the table of streams begins
    RecordingSink good;
    ASSERT_TRUE(Unpack(kWim, image, good));
    std::size_t unsaid = 0;  // in bits behind the last symbol of a chunk
    for (std::size_t at = kHeader; at < end; at += 17) {
      Bytes damaged = image;
      damaged[at] ^= 0x10U;
      RecordingSink sink;
      const auto result = Unpack(kWim, damaged, sink);
      const bool said =
          !result || !sink.anomalies.empty() || Problems(sink) > 0;
      EXPECT_TRUE(said || Contents(sink) == Contents(good)) << at;
      unsaid += said ? 0U : 1U;
    }
    EXPECT_LE(unsaid, 2U);
  }
}

TEST(WimTest, RefusesNoise) {
  testing::CheckRefusesNoise(kWim, kStored, 12);
}

TEST(WimTest, HeadersThatContradictThemselvesAreNotWim) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong :
       std::initializer_list<Case>{{8, 200, 4},       // size of the header
                                   {12, 0x10C00, 4},  // version
                                   {16, 0x2, 4},      // compressed, by nothing
                                   {40, 0, 2},        // part 0
                                   {42, 0, 2},        // of 0
                                   {56, 4, 8},        // a table in the header
                                   {64, 1, 8}}) {     // that has two sizes
    Bytes image = kStored;
    PutLe(image, wrong.at, wrong.value, wrong.size);
    EXPECT_FALSE(kWim.matches(image)) << wrong.at;
    EXPECT_FALSE(kWim.measure(image)) << wrong.at;
  }
  Bytes image = kLzx;
  PutLe(image, 20, 33000, 4);  // chunks that are no power of two
  EXPECT_FALSE(kWim.matches(image));
}

TEST(WimTest, AnIntegrityTableThatDiffersIsSaid) {
  Bytes image = kStored;
  const std::size_t table = *ReadAt<Le64>(image, 124 + 8);
  image[table + 12] ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, image, sink));
  EXPECT_TRUE(sink.Saw("wim.integrity-mismatch"));
  PutLe(image, table + 8, 0, 4);  // pieces of no byte
  RecordingSink none;
  ASSERT_TRUE(Unpack(kWim, image, none));
  EXPECT_TRUE(none.Saw("wim.integrity-mismatch"));
}

TEST(WimTest, AMissingStreamIsSaid) {
  Builder builder;
  const std::size_t at = builder.Add("file", "content");
  builder.metadata().at(at + 64) ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, builder.Build(), sink));
  EXPECT_TRUE(sink.Saw("wim.missing-stream"));
  EXPECT_TRUE(sink.Saw("wim.unlisted-stream"));  // and is given all the same
  EXPECT_EQ(AsText(sink.members.back().content), "content");
}

TEST(WimTest, DirectoriesInACircleEnd) {
  Builder builder;
  builder.AddFolder("again", builder.first());
  RecordingSink sink;
  (void)Unpack(kWim, builder.Build(), sink);
  EXPECT_TRUE(sink.Saw("wim.directory-again"));
}

TEST(WimTest, NamesThatArePathsAreSaid) {
  Builder builder;
  builder.Add("../up", "content");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, builder.Build(), sink));
  EXPECT_TRUE(sink.Saw("wim.odd-name"));
}

TEST(WimTest, EntriesThatLieAboutTheirLengthAreBounded) {
  for (const std::size_t field : {0U, 96U, 98U, 100U}) {
    Builder builder;
    const std::size_t at = builder.Add("file", "content");
    PutLe(builder.metadata(), at + field, 0xFFFF, 2);
    RecordingSink sink;
    const auto result = Unpack(kWim, builder.Build(), sink);
    EXPECT_TRUE(!result || !sink.anomalies.empty()) << field;
  }
}

TEST(WimTest, AnotherNumberOfImagesIsSaid) {
  Bytes image = kTwo;
  PutLe(image, 44, 3, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, image, sink));
  EXPECT_TRUE(sink.Saw("wim.image-count"));
}

TEST(WimTest, StreamsOfOtherPartsAreOpaque) {
  Bytes image = kStored;
  PutLe(image, 42, 2, 2);
  const std::size_t table = *ReadAt<Le64>(image, 56);
  std::size_t first = table;
  while ((image[first + 7] & 2U) != 0) {  // what describes the image
    first += 50;
  }
  PutLe(image, first + 24, 2, 2);
  RecordingSink sink;
  (void)Unpack(kWim, image, sink);
  EXPECT_GE(Problems(sink), 1U);
  EXPECT_NE(sink.Find("bin/su"), nullptr);
}

TEST(WimTest, AnUnfinishedFileIsSaid) {
  Bytes image = kTwo;
  image[16] |= 0x40U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kWim, image, sink));
  EXPECT_TRUE(sink.Saw("wim.unfinished"));
}

}  // namespace
}  // namespace assay::formats
