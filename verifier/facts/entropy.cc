#include "verifier/facts/entropy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"

namespace assay::facts {
namespace {

constexpr double kRandom = 7.9;
constexpr std::size_t kSmallest = 1024;

template <typename Count>
using Histogram = std::array<Count, 256>;

// Counts into four tables in turn, so that runs of one byte do not wait for
// the same counter to be written back.
void Count(ByteView block, Histogram<std::uint32_t>& into) {
  std::array<Histogram<std::uint32_t>, 4> tables = {};
  std::size_t at = 0;
  for (; block.size() - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, &block[at], 8);
    for (unsigned i = 0; i < 8; ++i) {
      ++tables[i % 4][static_cast<std::uint8_t>(word >> (8 * i))];
    }
  }
  for (; at < block.size(); ++at) {
    ++tables[0][block[at]];
  }
  for (std::size_t value = 0; value < 256; ++value) {
    into[value] = tables[0][value] + tables[1][value] + tables[2][value] +
                  tables[3][value];
  }
}

// n * log2(n) for the counts that a block can have.
const std::vector<double>& BlockTerms() {
  static const std::vector<double> kTerms = [] {
    std::vector<double> terms(kEntropyBlock + 1, 0.0);
    for (std::size_t n = 1; n < terms.size(); ++n) {
      terms[n] = static_cast<double>(n) * std::log2(static_cast<double>(n));
    }
    return terms;
  }();
  return kTerms;
}

double BlockEntropy(const Histogram<std::uint32_t>& counts) {
  const std::vector<double>& terms = BlockTerms();
  double sum = 0;
  for (const std::uint32_t count : counts) {
    sum += terms[count];
  }
  constexpr double kSize = kEntropyBlock;
  return std::clamp(std::log2(kSize) - sum / kSize, 0.0, 8.0);
}

double Entropy(const Histogram<std::uint64_t>& counts, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  double sum = 0;
  for (const std::uint64_t count : counts) {
    if (count > 0) {
      const auto n = static_cast<double>(count);
      sum += n * std::log2(n);
    }
  }
  const auto total = static_cast<double>(size);
  return std::clamp(std::log2(total) - sum / total, 0.0, 8.0);
}

bool Examine(const Subject& subject, Observations& into) {
  const Artifact& artifact = subject.artifact;
  if (subject.content.size() < kSmallest ||
      (!artifact.format.empty() && artifact.format != "elf")) {
    return false;
  }
  const EntropyProfile profile = EntropyProfileOf(subject.content);
  FactWriter facts("entropy", subject, into);
  facts.Add({.kind = "file.entropy",
             .value = fmt::format("{:.3f}", profile.overall),
             .attributes = {
                 {"max_block", fmt::format("{:.3f}", profile.max_block)},
                 {"blocks_over_7_9", fmt::format("{}", profile.blocks_over)}}});
  return false;  // a number, no understanding
}

}  // namespace

EntropyProfile EntropyProfileOf(ByteView bytes) {
  EntropyProfile profile;
  Histogram<std::uint64_t> total = {};
  Histogram<std::uint32_t> counts = {};
  for (std::size_t at = 0; at < bytes.size(); at += kEntropyBlock) {
    const std::size_t size = std::min(kEntropyBlock, bytes.size() - at);
    Count(bytes.subspan(at, size), counts);
    for (std::size_t value = 0; value < 256; ++value) {
      total[value] += counts[value];
    }
    if (size == kEntropyBlock) {
      const double entropy = BlockEntropy(counts);
      profile.max_block = std::max(profile.max_block, entropy);
      profile.blocks_over += entropy > kRandom ? 1 : 0;
    }
  }
  profile.overall = Entropy(total, bytes.size());
  if (bytes.size() < kEntropyBlock) {
    profile.max_block = profile.overall;
  }
  return profile;
}

double EntropyOf(ByteView bytes) {
  return EntropyProfileOf(bytes).overall;
}

const Analysis kEntropy = {
    .name = "entropy",
    .title = "Shannon entropy of leaf content",
    .examine = Examine,
};

}  // namespace assay::facts
