#include "tests/support/volume_checks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"

namespace assay::testing {
namespace {

bool LieWithinAndApart(const RecordingSink& sink, std::uint64_t size) {
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
    if (range.offset < at || range.length > size ||
        range.offset > size - range.length) {
      return false;
    }
    at = range.end();
  }
  return true;
}

}  // namespace

void CheckVolume(const formats::Format& format, ByteView image,
                 std::span<const ExpectedFile> files, RecordingSink& sink) {
  EXPECT_TRUE(format.matches(image));
  const Bytes longer = Concat(image, Hex("7f454c4600ff"));
  EXPECT_EQ(format.measure(longer).value_or(0), image.size());
  std::uint64_t consumed = 0;
  const auto result = Unpack(format, longer, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, image.size());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  for (const formats::Anomaly& anomaly : sink.anomalies) {
    ADD_FAILURE() << anomaly.id << ": " << anomaly.detail;
  }
  EXPECT_EQ(Problems(sink), 0U);
  for (const ExpectedFile& file : files) {
    const RecordedMember* found = sink.Find(file.name);
    ASSERT_NE(found, nullptr) << file.name;
    const FileMetadata& meta = found->member.meta;
    EXPECT_EQ(meta.type, file.type) << file.name;
    EXPECT_EQ(meta.mode, file.mode) << file.name;
    EXPECT_EQ(meta.uid, file.uid) << file.name;
    EXPECT_EQ(meta.gid, file.gid) << file.name;
    EXPECT_EQ(meta.device_major, file.device_major) << file.name;
    EXPECT_EQ(meta.device_minor, file.device_minor) << file.name;
    EXPECT_EQ(meta.link_target, file.link_target) << file.name;
  }
}

void CheckVolumePrefixes(const formats::Format& format, ByteView image,
                         std::size_t step) {
  for (std::size_t size = 0; size < image.size(); size += step) {
    const ByteView prefix = image.first(size);
    EXPECT_FALSE(format.measure(prefix)) << size;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(format, prefix, sink)) << size;
    EXPECT_TRUE(LieWithinAndApart(sink, size)) << size;
  }
}

void CheckVolumeFlips(const formats::Format& format, ByteView image,
                      std::size_t step) {
  Bytes damaged = CopyOf(image);
  std::size_t met = 0;
  for (std::size_t at = 0; at < image.size(); ++at) {
    if (image[at] == 0 || met++ % step != 0) {
      continue;
    }
    damaged[at] ^= met % 2 == 0 ? 0x01U : 0x90U;
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result = Unpack(format, damaged, sink, &consumed);
    const auto size = format.measure(damaged);
    EXPECT_LE(size.value_or(0), damaged.size());
    EXPECT_TRUE(LieWithinAndApart(sink, damaged.size())) << "byte " << at;
    if (result) {
      std::string why;
      EXPECT_TRUE(sink.Accounts(consumed, &why)) << "byte " << at << why;
    }
    damaged[at] = image[at];
  }
}

std::size_t Problems(const RecordingSink& sink) {
  return static_cast<std::size_t>(std::count_if(
      sink.members.begin(), sink.members.end(),
      [](const auto& member) { return !member.problem.empty(); }));
}

void PutLe(Bytes& bytes, std::size_t at, std::uint64_t value,
           std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes.at(at + i) = static_cast<std::uint8_t>(value >> 8U * i);
  }
}

}  // namespace assay::testing
