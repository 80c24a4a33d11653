// Small products that claim to be huge: each ends with what could be read and
// a name for what could not, inside its budget.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/evasion.h"
#include "tests/support/hex.h"
#include "tests/support/product.h"
#include "verifier/base/crc32.h"
#include "verifier/unpack/walk.h"

namespace assay::unpack {
namespace {

using testing::Concat;
using testing::Hex;

// What a reader of the report must learn of a bomb.
struct Outcome {
  bool limited = false;  // some artifact names a limit that was met
  std::uint64_t decoded = 0;
  std::size_t artifacts = 0;
};

Outcome WalkBomb(const std::string& name, Bytes product,
                 const Limits& limits = {}) {
  WalkOptions options;
  options.limits = limits;
  const Survey survey = Walk(testing::FileProduct(name, std::move(product)),
                             testing::Onlooker(), options);
  std::string why;
  EXPECT_TRUE(testing::IsPartitioned(survey, &why)) << name << ": " << why;
  const bool limited =
      !survey.stopped.empty() ||
      std::any_of(survey.nodes.begin(), survey.nodes.end(),
                  [](const Node& node) {
                    return testing::HasAnomaly(node.artifact, "unpack.limit");
                  });
  return {limited, survey.decoded_bytes, survey.nodes.size()};
}

// A ustar header; `type` and `size` as given, the checksum right.
Bytes TarHeader(const std::string& name, std::uint64_t size, char type) {
  Bytes header(512);
  const auto put = [&](std::size_t at, const std::string& text) {
    std::copy(text.begin(), text.end(),
              header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", size));
  put(136, "00000000000");
  put(148, "        ");
  header[156] = static_cast<std::uint8_t>(type);
  put(257, std::string("ustar\0"
                       "00",
                       8));
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : header) {
    sum += byte;
  }
  put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return header;
}

// A pax archive (GNU sparse 1.0) of one file of `size` bytes, all of it hole.
Bytes SparseTar(std::uint64_t size) {
  std::string records;
  for (const std::string& field :
       {std::string("GNU.sparse.major=1"), std::string("GNU.sparse.minor=0"),
        std::string("GNU.sparse.name=s"),
        fmt::format("GNU.sparse.realsize={}", size)}) {
    const std::size_t length = field.size() + 4;
    records += fmt::format("{} {}\n", length, field);
  }
  Bytes pax = Concat(TarHeader("pax", records.size(), 'x'), AsBytes(records));
  pax.resize(1024);
  Bytes map = CopyOf(AsBytes(fmt::format("1\n{}\n0\n", size)));
  map.resize(512);
  Bytes tar = Concat(pax, Concat(TarHeader("s", map.size(), '0'), map));
  tar.resize(tar.size() + 1024);
  return tar;
}

// A zip whose `count` central entries all name the one local entry: what was
// called "a better zip bomb" overlaps like this.
Bytes OverlappingZip(std::uint16_t count, ByteView content) {
  Bytes zip = Hex("504B0304 1400 0000 0000 0000 0000");
  const auto put = [&zip](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
      zip.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  };
  put(Crc32(content), 4);
  put(content.size(), 4);
  put(content.size(), 4);
  put(1, 2);
  put(0, 2);
  zip.push_back('a');
  zip.insert(zip.end(), content.begin(), content.end());
  const std::size_t directory = zip.size();
  for (std::uint16_t i = 0; i < count; ++i) {
    zip = Concat(zip, Hex("504B0102 1400 1400 0000 0000 0000 0000"));
    put(Crc32(content), 4);
    put(content.size(), 4);
    put(content.size(), 4);
    put(1, 2);
    put(0, 2);
    put(0, 2);
    put(0, 4);
    put(0, 4);
    put(0, 4);
    zip.push_back(static_cast<std::uint8_t>('a' + i % 26));
  }
  const std::size_t size = zip.size() - directory;
  zip = Concat(zip, Hex("504B0506 0000 0000"));
  put(count, 2);
  put(count, 2);
  put(size, 4);
  put(directory, 4);
  put(0, 2);
  return zip;
}

TEST(BombTest, CompressedZerosEndAtTheRatio) {
  for (const char* sample : {"bzip2", "gzip", "lz4", "xz", "zstd"}) {
    const std::string file = std::string("formats/") + sample + "/zeros.hex";
    Bytes zeros = testing::Sample(file);
    Limits limits;
    limits.ratio_floor = 16U << 10U;
    limits.ratio = 10;
    const Outcome outcome = WalkBomb(sample, zeros, limits);
    EXPECT_TRUE(outcome.limited) << sample;
    EXPECT_LE(outcome.decoded,
              std::max<std::uint64_t>(limits.ratio_floor, zeros.size() * 10) +
                  (1U << 20U))
        << sample;
  }
}

// What was not decoded is searched, but not for the bomb itself.
TEST(BombTest, ABombIsNotFoundInItself) {
  Limits limits;
  limits.ratio = 1;
  limits.ratio_floor = (1U << 20U) - 1;  // the last byte is over it
  const Outcome outcome =
      WalkBomb("z.xz", testing::Sample("formats/xz/zeros.hex"), limits);
  EXPECT_TRUE(outcome.limited);
  EXPECT_EQ(outcome.artifacts, 2U);
}

TEST(BombTest, AHoleOfEightTebibytesIsNamedNotWritten) {
  const Outcome outcome = WalkBomb("s.tar", SparseTar(8ULL << 40U));
  EXPECT_TRUE(outcome.limited);
  EXPECT_LE(outcome.decoded, 64ULL << 30U);
}

TEST(BombTest, EntriesThatOverlapCostNoMoreThanTheBudget) {
  const Bytes content(60'000, 'x');
  Limits limits;
  limits.ratio_floor = 1U << 20U;
  const Outcome outcome =
      WalkBomb("o.zip", OverlappingZip(2000, content), limits);
  EXPECT_LE(outcome.decoded, 120'000'000U);
  EXPECT_LE(outcome.artifacts, 2001U);
}

TEST(BombTest, ATowerOfAThousandLayersEndsAtTheDepth) {
  const Outcome outcome = WalkBomb("t.gz", testing::GzipTimes(Hex("00"), 1000));
  EXPECT_TRUE(outcome.limited);
  EXPECT_LE(outcome.artifacts, 40U);
}

TEST(BombTest, MoreMembersThanAllowedStopTheWalk) {
  Bytes tar;
  for (int i = 0; i < 300; ++i) {
    tar = Concat(tar, TarHeader(fmt::format("f{}", i), 0, '0'));
  }
  tar.resize(tar.size() + 1024);
  Limits limits;
  limits.entries = 100;
  const Outcome outcome = WalkBomb("many.tar", tar, limits);
  EXPECT_TRUE(outcome.limited);
  EXPECT_LE(outcome.artifacts, 101U);
}

TEST(BombTest, AHeaderAtEveryOffsetIsGivenUpAndSaid) {
  const Bytes header = Hex("1F8B0800 00000000 0003");
  Bytes image;
  for (int i = 0; i < 100'000; ++i) {
    image.insert(image.end(), header.begin(), header.end());
  }
  const Outcome outcome = WalkBomb("magics.bin", std::move(image));
  EXPECT_TRUE(outcome.limited);
}

}  // namespace
}  // namespace assay::unpack
