// What comparisons say in words that a person without a manual reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "verifier/model/comparison.h"

namespace assay::report {

// "listener" -> "Network services"; of an unknown kind its own name. What
// became of a file itself has the kind "file".
[[nodiscard]] std::string_view TitleOfKind(std::string_view kind);
inline constexpr std::string_view kFileKind = "file";

// What came or went in a few words: "an account: toor".
[[nodiscard]] std::string WordsOf(const Change& change);

// "12.5%"; "none" of nothing.
[[nodiscard]] std::string ShareText(std::uint64_t part, std::uint64_t whole);

// Which of the two is riskier now and why, in one sentence. Names and values of
// the products are as the comparison has them.
[[nodiscard]] std::string RiskSentence(const Comparison& comparison);

// "12 the same, 3 added, 1 changed": what became of files.
[[nodiscard]] std::string FileCounts(const Comparison& comparison);

}  // namespace assay::report
