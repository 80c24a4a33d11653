#include "verifier/engine/blindness.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace assay::engine {
namespace {

// Anomalies that leave part of an artifact unread.
constexpr std::array<std::string_view, 5> kBlinding = {
    "unpack.damaged", "unpack.limit", "unpack.unreadable", "unpack.internal",
    "unpack.crashed"};

// Why part of an artifact was not examined; nothing when all of it was.
std::optional<std::string> BlindnessOf(const Artifact& artifact) {
  for (const AnomalyRecord& anomaly : artifact.anomalies) {
    if (std::find(kBlinding.begin(), kBlinding.end(), anomaly.id) !=
        kBlinding.end()) {
      return anomaly.detail;
    }
  }
  return std::nullopt;
}

std::optional<std::string> BlindnessOf(const Node& node) {
  for (const Fact& fact : node.seen.facts) {
    if (fact.kind == "facts.truncated") {
      return "more facts than the limit, of " + fact.value;
    }
    if (fact.kind == "anomaly" && fact.value == "yara.limit") {
      return fmt::format("an imported rule would take too long: {}",
                         fact.Attribute("detail"));
    }
  }
  return BlindnessOf(node.artifact);
}

const Artifact& ArtifactOf(const Node& node) {
  return node.artifact;
}

const Artifact& ArtifactOf(const Artifact& artifact) {
  return artifact;
}

// One sentence for all of them.
template <typename Parts>
void AddBlindParts(const Parts& parts, std::vector<std::string>& reasons) {
  std::size_t count = 0;
  std::string first;
  for (const auto& part : parts) {
    const auto why = BlindnessOf(part);
    if (why && count++ == 0) {
      first = fmt::format("{}: {}", ArtifactOf(part).path, *why);
    }
  }
  if (count > 0) {
    reasons.push_back(
        fmt::format("{} part{} could not be examined; the first: {}", count,
                    count == 1 ? "" : "s", first));
  }
}

}  // namespace

std::vector<std::string> Blindness(const Survey& survey) {
  std::vector<std::string> reasons;
  if (!survey.stopped.empty()) {
    reasons.push_back("the examination ended early: " + survey.stopped);
  }
  AddBlindParts(survey.nodes, reasons);
  return reasons;
}

std::vector<std::string> Blindness(const std::vector<Artifact>& artifacts) {
  std::vector<std::string> reasons;
  AddBlindParts(artifacts, reasons);
  return reasons;
}

}  // namespace assay::engine
