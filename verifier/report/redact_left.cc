#include "verifier/report/redact_left.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "verifier/model/artifact.h"
#include "verifier/report/opening.h"
#include "verifier/report/read.h"

namespace assay::report {
namespace {

constexpr std::string_view kOfArtifact =
    " id parent type origin size structure examination ";

// Members that stay as they are ...
constexpr std::string_view kOfStatement =
    " change covers holder indication kind path recheck strength "
    "sub_indication target ";
// ... and those that no reader does without.
constexpr std::string_view kNeeded =
    " cataloguer component format name reason scheme spec_version ";

}  // namespace

bool IsAmong(std::string_view word, std::string_view words) {
  return words.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

Json LeftOfFinding(const Json& finding, const std::string& id) {
  const std::string rule = TextAt(finding, "rule");
  Json left = Json::object();
  for (const auto& [key, value] : finding.items()) {
    left[key] = value.is_array() ? Json::array() : Json(kRedacted);
  }
  left["id"] = id;
  if (const std::string_view pack = PackOf(rule); rule.starts_with(pack)) {
    left["rule"] = fmt::format("{}-{}", pack, kRedacted);
  }
  left["severity"] = finding["severity"];
  left["confidence"] = finding["confidence"];
  left["redacted"] = true;
  return left;
}

Json LeftOfArtifact(const Json& artifact) {
  Json left = Json::object();
  for (const auto& [key, value] : artifact.items()) {
    if (IsAmong(key, kOfArtifact)) {
      left[key] = value;
    }
  }
  return left;
}

bool CountsAsUnexplained(const Json& artifact) {
  const bool opaque =
      TextAt(artifact, "examination") == NameOf(Examination::kOpaque);
  const Json& parts = At(artifact, "structure");
  return std::any_of(parts.begin(), parts.end(), [opaque](const Json& part) {
    const auto& text = part.get_ref<const std::string&>();
    return opaque || text.ends_with(NameOf(Structure::kUnknown)) ||
           text.ends_with(NameOf(Structure::kSlack));
  });
}

Json LeftOfStatement(const Json& statement) {
  Json left = Json::object();
  for (const auto& [key, value] : statement.items()) {
    if (value.is_number() || value.is_boolean() || IsAmong(key, kOfStatement)) {
      left[key] = value;
    } else if (value.is_array()) {
      left[key] = Json::array();
    } else if (IsAmong(key, kNeeded)) {
      left[key] = kRedacted;
    }
  }
  return left;
}

}  // namespace assay::report
