#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUefiNvram;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kVariables = Sample("formats/uefi_nvram/variables.hex");
const Bytes kPlain = Sample("formats/uefi_nvram/plain.hex");
const Bytes kNvar = Sample("formats/uefi_nvram/nvar.hex");
const std::string kGlobal = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
const std::string kSecurity = "-d719b2cb-3d3a-4596-a3bc-dad00e67656f";

std::string ContentOf(const RecordingSink& sink, const std::string& name) {
  const RecordedMember* const member = sink.Find(name);
  return member == nullptr ? "(none)" : std::string(AsText(member->content));
}

RegionUse UseAt(const RecordingSink& sink, std::uint64_t offset) {
  const auto found = std::find_if(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return offset >= region.range.offset && offset < region.range.end();
      });
  return found == sink.regions.end() ? RegionUse::kUnknown : found->use;
}

std::size_t PlaceOf(const Bytes& bytes, std::string_view text) {
  return AsText(bytes).find(text);
}

void ReadGood(const Bytes& image, RecordingSink& sink) {
  ASSERT_TRUE(HasMagic(kUefiNvram, image) && kUefiNvram.matches(image));
  std::uint64_t consumed = 0;
  const auto result = Unpack(kUefiNvram, image, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, image.size());
  EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies.front().detail;
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(UefiNvramTest, LiveVariablesAreMembers) {
  RecordingSink sink;
  ReadGood(kVariables, sink);
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(ContentOf(sink, "PK" + kGlobal), "the platform key");
  EXPECT_EQ(ContentOf(sink, "db" + kSecurity), "allowed signatures");
  EXPECT_EQ(ContentOf(sink, "BootOrder" + kGlobal).size(), 4U);
  const FileMetadata& meta = sink.members[0].member.meta;
  EXPECT_EQ(meta.mtime, 1714979290);  // 2024-05-06 07:08:10
  ASSERT_EQ(meta.xattrs.size(), 1U);
  EXPECT_EQ(meta.xattrs[0].second, "0x00000027");
}

TEST(UefiNvramTest, OldAndUnfinishedValuesAreSlack) {
  RecordingSink sink;
  ReadGood(kVariables, sink);
  for (const char* old : {"the old platform key", "half"}) {
    EXPECT_EQ(UseAt(sink, PlaceOf(kVariables, old)), RegionUse::kSlack) << old;
  }
  RecordingSink plain;
  ReadGood(kPlain, plain);
  EXPECT_EQ(ContentOf(plain, "Lang" + kGlobal), "eng");
  EXPECT_EQ(UseAt(plain, PlaceOf(kPlain, "a write that is done")),
            RegionUse::kSlack);
}

TEST(UefiNvramTest, WhatHidesInFreeSpaceIsReported) {
  Bytes hiding = kVariables;
  hiding[760] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiNvram, hiding, sink));
  EXPECT_TRUE(sink.Saw("uefi_nvram.hidden-data"));
  EXPECT_EQ(UseAt(sink, 760), RegionUse::kSlack);
  std::string why;
  EXPECT_TRUE(sink.Accounts(hiding.size(), &why)) << why;
}

TEST(UefiNvramTest, AWorkingBlockMustHaveItsCrc) {
  Bytes damaged = kVariables;
  damaged[800 + 17] ^= 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiNvram, damaged, sink));
  EXPECT_TRUE(sink.Saw("uefi_nvram.crc-mismatch"));
}

TEST(UefiNvramTest, AVariableThatIsTooLongEndsTheStore) {
  for (const std::size_t at : {64U + 3, 64U + 7}) {  // NameSize, DataSize
    Bytes damaged = kVariables;
    damaged[at] = 0xff;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kUefiNvram, damaged, sink));
    EXPECT_TRUE(sink.Saw("uefi_nvram.hidden-data"));
    EXPECT_TRUE(sink.members.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(damaged.size(), &why)) << why;
  }
}

TEST(UefiNvramTest, AStoreThatIsCutShortFails) {
  for (std::size_t size = 28; size < 768; ++size) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kUefiNvram, ByteView(kVariables).first(size), sink));
    EXPECT_TRUE(sink.Saw("uefi_nvram.size-mismatch"));
  }
}

TEST(NvarTest, TheNewestDataOfAChainCount) {
  RecordingSink sink;
  ReadGood(kNvar, sink);
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(ContentOf(sink, "Setup" + kGlobal), "newest value");
  EXPECT_EQ(ContentOf(sink, "Own" + kSecurity), "own GUID");
  EXPECT_EQ(ContentOf(sink, "Ext" + kSecurity), "data");
  for (const char* old : {"old value", "second value", "deleted"}) {
    EXPECT_EQ(UseAt(sink, PlaceOf(kNvar, old)), RegionUse::kSlack) << old;
  }
  EXPECT_EQ(UseAt(sink, kNvar.size() - 1), RegionUse::kMetadata);
}

TEST(NvarTest, WhatHidesInFreeSpaceIsReported) {
  Bytes hiding = kNvar;
  hiding[hiding.size() - 40] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiNvram, hiding, sink));
  EXPECT_TRUE(sink.Saw("uefi_nvram.hidden-data"));
}

TEST(NvarTest, VariablesThatShareDataAreReported) {
  // Two variables that both name the third entry.
  const auto entry = [](std::uint8_t attributes, std::uint8_t next,
                        std::string_view body) {
    Bytes bytes = CopyOf(AsBytes("NVAR"));
    const auto size = static_cast<std::uint8_t>(body.size() + 10);
    bytes = Concat(bytes, Bytes{size, 0, next, 0, 0, attributes});
    return Concat(bytes, AsBytes(body));
  };
  const std::string_view name("\0a\0", 3);
  const Bytes all = Concat(Concat(entry(0x82, 26, name), entry(0x82, 13, name)),
                           entry(0x88, 0, "data"));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiNvram, all, sink));
  EXPECT_TRUE(sink.Saw("uefi_nvram.hidden-data"));
  ASSERT_EQ(sink.members.size(), 1U);
  std::string why;
  EXPECT_TRUE(sink.Accounts(all.size(), &why)) << why;
}

TEST(UefiNvramTest, EveryPrefixAndFlipIsAccountedFor) {
  for (const Bytes& image : {kVariables, kPlain, kNvar}) {
    const auto check = [&](const Attempt& attempt) {
      EXPECT_LE(attempt.consumed, image.size());
    };
    ForEachPrefix(kUefiNvram, image, check);
    ForEachFlip(kUefiNvram, image, check);
  }
}

TEST(UefiNvramTest, OtherBytesAreNoStore) {
  Bytes other = kVariables;
  other[20] = 0;  // Format
  EXPECT_FALSE(kUefiNvram.matches(other));
  other = kVariables;
  other[3] ^= 1;
  EXPECT_FALSE(HasMagic(kUefiNvram, other));
  other = kVariables;
  other[16] = 3;  // a size smaller than the header
  other[17] = 0;
  EXPECT_FALSE(kUefiNvram.matches(other));
  other = kNvar;
  other[4] = 9;  // an entry smaller than its header
  EXPECT_FALSE(kUefiNvram.matches(other));
  other = kNvar;
  ++other[4];  // then no entry follows
  EXPECT_FALSE(kUefiNvram.matches(other));
  EXPECT_FALSE(kUefiNvram.matches(AsBytes("NVAR is a word like any other")));
  EXPECT_FALSE(kUefiNvram.matches({}));
}

}  // namespace
}  // namespace assay::formats
