// Runs of text are the same as a plain loop finds, wherever they lie.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "sbom/banners/runs.h"

namespace assay::sbom {
namespace {

using Runs = std::vector<std::pair<std::uint64_t, std::string>>;

Runs Found(const Bytes& bytes) {
  Runs found;
  TextRuns runs(bytes);
  while (const auto run = runs.Next()) {
    found.emplace_back(run->offset, run->text);
  }
  return found;
}

Runs Expected(const Bytes& bytes) {
  Runs expected;
  std::string run;
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    if (at < bytes.size() && IsRunByte(bytes[at])) {
      run.push_back(static_cast<char>(bytes[at]));
      continue;
    }
    if (run.size() >= kShortestRun) {
      expected.emplace_back(at - run.size(), run);
    }
    run.clear();
  }
  return expected;
}

TEST(TextRunsTest, EveryByteBelongsOrNot) {
  for (unsigned c = 0; c < 256; ++c) {
    const Bytes bytes(3, static_cast<std::uint8_t>(c));
    EXPECT_EQ(Found(bytes).size(), c == 9 || c == 10 || (c >= 32 && c <= 126))
        << c;
  }
}

TEST(TextRunsTest, OfAnyLengthAtAnyPlace) {
  for (std::size_t start = 0; start < 130; ++start) {
    for (const std::size_t length : {1U, 2U, 3U, 4U, 61U, 64U, 65U, 128U}) {
      Bytes bytes(start, 0);
      bytes.insert(bytes.end(), length, 'x');
      EXPECT_EQ(Found(bytes), Expected(bytes)) << start << " " << length;
      bytes.push_back(0x80);
      bytes.insert(bytes.end(), {'a', 'b', 'c', 'd'});
      EXPECT_EQ(Found(bytes), Expected(bytes)) << start << " " << length;
    }
  }
}

TEST(TextRunsTest, OfChance) {
  std::mt19937 chance(13);  // NOLINT(cert-msc*): the same every time
  for (const unsigned printable : {2U, 5U, 9U}) {
    for (int round = 0; round < 200; ++round) {
      Bytes bytes(chance() % 400);
      for (std::uint8_t& byte : bytes) {
        byte = chance() % 10 < printable ? 'x' : 0;
      }
      ASSERT_EQ(Found(bytes), Expected(bytes));
    }
  }
}

TEST(TextRunsTest, OfNothing) {
  EXPECT_TRUE(Found({}).empty());
  EXPECT_TRUE(Found({'a', 'b'}).empty());
}

}  // namespace
}  // namespace assay::sbom
