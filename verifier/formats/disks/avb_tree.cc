#include "verifier/formats/disks/avb_tree.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::avb {
namespace {

std::optional<DigestAlgorithm> AlgorithmOf(const std::string& name) {
  if (name == "sha256") {
    return DigestAlgorithm::kSha256;
  }
  if (name == "sha1") {
    return DigestAlgorithm::kSha1;
  }
  if (name == "sha512") {
    return DigestAlgorithm::kSha512;
  }
  return std::nullopt;
}

// Digests the blocks of one level to the level above.
class LevelHasher {
 public:
  LevelHasher(DigestAlgorithm algorithm, ByteView salt, std::uint64_t block)
      : algorithm_(algorithm),
        salt_(salt.size()),
        block_(block),
        buffer_(CopyOf(salt)) {
    buffer_.resize(salt_ + static_cast<std::size_t>(block));
  }

  // `piece` is one block at most; zeros fill it up.
  Bytes Digest(ByteView piece) {
    const auto end =
        std::copy(piece.begin(), piece.end(),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(salt_));
    std::fill(end, buffer_.end(), std::uint8_t{0});
    if (algorithm_ == DigestAlgorithm::kSha256) {
      const auto digest = Sha256Raw(buffer_);
      return {digest.begin(), digest.end()};
    }
    return *BytesFromHex(DigestOf(algorithm_, buffer_).hex);
  }

  Bytes Level(ByteView below) {
    const std::size_t slot = std::bit_ceil(SizeOf(algorithm_));
    Bytes level;
    for (std::uint64_t at = 0; at < below.size(); at += block_) {
      const std::uint64_t length =
          std::min<std::uint64_t>(block_, below.size() - at);
      const Bytes digest = Digest(*Slice(below, at, length));
      level.insert(level.end(), digest.begin(), digest.end());
      level.resize(level.size() + slot - digest.size());
    }
    level.resize(level.size() +
                 static_cast<std::size_t>(GapTo(block_, level.size())));
    return level;
  }

 private:
  DigestAlgorithm algorithm_;
  std::size_t salt_;
  std::uint64_t block_;
  Bytes buffer_;
};

}  // namespace

std::optional<Bytes> SaltedDigest(const std::string& algorithm, ByteView salt,
                                  ByteView piece) {
  const auto known = AlgorithmOf(algorithm);
  if (!known || salt.size() > kMaxSalt) {
    return std::nullopt;
  }
  Hasher hasher({*known});
  hasher.Update(salt);
  hasher.Update(piece);
  for (const assay::Digest& digest : hasher.Finish()) {
    if (digest.algorithm == *known) {
      return BytesFromHex(digest.hex);
    }
  }
  return std::nullopt;
}

bool CanComputeTree(const std::string& algorithm, std::uint64_t size,
                    std::uint64_t block) {
  constexpr std::uint64_t kSmallest = 512;
  constexpr std::uint64_t kLargest = 64U << 10U;
  return AlgorithmOf(algorithm) && block >= kSmallest && block <= kLargest &&
         std::has_single_bit(block) && size > block;
}

std::optional<HashTree> ComputeTree(const std::string& algorithm, ByteView salt,
                                    ByteView image, std::uint64_t block) {
  const auto known = AlgorithmOf(algorithm);
  if (!known || salt.size() > kMaxSalt ||
      !CanComputeTree(algorithm, image.size(), block)) {
    return std::nullopt;
  }
  LevelHasher hasher(*known, salt, block);
  std::vector<Bytes> levels;
  levels.push_back(hasher.Level(image));
  while (levels.back().size() > block) {
    levels.push_back(hasher.Level(levels.back()));
  }
  HashTree tree{.root = hasher.Digest(levels.back())};
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    tree.levels.insert(tree.levels.end(), level->begin(), level->end());
  }
  return tree;
}

}  // namespace assay::formats::avb
