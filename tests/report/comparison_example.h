// A comparison with something in every part, as engine::CompareReports() gives.
#pragma once

#include <string>
#include <string_view>

#include "tests/report/hostile.h"
#include "verifier/model/comparison.h"

namespace assay::testing {

inline Change ExampleChange(bool gained, std::uint32_t weight, std::string kind,
                            std::string value) {
  const auto tilt = static_cast<std::int32_t>(weight);
  return {.gained = gained,
          .weight = weight,
          .kind = std::move(kind),
          .value = std::move(value),
          .tilt = gained ? tilt : -tilt};
}

// Three changes against the newer one, one of them at no place, and one against
// the older one; four files differ.
inline Comparison ExampleComparison() {
  Comparison comparison;
  comparison.before = {.product = "router-1.0.bin",
                       .sha256 = Sha256Hex(AsBytes("before")),
                       .size = 1000,
                       .tool_version = "0.1.0",
                       .rules_sha256 = Sha256Hex(AsBytes("rules")),
                       .at = 1773619200,  // 2026-03-16T00:00:00Z
                       .verdict = Verdict::kPass,
                       .leaf_bytes = 1000,
                       .signed_bytes = 1000};
  comparison.now = comparison.before;
  comparison.now.product = "router-1.1.bin";
  comparison.now.sha256 = Sha256Hex(AsBytes("now"));
  comparison.now.verdict = Verdict::kFail;
  comparison.now.signed_bytes = 250;
  comparison.product = {ExampleChange(false, 8, "signer", "minisign RWT1"),
                        ExampleChange(true, 2, "component", "openssl 3.0.2")};
  comparison.product[0].tilt = 8;
  Change finding = ExampleChange(
      true, 10, "finding",
      "critical HF-03 accounts.second-root: possible hidden administrator");
  finding.evidence = {ExampleFinding().evidence[0]};
  comparison.places = {
      {.weight = 10,
       .file = FileChange::kChanged,
       .path = "router-1.1.bin!/etc/passwd",
       .changes = {finding, ExampleChange(true, 7, "account", "toor")},
       .old_path = "router-1.0.bin!/etc/passwd",
       .old_sha256 = Sha256Hex(AsBytes("old passwd")),
       .new_sha256 = Sha256Hex(AsBytes("new passwd"))},
      {.weight = 4,
       .file = FileChange::kRemoved,
       .path = "router-1.0.bin!/bin/telnetd",
       .changes = {ExampleChange(false, 4, "listener", "tcp/23")},
       .old_path = "router-1.0.bin!/bin/telnetd",
       .old_sha256 = Sha256Hex(AsBytes("telnetd"))},
      {.weight = 2,
       .file = FileChange::kAdded,
       .path = "router-1.1.bin!/etc/motd",
       .new_sha256 = Sha256Hex(AsBytes("motd"))},
      {.weight = 1,
       .file = FileChange::kMoved,
       .path = "router-1.1.bin!/b",
       .old_path = "router-1.0.bin!/a",
       .old_sha256 = Sha256Hex(AsBytes("abc")),
       .new_sha256 = Sha256Hex(AsBytes("abc"))}};
  comparison.places[1].changes[0].tilt = -8;
  comparison.same = 17;
  comparison.incomplete = {"router-1.1.bin: 1 part could not be examined"};
  return comparison;
}

// Hostile text in every field that a saved report can reach.
inline Comparison HostileComparison(std::string_view of_one) {
  Comparison comparison = ExampleComparison();
  for (const std::string_view raw : kHostileTexts) {
    const std::string text(raw);
    Change change = ExampleChange(true, 9, text, text);
    change.detail = text;
    change.evidence = HostileFinding(text).evidence;
    comparison.product.push_back(change);
    comparison.places.push_back({.weight = 9,
                                 .file = FileChange::kChanged,
                                 .path = text,
                                 .changes = {change},
                                 .old_path = text,
                                 .old_sha256 = text,
                                 .new_sha256 = text});
    comparison.incomplete.push_back(text);
  }
  comparison.now.product = comparison.before.product = of_one;
  comparison.now.tool_version = comparison.now.rules_sha256 = of_one;
  comparison.now.sha256 = of_one;
  comparison.places[0].path = of_one;
  comparison.places[0].changes[0].value = of_one;
  return comparison;
}

}  // namespace assay::testing
