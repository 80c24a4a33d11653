// Every scheme over every prefix and every flipped byte of one of its samples:
// candidates stay within the file, the same bytes say the same, and nothing
// passes when nobody is trusted. What may pass for whom is each scheme's test.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

namespace fs = std::filesystem;
using assay::testing::Sample;
using assay::testing::SamplePath;
using testing::FindAll;

constexpr std::size_t kMostAttempts = 4096;  // each of prefixes and of flips

struct Subject {
  std::string name = {};
  Bytes content = {};
};

// The smallest file of the scheme's samples in which it finds something. Some
// schemes go by what lies around a file, and have their own sweeps.
std::optional<Subject> SubjectOf(const SignatureScheme& scheme) {
  std::optional<Subject> smallest;
  const std::string folder = fmt::format("signatures/{}/", scheme.name);
  for (const auto& entry : fs::directory_iterator(SamplePath(folder))) {
    Subject subject{.name = entry.path().filename().string()};
    subject.content = Sample(folder + subject.name);
    const bool smaller =
        !smallest || subject.content.size() < smallest->content.size();
    if (smaller && !FindAll(scheme, subject.name, subject.content).empty()) {
      smallest = std::move(subject);
    }
  }
  return smallest;
}

void Try(const SignatureScheme& scheme, const std::string& name,
         ByteView content, const std::string& what) {
  const auto found = FindAll(scheme, name, content);
  const auto again = FindAll(scheme, name, content);
  ASSERT_EQ(found.size(), again.size()) << what;
  const std::vector<TrustAnchor> nobody;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const SignatureCandidate& candidate = found[i];
    const Range place = candidate.place;
    EXPECT_TRUE(place.offset <= content.size() &&
                place.length <= content.size() - place.offset)
        << what;
    EXPECT_EQ(candidate.signature, again[i].signature) << what;
    EXPECT_EQ(candidate.message, again[i].message) << what;
    for (const ClaimedRange& claim : candidate.ranges) {
      EXPECT_TRUE(claim.range.offset <= content.size() &&
                  claim.range.length <= content.size() - claim.range.offset)
          << what << " " << claim.what;
    }
    const SignatureCheck check = scheme.verify(
        candidate, content, {.anchors = nobody, .at = 1'800'000'000});
    EXPECT_NE(check.indication, Indication::kTotalPassed) << what;
    EXPECT_TRUE(check.good_keys.empty()) << what;
  }
}

TEST(SweepTest, NoPrefixAndNoFlippedByteOfAnySampleGoesWrong) {
  std::size_t swept = 0;
  for (const SignatureScheme* scheme : AllSchemes()) {
    const auto subject = SubjectOf(*scheme);
    if (!subject) {
      continue;
    }
    ++swept;
    const Bytes& whole = subject->content;
    const std::size_t step =
        std::max<std::size_t>(1, whole.size() / kMostAttempts);
    for (std::size_t at = 0; at < whole.size(); at += step) {
      const std::string what =
          fmt::format("{} {} at {}", scheme->name, subject->name, at);
      Try(*scheme, subject->name, ByteView(whole).first(at), "prefix " + what);
      Bytes flipped = whole;
      flipped[at] ^= 0x01;
      Try(*scheme, subject->name, flipped, "flip " + what);
    }
  }
  EXPECT_GE(swept, AllSchemes().size() - 3);
}

}  // namespace
}  // namespace assay::signatures
