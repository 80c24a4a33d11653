#include <gtest/gtest.h>

#include <string>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kCompress;
namespace {

using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/compress/seq.hex");
const Bytes kTen = Sample("formats/compress/ten.hex");

std::string TwoLists() {
  std::string text;
  for (const char* end : {"\n", " inert\n"}) {
    for (int i = 1; i <= 400; ++i) {
      text += std::to_string(i) + end;
    }
  }
  return text;
}

// What is decoded, in steps (0: at rest), and the problem met.
std::string Decoded(ByteView bytes, std::size_t step, std::string* problem) {
  RecordingSink sink;
  const auto result = step == 0 ? Unpack(kCompress, bytes, sink)
                                : UnpackStream(kCompress, bytes, sink, step);
  *problem = !result                ? result.error().what
             : sink.members.empty() ? "no member"
                                    : sink.members[0].problem;
  return sink.members.empty() ? ""
                              : std::string(AsText(sink.members[0].content));
}

void ExpectDecodes(ByteView bytes, const std::string& content) {
  EXPECT_TRUE(HasMagic(kCompress, bytes));
  EXPECT_TRUE(kCompress.matches(bytes));
  EXPECT_EQ(kCompress.measure(bytes).value_or(0), bytes.size());
  for (const std::size_t step : {0UL, 1UL, 7UL, 100'000UL}) {
    std::string problem;
    EXPECT_TRUE(Decoded(bytes, step, &problem) == content) << step;
    EXPECT_EQ(problem, "");
  }
}

// Codes of nine bits behind a header.
Bytes Codes(std::uint8_t flags, std::initializer_list<unsigned> codes) {
  Bytes bytes = {0x1F, 0x9D, flags};
  unsigned held = 0;
  unsigned bits = 0;
  for (const unsigned code : codes) {
    held |= code << bits;
    for (bits += 9; bits >= 8; bits -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(held));
      held >>= 8U;
    }
  }
  bytes.push_back(static_cast<std::uint8_t>(held));
  return bytes;
}

TEST(CompressTest, DecodesEveryMode) {
  ExpectDecodes(kSeq, Seq());
  ExpectDecodes(kTen, TwoLists());
}

TEST(CompressTest, ACodeThatIsJustBeingMade) {
  ExpectDecodes(Codes(0x90, {'a', 257, 258}), "aaaaaa");
  ExpectDecodes(Codes(0x10, {'a', 256, 257}), "aaaaaa");
}

TEST(CompressTest, AfterAClearAGroupIsPassedOver) {
  Bytes image = Codes(0x90, {'a', 'b', 256});
  image.resize(3 + 9);  // the rest of the group
  const Bytes more = Codes(0x90, {'c', 257});
  image.insert(image.end(), more.begin() + 3, more.end());
  ExpectDecodes(image, "abccc");
}

TEST(CompressTest, CodesThatMeanNothingAreDamage) {
  for (const auto& [bytes, before] : {std::pair(Codes(0x90, {'a', 258}), "a"),
                                      {Codes(0x90, {'a', 'b', 260}), "ab"},
                                      {Codes(0x90, {'a', 511}), "a"},
                                      {Codes(0x10, {'a', 257}), "a"}}) {
    EXPECT_FALSE(kCompress.matches(bytes));
    EXPECT_FALSE(kCompress.measure(bytes));
    std::string problem;
    EXPECT_EQ(Decoded(bytes, 0, &problem), before);
    EXPECT_NE(problem, "");
  }
  EXPECT_FALSE(kCompress.matches(Codes(0x90, {257})));
  EXPECT_FALSE(kCompress.matches(Codes(0x10, {256})));
}

TEST(CompressTest, HeadersThatNoEncoderWritesAreNone) {
  for (const char* head :
       {"1F9D", "1F9D 90", "1F9D 89 6100", "1F9D 91 6100", "1F9D B0 6100",
        "1F9D D0 6100", "1F9E 90 6100", "1F8B 90 6100"}) {
    EXPECT_FALSE(kCompress.matches(Hex(head))) << head;
    EXPECT_FALSE(kCompress.measure(Hex(head))) << head;
    std::string problem;
    Decoded(Hex(head), 0, &problem);
  }
  EXPECT_TRUE(kCompress.matches(Hex("1F9D 90 6100")));
}

TEST(CompressTest, RefusesNoise) {
  testing::CheckRefusesNoise(kCompress, kSeq, 3);
}

TEST(CompressTest, APrefixGivesAPrefix) {
  for (std::size_t size = 3; size < kSeq.size(); ++size) {
    std::string problem;
    const std::string text =
        Decoded(ByteView(kSeq).first(size), size % 5, &problem);
    EXPECT_EQ(Seq().compare(0, text.size(), text), 0) << size;
  }
}

TEST(CompressTest, FlipsEnd) {
  for (std::size_t at = 0; at < kTen.size(); ++at) {
    for (const unsigned bit : {0x01U, 0x10U, 0x80U}) {
      Bytes damaged = kTen;
      damaged[at] ^= static_cast<std::uint8_t>(bit);
      std::string problem;
      std::string streamed;
      EXPECT_EQ(Decoded(damaged, 0, &problem), Decoded(damaged, 3, &streamed));
      EXPECT_EQ(problem == "", streamed == "") << at;
    }
  }
}

}  // namespace
}  // namespace assay::formats
