#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/firmware/packed_stream.h"
#include "verifier/formats/firmware/tiano.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUefiSection;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kChain = Sample("formats/uefi_section/chain.hex");

// The text that make.py puts into a chain of sections.
std::string TextOf(std::string_view title) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += fmt::format("{}{}{}", i > 0 ? " " : "", title, i * i);
  }
  return text;
}

std::string ContentOf(const RecordingSink& sink, std::string_view name) {
  const RecordedMember* const member = sink.Find(name);
  return member == nullptr ? "(none)" : std::string(AsText(member->content));
}

TEST(UefiSectionTest, GivesEverySection) {
  ASSERT_TRUE(kUefiSection.matches(kChain));
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kUefiSection, kChain, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kChain.size());
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kChain.size(), &why)) << why;
  EXPECT_EQ(ContentOf(sink, "raw"), TextOf("Chain"));
  EXPECT_EQ(ContentOf(sink, "version"), std::string("1\0.\0000\0\0\0", 8));
  EXPECT_EQ(ContentOf(sink, "crc32/raw"), TextOf("Crc"));
  const RecordedMember* const packed = sink.Find("compressed");
  ASSERT_NE(packed, nullptr);
  EXPECT_EQ(packed->problem, "");
  EXPECT_TRUE(kUefiSection.matches(packed->content));
  RecordingSink inner;
  ASSERT_TRUE(Unpack(kUefiSection, packed->content, inner));
  EXPECT_EQ(ContentOf(inner, "raw"), TextOf("Efi"));
}

TEST(UefiSectionTest, AWrongCrcIsReported) {
  Bytes damaged = kChain;
  damaged[damaged.size() - 1] ^= 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiSection, damaged, sink));
  EXPECT_TRUE(sink.Saw("uefi_section.crc-mismatch"));
}

TEST(UefiSectionTest, EveryPrefixIsRefusedReportedOrAccountedFor) {
  ForEachPrefix(kUefiSection, kChain, [](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, attempt.at);
  });
}

TEST(UefiSectionTest, EveryFlipIsAccountedFor) {
  ForEachFlip(kUefiSection, kChain, [](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kChain.size());
  });
}

TEST(UefiSectionTest, AChainMustEndWithTheBytes) {
  EXPECT_TRUE(kUefiSection.matches(Hex("05 00 00 19 aa")));
  EXPECT_TRUE(kUefiSection.matches(
      Hex("05 00 00 19 aa 00 00 00 05 00 00 19 bb 00 00 00")));
  for (const char* wrong :
       {"", "05 00 00", "04 00 00 19", "06 00 00 19 aa", "05 00 00 19 aa bb",
        "05 00 00 1a aa", "05 00 00 00 aa", "05 00 00 f0 aa", "03 00 00 19 aa",
        "ff ff ff 19 09 00 00 00", "ff ff ff 19 07 00 00 00",
        "05 00 00 19 aa 01 00 00 05 00 00 19 bb", "00 00 00 00 00 00 00 00"}) {
    EXPECT_FALSE(kUefiSection.matches(Hex(wrong))) << wrong;
  }
}

// 72 KiB are looked at; what is longer must prove itself by its content.
TEST(UefiSectionTest, ALongSectionMustBeginAsItsTypeSays) {
  Bytes head = Hex("ff ff ff 10 00 00 10 00");
  head.resize(Input::kPeekLimit, 0x20);
  EXPECT_FALSE(kUefiSection.matches(head));
  head[8] = 'M';
  head[9] = 'Z';
  EXPECT_TRUE(kUefiSection.matches(head));
  head[3] = 0x19;  // raw data may be anything
  EXPECT_FALSE(kUefiSection.matches(head));
}

TEST(UefiSectionTest, UnknownEncodingsStayOpaque) {
  const Bytes guid = Hex("00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff");
  const Bytes encoded =
      Concat(Concat(Hex("1c 00 00 02"), guid), Hex("18 00 01 00 61 62 63 64"));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiSection, encoded, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_FALSE(sink.members[0].has_content);
  EXPECT_NE(sink.members[0].problem, "");
  // The same without "processing required" is plain content.
  Bytes plain = encoded;
  plain[22] = 0;
  RecordingSink other;
  ASSERT_TRUE(Unpack(kUefiSection, plain, other));
  ASSERT_EQ(other.members.size(), 1U);
  EXPECT_EQ(AsText(other.members[0].content), "abcd");
  EXPECT_EQ(other.members[0].member.name,
            "guid-33221100-5544-7766-8899-AABBCCDDEEFF");
}

TEST(UefiSectionTest, DataOutsideOfAGuidedSectionAreReported) {
  for (const char* offset : {"00 00", "17 00", "1d 00", "ff ff"}) {
    Bytes section =
        Hex("1c 00 00 02 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff");
    section = Concat(section, Concat(Hex(offset), Hex("00 00 61 62 63 64")));
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kUefiSection, section, sink));
    EXPECT_TRUE(sink.Saw("uefi_section.size-mismatch"));
    std::string why;
    EXPECT_TRUE(sink.Accounts(section.size(), &why)) << why;
  }
}

// Wrappers in wrappers: the eighth is a member, whatever it holds.
TEST(UefiSectionTest, DeepWrappersEnd) {
  Bytes wrapped = Hex("05 00 00 19 aa 00 00 00");
  for (int i = 0; i < 40; ++i) {
    const auto size = static_cast<std::uint8_t>(wrapped.size() + 4);
    wrapped = Concat(Bytes{size, 0, 0, 0x03}, wrapped);
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiSection, wrapped, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_GT(sink.members[0].content.size(), 100U);
  std::string why;
  EXPECT_TRUE(sink.Accounts(wrapped.size(), &why)) << why;
}

TEST(UefiSectionTest, TextThatIsMoreThanANameIsAMember) {
  const Bytes hiding = Hex("0e 00 00 15 41 00 00 00 73 65 63 72 65 74");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiSection, hiding, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "ui");
}

std::string Decoded(ByteStream& stream, std::string* error) {
  std::string all;
  Bytes chunk(7);
  for (;;) {
    const auto count = stream.Read(chunk);
    if (!count) {
      *error = count.error().what;
      return all;
    }
    if (*count == 0 || all.size() > (1U << 20U)) {
      return all;
    }
    all += AsText(ByteView(chunk).first(*count));
  }
}

TEST(TianoTest, ACutOrFlippedStreamNeverGivesMoreThanItStates) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiSection, kChain, sink));
  const Range at = *sink.Find("compressed")->member.origin;
  const Bytes packed = CopyOf(*Slice(kChain, at.offset, at.length));
  const auto whole = sink.Find("compressed")->content.size();
  for (std::size_t i = 0; i < packed.size() * 8; ++i) {
    Bytes damaged = packed;
    damaged[i / 8] ^= static_cast<std::uint8_t>(1U << i % 8);
    for (const auto variant : {TianoVariant::kEfi, TianoVariant::kTiano}) {
      TianoStream stream(damaged, variant, 1U << 20U);
      std::string error;
      const std::string all = Decoded(stream, &error);
      EXPECT_TRUE(i < 64 || all.size() <= whole) << i;
    }
  }
  for (std::size_t size = 0; size + 2 < packed.size(); ++size) {
    TianoStream stream(ByteView(packed).first(size), TianoVariant::kEfi, 4096);
    std::string error;
    EXPECT_EQ(Decoded(stream, &error), "");
    EXPECT_NE(error, "");
  }
}

TEST(TianoTest, ABombOfEmptyCodesIsOnlyAsLargeAsItStates) {
  // One block, single-symbol codes: length 256, distance 1 before any byte.
  const Bytes bomb = Hex("0c000000 ffffffff ffff 0000 0000 0000 0000 0000");
  for (const auto variant : {TianoVariant::kEfi, TianoVariant::kTiano}) {
    TianoStream stream(bomb, variant, 1U << 20U);
    std::string error;
    EXPECT_LE(Decoded(stream, &error).size(), (1U << 20U) + 7);
  }
}

TEST(PackedStreamTest, DamageIsAnError) {
  for (const char* packed :
       {"", "5d", "ff 00000100 0500000000000000 00",
        "5d 00000100 ffffffffffffffff 00 83 ff fb",
        "5d 00000100 0500000000000000", "5d 00000100 0500000000000000 01 02"}) {
    for (const bool x86 : {false, true}) {
      const Bytes bytes = Hex(packed);
      const auto stream = OpenLzma(bytes, x86);
      std::string error;
      EXPECT_EQ(Decoded(*stream, &error), "") << packed;
      EXPECT_NE(error, "") << packed;
    }
  }
  for (const char* packed : {"", "ff", "0b 02 80 61"}) {
    const Bytes bytes = Hex(packed);
    const auto stream = OpenBrotli(bytes);
    std::string error;
    (void)Decoded(*stream, &error);
    EXPECT_NE(error, "") << packed;
  }
}

}  // namespace
}  // namespace assay::formats
