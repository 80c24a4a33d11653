#include "verifier/formats/vendor/verity_tree.h"

#include <algorithm>

#include "verifier/base/digest.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kBlock = 4096;
constexpr std::uint64_t kHash = std::tuple_size_v<VerityHash>;
constexpr std::uint64_t kHashes = kBlock / kHash;

// How many blocks each level takes up, from the one over the data up.
std::vector<std::uint64_t> LevelsOver(std::uint64_t blocks) {
  std::vector<std::uint64_t> levels;
  while (blocks > 1) {
    blocks = (blocks + kHashes - 1) / kHashes;
    levels.push_back(blocks);
  }
  return levels;
}

class Salted {
 public:
  explicit Salted(ByteView salt) : buffer_(CopyOf(salt)), salt_(salt.size()) {
    buffer_.resize(salt_ + kBlock);
  }
  VerityHash Of(ByteView block) {
    std::copy(block.begin(), block.end(),
              buffer_.begin() + static_cast<std::ptrdiff_t>(salt_));
    return Sha256Raw(buffer_);
  }

 private:
  Bytes buffer_;
  std::size_t salt_;
};

}  // namespace

std::uint64_t VerityTreeSize(std::uint64_t data) {
  std::uint64_t blocks = 0;
  for (const std::uint64_t level : LevelsOver(data / kBlock)) {
    blocks += level;
  }
  return blocks * kBlock;
}

std::optional<VerityResult> CheckVerity(ByteView bytes, std::uint64_t tree,
                                        ByteView salt) {
  if (tree > bytes.size() || tree == bytes.size() ||
      bytes.size() % kBlock != 0 || tree % kBlock != 0 ||
      VerityTreeSize(bytes.size() - tree) != tree) {
    return std::nullopt;
  }
  Salted salted(salt);
  VerityResult result;
  const auto block = [&](std::uint64_t index) {
    return bytes.subspan(static_cast<std::size_t>(index * kBlock), kBlock);
  };
  // The blocks that are hashed, and where their hashes lie.
  std::uint64_t first = 0;
  std::uint64_t count = (bytes.size() - tree) / kBlock;
  std::uint64_t hashes = bytes.size() / kBlock;
  for (const std::uint64_t level : LevelsOver(count)) {
    hashes -= level;
    for (std::uint64_t i = 0; i < count; ++i) {
      const VerityHash found = salted.Of(block(first + i));
      const ByteView stored = bytes.subspan(
          static_cast<std::size_t>(hashes * kBlock + i * kHash), kHash);
      if (!std::equal(found.begin(), found.end(), stored.begin())) {
        result.first_wrong = result.wrong == 0
                                 ? first + i
                                 : std::min(result.first_wrong, first + i);
        ++result.wrong;
      }
    }
    first = hashes;
    count = level;
  }
  result.root = salted.Of(block(first));
  return result;
}

std::optional<VerityTree> BuildVerity(ByteView data, ByteView salt) {
  if (data.empty() || data.size() % kBlock != 0) {
    return std::nullopt;
  }
  Salted salted(salt);
  VerityTree tree{
      .blocks = Bytes(static_cast<std::size_t>(VerityTreeSize(data.size())))};
  ByteView below = data;  // what the level hashes
  std::uint64_t start = tree.blocks.size();
  for (const std::uint64_t level : LevelsOver(data.size() / kBlock)) {
    start -= level * kBlock;
    auto at = tree.blocks.begin() + static_cast<std::ptrdiff_t>(start);
    for (std::size_t done = 0; done < below.size(); done += kBlock) {
      at = std::ranges::copy(salted.Of(below.subspan(done, kBlock)), at).out;
    }
    below = ByteView(tree.blocks)
                .subspan(static_cast<std::size_t>(start),
                         static_cast<std::size_t>(level * kBlock));
  }
  tree.root = salted.Of(below.first(kBlock));
  return tree;
}

}  // namespace assay::formats
