#include "rules/capa_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "rules/capa_features.h"
#include "rules/capa_reader.h"
#include "rules/condition_reader.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

using Kind = Condition::Kind;

constexpr std::size_t kMostDescription = 300;
constexpr std::size_t kMostConditions = 4096;  // of a rule with all it asks for
constexpr std::string_view kTooLarge = "asks for too many features at once";

// What a tree of features comes to.
struct Translated {
  Condition condition = {};
  bool always = false;
  std::string why = {};  // why it is not evaluated
};

class Importer {
 public:
  explicit Importer(std::vector<CapaRule> rules) : rules_(std::move(rules)) {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      by_name_.emplace(rules_[i].name, i);
    }
  }

  CapaRules Import() {
    CapaRules imported;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const CapaRule& rule = rules_[i];
      patterns_.clear();
      conditions_ = 0;
      active_.clear();
      Translated tree = TranslateRule(i, 1);
      if (tree.why.empty()) {
        tree.why = WhyNotAsked(tree);
      }
      const std::string id = IdOf(rule);
      if (!tree.why.empty()) {
        imported.not_imported.push_back(
            {id, rule.file, rule.mark, std::move(tree.why)});
      } else if (!rule.library) {
        imported.rules.push_back(RuleOf(rule, id, std::move(tree.condition)));
      }
    }
    return imported;
  }

 private:
  static std::string IdOf(const CapaRule& rule) {
    return fmt::format("{}:{}:{}", kCapaFamily, rule.file, Escaped(rule.name));
  }

  // NOLINTNEXTLINE(misc-no-recursion): each rule is entered once on a path.
  Translated TranslateRule(std::size_t index, std::uint32_t depth) {
    const CapaRule& rule = rules_[index];
    if (rule.scope != "file") {
      return {.why = fmt::format("asks about each {}, not the file",
                                 rule.scope.empty() ? "run" : rule.scope)};
    }
    if (!active_.insert(index).second) {
      return {.why = "asks for itself"};
    }
    Translated tree = Translate(rule.features, depth);
    active_.erase(index);
    return tree;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  Translated Translate(const CapaNode& node, std::uint32_t depth) {
    if (depth > kConditionDepth || ++conditions_ > kMostConditions) {
      return {.why = std::string(kTooLarge)};
    }
    switch (node.kind) {
      case CapaNode::Kind::kAll:
        return Combine(node, static_cast<std::uint32_t>(node.of.size()), depth);
      case CapaNode::Kind::kAtLeast:
        return Combine(node, node.at_least, depth);
      case CapaNode::Kind::kNone:
        return Deny(node, depth);
      case CapaNode::Kind::kOptional:
        return {.always = true};
      case CapaNode::Kind::kMatch:
        return Match(node, depth);
      case CapaNode::Kind::kOther:
        return {.why = node.value};
      default:
        return Feature(node);
    }
  }

  Translated Feature(const CapaNode& node) {
    CapaFeature feature = ReadCapaFeature(node.key, node.value, node.mark);
    for (NamedPattern& pattern : feature.patterns) {
      patterns_.emplace(pattern.name, std::move(pattern));
    }
    return {std::move(feature.condition), feature.always,
            std::move(feature.why)};
  }

  // At least `needed` of the node's parts. What always holds is counted here.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  Translated Combine(const CapaNode& node, std::uint32_t needed,
                     std::uint32_t depth) {
    Condition combined{.mark = node.mark};
    for (const CapaNode& part : node.of) {
      Translated one = Translate(part, depth + 1);
      if (!one.why.empty()) {
        return one;
      }
      if (!one.always) {
        combined.of.push_back(std::move(one.condition));
      } else if (needed > 0) {
        --needed;
      }
    }
    if (needed == 0) {
      return {.always = true};
    }
    if (needed > combined.of.size()) {
      return {.why = "asks for more features than it names"};
    }
    combined.kind = needed == combined.of.size() ? Kind::kAll
                    : needed == 1                ? Kind::kAny
                                                 : Kind::kCount;
    combined.at_least = needed;
    return {.condition = std::move(combined)};
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  Translated Deny(const CapaNode& node, std::uint32_t depth) {
    Condition none{.kind = Kind::kNone, .mark = node.mark};
    for (const CapaNode& part : node.of) {
      Translated one = Translate(part, depth + 1);
      if (!one.why.empty()) {
        return one;
      }
      if (one.always) {
        return {.why = "asks that what always holds does not"};
      }
      none.of.push_back(std::move(one.condition));
    }
    return {.condition = std::move(none)};
  }

  // The rule of that name; else any rule of that namespace or one below.
  // NOLINTNEXTLINE(misc-no-recursion): each rule is entered once on a path.
  Translated Match(const CapaNode& node, std::uint32_t depth) {
    std::vector<std::size_t> wanted;
    if (const auto named = by_name_.find(node.value); named != by_name_.end()) {
      wanted.push_back(named->second);
    }
    if (wanted.empty()) {
      for (std::size_t i = 0; i < rules_.size(); ++i) {
        const std::string_view space = rules_[i].space;
        if (space == node.value ||
            space.substr(0, node.value.size() + 1) == node.value + "/") {
          wanted.push_back(i);
        }
      }
    }
    if (wanted.empty()) {
      return {.why = fmt::format("asks for \"{}\", which is not there",
                                 Escaped(node.value))};
    }
    Condition any{.kind = Kind::kAny, .mark = node.mark};
    for (const std::size_t index : wanted) {
      Translated one = TranslateRule(index, depth + 1);
      if (!one.why.empty()) {
        one.why = fmt::format("depends on rule {}, which {}",
                              Escaped(rules_[index].name), one.why);
        return one;
      }
      if (one.always) {
        return one;
      }
      any.of.push_back(std::move(one.condition));
    }
    return {.condition = std::move(any)};
  }

  // Something has to be there that can be shown.
  static std::string WhyNotAsked(const Translated& tree) {
    if (tree.always) {
      return "holds for every file";
    }
    return ShowsSomething(tree.condition)
               ? ""
               : "asks for nothing but a format, or for what is absent";
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  static bool ShowsSomething(const Condition& condition) {
    return condition.kind == Kind::kFact || condition.kind == Kind::kPattern ||
           (condition.kind != Kind::kNone &&
            std::any_of(condition.of.begin(), condition.of.end(),
                        ShowsSomething));
  }

  Rule RuleOf(const CapaRule& read, const std::string& id,
              Condition condition) const {
    // Braces of a title are gaps that evidence fills.
    std::string name = Escaped(read.name);
    std::replace(name.begin(), name.end(), '{', '(');
    std::replace(name.begin(), name.end(), '}', ')');
    Rule rule{.id = id,
              .version = 1,
              .title = "content matches the imported rule \"" + name + "\"",
              .family = std::string(kCapaFamily),
              .severity = Severity::kLow,
              .confidence = Confidence::kLow,
              .gge = "13(i)",
              .para = {"57(d)"},
              .attack = read.attack,
              .file = read.file};
    rule.when = std::move(condition);
    for (const auto& [key, pattern] : patterns_) {
      rule.patterns.push_back(pattern);
    }
    rule.explanation =
        "A rule that Assay did not write and the user imported matches this "
        "content. It names something that a program is able to do, or how it "
        "was made; by itself it shows no hidden function.";
    if (!read.description.empty()) {
      rule.explanation +=
          fmt::format(" Its author describes it as: \"{}\"",
                      Escaped(read.description.substr(0, kMostDescription)));
    }
    rule.fix =
        "Look at what the evidence names. If the product is meant to do that, "
        "say so in a waiver or a reviewed exception.";
    return rule;
  }

  std::vector<CapaRule> rules_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  // Of the rule that is being translated.
  std::map<std::string, NamedPattern> patterns_;
  std::size_t conditions_ = 0;
  std::set<std::size_t> active_;
};

}  // namespace

bool IsCapaRule(std::string_view text) {
  constexpr std::string_view kKey = "rule:";
  return text.substr(0, kKey.size()) == kKey ||
         text.find("\nrule:") != std::string_view::npos;
}

CapaRules ImportCapa(const std::vector<CapaFile>& files,
                     std::vector<Problem>& problems) {
  std::vector<CapaRule> rules;
  std::map<std::string, std::string> names;
  for (const CapaFile& file : files) {
    YamlReader reader(file.name, problems);
    auto rule = ReadCapaRule(file.text, reader);
    if (!rule) {
      continue;
    }
    const auto [known, is_new] = names.emplace(rule->name, file.name);
    if (!is_new) {
      reader.Complain(rule->mark,
                      fmt::format("name \"{}\" is already that of {}: names "
                                  "are what rules ask for each other by",
                                  Escaped(rule->name), known->second));
      continue;
    }
    rules.push_back(std::move(*rule));
  }
  return Importer(std::move(rules)).Import();
}

}  // namespace assay::rules
