#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/base/digest.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAndroidSuper;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kSuper = Sample("formats/android_super/super.hex");
const Bytes kEmpty = Sample("formats/android_super/empty.hex");
constexpr std::size_t kSlots = 3 * 4096;
constexpr std::size_t kSlot = 1024;
constexpr std::size_t kData = kSlots + 4 * kSlot;

std::string Names(const RecordingSink& sink) {
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + " ";
  }
  return names;
}

// Makes both checksums of the metadata at `at` right again.
void Seal(Bytes& image, std::size_t at) {
  const auto tables_size = *ReadAt<Le32>(image, at + 44);
  const auto put = [&](std::size_t where, ByteView bytes) {
    const auto digest = Sha256Raw(bytes);
    std::copy(digest.begin(), digest.end(),
              image.begin() + static_cast<std::ptrdiff_t>(where));
  };
  put(at + 48, *Slice(image, at + 128, tables_size));
  std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(at + 12), 32,
              std::uint8_t{0});
  put(at + 12, CopyOf(*Slice(image, at, 128)));
}

// The super image with one byte of both copies of slot 0 changed, as somebody
// would who can compute SHA-256.
Bytes Changed(std::size_t at, std::uint8_t value) {
  Bytes image = kSuper;
  for (const std::size_t copy : {kSlots, kSlots + 2 * kSlot}) {
    image[copy + at] = value;
    Seal(image, copy);
  }
  return image;
}

TEST(AndroidSuperTest, GathersTheLogicalPartitions) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result =
      Unpack(kAndroidSuper, Concat(kSuper, Hex("0102")), sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kSuper.size());
  EXPECT_EQ(Names(sink), "system_a vendor_a system_b slot1/vendor_a ");
  EXPECT_TRUE(sink.anomalies.empty());
  const Bytes& system = sink.Find("system_a")->content;
  ASSERT_EQ(system.size(), 4U * 512);
  EXPECT_EQ(AsText(system).substr(512, 14), "system 2 inert");
  EXPECT_TRUE(std::all_of(system.begin() + 1024, system.begin() + 1536,
                          [](auto byte) { return byte == 0; }));
  EXPECT_EQ(AsText(system).substr(1536, 14), "system 3 inert");
  const RecordedMember* vendor = sink.Find("vendor_a");
  EXPECT_EQ(AsText(vendor->content).substr(0, 14), "vendor 1 inert");
  EXPECT_TRUE(vendor->member.stored);
  EXPECT_EQ(AsText(sink.Find("slot1/vendor_a")->content).substr(0, 14),
            "vendor 2 inert");
  EXPECT_TRUE(sink.Find("system_b")->content.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kSuper.size(), &why)) << why;
}

TEST(AndroidSuperTest, MetadataAloneHaveNoContent) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidSuper, kEmpty, sink));
  EXPECT_EQ(Names(sink), "system_a vendor_a system_b ");
  EXPECT_NE(sink.Find("system_a")->problem, "");
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kEmpty.size(), &why)) << why;
  EXPECT_EQ(kAndroidSuper.measure(kEmpty).value_or(0), kEmpty.size());
}

TEST(AndroidSuperTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kSuper, kEmpty}) {
    for (std::size_t size = 0; size < image.size();
         size += size < kSlots ? 7 : 1) {
      const ByteView prefix = ByteView(image).first(size);
      RecordingSink sink;
      EXPECT_FALSE(Unpack(kAndroidSuper, prefix, sink)) << size;
      EXPECT_FALSE(kAndroidSuper.measure(prefix)) << size;
    }
  }
}

// Every copy of geometry and slots has checksums.
TEST(AndroidSuperTest, FlippedMetadataAreNoticed) {
  const auto in_slot = [](std::size_t at) {
    const std::size_t within = (at - kSlots) % kSlot;
    return at >= kSlots && at < kData &&
           within < 128U + *ReadAt<Le32>(kSuper, at - within + 44);
  };
  for (std::size_t at = 0; at < kSuper.size(); ++at) {
    Bytes damaged = kSuper;
    damaged[at] ^= 1U;
    const bool geometry = at >= 4096 && at < kSlots && at % 4096 < 52;
    const bool slot = in_slot(at);
    if (!geometry && !slot && at % 64 != 0) {
      continue;
    }
    RecordingSink sink;
    const auto result = Unpack(kAndroidSuper, damaged, sink);
    ASSERT_TRUE(result) << at << result.error().what;
    EXPECT_EQ(geometry || slot, sink.Saw("android_super.checksum-mismatch") ||
                                    sink.Saw("android_super.ambiguous-copies"))
        << at;
    EXPECT_GE(sink.members.size(), 3U);
    std::string why;
    EXPECT_TRUE(sink.Accounts(damaged.size(), &why)) << at << why;
  }
}

TEST(AndroidSuperTest, CopiesThatDifferAreReported) {
  Bytes image = kSuper;
  image[kSlots + 128] = 'S';  // the first name
  Seal(image, kSlots);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidSuper, image, sink));
  EXPECT_TRUE(sink.Saw("android_super.ambiguous-copies"));
  EXPECT_NE(sink.Find("System_a"), nullptr);
}

TEST(AndroidSuperTest, WithoutAnyMetadataNothingIsRead) {
  Bytes image = kSuper;
  std::fill(image.begin() + kSlots, image.begin() + kData, std::uint8_t{0});
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kAndroidSuper, image, sink));
  EXPECT_TRUE(sink.members.empty());
}

// Partition entries have 52 bytes, three of them, then extents of 24.
TEST(AndroidSuperTest, LyingTablesAreReported) {
  constexpr std::size_t kPartitions = 128;
  constexpr std::size_t kExtents = kPartitions + 3 * 52;
  for (const std::size_t at :
       {kPartitions + 40, kPartitions + 44, kPartitions + 47,
        kExtents + 7,       // sectors
        kExtents + 8,       // type
        kExtents + 12 + 7,  // place
        std::size_t{83},    // where tables lie
        std::size_t{84}, std::size_t{88}, std::size_t{96}, std::size_t{120}}) {
    RecordingSink sink;
    (void)Unpack(kAndroidSuper, Changed(at, 0x7f), sink);
    EXPECT_TRUE(sink.Saw("android_super.checksum-mismatch")) << at;
  }
}

TEST(AndroidSuperTest, PartitionsOutsideAreOpaque) {
  constexpr std::size_t kVendorExtent = 128 + 3 * 52 + 3 * 24;
  RecordingSink outside;
  ASSERT_TRUE(Unpack(kAndroidSuper, Changed(kVendorExtent + 13, 1), outside));
  EXPECT_NE(outside.Find("vendor_a")->problem, "");
  RecordingSink device;
  ASSERT_TRUE(Unpack(kAndroidSuper, Changed(kVendorExtent + 20, 2), device));
  EXPECT_EQ(device.Find("vendor_a")->problem,
            "on another block device, number 2");
}

TEST(AndroidSuperTest, PartitionsThatOverlapAreReported) {
  constexpr std::size_t kVendorExtent = 128 + 3 * 52 + 3 * 24;
  for (const std::uint8_t sector : {std::uint8_t{kData / 512},  // system's
                                    std::uint8_t{1}}) {         // metadata
    RecordingSink sink;
    const Bytes image = Changed(kVendorExtent + 12, sector);
    ASSERT_TRUE(Unpack(kAndroidSuper, image, sink));
    EXPECT_TRUE(sink.Saw("android_super.overlapping-partitions"));
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(AndroidSuperTest, GeometriesThatLieAreRefused) {
  for (const std::size_t at : {0U, 4U, 40U, 43U, 44U, 47U}) {
    Bytes image = kSuper;
    for (const std::size_t copy : {4096U, 8192U}) {
      image[copy + at] ^= 0x55U;
      std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(copy + 8), 32,
                  std::uint8_t{0});
      const auto digest = Sha256Raw(CopyOf(*Slice(image, copy, 52)));
      std::copy(digest.begin(), digest.end(),
                image.begin() + static_cast<std::ptrdiff_t>(copy + 8));
    }
    EXPECT_FALSE(kAndroidSuper.matches(image)) << at;
  }
}

TEST(AndroidSuperTest, EveryFlipOfMetadataAloneIsAccountedFor) {
  ForEachFlip(kAndroidSuper, kEmpty, [&](const Attempt& attempt) {
    const bool padding = attempt.at >= 52 && attempt.at < 4096;
    EXPECT_EQ(attempt.ok, padding) << attempt.at;
  });
}

}  // namespace
}  // namespace assay::formats
