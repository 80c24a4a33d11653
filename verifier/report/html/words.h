// What families, categories and outcomes are called before a buyer.
#pragma once

#include <string>
#include <string_view>

#include "verifier/model/report.h"

namespace assay::report::html {

// "HF-01" -> "Built-in credentials"; of an unknown family its own name.
[[nodiscard]] std::string_view TitleOfFamily(std::string_view family);

// A category of a ledger axis in plain words, and the tone that it has in
// every figure of the page: a class of the style sheet.
struct CategoryWords {
  std::string_view category = {};
  std::string_view words = {};
  std::string_view tone = {};
};
[[nodiscard]] CategoryWords WordsOf(std::string_view category);

// "holds", "does not hold" ...: what became of a signature.
[[nodiscard]] std::string_view OutcomeOf(Indication indication);

// "Pass", and the class of the style sheet.
[[nodiscard]] std::string_view WordOf(Verdict verdict);

// Why, in one sentence that needs no knowledge of the subject.
[[nodiscard]] std::string SentenceOf(const Report& report);

// What the verdict means for somebody who has to decide.
[[nodiscard]] std::string_view AdviceOf(Verdict verdict);

}  // namespace assay::report::html
