#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/base/digest.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAndroidBoot;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kVersion2 = Sample("formats/android_boot/v2.hex");
const Bytes kVendor4 = Sample("formats/android_boot/vendor4.hex");

std::string Names(const RecordingSink& sink) {
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + " ";
    EXPECT_TRUE(member.member.stored) << member.member.name;
  }
  return names;
}

std::string Inert(std::string_view name) {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    text += fmt::format("inert {}\n", name);
  }
  return text;
}

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
  }
}

void Fill(Bytes& image, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
}

// Version 0 by bootimg.h: pages of 2048 bytes, a kernel, a ramdisk, and
// Qualcomm's device trees when `trees` is not empty.
Bytes Version0(std::string_view trees = {}) {
  Bytes image(3 * 2048 + (trees.empty() ? 0 : 2048));
  Fill(image, 0, "ANDROID!");
  Put32(image, 8, 6);
  Put32(image, 16, 7);
  Put32(image, 36, 2048);
  Put32(image, 40, static_cast<std::uint32_t>(trees.size()));
  Fill(image, 64, "quiet");
  Fill(image, 2048, "kernel");
  Fill(image, 4096, "ramdisk");
  if (!trees.empty()) {
    Fill(image, 6144, trees);
  }
  return image;
}

// Versions 3 and 4: pages of 4096 bytes.
Bytes Version34(std::uint32_t version) {
  Bytes image(version == 3 ? 3 * 4096 : 4 * 4096);
  Fill(image, 0, "ANDROID!");
  Put32(image, 8, 6);
  Put32(image, 12, 7);
  Put32(image, 20, version == 3 ? 1580 : 1584);
  Put32(image, 40, version);
  Fill(image, 44, "quiet");
  Fill(image, 4096, "kernel");
  Fill(image, 8192, "ramdisk");
  if (version == 4) {
    Put32(image, 1580, 9);
    Fill(image, 12288, "signature");
  }
  return image;
}

TEST(AndroidBootTest, ReadsWhatMkbootimgWrote) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result =
      Unpack(kAndroidBoot, Concat(kVersion2, Hex("0102")), sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kVersion2.size());
  EXPECT_EQ(Names(sink), "cmdline kernel ramdisk second recovery_dtbo dtb ");
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(AsText(sink.Find("cmdline")->content), "console=ttyS0 inert");
  EXPECT_EQ(AsText(sink.Find("kernel")->content), Inert("kernel"));
  EXPECT_EQ(AsText(sink.Find("ramdisk")->content), Inert("ramdisk"));
  EXPECT_EQ(AsText(sink.Find("second")->content), Inert("second"));
  EXPECT_EQ(AsText(sink.Find("recovery_dtbo")->content), Inert("dtbo"));
  EXPECT_EQ(AsText(sink.Find("dtb")->content), Inert("dtb"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(kVersion2.size(), &why)) << why;
}

TEST(AndroidBootTest, ReadsTheRamdisksOfAVendorImage) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidBoot, kVendor4, sink));
  EXPECT_EQ(Names(sink),
            "cmdline vendor_ramdisk/00 vendor_ramdisk/dlkm dtb bootconfig ");
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(AsText(sink.Find("vendor_ramdisk/00")->content), Inert("ramdisk"));
  EXPECT_EQ(AsText(sink.Find("vendor_ramdisk/dlkm")->content), Inert("dlkm"));
  EXPECT_EQ(AsText(sink.Find("dtb")->content), Inert("dtb"));
  EXPECT_EQ(AsText(sink.Find("bootconfig")->content).substr(0, 19),
            "androidboot.inert=1");
  std::string why;
  EXPECT_TRUE(sink.Accounts(kVendor4.size(), &why)) << why;
}

TEST(AndroidBootTest, ReadsTheOtherVersions) {
  struct Case {
    Bytes image;
    const char* names;
  };
  for (const auto& [image, names] :
       {Case{Version0(), "cmdline kernel ramdisk "},
        Case{Version0("QCDT trees"), "cmdline kernel ramdisk dt "},
        Case{Version34(3), "cmdline kernel ramdisk "},
        Case{Version34(4), "cmdline kernel ramdisk boot_signature "}}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kAndroidBoot, image, sink)) << names;
    EXPECT_EQ(Names(sink), names);
    EXPECT_TRUE(sink.anomalies.empty());
    EXPECT_EQ(AsText(sink.Find("ramdisk")->content), "ramdisk");
    EXPECT_EQ(kAndroidBoot.measure(image).value_or(0), image.size());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(AndroidBootTest, AGenericRamdiskNeedsNoKernel) {
  Bytes image = Version34(4);
  Put32(image, 8, 0);
  Put32(image, 1580, 0);
  Fill(image, 4096, "ramdisk");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidBoot, image, sink));
  EXPECT_EQ(Names(sink), "cmdline ramdisk ");
}

TEST(AndroidBootTest, WhatVendorsAppendBelongsToTheImage) {
  const Bytes samsung = Concat(Version0(), CopyOf(AsBytes("SEANDROIDENFORCE")));
  EXPECT_EQ(kAndroidBoot.measure(samsung).value_or(0), samsung.size());
  const Bytes old = Concat(Version0(), Hex("30820006 020101 3000 00"));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidBoot, old, sink));
  ASSERT_NE(sink.Find("avb1_signature"), nullptr);
  EXPECT_EQ(sink.Find("avb1_signature")->content.size(), 10U);
  std::string why;
  EXPECT_TRUE(sink.Accounts(old.size(), &why)) << why;
}

// The SHA-256 variant of the id is accepted, anything else reported.
TEST(AndroidBootTest, TheIdIsChecked) {
  Bytes image = Version0();
  Fill(image, 576, "0123");
  RecordingSink wrong;
  ASSERT_TRUE(Unpack(kAndroidBoot, image, wrong));
  EXPECT_TRUE(wrong.Saw("android_boot.checksum-mismatch"));
  const std::string_view hashed("kernel\6\0\0\0ramdisk\7\0\0\0\0\0\0\0", 25);
  const auto digest = Sha256Raw(AsBytes(hashed));
  std::copy(digest.begin(), digest.end(), image.begin() + 576);
  RecordingSink right;
  ASSERT_TRUE(Unpack(kAndroidBoot, image, right));
  EXPECT_TRUE(right.anomalies.empty());
}

TEST(AndroidBootTest, EveryFlippedContentBreaksTheId) {
  ForEachFlip(kAndroidBoot, kVersion2, [&](const Attempt& attempt) {
    const std::size_t page = attempt.at / 2048;
    const std::size_t within = attempt.at % 2048;
    const bool content = page > 0 && within < 200;
    const bool id = attempt.at >= 576 && attempt.at < 596;
    EXPECT_TRUE(!(content || id) || !attempt.ok ||
                attempt.sink->Saw("android_boot.checksum-mismatch"))
        << attempt.at;
  });
  ForEachFlip(kAndroidBoot, kVendor4, [&](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kVendor4.size());
  });
}

TEST(AndroidBootTest, PrefixesFailUntilTheContentIsWhole) {
  for (const Bytes& image : {kVersion2, kVendor4}) {
    const auto last = std::find_if(image.rbegin(), image.rend(),
                                   [](auto byte) { return byte != 0; });
    const auto whole = static_cast<std::size_t>(image.rend() - last);
    ForEachPrefix(kAndroidBoot, image, [&](const Attempt& attempt) {
      EXPECT_EQ(attempt.ok, attempt.at >= whole) << attempt.at;
      EXPECT_EQ(
          attempt.ok,
          kAndroidBoot.measure(ByteView(image).first(attempt.at)).has_value());
    });
  }
}

TEST(AndroidBootTest, HeadersThatContradictThemselvesAreRefused) {
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint32_t>{0, 0},
                                  {8, 0},   // no kernel
                                  {36, 0},  // the page's size
                                  {36, 2049},
                                  {36, 256},
                                  {36, 1U << 21U}}) {
    Bytes image = Version0();
    Put32(image, at, value);
    EXPECT_FALSE(kAndroidBoot.matches(image)) << at;
  }
  Bytes empty = Version34(3);
  Put32(empty, 8, 0);
  Put32(empty, 12, 0);
  EXPECT_FALSE(kAndroidBoot.matches(empty));
  Bytes vendor = kVendor4;
  Put32(vendor, 8, 5);
  EXPECT_FALSE(kAndroidBoot.matches(vendor));
  for (const std::size_t at : {8U, 16U, 24U, 40U}) {
    Bytes huge = Version0();
    Put32(huge, at, 0xffffffffU);
    EXPECT_FALSE(kAndroidBoot.measure(huge)) << at;
  }
}

TEST(AndroidBootTest, WhatIsSaidTwiceIsCompared) {
  Bytes size = kVersion2;
  Put32(size, 1644, 1648);
  RecordingSink header;
  ASSERT_TRUE(Unpack(kAndroidBoot, size, header));
  EXPECT_TRUE(header.Saw("android_boot.size-mismatch"));
  Bytes android11 = Version34(3);
  Put32(android11, 20, 1596);
  RecordingSink known;
  ASSERT_TRUE(Unpack(kAndroidBoot, android11, known));
  EXPECT_TRUE(known.anomalies.empty());
  Put32(android11, 20, 1597);
  ASSERT_TRUE(Unpack(kAndroidBoot, android11, known));
  EXPECT_TRUE(known.Saw("android_boot.size-mismatch"));
  Bytes offset = kVersion2;
  offset[1637] ^= 8U;
  RecordingSink dtbo;
  ASSERT_TRUE(Unpack(kAndroidBoot, offset, dtbo));
  EXPECT_TRUE(dtbo.Saw("android_boot.ambiguous-offset"));
}

// The table lies at its page, with 108 bytes an entry.
TEST(AndroidBootTest, RamdisksThatOverlapAreReported) {
  constexpr std::size_t kTable = 4 * 2048;
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint32_t>{kTable + 108 + 4, 100},
        {kTable + 108, 5000},
        {kTable + 4, 0xffffff00U}}) {
    Bytes image = kVendor4;
    ASSERT_NE(AsText(image).find("dlkm", kTable), std::string_view::npos);
    Put32(image, at, value);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kAndroidBoot, image, sink));
    EXPECT_TRUE(sink.Saw("android_boot.overlapping-ramdisks")) << at;
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
  for (const std::size_t at : {2116U, 2120U}) {  // count and entry size
    Bytes image = kVendor4;
    Put32(image, at, at == 2116U ? 1000 : 7);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kAndroidBoot, image, sink));
    EXPECT_TRUE(sink.Saw("android_boot.bad-table")) << at;
    EXPECT_NE(sink.Find("vendor_ramdisk"), nullptr);
  }
}

TEST(AndroidBootTest, RamdisksOfOneNameAreKeptApart) {
  constexpr std::size_t kTable = 4 * 2048;
  Bytes image = kVendor4;
  Fill(image, kTable + 12, "dlkm");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidBoot, image, sink));
  EXPECT_NE(sink.Find("vendor_ramdisk/dlkm"), nullptr);
  EXPECT_NE(sink.Find("vendor_ramdisk/01"), nullptr);
}

}  // namespace
}  // namespace assay::formats
