#include <gtest/gtest.h>

#include "tests/formats/filesystems/udf_samples.h"
#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUdf;
namespace {

using testing::ExpectedFile;
using testing::RecordingSink;

using namespace udf_samples;  // NOLINT(google-build-using-namespace)

const ExpectedFile kFiles[] = {
    {".", FileType::kDirectory, 0755},
    {"bin/su", FileType::kRegular, 04755},
    {"bin/su2", FileType::kHardLink, 04755, 0, 0, 0, 0, "bin/su"},
    {"dev/console", FileType::kCharDevice, 0644, 0, 0, 5, 1},
    {"dev/disk", FileType::kBlockDevice, 0644, 0, 0, 8, 17},
    {"dev/pipe", FileType::kFifo, 0644},
    {"etc", FileType::kDirectory, 01777},
    {"etc/absolute", FileType::kSymlink, 0777, 0, 0, 0, 0, "/bin/su"},
    {"etc/link", FileType::kSymlink, 0777, 0, 0, 0, 0, "../bin/su"},
    {"etc/blocks", FileType::kRegular, 0644, 100, 101},
    {"etc/empty", FileType::kRegular, 0644},
    {"etc/\u03A9", FileType::kRegular, 0644},
};

std::string Blocks() {
  std::string text;
  for (std::size_t i = 1; i <= 5; ++i) {
    text += "block " + std::to_string(i) + "\n";
    text.resize(i * 1024);
  }
  return text;
}

std::string Holes() {
  return "head" + std::string(9000, '\0') + "tail";
}

TEST(UdfTest, ReadsEveryRevisionAndMedium) {
  for (const Bytes& image :
       {kHd102, kHd201, kLong, kSparable, kVirtual150, kVirtual260}) {
    RecordingSink sink;
    ASSERT_TRUE(kUdf.matches(image));
    std::uint64_t consumed = 0;
    ASSERT_TRUE(Unpack(kUdf, image, sink, &consumed));
    EXPECT_EQ(consumed, image.size());
    EXPECT_EQ(kUdf.measure(image).value_or(0), image.size());
    for (const ExpectedFile& file : kFiles) {
      const auto* found = sink.Find(file.name);
      ASSERT_NE(found, nullptr) << file.name;
      EXPECT_EQ(found->member.meta.mode, file.mode) << file.name;
    }
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/blocks")->content), Blocks());
    EXPECT_EQ(AsText(sink.Find("etc/deep/holes")->content), Holes());
    EXPECT_EQ(AsText(sink.Find("etc/\u03A9")->content), "wide\n");
    EXPECT_EQ(sink.Find("etc/blocks")->member.meta.mtime, 1'000'000'000);
  }
}

TEST(UdfTest, AVolumeEndsAtItsLastAnchor) {
  for (const Bytes& image : {kHd102, kHd201, kLong, kSparable}) {
    RecordingSink sink;
    CheckVolume(kUdf, image, kFiles, sink);
  }
  RecordingSink sink;
  CheckVolume(kUdf, kMetadata, {}, sink);
  EXPECT_EQ(AsText(sink.Find("holes")->content), Holes());
}

TEST(UdfTest, NamedStreamsStandBesideTheirFile) {
  for (const Bytes& image : {kHd201, kLong}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kUdf, image, sink));
    const auto* stream = sink.Find("etc/deep/with.streams:hidden");
    ASSERT_NE(stream, nullptr);
    EXPECT_EQ(AsText(stream->content), "content of a stream\n");
    const auto& xattrs = sink.Find("etc/deep/with.streams")->member.meta.xattrs;
    ASSERT_EQ(xattrs.size(), 1U);
    EXPECT_EQ(xattrs[0].first, "*assay note");
    EXPECT_EQ(xattrs[0].second, "of an application");
  }
}

TEST(UdfTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kHd102, kHd201, kLong, kMetadata, kSparable}) {
    testing::CheckVolumePrefixes(kUdf, image, image.size() / 300 + 7);
  }
}

TEST(UdfTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& image : {kHd102, kHd201, kMetadata}) {
    testing::CheckVolumeFlips(kUdf, image, 3);
  }
  for (const Bytes& image : {kLong, kSparable, kVirtual150, kVirtual260}) {
    testing::CheckVolumeFlips(kUdf, image, 31);
  }
}

TEST(UdfTest, RefusesNoise) {
  testing::CheckRefusesNoise(kUdf, kHd201, 32768 + 2048);
}

TEST(UdfTest, WithoutAnNsrDescriptorItIsNotUdf) {
  Bytes image = kHd201;
  image[32768 + 2048 + 1] = 'X';
  EXPECT_FALSE(kUdf.matches(image));
  EXPECT_FALSE(kUdf.measure(image));
  image = kHd201;
  std::fill_n(image.begin() + 32768, 2048, std::uint8_t{0});
  EXPECT_FALSE(kUdf.matches(image));
}

}  // namespace
}  // namespace assay::formats
