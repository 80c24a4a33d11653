#include "rules/yara_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "rules/yara/program.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

constexpr std::size_t kMostDescription = 300;
// From here on the authors of common rule sets (signature-base, yara-forge)
// call a score high; it goes to 100.
constexpr std::uint64_t kHighScore = 75;

// The words of a rule's author: quoted, never ours.
std::string DescriptionIn(const yara::Rule& rule) {
  for (const auto& [name, value] : rule.meta) {
    if (Lower(name) == "description" || Lower(name) == "desc") {
      std::string text = Escaped(value).substr(0, kMostDescription);
      while (!text.empty() && !IsValidUtf8(text)) {
        text.pop_back();
      }
      return text;
    }
  }
  return {};
}

// Somebody else's pattern is no evidence of a hidden function by itself: low,
// medium where its author thinks it weighs more, and never above.
Severity SeverityOf(const yara::Rule& rule) {
  constexpr std::array<std::string_view, 3> kMedium = {"medium", "high",
                                                       "critical"};
  Severity severity = Severity::kLow;
  for (const auto& [name, value] : rule.meta) {
    const std::string text = Lower(value);
    if (Lower(name) == "severity" && text == "info") {
      severity = Severity::kInfo;
    }
    const bool named =
        Lower(name) == "severity" &&
        std::find(kMedium.begin(), kMedium.end(), text) != kMedium.end();
    const bool scored =
        Lower(name) == "score" && NumberOf(text).value_or(0) >= kHighScore;
    if (named || scored) {
      severity = Severity::kMedium;
    }
  }
  return severity;
}

Rule RuleOf(const yara::Program& program, const yara::LinkedRule& linked,
            std::uint32_t pattern) {
  const std::string& file = program.files[linked.file];
  Rule rule{.id = YaraRuleId(file, linked.rule.name),
            .version = 1,
            .title = "content matches the imported rule " + linked.rule.name,
            .family = std::string(kYaraFamily),
            .severity = SeverityOf(linked.rule),
            .confidence = Confidence::kLow,
            .gge = "13(i)",
            .para = {"57(d)"},
            .file = file};
  rule.when = {.kind = Condition::Kind::kPattern,
               .what = linked.rule.name,
               .pattern = pattern,
               .mark = {linked.rule.mark.line, linked.rule.mark.column}};
  rule.explanation =
      "A rule that Assay did not write and the user imported matches this "
      "content. What the match means is for the rule's author to say; by "
      "itself "
      "it shows neither a hidden function nor where the content comes from.";
  if (const std::string said = DescriptionIn(linked.rule); !said.empty()) {
    rule.explanation +=
        fmt::format(" Its author describes it as: \"{}\"", said);
  }
  rule.fix =
      "Look at the places that the evidence names. If they are harmless, say "
      "why in a waiver or a reviewed exception, or tell the rule's author.";
  return rule;
}

// What shows a match: its strings' places, or all of the content where the
// rule asks for no string.
void AddHits(const yara::RuleHit& hit, std::uint64_t size,
             std::uint32_t first_pattern, std::vector<PatternHit>& into) {
  const std::uint32_t pattern = first_pattern + hit.rule;
  for (const Range& place : hit.places) {
    into.push_back({pattern, place.offset, place.length});
  }
  if (hit.places.empty()) {
    into.push_back({pattern, 0, size});
  }
}

}  // namespace

bool IsYaraFile(std::string_view name) {
  constexpr std::array<std::string_view, 2> kEndings = {".yar", ".yara"};
  return std::any_of(
      kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
        return name.size() > ending.size() &&
               name.substr(name.size() - ending.size()) == ending;
      });
}

std::string YaraRuleId(std::string_view file, std::string_view rule) {
  return fmt::format("{}:{}:{}", kYaraFamily, file, rule);
}

std::vector<Rule> RulesOf(const yara::Program& program,
                          std::uint32_t first_pattern) {
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < program.rules.size(); ++i) {
    const yara::LinkedRule& linked = program.rules[i];
    if (!linked.rule.is_private && linked.rule.unsupported.empty()) {
      rules.push_back(RuleOf(program, linked,
                             first_pattern + static_cast<std::uint32_t>(i)));
    }
  }
  return rules;
}

std::vector<PatternHit> ScanYara(const yara::Program& program, ByteView content,
                                 std::uint32_t first_pattern,
                                 std::vector<std::string>& undecided) {
  std::vector<PatternHit> hits;
  const yara::Outcome outcome = yara::Scan(program, content);
  for (const yara::RuleHit& hit : outcome.hits) {
    AddHits(hit, content.size(), first_pattern, hits);
  }
  for (const std::uint32_t rule : outcome.undecided) {
    const yara::LinkedRule& linked = program.rules[rule];
    undecided.push_back(
        YaraRuleId(program.files[linked.file], linked.rule.name));
  }
  return hits;
}

}  // namespace assay::rules
