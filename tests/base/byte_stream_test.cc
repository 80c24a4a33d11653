#include "verifier/base/byte_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace assay {
namespace {

class Drip : public ByteStream {
 public:
  explicit Drip(ByteView bytes) : bytes_(bytes) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min(bytes_.size(), into.size());
    std::copy_n(bytes_.begin(), count, into.begin());
    bytes_ = bytes_.subspan(count);
    return count;
  }

 private:
  ByteView bytes_;
};

Bytes Numbers(std::size_t count) {
  Bytes bytes(count);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

// The same calls give the same answers at rest and from a stream.
TEST(InputTest, ReadsAStreamLikeBytesAtRest) {
  const Bytes bytes = Numbers(200'000);
  Drip drip(bytes);
  Hasher hasher;
  Input stream(drip, hasher, Limits{.memory_per_member = 1000});
  Input rest(ByteSource::Borrow(bytes));
  for (Input* input : {&stream, &rest}) {
    EXPECT_EQ(input->Peek(3)->size(), 3U);
    EXPECT_EQ(input->position(), 0U);
    EXPECT_TRUE(input->Skip(10));
    const auto taken = input->Take(100'000);  // beyond memory: spilled
    ASSERT_TRUE(taken) << taken.error().what;
    EXPECT_EQ(taken->bytes()[0], 10);
    EXPECT_EQ(taken->size(), 100'000U);
    EXPECT_EQ(input->position(), 100'010U);
    EXPECT_FALSE(input->Take(100'000));
  }
  EXPECT_EQ(hasher.Finish().front().hex, Sha256Hex(bytes));
}

// Gives its bytes, then the error of damage, again and again.
class Damaged : public ByteStream {
 public:
  explicit Damaged(ByteView bytes) : drip_(bytes) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const auto count = drip_.Read(into);
    if (*count == 0) {
      return Fail(ErrorCode::kMalformed, "damage");
    }
    return count;
  }

 private:
  Drip drip_;
};

TEST(InputTest, HandsOutWhatCameBeforeTheDamage) {
  const Bytes bytes = Numbers(100);
  Damaged damaged(bytes);
  Hasher hasher;
  Input input(damaged, hasher, Limits{});
  EXPECT_EQ(input.Peek(1000)->size(), 100U);
  Bytes into(1000);
  const auto count = input.Read(into);
  ASSERT_TRUE(count) << count.error().what;
  EXPECT_EQ(*count, 100U);
  EXPECT_EQ(input.Read(into).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(input.Skip(1).error().what, "damage");
}

TEST(InputTest, NeverTakesDamageForTheEnd) {
  const Bytes bytes = Numbers(100);
  Damaged damaged(bytes);
  Hasher hasher;
  Input input(damaged, hasher, Limits{});
  const auto rest = input.TakeRest();
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().what, "damage");
}

TEST(InputTest, StopsAtTheMemberLimit) {
  const Bytes bytes = Numbers(5000);
  Drip drip(bytes);
  Hasher hasher;
  Input input(drip, hasher, Limits{.member = 4000});
  const auto rest = input.TakeRest();
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().code, ErrorCode::kLimit);
}

TEST(ByteSourceTest, RefusesWhatIsNoRegularFile) {
  EXPECT_FALSE(ByteSource::MapFile("/"));
  EXPECT_FALSE(ByteSource::MapFile("/no/such/file"));
  EXPECT_FALSE(ByteSource::MapFile("/dev/null"));
}

TEST(ByteSourceTest, RefusesRangesThatWrap) {
  const Bytes bytes = Numbers(10);
  const ByteSource source = ByteSource::Borrow(bytes);
  EXPECT_TRUE(source.Slice({4, 6}));
  EXPECT_FALSE(source.Slice({4, 7}));
  EXPECT_FALSE(source.Slice({~0ULL, 2}));
  EXPECT_FALSE(source.Slice({1, ~0ULL}));
}

}  // namespace
}  // namespace assay
