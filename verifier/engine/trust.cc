#include "verifier/engine/trust.h"

#include <fmt/format.h>

#include <algorithm>

#include "signatures/anchor.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

std::string Joined(const std::vector<std::string>& list,
                   std::string_view otherwise) {
  return list.empty() ? std::string(otherwise)
                      : Escaped(fmt::format("{}", fmt::join(list, ", ")));
}

std::string DayOf(const std::optional<UnixTime>& time,
                  std::string_view otherwise) {
  return time ? FormatTime(*time) : std::string(otherwise);
}

bool TakesAway(const TrustAnchor& anchor) {
  return anchor.type == TrustAnchor::Type::kUefiDbx ||
         anchor.type == TrustAnchor::Type::kSbatLevel ||
         anchor.type == TrustAnchor::Type::kRevoked;
}

std::string_view WordOf(AlgorithmProfile profile) {
  switch (profile) {
    case AlgorithmProfile::kCnsa20:
      return "cnsa-2.0";
    case AlgorithmProfile::kDefault:
      return "default";
    case AlgorithmProfile::kLegacy:
      return "legacy";
  }
  return "";
}

std::string DescribeFreshness(const FreshnessRule& rule) {
  std::string text =
      fmt::format("freshness of {} on {}:",
                  rule.scheme.empty() ? "any scheme" : rule.scheme,
                  rule.match.empty() ? "anything" : Escaped(rule.match));
  if (rule.rollback_index) {
    text += fmt::format(" rollback index {};", *rule.rollback_index);
  }
  if (!rule.version.empty()) {
    text += fmt::format(" version {};", Escaped(rule.version));
  }
  if (rule.date) {
    text += fmt::format(" date {};", FormatTime(*rule.date));
  }
  if (rule.max_age) {
    text += fmt::format(" {} days old at most;", *rule.max_age);
  }
  text += rule.valid_until_required ? " with Valid-Until;" : "";
  text.back() = '\n';
  return text;
}

bool IsNamed(const Policy& policy, const std::string& anchor) {
  return std::any_of(policy.signatures.begin(), policy.signatures.end(),
                     [&](const SignatureRule& rule) {
                       return rule.anchors.empty() ||
                              std::find(rule.anchors.begin(),
                                        rule.anchors.end(),
                                        anchor) != rule.anchors.end();
                     });
}

void Doubt(const Policy& policy, const TrustAnchor& anchor, UnixTime at,
           std::vector<std::string>& doubts) {
  const auto add = [&](std::string_view what) {
    doubts.push_back(fmt::format("anchor {}: {}", anchor.name, what));
  };
  if (anchor.valid_until && at > *anchor.valid_until) {
    add(fmt::format("ran out on {}", FormatTime(*anchor.valid_until)));
  }
  if (anchor.valid_from && at < *anchor.valid_from) {
    add(fmt::format("counts only from {}", FormatTime(*anchor.valid_from)));
  }
  if (TakesAway(anchor)) {
    return;
  }
  const std::size_t keys = signatures::DescribeAnchor(anchor).size();
  if (anchor.schemes.empty() && anchor.subjects.empty() && keys > 1) {
    add(
        fmt::format("each of its {} keys may sign anything; name schemes or "
                    "subjects",
                    keys));
  }
  if (!IsNamed(policy, anchor.name)) {
    add("no rule demands its signature, so nothing fails without it");
  }
}

}  // namespace

std::string DescribeTrust(const Policy& policy) {
  std::string text =
      fmt::format("policy {}, sha256 {}\nalgorithms {}\n", Escaped(policy.name),
                  policy.sha256, WordOf(policy.algorithms));
  text += fmt::format("keys derived from verified parts for: {}\n",
                      Joined(policy.derive, "nothing"));
  for (const TrustAnchor& anchor : policy.anchors) {
    text += fmt::format(
        "anchor {} ({}){}\n  schemes {}\n  subjects {}\n  signers {}\n"
        "  valid {} to {}\n",
        Escaped(anchor.name), NameOf(anchor.type),
        TakesAway(anchor) ? ", takes trust away" : "",
        Joined(anchor.schemes, "all of its type"),
        Joined(anchor.subjects, "anything"), Joined(anchor.signers, "any"),
        DayOf(anchor.valid_from, "always"), DayOf(anchor.valid_until, "ever"));
    for (const std::string& key : signatures::DescribeAnchor(anchor)) {
      text += fmt::format("  key {}\n", Escaped(key));
    }
  }
  for (const SignatureRule& rule : policy.signatures) {
    text +=
        fmt::format("rule {}: {} signature{} by {}, reaching {} %{}\n",
                    Escaped(rule.match), rule.count, rule.count == 1 ? "" : "s",
                    Joined(rule.anchors, "any anchor"), rule.coverage,
                    rule.time == TimeModel::kByScheme
                        ? ""
                        : fmt::format(", time {}", NameOf(rule.time)));
  }
  for (const FreshnessRule& rule : policy.freshness) {
    text += DescribeFreshness(rule);
  }
  return text;
}

std::vector<std::string> DoubtsAbout(const Policy& policy, UnixTime at) {
  std::vector<std::string> doubts;
  for (const TrustAnchor& anchor : policy.anchors) {
    Doubt(policy, anchor, at, doubts);
  }
  if (policy.algorithms == AlgorithmProfile::kLegacy) {
    doubts.emplace_back("algorithms: legacy lets MD5 and SHA-1 vouch");
  }
  for (const SignatureRule& rule : policy.signatures) {
    if (rule.anchors.empty()) {
      doubts.push_back(fmt::format(
          "rule {}: any anchor will do; name those that should", rule.match));
    }
    if (rule.time == TimeModel::kIgnore) {
      doubts.push_back(fmt::format(
          "rule {}: expired certificates count with time: ignore", rule.match));
    }
  }
  return doubts;
}

}  // namespace assay::engine
