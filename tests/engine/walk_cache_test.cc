// Whose folder a cache is, whatever becomes of its name.
#include "verifier/engine/walk_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/support/product.h"
#include "tests/support/scratch.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

std::size_t FilesIn(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Somebody who may write beside the folder puts another one into its place.
TEST(WalkCacheTest, StaysInTheFolderThatItLookedAt) {
  const testing::ScratchFolder folder;
  const std::string walks = folder.path() + "/walks";
  const std::string away = folder.path() + "/away";
  auto cache = WalkCache::Open(folder.path());
  ASSERT_TRUE(cache) << cache.error().what;
  fs::rename(walks, away);
  fs::create_directory(walks);
  const unpack::Product product = testing::FolderProduct({{"a", {'a'}}});
  const auto transcript = (*cache)->TranscriptOf(product, "task");
  ASSERT_NE(transcript, nullptr);
  transcript->Add({confine::FrameKind::kReady, AsBytes("x")});
  transcript->Keep();
  EXPECT_TRUE(transcript->Finished());
  EXPECT_EQ(FilesIn(away), 1U);
  EXPECT_EQ(FilesIn(walks), 0U);
}

TEST(WalkCacheTest, IsNobodyElses) {
  const testing::ScratchFolder folder;
  const std::string walks = folder.path() + "/walks";
  fs::create_directory(walks);
  for (const auto& [mode, good] :
       {std::pair(0700, true), {0755, true}, {0770, false}, {0702, false}}) {
    ASSERT_EQ(::chmod(walks.c_str(), static_cast<mode_t>(mode)), 0);
    EXPECT_EQ(WalkCache::Open(folder.path()).has_value(), good) << mode;
  }
  fs::rename(walks, folder.path() + "/away");
  fs::create_directory_symlink(folder.path() + "/away", walks);
  const auto linked = WalkCache::Open(folder.path());
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code, ErrorCode::kConfig);
}

}  // namespace
}  // namespace assay::engine
