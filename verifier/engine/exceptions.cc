#include "verifier/engine/exceptions.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <unordered_map>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/engine/policy_yaml.h"

namespace assay::engine {
namespace {

constexpr std::string_view kSchema = "assay-exceptions/1";
constexpr UnixTime kLongest = UnixTime{365} * 24 * 60 * 60;

ReviewedException ExceptionOf(const YAML::Node& node) {
  AllowKeys(node, {"rule", "sha256", "reason", "reviewer", "expires"});
  ReviewedException exception;
  exception.rule = TextOf(node, "rule", true);
  exception.sha256 = Lower(TextOf(node, "sha256", true));
  const auto raw = BytesFromHex(exception.sha256);
  if (!raw || raw->size() != SizeOf(DigestAlgorithm::kSha256)) {
    Refuse(node["sha256"], "no SHA-256: 64 hexadecimal digits");
  }
  exception.reason = TextOf(node, "reason", true);
  exception.reviewer = TextOf(node, "reviewer", true);
  static_cast<void>(TextOf(node, "expires", true));
  const auto expires = TimeOf(node, "expires");
  if (!expires || Trim(exception.reason).empty() ||
      Trim(exception.reviewer).empty()) {
    Refuse(node, "reason, reviewer and expires must not be empty");
  }
  exception.expires = *expires;
  return exception;
}

std::vector<ReviewedException> AllOf(const YAML::Node& root) {
  AllowKeys(root, {"schema", "exceptions"});
  if (TextOf(root, "schema", true) != kSchema) {
    Refuse(root["schema"], fmt::format("\"schema\" must be {}", kSchema));
  }
  std::vector<ReviewedException> list;
  for (const YAML::Node& node : Sequence(root, "exceptions")) {
    list.push_back(ExceptionOf(node));
  }
  return list;
}

}  // namespace

Result<std::vector<ReviewedException>> ReadExceptions(const std::string& path,
                                                      std::string_view text) {
  return ReadYaml(path, text, AllOf);
}

std::vector<ReviewedException> LiveExceptions(
    std::vector<ReviewedException> all, UnixTime at, Survey& survey) {
  std::vector<ReviewedException> live;
  std::unordered_multimap<std::string, const ReviewedException*> dead;
  for (ReviewedException& one : all) {
    if (one.expires > at && one.expires - at <= kLongest) {
      live.push_back(std::move(one));
    } else {
      dead.emplace(one.sha256, &one);
    }
  }
  if (dead.empty()) {
    return live;
  }
  for (Node& node : survey.nodes) {
    const auto range = dead.equal_range(node.artifact.sha256());
    for (auto it = range.first; it != range.second; ++it) {
      const ReviewedException& one = *it->second;
      node.seen.facts.push_back(
          {.kind = "exception.void",
           .value = one.rule,
           .attributes = {
               {"reviewer", one.reviewer},
               {"expires", FormatTime(one.expires)},
               {"why", one.expires <= at ? "expired" : "more than 365 days"}}});
    }
  }
  return live;
}

}  // namespace assay::engine
