// YARA rules as rules: files that others wrote, imported from a user's folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"

namespace assay::rules {

// The family of every imported rule, and how its id begins:
// "YARA:<file>:<rule>".
inline constexpr std::string_view kYaraFamily = "YARA";

// Whether a file holds YARA rules, by its name.
[[nodiscard]] bool IsYaraFile(std::string_view name);

// The id that findings of an imported rule have.
[[nodiscard]] std::string YaraRuleId(std::string_view file,
                                     std::string_view rule);

// One rule for each of the program that is not private. A match is a hit of
// pattern `first_pattern` plus the rule's place in the program.
[[nodiscard]] std::vector<Rule> RulesOf(const yara::Program& program,
                                        std::uint32_t first_pattern);

// What a scan of the content finds, as hits of such patterns. A rule that was
// given up has its name in `undecided`.
[[nodiscard]] std::vector<PatternHit> ScanYara(
    const yara::Program& program, ByteView content, std::uint32_t first_pattern,
    std::vector<std::string>& undecided);

}  // namespace assay::rules
