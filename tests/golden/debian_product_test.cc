// Packages that a Debian archive vouches for, by apt's own lists.

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string>

#include "tests/golden/verified.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLists = "/var/lib/apt/lists";

// The smallest package that the sample products are made of.
std::string Package() {
  std::string smallest;
  for (const auto& entry :
       fs::directory_iterator(testing::SamplePath("products/.cache"))) {
    const bool smaller =
        entry.path().extension() == ".deb" &&
        (smallest.empty() || entry.file_size() < fs::file_size(smallest));
    smallest = smaller ? entry.path().string() : smallest;
  }
  return smallest;
}

bool HasLists() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(kLists, error)) {
    if (entry.path().string().ends_with("_InRelease")) {
      return true;
    }
  }
  return false;
}

// The lists are this machine's, so is the time.
Report Verify(const std::string& package) {
  auto report = engine::Verify(
      {.product = package,
       .contexts = {kLists},
       .policy = testing::SamplePath("policies/debian-product.yaml"),
       .at = std::time(nullptr),
       .jobs = 2});
  EXPECT_TRUE(report) << (report ? "" : report.error().what);
  return report ? std::move(*report) : Report{};
}

const SignatureCheck* CheckOf(const Report& report) {
  const auto found = std::find_if(report.checks.begin(), report.checks.end(),
                                  [&](const SignatureCheck& check) {
                                    return check.scheme == "apt_archive" &&
                                           check.artifact == 0;
                                  });
  return found == report.checks.end() ? nullptr : &*found;
}

TEST(DebianProductTest, ThePackageIsWhatTheSignedListsSay) {
  if (!HasLists()) {
    GTEST_SKIP() << "apt keeps no signed lists here";
  }
  const std::string path = Package();
  const Report report = Verify(path);
  const SignatureCheck* check = CheckOf(report);
  ASSERT_NE(check, nullptr);
  if (check->sub_indication == "SIGNED_DATA_NOT_FOUND") {
    GTEST_SKIP() << "the lists no longer name " << path;
  }
  EXPECT_EQ(check->indication, Indication::kTotalPassed) << check->detail;
  EXPECT_EQ(check->anchor, "debian-archive");

  const testing::ScratchFolder folder;
  const std::string copy =
      folder.path() + "/" + fs::path(path).filename().string();
  fs::copy_file(path, copy);
  testing::FlipByte(copy, fs::file_size(copy) - 10);
  const Report changed = Verify(copy);
  check = CheckOf(changed);
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->sub_indication, "HASH_FAILURE");
  EXPECT_EQ(changed.verdict, Verdict::kFail);
}

}  // namespace
}  // namespace assay
