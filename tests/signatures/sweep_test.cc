// Every scheme over every prefix and every flipped byte of one of its samples:
// candidates stay within the file, the same bytes say the same, and nothing
// passes when nobody is trusted. What may pass for whom is each scheme's test.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

namespace fs = std::filesystem;
using assay::testing::Sample;
using assay::testing::SamplePath;
using testing::FindAll;

constexpr std::size_t kMostAttempts = 4096;  // each of prefixes and of flips

struct Swept {
  std::string name = {};
  Bytes content = {};
};

// IMA's signatures are attributes of a file, every other is in one.
std::vector<SignatureCandidate> Find(const SignatureScheme& scheme,
                                     const std::string& name,
                                     ByteView content) {
  if (scheme.name != kIma.name) {
    return FindAll(scheme, name, content);
  }
  Artifact artifact;
  artifact.has_content = true;
  artifact.meta.xattrs = {{"security.ima", std::string(AsText(content))}};
  const Limits limits;
  Observations seen;
  static_cast<void>(scheme.find(
      Subject{.artifact = artifact, .content = {}, .limits = limits}, seen));
  return std::move(seen.candidates);
}

// What schemes that go by names (or, IMA, by attributes) are shown: the sample,
// and what it is called there.
struct Named {
  std::string_view scheme;
  const char* sample;
  const char* name;
};
constexpr std::array<Named, 5> kNamed = {{
    {"ima", "ec.sig", "file"},
    {"mender", "p256.manifest.sig", "manifest.sig"},
    {"mender", "rsa.manifest", "manifest"},
    {"swupdate", "pss.sig", "sw-description.sig"},
    {"swupdate", "sw-description", "sw-description"},
}};

// Those of the table, else the smallest file of the scheme's samples in which
// it finds something.
std::vector<Swept> SubjectsOf(const SignatureScheme& scheme) {
  const std::string folder = fmt::format("signatures/{}/", scheme.name);
  std::vector<Swept> subjects;
  for (const Named& named : kNamed) {
    if (named.scheme == scheme.name) {
      subjects.push_back({named.name, Sample(folder + named.sample)});
    }
  }
  if (!subjects.empty()) {
    return subjects;
  }
  for (const auto& entry : fs::directory_iterator(SamplePath(folder))) {
    Swept subject{.name = entry.path().filename().string()};
    subject.content = Sample(folder + subject.name);
    const bool smaller =
        subjects.empty() || subject.content.size() < subjects[0].content.size();
    if (smaller && !Find(scheme, subject.name, subject.content).empty()) {
      subjects = {std::move(subject)};
    }
  }
  return subjects;
}

void Try(const SignatureScheme& scheme, const std::string& name,
         ByteView content, const std::string& what) {
  const auto found = Find(scheme, name, content);
  const auto again = Find(scheme, name, content);
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

void Sweep(const SignatureScheme& scheme, const Swept& subject) {
  const Bytes& whole = subject.content;
  const std::size_t step =
      std::max<std::size_t>(1, whole.size() / kMostAttempts);
  for (std::size_t at = 0; at < whole.size(); at += step) {
    const std::string what =
        fmt::format("{} {} at {}", scheme.name, subject.name, at);
    Try(scheme, subject.name, ByteView(whole).first(at), "prefix " + what);
    Bytes flipped = whole;
    flipped[at] ^= 0x01;
    Try(scheme, subject.name, flipped, "flip " + what);
  }
}

TEST(SweepTest, NoPrefixAndNoFlippedByteOfAnySampleGoesWrong) {
  for (const SignatureScheme* scheme : AllSchemes()) {
    const auto subjects = SubjectsOf(*scheme);
    EXPECT_FALSE(subjects.empty()) << scheme->name << " is not swept";
    for (const Swept& subject : subjects) {
      EXPECT_FALSE(Find(*scheme, subject.name, subject.content).empty())
          << scheme->name << " " << subject.name;
      Sweep(*scheme, subject);
    }
  }
}

}  // namespace
}  // namespace assay::signatures
