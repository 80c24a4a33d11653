#include "tests/support/image_checks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"

namespace assay::testing {
namespace {

// The first flaw of the claims; empty when there is none.
std::string FlawOf(const RecordingSink& sink, std::uint64_t size) {
  std::vector<Range> ranges;
  for (const formats::Region& region : sink.regions) {
    ranges.push_back(region.range);
  }
  for (const RecordedMember& recorded : sink.members) {
    if (recorded.member.origin && recorded.member.origin->length > 0) {
      ranges.push_back(*recorded.member.origin);
    }
  }
  std::sort(ranges.begin(), ranges.end());
  std::uint64_t at = 0;
  for (const Range& range : ranges) {
    if (range.offset > size || range.length > size - range.offset) {
      return fmt::format("{}+{} is outside", range.offset, range.length);
    }
    if (range.offset < at && sink.anomalies.empty()) {
      return fmt::format("{}+{} overlaps", range.offset, range.length);
    }
    at = std::max(at, range.end());
  }
  return {};
}

}  // namespace

void ExpectGood(const formats::Format& format, ByteView image) {
  EXPECT_TRUE(format.matches(image));
  const Bytes more = Concat(image, Hex("01020304"));
  EXPECT_EQ(format.measure(more).value_or(0), image.size());
  RecordingSink sink;
  const auto result = Unpack(format, more, sink);
  EXPECT_TRUE(result) << result.error().what;
  for (const formats::Anomaly& anomaly : sink.anomalies) {
    ADD_FAILURE() << anomaly.id << ": " << anomaly.detail;
  }
  for (const RecordedMember& member : sink.members) {
    EXPECT_EQ(member.problem, "") << member.member.name;
  }
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

void ExpectKept(const formats::Format& format, ByteView image,
                const std::string& what) {
  const bool matches =
      formats::HasMagic(format, image) &&
      format.matches(image.first(std::min(image.size(), Input::kPeekLimit)));
  const auto size = format.measure(image);
  EXPECT_LE(size.value_or(0), image.size()) << what;
  RecordingSink sink;
  const auto result = Unpack(format, image, sink);
  EXPECT_EQ(FlawOf(sink, image.size()), "") << what;
  if (matches && result && sink.anomalies.empty()) {
    std::string why;
    EXPECT_TRUE(sink.Accounts(size.value_or(image.size()), &why))
        << what << ": " << why;
  }
}

void SweepImage(const formats::Format& format, ByteView image,
                std::size_t step) {
  for (std::size_t size = 0; size < image.size(); size += step) {
    ExpectKept(format, image.first(size), fmt::format("prefix {}", size));
  }
  for (std::size_t at = 0; at < image.size(); at += step) {
    for (const unsigned mask : {0x01U, 0x91U, 0xffU}) {
      Bytes damaged = CopyOf(image);
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ mask);
      ExpectKept(format, damaged, fmt::format("flip {:#x} at {}", mask, at));
    }
  }
}

std::string Names(const RecordingSink& sink) {
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + " ";
  }
  return names;
}

}  // namespace assay::testing
