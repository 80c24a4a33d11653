#include "tests/support/wrapper_checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "verifier/base/digest.h"

namespace assay::testing {
namespace {

using formats::Format;

bool Recognizes(const Format& format, ByteView bytes) {
  if (format.matches_end != nullptr) {
    return format.matches_end(bytes);
  }
  const ByteView head = bytes.first(std::min(bytes.size(), Input::kPeekLimit));
  return formats::HasMagic(format, head) && format.matches(head) &&
         (format.measure == nullptr || format.measure(bytes));
}

Bytes Noise(std::size_t size) {
  std::mt19937 random(4711);  // NOLINT(cert-msc51-cpp): the same every time
  Bytes noise(size);
  std::generate(noise.begin(), noise.end(),
                [&] { return static_cast<std::uint8_t>(random()); });
  return noise;
}

}  // namespace

void CheckParts(const Format& format, ByteView image,
                std::initializer_list<Part> parts) {
  EXPECT_TRUE(Recognizes(format, image));
  Bytes longer = CopyOf(image);
  if (format.measure != nullptr) {
    longer = Concat(image, Hex("A55A5AA5"));
    const auto size = format.measure(longer);
    ASSERT_TRUE(size) << size.error().what;
    EXPECT_EQ(*size, image.size());
  }
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = format.unpack == nullptr
                          ? Result<void>()
                          : Unpack(format, longer, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, image.size());
  for (const formats::Anomaly& anomaly : sink.anomalies) {
    ADD_FAILURE() << anomaly.id << ": " << anomaly.detail;
  }
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  std::string names;
  std::string expected;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + "\n";
  }
  for (const Part& part : parts) {
    expected += std::string(part.name) + "\n";
    const RecordedMember* found = sink.Find(part.name);
    if (found != nullptr && found->has_content) {
      EXPECT_EQ(AsText(found->content), part.content) << part.name;
    }
  }
  EXPECT_EQ(names, expected);
}

void CheckDamageShows(const Format& format, ByteView image,
                      std::initializer_list<Range> uncovered) {
  RecordingSink whole;
  ASSERT_TRUE(Unpack(format, image, whole));
  const std::string told = Fingerprint(whole);
  ForEachPrefix(format, image, [&](const Attempt& attempt) {
    EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty() ||
                !Recognizes(format, image.first(attempt.at)))
        << "prefix " << attempt.at;
    if (format.measure != nullptr) {
      EXPECT_LE(format.measure(image.first(attempt.at)).value_or(0),
                attempt.at);
    }
  });
  ForEachFlip(format, image, [&](const Attempt& attempt) {
    Bytes damaged = CopyOf(image);
    damaged[attempt.at] ^= 0x01U;
    const bool covered = std::none_of(
        uncovered.begin(), uncovered.end(), [&](const Range& range) {
          return attempt.at >= range.offset && attempt.at < range.end();
        });
    EXPECT_TRUE(!covered || !attempt.ok || Fingerprint(*attempt.sink) != told ||
                !Recognizes(format, damaged))
        << "byte " << attempt.at;
    if (format.measure != nullptr) {
      EXPECT_LE(format.measure(damaged).value_or(0), damaged.size());
    }
  });
}

void CheckRefusesNoise(const Format& format, ByteView image, std::size_t head) {
  const Bytes noise = Noise(8192);
  const Bytes text =
      CopyOf(AsBytes(std::string(200, 'a') + "\n" + std::string(4000, ' ')));
  const Bytes elf =
      Concat(Hex("7F454C4602010100000000000000000002003E00"), Bytes(4096));
  const Bytes full(4096, 0xFF);
  const Bytes zeros(4096);
  const Bytes headed = Concat(image.first(head), noise);
  for (const Bytes& bytes : {noise, text, elf, full, zeros, headed}) {
    EXPECT_FALSE(Recognizes(format, bytes)) << HexOf(ByteView(bytes).first(16));
    RecordingSink sink;
    (void)Unpack(format, bytes, sink);
  }
  RecordingSink none;
  EXPECT_FALSE(Recognizes(format, {}));
  (void)Unpack(format, {}, none);
}

std::string AnomaliesOf(const Format& format, ByteView image) {
  RecordingSink sink;
  (void)Unpack(format, image, sink);
  std::string all;
  for (const formats::Anomaly& anomaly : sink.anomalies) {
    all += (all.empty() ? "" : " ") + anomaly.id;
  }
  return all;
}

std::string Lines(std::string_view line, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += line;
  }
  return text.substr(0, size);
}

Bytes With(ByteView image, std::size_t at, ByteView bytes) {
  Bytes changed = CopyOf(image);
  if (at > changed.size() || bytes.size() > changed.size() - at) {
    ADD_FAILURE() << "no bytes at " << at;
    return changed;
  }
  std::copy(bytes.begin(), bytes.end(),
            changed.begin() + static_cast<std::ptrdiff_t>(at));
  return changed;
}

}  // namespace assay::testing
