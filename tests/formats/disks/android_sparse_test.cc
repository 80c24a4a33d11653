#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAndroidSparse;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;

const Bytes kImage = testing::Sample("formats/android_sparse/chunks.hex");

// What samples/formats/android_sparse/make.sh puts in.
std::string Guest() {
  std::string numbers;
  for (int i = 1; i <= 400; ++i) {
    numbers += fmt::format("{}\n", i);
  }
  numbers.resize(1024);
  std::string text = numbers + std::string(2048, '\0') + std::string(1024, 'Z');
  for (int i = 401; i <= 600; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(5120);
  return text;
}

void Put(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void Read(ByteView image, RecordingSink& sink) {
  const auto result = Unpack(kAndroidSparse, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(
      sink.Accounts(kAndroidSparse.measure(image).value_or(image.size()), &why))
      << why;
}

// Blocks of 4 bytes: AAAA, twice WXYZ, three that do not matter, a CRC.
Bytes EveryChunk() {
  Bytes image =
      Hex("3aff26ed 0100 0000 1c00 0c00 04000000 06000000 04000000 00000000"
          "c1ca 0000 01000000 10000000 41414141"
          "c2ca 0000 02000000 10000000 5758595a"
          "c3ca 0000 03000000 0c000000"
          "c4ca 0000 00000000 10000000 00000000");
  const std::string out = std::string("AAAAWXYZWXYZ") + std::string(12, '\0');
  Put(image, image.size() - 4, Crc32(AsBytes(out)));
  return image;
}

TEST(AndroidSparseTest, ReadsWhatImg2simgWrote) {
  EXPECT_TRUE(kAndroidSparse.matches(kImage));
  EXPECT_EQ(kAndroidSparse.measure(Concat(kImage, Bytes(99, 7))).value_or(0),
            kImage.size());
  RecordingSink sink;
  Read(kImage, sink);
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].problem, "");
  EXPECT_EQ(AsText(sink.members[0].content), Guest());
}

TEST(AndroidSparseTest, ReadsEveryTypeOfChunk) {
  RecordingSink sink;
  Read(EveryChunk(), sink);
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(AsText(sink.members[0].content),
            std::string("AAAAWXYZWXYZ") + std::string(12, '\0'));
}

TEST(AndroidSparseTest, WrongChecksumsAreSaid) {
  Bytes chunk = EveryChunk();
  chunk.back() ^= 1U;
  RecordingSink sink;
  Read(chunk, sink);
  EXPECT_TRUE(sink.Saw("android_sparse.crc-mismatch"));
  Bytes header = EveryChunk();
  Put(header, 24, 12345);
  RecordingSink other;
  Read(header, other);
  EXPECT_TRUE(other.Saw("android_sparse.crc-mismatch"));
  Put(header, 24, *ReadAt<Le32>(header, header.size() - 4));
  RecordingSink right;
  Read(header, right);
  EXPECT_TRUE(right.anomalies.empty());
}

TEST(AndroidSparseTest, AWrongNumberOfBlocksIsSaid) {
  Bytes image = EveryChunk();
  Put(image, 16, 7);
  EXPECT_FALSE(kAndroidSparse.measure(image));
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("android_sparse.size-mismatch"));
  EXPECT_EQ(sink.members[0].content.size(), 28U);
}

TEST(AndroidSparseTest, ChunksThatLieEndTheImage) {
  const struct {
    std::size_t at;
    std::uint32_t value;
  } lies[] = {{28, 0xCAC0}, {28, 0xCAC5}, {32, 2}, {32, ~0U}, {36, 17},
              {36, 11},     {36, ~0U},    {52, 0}, {68, 13}};
  for (const auto& lie : lies) {
    Bytes image = EveryChunk();
    Put(image, lie.at, lie.value);
    EXPECT_FALSE(kAndroidSparse.measure(image)) << lie.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kAndroidSparse, image, sink)) << lie.at;
    ASSERT_EQ(sink.members.size(), 1U);
  }
}

TEST(AndroidSparseTest, LyingHeadersAreRefused) {
  const struct {
    std::size_t at;
    std::uint8_t value;
  } lies[] = {{0, 0}, {4, 2}, {8, 27}, {10, 11}, {12, 3}};
  for (const auto& lie : lies) {
    Bytes image = EveryChunk();
    image[lie.at] = lie.value;
    EXPECT_FALSE(HasMagic(kAndroidSparse, image) &&
                 kAndroidSparse.matches(image))
        << lie.at;
  }
}

TEST(AndroidSparseTest, AHeaderBehindTheEndIsTruncated) {
  const Bytes image =
      Hex("3aff26ed 0100 0000 ff1c 0c00 04000000 00000000 00000000 00000000");
  EXPECT_FALSE(kAndroidSparse.measure(image));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kAndroidSparse, image, sink));
}

// A pattern that fills 16 TiB, and a hole of as many.
TEST(AndroidSparseTest, BombsStopAtTheLimit) {
  for (const char* type : {"c2ca", "c3ca"}) {
    Bytes image = Hex(fmt::format(
        "3aff26ed 0100 0000 1c00 0c00 00100000 ffffffff 01000000 00000000"
        "{} 0000 ffffffff",
        type));
    image = Concat(image,
                   type[1] == '2' ? Hex("10000000 5758595a") : Hex("0c000000"));
    ASSERT_TRUE(kAndroidSparse.measure(image));
    RecordingSink sink;
    Read(image, sink);
    EXPECT_NE(sink.members[0].problem, "");
  }
}

TEST(AndroidSparseTest, SurvivesEveryPrefixAndFlip) {
  for (const Bytes& image : {kImage, EveryChunk()}) {
    testing::SweepPrefixes(kAndroidSparse, image);
    testing::SweepFlips(kAndroidSparse, image);
    for (std::size_t size = 0; size < image.size(); ++size) {
      RecordingSink sink;
      EXPECT_FALSE(Unpack(kAndroidSparse, ByteView(image).first(size), sink));
    }
  }
}

}  // namespace
}  // namespace assay::formats
