// Two products side by side: releases of one, or offers of two vendors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/time.h"
#include "verifier/model/delta.h"
#include "verifier/model/report.h"

namespace assay {

// One of the two, in a nutshell.
struct ComparedProduct {
  std::string product = {};
  std::string sha256 = {};
  std::uint64_t size = 0;
  std::string tool_version = {};
  std::string rules_sha256 = {};
  UnixTime at = 0;
  Verdict verdict = Verdict::kInconclusive;
  std::uint64_t leaf_bytes = 0;
  std::uint64_t signed_bytes = 0;   // of them, that a signature reaches
  std::uint64_t opaque_bytes = 0;   // of them, that nothing could look into
  std::uint64_t unknown_bytes = 0;  // of them, of no known format
};

// Something that only one of the two has.
struct Change {
  bool gained = true;        // the newer one has it
  std::uint32_t weight = 0;  // 1 to 10: what it gives to an attacker
  // A kind of fact, or "finding", "signature", "signer", "component", "rights",
  // "opaque".
  std::string kind = {};
  std::string value = {};
  // How far it makes the newer one the riskier, 1 to 10, or the older one, -1
  // to -10. What is gone weighs less than what came, and counts here as much;
  // a signature that is gone makes the newer one the riskier.
  std::int32_t tilt = 0;
  // What shows it: of a finding the first kProofsKept of its evidence, in the
  // product that has it; of a signature what its check found.
  std::vector<Evidence> evidence = {};
  std::string detail = {};
};

inline constexpr std::size_t kProofsKept = 3;

// A place in the product where something changed.
struct ChangedPlace {
  std::uint32_t weight = 0;  // of the heaviest change
  // What became of the file; nothing when its bytes are the same, or it is no
  // leaf.
  std::optional<FileChange> file = {};
  std::string path = {};             // in the newer one, if it is there
  std::vector<Change> changes = {};  // heaviest first
  // Where the older one had it, and the SHA-256 of its content in each; ""
  // where there is none.
  std::string old_path = {};
  std::string old_sha256 = {};
  std::string new_sha256 = {};
};

struct Comparison {
  Tlp tlp = Tlp::kAmberStrict;  // the narrower of the two labels
  ComparedProduct before = {};
  ComparedProduct now = {};
  std::vector<Change> product = {};       // of all of it, heaviest first
  std::vector<ChangedPlace> places = {};  // heaviest first, then by path
  std::uint64_t same = 0;  // files with the same bytes at the same place
  // Why more may differ than is listed, or less: parts that were not read,
  // another tool or other rules on the two sides.
  std::vector<std::string> incomplete = {};
};

// What a rebuild of the same source gives: other bytes and nothing that leads
// to control or data.
inline constexpr std::uint32_t kPlainChange = 1;

enum class Riskier : std::uint8_t { kNeither, kBefore, kNow };
[[nodiscard]] std::string_view NameOf(Riskier riskier);  // "before"

// Which of the two gives an attacker more. What gives most decides: the side
// with more changes of the heaviest tilt, of equal ones of the next, down to
// kReportedWeight; lighter ones lead to neither control nor data.
struct Balance {
  Riskier riskier = Riskier::kNeither;
  std::uint64_t against_now = 0;  // changes that speak against the newer one
  std::uint64_t against_before = 0;
  // The heaviest change that speaks against the riskier one, and its place,
  // null for the product as a whole. They point into the comparison.
  const Change* change = nullptr;
  const ChangedPlace* place = nullptr;
};
[[nodiscard]] Balance BalanceOf(const Comparison& comparison);

}  // namespace assay
