// A walk that was kept is taken up; one that was broken off goes on; what is
// damaged, or of somebody who still writes, is as if it were not there.
#include "verifier/confine/transcript.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/archive_writer.h"
#include "tests/support/product.h"
#include "tests/support/scratch.h"
#include "verifier/confine/walls.h"
#include "verifier/confine/worker.h"

namespace assay::confine {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMost = 1U << 20U;

// Says one word of every artifact.
class Teller : public unpack::Examiner {
 public:
  explicit Teller(std::string word) : word_(std::move(word)) {}
  void Examine(Artifact& /*artifact*/, const ByteSource& /*content*/,
               Observations& into) const override {
    into.facts.push_back({.kind = "file.entropy", .value = word_});
  }

 private:
  std::string word_;
};

unpack::Product Files() {
  const Bytes tar = testing::WriteArchive(
      "ustar", {{.name = "x", .content = "x"}, {.name = "y", .content = "y"}});
  return testing::FolderProduct(
      {{"a", CopyOf(AsBytes("a"))}, {"b.tar", tar}, {"c", {'c'}}});
}

// The words of all artifacts, in their order; "" without a survey.
std::string WordsOf(const Result<Survey>& survey) {
  std::string words;
  if (survey) {
    for (const Node& node : survey->nodes) {
      for (const Fact& fact : node.seen.facts) {
        words += fact.value;
      }
    }
  }
  return words;
}

class TranscriptTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasWalls()) {
      GTEST_SKIP() << "a build with a sanitizer has no walls";
    }
    ASSERT_EQ(Walk("1", false), "111111");
    ASSERT_FALSE(fs::exists(path_));
  }

  // Walks saying `word`; keeps the walk when asked to.
  std::string Walk(const std::string& word, bool keep) {
    const Teller teller(word);
    const unpack::Product product = Files();
    Transcript transcript(path_, kMost);
    Task task{.product = product, .examiner = teller};
    task.transcript = &transcript;
    const auto survey = WalkConfined(task);
    if (keep) {
      transcript.Keep();
    }
    return WordsOf(survey);
  }

  testing::ScratchFolder folder_;
  std::string path_ = folder_.path() + "/w.walk";
  std::string part_ = path_ + ".part";
};

TEST_F(TranscriptTest, WhatWasKeptIsTakenUp) {
  EXPECT_EQ(Walk("2", true), "111111") << "finished, and not kept: goes on";
  ASSERT_TRUE(fs::exists(path_));
  EXPECT_FALSE(fs::exists(part_));
  EXPECT_EQ(Walk("3", true), "111111");
}

TEST_F(TranscriptTest, AWalkThatWasBrokenOffGoesOn) {
  const auto whole = fs::file_size(part_);
  for (const std::uintmax_t size : {whole - 1, whole / 2, whole / 3}) {
    fs::resize_file(part_, size);
    const std::string words = Walk("2", false);
    EXPECT_EQ(words.size(), 6U);
    EXPECT_NE(words.find('1'), std::string::npos) << size << words;
    fs::resize_file(part_, size);
  }
  EXPECT_NE(Walk("2", true), "111111");
  EXPECT_EQ(Walk("3", true).find('3'), std::string::npos);
}

TEST_F(TranscriptTest, EveryDamageIsSeen) {
  fs::rename(part_, path_);
  ASSERT_EQ(Walk("2", false), "111111");
  Bytes bytes = CopyOf(ByteSource::MapFile(path_)->bytes());
  for (std::size_t at = 0; at < bytes.size(); at += 11) {
    bytes[at] ^= 0x20U;
    fs::remove(path_);
    std::ofstream(path_, std::ios::binary) << AsText(bytes);
    bytes[at] ^= 0x20U;
    EXPECT_EQ(Walk("2", false), "222222") << at;
    fs::remove(part_);
  }
}

TEST_F(TranscriptTest, OneThatIsTooLongIsNotKept) {
  fs::remove(part_);
  const Teller teller("1");
  const unpack::Product product = Files();
  Transcript transcript(path_, 200);
  Task task{.product = product, .examiner = teller};
  task.transcript = &transcript;
  EXPECT_EQ(WordsOf(WalkConfined(task)), "111111");
  transcript.Keep();
  EXPECT_FALSE(fs::exists(path_));
}

// Of a product that ends every child, every run leaves one more.
TEST_F(TranscriptTest, WalksThatWereBrokenOffDoNotPileUp) {
  const auto one = fs::file_size(part_);
  for (int run = 0; run < 12; ++run) {
    EXPECT_EQ(Walk("1", false), "111111");
    EXPECT_LE(fs::file_size(part_), 9 * one);
  }
}

TEST_F(TranscriptTest, WhileOneWritesAnotherWalksForItself) {
  Transcript writer(path_, kMost);
  writer.Add({FrameKind::kReady, {}});
  EXPECT_EQ(Walk("2", true), "222222");
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(TranscriptTest, WhereNothingCanBeWrittenTheWalkIsMade) {
  path_ = folder_.path() + "/missing/w.walk";
  EXPECT_EQ(Walk("2", true), "222222");
}

}  // namespace
}  // namespace assay::confine
