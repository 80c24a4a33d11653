// A walk whose Nth allocation fails says so, or gives what it always gives:
// never a tree that looks whole and is not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "tests/support/archive_writer.h"
#include "tests/support/evasion.h"
#include "tests/support/hex.h"
#include "tests/support/product.h"
#include "verifier/unpack/walk.h"

namespace {

// Allocations until the one that fails; negative: none does.
thread_local long g_left = -1;  // NOLINT(*-avoid-non-const-global-variables)
thread_local long g_allocated =
    0;  // NOLINT(*-avoid-non-const-global-variables)

void* Allocate(std::size_t size) {
  ++g_allocated;
  if (g_left >= 0 && g_left-- == 0) {
    throw std::bad_alloc();
  }
  void* memory = std::malloc(size == 0 ? 1 : size);  // NOLINT
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return Allocate(size);
}
void* operator new[](std::size_t size) {
  return Allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);  // NOLINT
}
void operator delete[](void* memory) noexcept {
  std::free(memory);  // NOLINT
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);  // NOLINT
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);  // NOLINT
}

namespace assay::unpack {
namespace {

std::string Tale(const Survey& survey) {
  std::string tale;
  for (const Node& node : survey.nodes) {
    tale += node.artifact.path + " " + node.artifact.sha256() + "\n";
  }
  return tale;
}

bool SaysSo(const Survey& survey) {
  return !survey.stopped.empty() ||
         std::any_of(
             survey.nodes.begin(), survey.nodes.end(),
             [](const Node& node) { return !node.artifact.anomalies.empty(); });
}

// A file of each of several formats in an archive.
Bytes Mixture() {
  std::vector<testing::ArchivedFile> files;
  for (const testing::HiddenPayload& payload : testing::HiddenPayloads()) {
    files.push_back(
        {.name = payload.name, .content = std::string(AsText(payload.bytes))});
  }
  for (const char* sample : {"ext/ext4", "jffs2/zlib", "fat/fat12",
                             "iso9660/rock", "fdt/fit", "qcow2/plain"}) {
    const std::string path = std::string("formats/") + sample + ".hex";
    if (std::FILE* file = std::fopen(testing::SamplePath(path).c_str(), "rb")) {
      (void)std::fclose(file);
      files.push_back({.name = sample,
                       .content = std::string(AsText(testing::Sample(path)))});
    }
  }
  return testing::WriteArchive("pax", files);
}

Survey WalkOnce(const Product& product) {
  return Walk(product, testing::Onlooker(), {});
}

TEST(AllocationTest, AFailureIsNeverSilent) {
  const Product product = testing::FileProduct("m.tar", Mixture());
  const Survey whole = WalkOnce(product);
  ASSERT_FALSE(SaysSo(whole)) << "the product itself has an oddity";
  const std::string expected = Tale(whole);
  g_allocated = 0;
  (void)WalkOnce(product);
  const long count = g_allocated;
  constexpr long kRounds = 600;
  long failures = 0;
  for (long round = 0; round < kRounds; ++round) {
    const long nth = round * count / kRounds + round % 7;
    g_left = nth;
    bool said = false;
    std::string tale;
    try {
      const Survey survey = WalkOnce(product);
      g_left = -1;
      said = SaysSo(survey);
      tale = Tale(survey);
    } catch (const std::bad_alloc&) {
      said = true;
    }
    g_left = -1;
    failures += said ? 1 : 0;
    EXPECT_TRUE(said || tale == expected) << "allocation " << nth;
  }
  EXPECT_GT(failures, kRounds / 2);
}

}  // namespace
}  // namespace assay::unpack
