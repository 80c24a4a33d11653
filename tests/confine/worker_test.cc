// A confined walk that ends badly loses nothing but what it cannot read.
#include "verifier/confine/worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/archive_writer.h"
#include "tests/support/product.h"
#include "tests/support/scratch.h"
#include "verifier/confine/walls.h"

namespace assay::confine {
namespace {

using testing::ArtifactAt;
using testing::HasAnomaly;

enum class Trouble { kNone, kAbort, kKill, kExit, kSpin, kHoard, kThrow };

// Analyses everything in peace, but for one artifact.
class Troubled : public unpack::Examiner {
 public:
  Troubled(std::string path, Trouble trouble, bool reading = false)
      : path_(std::move(path)), trouble_(trouble), reading_(reading) {}

  bool Begin(const Artifact& artifact) const override {
    if (reading_) {
      Strike(artifact);
    }
    return true;
  }
  void Examine(Artifact& artifact, const ByteSource& /*content*/,
               Observations& into) const override {
    if (!reading_) {
      Strike(artifact);
    }
    into.facts.push_back({.kind = "file.entropy", .value = "1.5"});
  }

 private:
  void Strike(const Artifact& artifact) const {
    if (artifact.path != path_) {
      return;
    }
    switch (trouble_) {
      case Trouble::kNone:
        return;
      case Trouble::kAbort:
        std::abort();
      case Trouble::kKill:
        (void)std::raise(SIGKILL);
        return;
      case Trouble::kExit:
        std::_Exit(0);
      case Trouble::kSpin:
        while (true) {
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
      case Trouble::kHoard:
        while (true) {
          hoard_.emplace_back(64U << 20U, 'x');
        }
      case Trouble::kThrow:
        throw std::bad_alloc();
    }
  }

  std::string path_;
  Trouble trouble_;
  bool reading_;
  mutable std::vector<std::string> hoard_;
};

// Six files, one of them an archive of three.
unpack::Product SixFiles() {
  const Bytes tar =
      testing::WriteArchive("ustar", {{.name = "x", .content = "x"},
                                      {.name = "y", .content = "y"},
                                      {.name = "z", .content = "z"}});
  return testing::FolderProduct({{"a", CopyOf(AsBytes("a"))},
                                 {"b.tar", tar},
                                 {"c", CopyOf(AsBytes("c"))},
                                 {"d", CopyOf(AsBytes("d"))}});
}

Result<Survey> WalkWith(const Troubled& examiner, unsigned jobs = 1) {
  const unpack::Product product = SixFiles();
  Task task{.product = product, .examiner = examiner};
  task.options.jobs = jobs;
  task.patience = std::chrono::milliseconds(600);
  return WalkConfined(task);
}

// Everything that two reports would differ by.
std::string Tale(const Survey& survey) {
  std::string tale = survey.stopped + (survey.wall_clock ? "!" : "") + "\n";
  for (const Node& node : survey.nodes) {
    const Artifact& artifact = node.artifact;
    tale += artifact.path + " " + artifact.sha256() + " " +
            artifact.opaque_reason + " " +
            std::to_string(node.seen.facts.size());
    for (const AnomalyRecord& anomaly : artifact.anomalies) {
      tale += " " + anomaly.id + ": " + anomaly.detail;
    }
    tale += "\n";
  }
  return tale;
}

class WorkerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasWalls()) {
      GTEST_SKIP() << "a build with a sanitizer has no walls";
    }
  }
};

TEST_F(WorkerTest, GivesWhatAWalkInThisProcessGives) {
  const Troubled peaceful("", Trouble::kNone);
  const unpack::Product product = SixFiles();
  const Task task{.product = product, .examiner = peaceful};
  const auto confined = WalkConfined(task);
  ASSERT_TRUE(confined) << confined.error().what;
  EXPECT_EQ(Tale(*confined), Tale(WalkUnsafe(task)));
}

// From descriptors, for the child cannot open a file: empty, small and mapped.
TEST_F(WorkerTest, ReadsFilesOnDisk) {
  const testing::ScratchFolder folder;
  unpack::Product product{.name = "folder", .directory = true};
  for (const auto& [name, size] :
       {std::pair("empty", 0), {"small", 7}, {"mapped", 300'000}}) {
    const std::string path =
        folder.Write(name, std::string(static_cast<std::size_t>(size), 'x'));
    product.files.push_back(
        {.name = name, .open = [path] { return ByteSource::MapFile(path); }});
  }
  const Troubled peaceful("", Trouble::kNone);
  const Task task{.product = product, .examiner = peaceful};
  const auto confined = WalkConfined(task);
  ASSERT_TRUE(confined) << confined.error().what;
  EXPECT_EQ(Tale(*confined), Tale(WalkUnsafe(task)));
  EXPECT_EQ(ArtifactAt(*confined, "empty").sha256(), Sha256Hex({}));
}

TEST_F(WorkerTest, ACrashCostsNothingButTheCulprit) {
  for (const Trouble trouble :
       {Trouble::kAbort, Trouble::kKill, Trouble::kExit}) {
    const auto survey = WalkWith(Troubled("b.tar!/y", trouble));
    ASSERT_TRUE(survey) << survey.error().what;
    const Artifact& culprit = ArtifactAt(*survey, "b.tar!/y");
    EXPECT_TRUE(HasAnomaly(culprit, "unpack.crashed"));
    EXPECT_EQ(culprit.examination, Examination::kOpaque);
    for (const char* path : {"a", "b.tar", "b.tar!/x", "b.tar!/z", "c", "d"}) {
      EXPECT_FALSE(HasAnomaly(ArtifactAt(*survey, path), "unpack.crashed"))
          << path;
    }
    EXPECT_EQ(ArtifactAt(*survey, "d").sha256(), Sha256Hex(AsBytes("d")));
    EXPECT_FALSE(survey->wall_clock);
  }
}

TEST_F(WorkerTest, AFormatThatCrashesLeavesItsFileClosed) {
  const auto survey = WalkWith(Troubled("b.tar", Trouble::kAbort, true));
  ASSERT_TRUE(survey) << survey.error().what;
  EXPECT_TRUE(HasAnomaly(ArtifactAt(*survey, "b.tar"), "unpack.crashed"));
  EXPECT_FALSE(ArtifactAt(*survey, "b.tar").sha256().empty());
  EXPECT_EQ(ArtifactAt(*survey, "c").sha256(), Sha256Hex(AsBytes("c")));
}

TEST_F(WorkerTest, WhatMakesNoProgressIsGivenUpByTheClock) {
  const auto survey = WalkWith(Troubled("c", Trouble::kSpin));
  ASSERT_TRUE(survey) << survey.error().what;
  EXPECT_TRUE(HasAnomaly(ArtifactAt(*survey, "c"), "unpack.crashed"));
  EXPECT_TRUE(survey->wall_clock);
  EXPECT_EQ(ArtifactAt(*survey, "d").sha256(), Sha256Hex(AsBytes("d")));
}

TEST_F(WorkerTest, MemoryThatRunsOutIsSaid) {
  for (const Trouble trouble : {Trouble::kHoard, Trouble::kThrow}) {
    const auto survey = WalkWith(Troubled("a", trouble));
    ASSERT_TRUE(survey) << survey.error().what;
    const Artifact& artifact = ArtifactAt(*survey, "a");
    EXPECT_EQ(artifact.examination, Examination::kOpaque);
    EXPECT_FALSE(artifact.anomalies.empty());
    EXPECT_EQ(ArtifactAt(*survey, "d").sha256(), Sha256Hex(AsBytes("d")));
  }
}

TEST_F(WorkerTest, TheSameCulpritGivesTheSameTaleOnAnyNumberOfThreads) {
  for (const bool reading : {false, true}) {
    const Troubled examiner("b.tar!/y", Trouble::kAbort, reading);
    const auto one = WalkWith(examiner, 1);
    const auto again = WalkWith(examiner, 1);
    const auto four = WalkWith(examiner, 4);
    ASSERT_TRUE(one && again && four);
    EXPECT_EQ(Tale(*one), Tale(*again));
    EXPECT_EQ(Tale(*one), Tale(*four));
  }
}

TEST_F(WorkerTest, SeveralCulpritsAreFoundOneByOne) {
  class Two : public unpack::Examiner {
   public:
    void Examine(Artifact& artifact, const ByteSource& /*content*/,
                 Observations& /*into*/) const override {
      if (artifact.path == "a" || artifact.path == "b.tar!/z") {
        std::abort();
      }
    }
  };
  const Two examiner;
  const unpack::Product product = SixFiles();
  Task task{.product = product, .examiner = examiner};
  task.options.jobs = 2;
  const auto survey = WalkConfined(task);
  ASSERT_TRUE(survey) << survey.error().what;
  EXPECT_TRUE(HasAnomaly(ArtifactAt(*survey, "a"), "unpack.crashed"));
  EXPECT_TRUE(HasAnomaly(ArtifactAt(*survey, "b.tar!/z"), "unpack.crashed"));
  EXPECT_FALSE(HasAnomaly(ArtifactAt(*survey, "b.tar!/x"), "unpack.crashed"));
}

}  // namespace
}  // namespace assay::confine
