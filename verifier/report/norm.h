// What a report says about norm 13(i) of the United Nations' framework of
// responsible State behaviour in cyberspace (A/70/174, paragraph 13(i);
// A/76/135, paragraphs 56 to 59), pack by pack.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/report.h"

namespace assay::report {

enum class PackState : std::uint8_t {
  kEvaluated,
  kPartly,         // some of its rules had nothing to judge by
  kNotEvaluated,   // no rule of it was asked
  kNotApplicable,  // it asks something of the tool, not of the product
};
[[nodiscard]] std::string_view NameOf(PackState state);  // "not-evaluated"

struct PackReport {
  std::string_view id = {};     // "NI-3"
  std::string_view rules = {};  // how the ids of its rules begin, "" for none
  std::string_view title = {};  // static storage, as all views here
  std::string_view asks = {};   // what the norm asks, in our words
  std::string_view paragraphs = {};
  PackState state = PackState::kNotEvaluated;
  std::string_view why = {};    // of a pack that was not evaluated
  std::uint64_t evaluated = 0;  // rules
  std::uint64_t not_evaluated = 0;
  std::uint64_t findings = 0;  // that weigh: above info, not accepted
  std::uint64_t notes = 0;     // the others
  // Leaf bytes that its question was answered for, of Ledger::leaf_bytes: who
  // signed them, who claims them, what could look into them. 0 without one.
  std::uint64_t bytes = 0;
  std::string_view bytes_are = {};  // "reached by a signature"
};

// All ten packs, in order.
[[nodiscard]] std::vector<PackReport> NormReport(const Report& report);

}  // namespace assay::report
