#include "tests/support/codec_checks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"

namespace assay::testing {
namespace {

std::string_view ContentOf(const RecordingSink& sink) {
  return sink.members.empty() ? std::string_view()
                              : AsText(sink.members[0].content);
}

std::string ProblemOf(const RecordingSink& sink, const Result<void>& result) {
  if (!result) {
    return result.error().what;
  }
  return sink.members.empty() ? "no member" : sink.members[0].problem;
}

}  // namespace

std::string Seq() {
  std::string text;
  for (int i = 1; i <= 200; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

void CheckDecodes(const formats::Format& format, ByteView packed,
                  std::string_view content) {
  EXPECT_TRUE(formats::HasMagic(format, packed));
  EXPECT_TRUE(format.matches(packed));
  for (const std::string_view tail : {"", "tail", "\x1f\x8b\x08", "BZh9"}) {
    const Bytes bytes = Concat(packed, AsBytes(tail));
    EXPECT_EQ(format.measure(bytes).value_or(0), packed.size()) << tail;
    for (const std::size_t step : {0UL, 1UL, 7UL, 100'000UL}) {
      RecordingSink sink;
      std::uint64_t consumed = 0;
      const auto result =
          step == 0 ? Unpack(format, bytes, sink, &consumed)
                    : UnpackStream(format, bytes, sink, step, &consumed);
      EXPECT_EQ(ProblemOf(sink, result), "") << tail << " in steps of " << step;
      EXPECT_TRUE(ContentOf(sink) == content);
      EXPECT_EQ(consumed, packed.size()) << tail << " in steps of " << step;
      ASSERT_EQ(sink.members.size(), 1U);
      EXPECT_FALSE(sink.members[0].member.origin);
      EXPECT_EQ(sink.members[0].member.name, "");
    }
  }
}

void CheckConcatenates(const formats::Format& format, ByteView packed,
                       std::string_view content) {
  CheckDecodes(format, Concat(packed, packed),
               std::string(content).append(content));
}

void CheckPrefixes(const formats::Format& format, ByteView packed,
                   std::string_view content) {
  for (std::size_t size = 0; size < packed.size(); ++size) {
    const ByteView prefix = packed.first(size);
    RecordingSink sink;
    const auto result = Unpack(format, prefix, sink);
    EXPECT_TRUE(!format.matches(prefix) || ProblemOf(sink, result) != "")
        << size;
    EXPECT_FALSE(format.measure(prefix)) << size;
    EXPECT_EQ(ContentOf(sink), content.substr(0, ContentOf(sink).size()))
        << size;
  }
}

void CheckFlips(const formats::Format& format, ByteView packed,
                std::string_view content) {
  for (std::size_t at = 0; at < packed.size() * 2; ++at) {
    Bytes damaged = CopyOf(packed);
    damaged[at / 2] ^= at % 2 == 0 ? 0x01U : 0x80U;
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result = Unpack(format, damaged, sink, &consumed);
    const std::string problem = ProblemOf(sink, result);
    EXPECT_TRUE(!format.matches(damaged) || problem != "" ||
                ContentOf(sink) == content)
        << "byte " << at / 2;
    RecordingSink streamed;
    std::uint64_t passed = 0;
    const auto other = UnpackStream(format, damaged, streamed, 5, &passed);
    EXPECT_EQ(ProblemOf(streamed, other), problem) << "byte " << at / 2;
    EXPECT_EQ(passed, consumed) << "byte " << at / 2;
    EXPECT_TRUE(ContentOf(streamed) == ContentOf(sink));
  }
}

void CheckBomb(const formats::Format& format, ByteView bomb) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(format, bomb, sink, &consumed);
  EXPECT_EQ(ProblemOf(sink, result), "limit");
  EXPECT_LT(consumed, bomb.size());
  const auto measured = format.measure(bomb);
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().code, ErrorCode::kLimit);
}

Bytes Repeat(ByteView bytes, std::size_t times) {
  Bytes all;
  all.reserve(bytes.size() * times);
  for (std::size_t i = 0; i < times; ++i) {
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

}  // namespace assay::testing
