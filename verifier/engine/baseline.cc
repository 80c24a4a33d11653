#include "verifier/engine/baseline.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "verifier/engine/release_pairs.h"

namespace assay::engine {
namespace {

// What a piece of evidence shows, but for where it stands.
using Shown = std::tuple<Evidence::Kind, std::string, std::string, std::string,
                         std::string>;

// The place of the older report for each path of the newer one.
using Places = std::unordered_map<std::string_view, std::string_view>;

Places PlacesOf(const Report& before, const Report& now) {
  const auto pairs = PairReleases(before.artifacts, now.artifacts);
  Places places;
  for (const Artifact& artifact : now.artifacts) {
    const ArtifactId old = pairs.at(artifact.id);
    if (old != kNoArtifact) {
      places.emplace(artifact.path, before.artifacts.at(old).path);
    }
  }
  return places;
}

std::string At(const Places& places, const std::string& path) {
  const auto found = places.find(path);
  return found == places.end() ? path : std::string(found->second);
}

std::set<Shown> EvidenceOf(const Finding& finding, const Places& places) {
  std::set<Shown> all;
  for (const Evidence& evidence : finding.evidence) {
    all.emplace(evidence.kind, At(places, evidence.path), evidence.digest,
                evidence.field, evidence.value);
  }
  return all;
}

}  // namespace

void MarkKnown(const Report& baseline, const std::string& name,
               Report& report) {
  const Places places = PlacesOf(baseline, report);
  std::map<std::pair<std::string, std::string>, std::set<Shown>> known;
  for (const Finding& finding : baseline.findings) {
    known[{finding.rule, finding.subject}].merge(EvidenceOf(finding, {}));
  }
  for (Finding& finding : report.findings) {
    const auto old = known.find({finding.rule, At(places, finding.subject)});
    if (old == known.end()) {
      continue;
    }
    const std::set<Shown> shown = EvidenceOf(finding, places);
    if (std::includes(old->second.begin(), old->second.end(), shown.begin(),
                      shown.end())) {
      finding.baseline = name;
    }
  }
}

}  // namespace assay::engine
