#include "rules/rule_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "rules/condition_reader.h"
#include "rules/example_reader.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

using Kind = Condition::Kind;

bool IsGrouping(const Condition& condition) {
  switch (condition.kind) {
    case Kind::kFact:
    case Kind::kSignature:
    case Kind::kSbom:
    case Kind::kAnomaly:
    case Kind::kRegion:
    case Kind::kJoin:
      return true;
    case Kind::kAny:
      // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
      return std::all_of(condition.of.begin(), condition.of.end(), IsGrouping);
    default:
      return false;
  }
}

class RuleReader {
 public:
  RuleReader(YamlReader& reader, Rule& rule) : reader_(reader), rule_(rule) {}

  void Read(const YAML::Node& root) {
    if (!reader_.IsMap(root, {"id", "version", "title", "family", "severity",
                              "confidence", "norm", "cwe", "attack", "scope",
                              "needs", "patterns", "when", "each", "redact",
                              "unless", "explanation", "fix", "examples"})) {
      return;
    }
    reader_.Require(root, {"id", "version", "title", "family", "severity",
                           "confidence", "norm", "when", "explanation", "fix"});
    ReadTexts(root);
    ReadJudgement(root);
    ReadReferences(root);
    ReadPatterns(root["patterns"]);
    ReadWhen(root);
    ReadExamples(root["examples"]);
  }

 private:
  void ReadTexts(const YAML::Node& root) {
    rule_.id = reader_.Text(root["id"]);
    rule_.title = reader_.Text(root["title"]);
    rule_.family = reader_.Text(root["family"]);
    rule_.explanation = std::string(Trim(reader_.Text(root["explanation"])));
    rule_.fix = std::string(Trim(reader_.Text(root["fix"])));
    rule_.needs = reader_.Texts(root["needs"]);
    rule_.redact = reader_.Flag(root["redact"]);
    rule_.version = Small(root["version"]);
  }

  void ReadJudgement(const YAML::Node& root) {
    const auto severity = SeverityOf(reader_.Text(root["severity"]));
    if (root["severity"] && !severity) {
      reader_.Complain(root["severity"],
                       "severity is info, low, medium, high or critical");
    }
    rule_.severity = severity.value_or(Severity::kInfo);
    const auto confidence = ConfidenceOf(reader_.Text(root["confidence"]));
    if (root["confidence"] && !confidence) {
      reader_.Complain(root["confidence"], "confidence is low, medium or high");
    }
    rule_.confidence = confidence.value_or(Confidence::kLow);
    const std::string scope = reader_.Text(root["scope"]);
    if (root["scope"] && scope != "artifact" && scope != "product") {
      reader_.Complain(root["scope"], "scope is artifact or product");
    }
    rule_.scope =
        scope == "product" ? Rule::Scope::kProduct : Rule::Scope::kArtifact;
    for (const YAML::Node& node : reader_.Items(root["unless"])) {
      ReadAnchor(node);
    }
  }

  void ReadAnchor(const YAML::Node& node) {
    const std::string name = reader_.Text(node);
    for (const Anchor anchor :
         {Anchor::kDeclared, Anchor::kSbom, Anchor::kSignedOriginal}) {
      if (NameOf(anchor) == name) {
        rule_.unless.push_back(anchor);
        return;
      }
    }
    reader_.Complain(node, "an anchor is declared, sbom or signed_original");
  }

  void ReadReferences(const YAML::Node& root) {
    const YAML::Node norm = root["norm"];
    if (norm && reader_.IsMap(norm, {"gge", "para"})) {
      reader_.Require(norm, {"gge", "para"});
      rule_.gge = reader_.Text(norm["gge"]);
      rule_.para = reader_.Texts(norm["para"]);
    }
    for (const YAML::Node& node : reader_.Items(root["cwe"])) {
      rule_.cwe.push_back(Small(node));
    }
    rule_.attack = reader_.Texts(root["attack"]);
  }

  std::uint32_t Small(const YAML::Node& node) {
    const auto number = reader_.Number(node);
    if (number && *number > std::numeric_limits<std::uint32_t>::max()) {
      reader_.Complain(node, "a number that is too large");
      return 0;
    }
    return static_cast<std::uint32_t>(number.value_or(0));
  }

  void ReadPatterns(const YAML::Node& patterns) {
    if (!patterns || !reader_.IsMap(patterns)) {
      return;
    }
    for (const auto& entry : patterns) {
      const YAML::Node& body = entry.second;
      if (reader_.IsMap(body, {"literal", "regex", "hex", "nocase"})) {
        rule_.patterns.push_back({.name = reader_.Text(entry.first),
                                  .pattern = ReadPattern(body),
                                  .mark = MarkOf(body)});
      }
    }
  }

  Pattern ReadPattern(const YAML::Node& body) {
    constexpr std::array<std::pair<const char*, Pattern::Kind>, 3> kForms = {{
        {"literal", Pattern::Kind::kLiteral},
        {"regex", Pattern::Kind::kRegex},
        {"hex", Pattern::Kind::kHex},
    }};
    Pattern pattern{.caseless = reader_.Flag(body["nocase"])};
    int forms = 0;
    for (const auto& [key, kind] : kForms) {
      if (body[key]) {
        ++forms;
        pattern.kind = kind;
        pattern.text = reader_.Text(body[key]);
      }
    }
    if (forms != 1) {
      reader_.Complain(body, "a pattern is one of literal, regex or hex");
    }
    return pattern;
  }

  void ReadWhen(const YAML::Node& root) {
    if (!root["when"]) {
      return;
    }
    rule_.when = ReadCondition(root["when"], reader_);
    CheckPatternNames(rule_.when);
    rule_.each =
        root["each"] ? reader_.Flag(root["each"]) : IsGrouping(rule_.when);
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  void CheckPatternNames(const Condition& condition) {
    if (condition.kind == Kind::kPattern) {
      const bool known = std::any_of(
          rule_.patterns.begin(), rule_.patterns.end(),
          [&](const NamedPattern& one) { return one.name == condition.what; });
      if (!known) {
        reader_.Complain(condition.mark,
                         fmt::format("the rule has no pattern \"{}\"",
                                     Escaped(condition.what)));
      }
    }
    for (const Condition& child : condition.of) {
      CheckPatternNames(child);
    }
  }

  void ReadExamples(const YAML::Node& examples) {
    if (!examples ||
        !reader_.IsMap(examples, {"match", "no_match", "explained"})) {
      return;
    }
    constexpr std::array<std::pair<const char*, Example::Expect>, 3> kLists = {{
        {"match", Example::Expect::kMatch},
        {"no_match", Example::Expect::kNoMatch},
        {"explained", Example::Expect::kExplained},
    }};
    for (const auto& [key, expect] : kLists) {
      for (const YAML::Node& node : reader_.Items(examples[key])) {
        rule_.examples.push_back(ReadExample(node, expect, reader_));
      }
    }
  }

  YamlReader& reader_;
  Rule& rule_;
};

}  // namespace

Rule ReadRule(std::string_view text, YamlReader& reader) {
  Rule rule;
  rule.file = reader.file();
  try {
    RuleReader(reader, rule).Read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    reader.Complain({static_cast<std::uint32_t>(error.mark.line + 1),
                     static_cast<std::uint32_t>(error.mark.column + 1)},
                    error.msg);
  }
  return rule;
}

}  // namespace assay::rules
