#include "verifier/base/byte_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace assay {
namespace {

constexpr std::uint64_t kPage = 4096;

// Three pages, each filled with its own digit.
Bytes ThreePages() {
  Bytes bytes;
  for (const char digit : {'1', '2', '3'}) {
    bytes.insert(bytes.end(), kPage, static_cast<std::uint8_t>(digit));
  }
  return bytes;
}

// The same bytes in a file, as a spilled member has them.
ByteSource InAFile() {
  Spool spool(0, 1U << 20U);
  EXPECT_TRUE(spool.Append(ThreePages()));
  return *spool.Finish();
}

TEST(ByteSourceTest, GathersScatteredContentWhereverItLies) {
  const std::array<Extent, 3> extents = {
      {{{2 * kPage, kPage}}, {{0, kPage}, true}, {{0, 5}}}};
  for (const ByteSource& source : {ByteSource::Own(ThreePages()), InAFile()}) {
    for (const std::uint64_t memory : {std::uint64_t{0}, 4 * kPage}) {
      const auto content = source.Gather(extents, memory, 4 * kPage);
      ASSERT_TRUE(content) << content.error().what;
      ASSERT_EQ(content->size(), 2 * kPage + 5);
      const ByteView bytes = content->bytes();
      EXPECT_TRUE(std::all_of(bytes.begin(), bytes.begin() + kPage,
                              [](auto byte) { return byte == '3'; }));
      EXPECT_TRUE(std::all_of(bytes.begin() + kPage, bytes.begin() + 2 * kPage,
                              [](auto byte) { return byte == 0; }));
      EXPECT_EQ(AsText(bytes.subspan(2 * kPage)), "11111");
    }
  }
}

TEST(ByteSourceTest, ContentInOnePieceIsAWindow) {
  const ByteSource source = ByteSource::Own(ThreePages());
  const std::array<Extent, 2> extents = {{{{10, 20}}, {{30, 5}}}};
  const auto content = source.Gather(extents, 0, 100);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->bytes().data(), source.bytes().subspan(10).data());
  EXPECT_EQ(content->size(), 25U);
}

TEST(ByteSourceTest, UnalignedPiecesOfAFileAreCopied) {
  const std::array<Extent, 2> extents = {{{{kPage - 2, 4}}, {{0, 1}}}};
  const auto content = InAFile().Gather(extents, 0, 100);
  ASSERT_TRUE(content);
  EXPECT_EQ(AsText(content->bytes()), "11221");
}

TEST(ByteSourceTest, AHugeHoleCostsNothing) {
  const std::array<Extent, 2> extents = {
      {{{0, 1ULL << 40U}, true}, {{0, kPage}}}};
  const auto content = InAFile().Gather(extents, 0, 1ULL << 41U);
  ASSERT_TRUE(content) << content.error().what;
  EXPECT_EQ(content->size(), (1ULL << 40U) + kPage);
  EXPECT_EQ(content->bytes()[1ULL << 40U], '1');
}

TEST(ByteSourceTest, ExtentsOutsideAndBeyondTheCeilingAreRefused) {
  constexpr std::uint64_t kMost = ~std::uint64_t{0};
  const ByteSource source = ByteSource::Own(ThreePages());
  for (const Range range :
       {Range{3 * kPage, 1}, Range{kMost, 2}, Range{1, 3 * kPage}}) {
    const std::array<Extent, 1> extents = {{{range}}};
    const auto content = source.Gather(extents, 0, kMost);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, ErrorCode::kTruncated);
  }
  const std::array<Extent, 2> holes = {
      {{{0, kMost - 1}, true}, {{0, kMost - 1}, true}}};
  const auto content = source.Gather(holes, 0, kMost);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace assay
