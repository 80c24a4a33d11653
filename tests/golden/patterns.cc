// These tests verify with the patterns that the program has: to compile them
// would cost half a second every time.

#include <gtest/gtest.h>

#include "verifier/base/pattern_archive.h"
#include "verifier/cli/precompiled.h"

namespace assay {
namespace {

class Patterns : public ::testing::Environment {
 public:
  void SetUp() override { pattern_archive::Use(cli::PrecompiledPatterns()); }
};

[[maybe_unused]] const ::testing::Environment* const kPatterns =
    ::testing::AddGlobalTestEnvironment(new Patterns);

}  // namespace
}  // namespace assay
