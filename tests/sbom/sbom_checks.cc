#include "tests/sbom/sbom_checks.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "sbom/read.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

using Pointer = Json::json_pointer;

std::set<std::string> EveryPlace(const Json& document) {
  const Json leaves = document.flatten();
  std::set<std::string> places;
  for (const auto& leaf : leaves.items()) {
    for (Pointer place(leaf.key()); !place.empty(); place.pop_back()) {
      places.insert(place.to_string());
    }
  }
  return places;
}

}  // namespace

std::string Problems(const SbomDocument& document) {
  std::string text;
  for (const SbomProblem& problem : document.problems) {
    text += problem.pointer + " " + problem.rule + "\n";
  }
  return text;
}

void SweepTypes(ByteView sample) {
  const auto original = ParseJson(AsText(sample));
  ASSERT_TRUE(original);
  const std::vector<Json> wrong = {nullptr,
                                   7,
                                   "word",
                                   Json::array({1, Json::array()}),
                                   {{"a", Json::object()}},
                                   true};
  std::size_t read = 0;
  for (const std::string& place : EveryPlace(*original)) {
    for (const Json& value : wrong) {
      Json changed = *original;
      changed[Pointer(place)] = value;
      const auto document = ReadSbom(AsBytes(changed.dump()));
      read += document ? 1U : 0U;
      for (const Component& component :
           document ? document->components : std::vector<Component>()) {
        EXPECT_TRUE(changed.contains(Pointer(component.pointer))) << place;
      }
    }
  }
  EXPECT_GT(read, 0U);
}

void SweepAnyBytes(ByteView sample) {
  for (std::size_t size = 0; size < sample.size(); ++size) {
    const auto document = ReadSbom(sample.first(size));
    EXPECT_TRUE(document || !document.error().what.empty()) << size;
  }
  for (std::size_t at = 0; at < sample.size(); ++at) {
    for (const unsigned mask : {0x01U, 0x20U, 0x80U}) {
      Bytes damaged = CopyOf(sample);
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ mask);
      const auto document = ReadSbom(damaged);
      EXPECT_TRUE(document || !document.error().what.empty()) << at;
    }
  }
}

void SweepBytes(ByteView sample) {
  const std::size_t end = AsText(sample).find_last_of('}');
  for (std::size_t size = 0; size <= end; ++size) {
    EXPECT_FALSE(ReadSbom(sample.first(size))) << size;
  }
  for (std::size_t at = 0; at < sample.size(); ++at) {
    Bytes damaged = CopyOf(sample);
    damaged[at] ^= 0x20;
    const auto document = ReadSbom(damaged);
    EXPECT_TRUE(document || !document.error().what.empty()) << at;
  }
}

}  // namespace assay::sbom
