#include "verifier/formats/archives/blake2sp.h"

#include <algorithm>
#include <bit>

namespace assay::formats {
namespace {

using Words = std::array<std::uint32_t, 8>;
using Message = std::array<Le32, 16>;

constexpr std::size_t kBlock = 64;
constexpr std::size_t kLeaves = 8;
constexpr Words kStart = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                          0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
constexpr std::array<std::array<std::uint8_t, 16>, 10> kOrder = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};

class Node {
 public:
  // Digests of 32 bytes, eight leaves, two levels.
  Node(std::uint32_t number, std::uint32_t level, bool last) : last_(last) {
    state_[0] ^= 32U | 8U << 16U | 2U << 24U;
    state_[2] ^= number;
    state_[3] ^= level << 16U | 32U << 24U;
  }

  // The last block may be short, or empty when there is no other.
  void Add(ByteView block, bool final) {
    std::array<std::uint8_t, kBlock> padded = {};
    std::copy(block.begin(), block.end(), padded.begin());
    count_ += block.size();
    Mix(padded, final);
  }

  [[nodiscard]] Blake2spDigest Digest() const {
    Blake2spDigest digest = {};
    for (std::size_t i = 0; i < digest.size(); ++i) {
      digest.at(i) =
          static_cast<std::uint8_t>(state_.at(i / 4) >> 8U * (i % 4));
    }
    return digest;
  }

 private:
  void Mix(ByteView block, bool final) {
    const auto words = ReadAt<Message>(block, 0).value_or(Message());
    std::array<std::uint32_t, 16> v = {};
    std::copy(state_.begin(), state_.end(), v.begin());
    std::copy(kStart.begin(), kStart.end(), v.begin() + 8);
    v[12] ^= static_cast<std::uint32_t>(count_);
    v[13] ^= static_cast<std::uint32_t>(count_ >> 32U);
    v[14] = final ? ~v[14] : v[14];
    v[15] = final && last_ ? ~v[15] : v[15];
    for (const auto& order : kOrder) {
      const auto step = [&](std::size_t i, std::size_t a, std::size_t b,
                            std::size_t c, std::size_t d) {
        const std::uint32_t x = words.at(order.at(2 * i));
        const std::uint32_t y = words.at(order.at(2 * i + 1));
        v.at(a) += v.at(b) + x;
        v.at(d) = std::rotr(v.at(d) ^ v.at(a), 16);
        v.at(c) += v.at(d);
        v.at(b) = std::rotr(v.at(b) ^ v.at(c), 12);
        v.at(a) += v.at(b) + y;
        v.at(d) = std::rotr(v.at(d) ^ v.at(a), 8);
        v.at(c) += v.at(d);
        v.at(b) = std::rotr(v.at(b) ^ v.at(c), 7);
      };
      for (std::size_t i = 0; i < 4; ++i) {
        step(i, i, 4 + i, 8 + i, 12 + i);
      }
      for (std::size_t i = 0; i < 4; ++i) {
        step(4 + i, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
      }
    }
    for (std::size_t i = 0; i < state_.size(); ++i) {
      state_.at(i) ^= v.at(i) ^ v.at(i + 8);
    }
  }

  Words state_ = kStart;
  std::uint64_t count_ = 0;
  bool last_;
};

}  // namespace

Blake2spDigest Blake2spOf(ByteView bytes) {
  Node root(0, 1, true);
  Bytes digests;
  for (std::size_t leaf = 0; leaf < kLeaves; ++leaf) {
    Node node(static_cast<std::uint32_t>(leaf), 0, leaf == kLeaves - 1);
    std::size_t at = leaf * kBlock;
    do {  // at least once, so that there is a last block
      const std::size_t begin = std::min(at, bytes.size());
      const std::size_t next = at + kLeaves * kBlock;
      node.Add(bytes.subspan(begin, std::min(kBlock, bytes.size() - begin)),
               next >= bytes.size());
      at = next;
    } while (at < bytes.size());
    const auto digest = node.Digest();
    digests.insert(digests.end(), digest.begin(), digest.end());
  }
  for (std::size_t at = 0; at < digests.size(); at += kBlock) {
    root.Add(ByteView(digests).subspan(at, kBlock),
             at + kBlock == digests.size());
  }
  return root.Digest();
}

}  // namespace assay::formats
