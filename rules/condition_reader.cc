#include "rules/condition_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "rules/fields.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

using Kind = Condition::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 17> kKeys = {{
    {"all", Kind::kAll},
    {"any", Kind::kAny},
    {"none", Kind::kNone},
    {"count", Kind::kCount},
    {"same_artifact", Kind::kSameArtifact},
    {"join", Kind::kJoin},
    {"pattern", Kind::kPattern},
    {"fact", Kind::kFact},
    {"signature", Kind::kSignature},
    {"sbom", Kind::kSbom},
    {"anomaly", Kind::kAnomaly},
    {"region", Kind::kRegion},
    {"artifact", Kind::kArtifact},
    // Short forms of `artifact`.
    {"path", Kind::kArtifact},
    {"address", Kind::kArtifact},
    {"format", Kind::kArtifact},
    {"size", Kind::kArtifact},
}};

std::optional<Kind> KindOf(std::string_view key) {
  for (const auto& [name, kind] : kKeys) {
    if (name == key) {
      return kind;
    }
  }
  return std::nullopt;
}

class ConditionReader {
 public:
  explicit ConditionReader(YamlReader& reader) : reader_(reader) {}

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  Condition Read(const YAML::Node& node, std::uint32_t depth) {
    Condition condition{.mark = MarkOf(node)};
    if (depth > kConditionDepth) {
      reader_.Complain(node, "conditions nested too deep");
      return condition;
    }
    if (!node.IsMap() || node.size() != 1) {
      reader_.Complain(node, "a condition is a map with exactly one key");
      return condition;
    }
    const std::string key = reader_.Text(node.begin()->first);
    const YAML::Node body = node.begin()->second;
    const auto kind = KindOf(key);
    if (!kind) {
      reader_.Complain(node,
                       fmt::format("unknown condition \"{}\"", Escaped(key)));
      return condition;
    }
    condition.kind = *kind;
    if (IsLeaf(*kind)) {
      ReadLeaf(key, body, condition);
    } else {
      ReadBranch(body, condition, depth);
    }
    return condition;
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  void ReadBranch(const YAML::Node& body, Condition& into,
                  std::uint32_t depth) {
    switch (into.kind) {
      case Kind::kSameArtifact:
        into.of.push_back(Read(body, depth + 1));
        return;
      case Kind::kCount:
        if (reader_.IsMap(body, {"of", "at_least"})) {
          reader_.Require(body, {"of", "at_least"});
          ReadChildren(body["of"], into, depth);
          ReadAtLeast(body["at_least"], into);
        }
        return;
      case Kind::kJoin:
        if (reader_.IsMap(body, {"of", "on"})) {
          reader_.Require(body, {"of", "on"});
          ReadChildren(body["of"], into, depth);
          into.what = reader_.Text(body["on"]);
          CheckJoin(body, into);
        }
        return;
      default:
        ReadChildren(body, into, depth);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  void ReadChildren(const YAML::Node& list, Condition& into,
                    std::uint32_t depth) {
    for (const YAML::Node& item : reader_.Items(list)) {
      into.of.push_back(Read(item, depth + 1));
    }
    if (into.of.empty()) {
      reader_.Complain(into.mark, "a condition over nothing");
    }
  }

  void CheckJoin(const YAML::Node& body, const Condition& join) {
    const bool two_facts = join.of.size() == 2 &&
                           join.of[0].kind == Kind::kFact &&
                           join.of[1].kind == Kind::kFact;
    if (!two_facts) {
      reader_.Complain(body, "join takes exactly two facts");
    }
  }

  void ReadAtLeast(const YAML::Node& node, Condition& into) {
    const auto number = reader_.Number(node);
    if (!number) {
      return;
    }
    if (*number == 0 || *number > PatternSet::kHitsPerPattern) {
      reader_.Complain(node, fmt::format("at_least goes from 1 to {}",
                                         PatternSet::kHitsPerPattern));
      return;
    }
    into.at_least = static_cast<std::uint32_t>(*number);
  }

  void ReadLeaf(const std::string& key, const YAML::Node& body,
                Condition& into) {
    if (into.kind == Kind::kPattern) {
      ReadPattern(body, into);
    } else if (into.kind == Kind::kFact) {
      ReadFact(body, into);
    } else if (into.kind == Kind::kArtifact && key != "artifact") {
      ReadShortForm(key, body, into);
    } else if (reader_.IsMap(body)) {
      ReadTests(body, FieldsOf(into.kind), into);
    }
  }

  void ReadPattern(const YAML::Node& body, Condition& into) {
    if (body.IsScalar()) {
      into.what = body.Scalar();
    } else if (reader_.IsMap(body, {"name", "at_least"})) {
      reader_.Require(body, {"name"});
      into.what = reader_.Text(body["name"]);
      ReadAtLeast(body["at_least"], into);
    }
  }

  void ReadFact(const YAML::Node& body, Condition& into) {
    if (!reader_.IsMap(body,
                       {"kind", "value", "path", "attributes", "at_least"})) {
      return;
    }
    reader_.Require(body, {"kind"});
    ReadAtLeast(body["at_least"], into);
    for (const char* field : {"value", "path"}) {
      if (body[field]) {
        AddTest(field, body[field], into);
      }
    }
    const YAML::Node attributes = body["attributes"];
    if (attributes && reader_.IsMap(attributes)) {
      for (const auto& entry : attributes) {
        AddTest(reader_.Text(entry.first), entry.second, into);
      }
    }
    SetKinds(body["kind"], into);
  }

  // Several kinds are as many facts, of which any will do.
  void SetKinds(const YAML::Node& kinds, Condition& into) {
    if (!kinds || !kinds.IsSequence()) {
      into.what = reader_.Text(kinds);
      return;
    }
    Condition any{.kind = Kind::kAny, .mark = into.mark};
    for (std::string& kind : reader_.Texts(kinds)) {
      any.of.push_back({.kind = Kind::kFact,
                        .at_least = into.at_least,
                        .what = std::move(kind),
                        .tests = into.tests,
                        .mark = into.mark});
    }
    if (any.of.empty()) {
      reader_.Complain(kinds, "a list of no kinds");
    }
    into = std::move(any);
  }

  // path: "etc/**", path: [a, b], format: [elf, pe], size: ">=1024"
  void ReadShortForm(const std::string& key, const YAML::Node& body,
                     Condition& into) {
    if (key == "path" || key == "address") {
      into.tests.push_back({key,
                            {.op = Comparison::Operator::kGlob,
                             .operands = reader_.Texts(body)}});
      return;
    }
    AddTest(key, body, into);
  }

  void ReadTests(const YAML::Node& body,
                 std::span<const std::string_view> fields, Condition& into) {
    for (const auto& entry : body) {
      const std::string field = reader_.Text(entry.first);
      if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
        reader_.Complain(entry.first,
                         fmt::format("unknown key \"{}\"", Escaped(field)));
        continue;
      }
      AddTest(field, entry.second, into);
    }
    if (body.size() == 0) {
      reader_.Complain(into.mark, "a condition that tests nothing");
    }
  }

  void AddTest(const std::string& field, const YAML::Node& node,
               Condition& into) {
    if (auto test = reader_.Test(node)) {
      into.tests.push_back({field, std::move(*test)});
    }
  }

  YamlReader& reader_;
};

}  // namespace

Condition ReadCondition(const YAML::Node& node, YamlReader& reader) {
  return ConditionReader(reader).Read(node, 1);
}

}  // namespace assay::rules
