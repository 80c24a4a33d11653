// Every sample of a format that is looked for at any offset, planted among
// noise: found where it lies, with its exact end.

#include "verifier/unpack/carve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/hex.h"

namespace assay::unpack {
namespace {

struct Planted {
  std::string sample;
  Bytes bytes;
  const formats::Format* format = nullptr;
};

bool IsLookedFor(const formats::Format& format, ByteView bytes) {
  const auto magics =
      format.carve_magics.empty() ? format.magics : format.carve_magics;
  return std::any_of(
      magics.begin(), magics.end(), [&](const formats::Magic& magic) {
        const auto at = Slice(bytes, magic.offset, magic.bytes.size());
        return at && AsText(*at) == magic.bytes;
      });
}

std::vector<Planted> CarvableSamples() {
  namespace fs = std::filesystem;
  const std::string folder = testing::SamplePath("formats");
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".hex") {
      files.insert(entry.path().lexically_relative(folder).string());
    }
  }
  std::vector<Planted> samples;
  for (const std::string& file : files) {
    Planted planted{.sample = file,
                    .bytes = testing::Sample("formats/" + file)};
    const ByteView bytes = planted.bytes;
    planted.format =
        formats::Detect(bytes.first(std::min(bytes.size(), Input::kPeekLimit)));
    if (planted.format == nullptr || !planted.format->carvable) {
      continue;
    }
    // A few formats only end where their input does, and some zlib streams
    // begin in a way that is looked for at the start of an artifact alone.
    const auto size = planted.format->measure(
        testing::Concat(bytes, Bytes(5000, std::uint8_t{0x5A})));
    if (size && *size == bytes.size() && IsLookedFor(*planted.format, bytes)) {
      samples.push_back(std::move(planted));
    }
  }
  return samples;
}

TEST(CarveTest, FindsWhatIsPlantedWithItsExactEnd) {
  const std::vector<Planted> samples = CarvableSamples();
  ASSERT_FALSE(samples.empty());
  std::mt19937 random(20261125);
  std::size_t planted = 0;
  std::size_t found = 0;
  for (const Planted& sample : samples) {
    for (int round = 0; round < 8; ++round) {
      Bytes image(random() % 20'000 + 16);
      std::generate(image.begin(), image.end(),
                    [&] { return static_cast<std::uint8_t>(random()); });
      const Range place{image.size(), sample.bytes.size()};
      image = testing::Concat(image, sample.bytes);
      for (int i = 0; i < 3000; ++i) {
        image.push_back(static_cast<std::uint8_t>(random()));
      }
      const Carving carving = Carve(image);
      ++planted;
      const bool exact = std::any_of(
          carving.chunks.begin(), carving.chunks.end(),
          [&](const CarvedChunk& chunk) { return chunk.range == place; });
      found += exact ? 1U : 0U;
      EXPECT_TRUE(exact || round > 0)
          << sample.sample << " (" << sample.format->name << ") at "
          << place.offset << "+" << place.length;
    }
  }
  EXPECT_GE(static_cast<double>(found), 0.99 * static_cast<double>(planted))
      << found << " of " << planted;
}

TEST(CarveTest, FindsNothingInNoise) {
  std::mt19937_64 random(7);
  Bytes noise(16U << 20U);
  std::generate(noise.begin(), noise.end(),
                [&] { return static_cast<std::uint8_t>(random()); });
  const Carving carving = Carve(noise);
  EXPECT_TRUE(carving.chunks.empty())
      << carving.chunks.front().format->name << " at "
      << carving.chunks.front().range.offset;
  EXPECT_FALSE(carving.gave_up_at);
}

}  // namespace
}  // namespace assay::unpack
