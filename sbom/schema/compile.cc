#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <list>
#include <utility>

#include "sbom/json_tree.h"
#include "sbom/schema/json_schema.h"
#include "sbom/schema/schema_node.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Keywords that only explain.
constexpr std::array<std::string_view, 12> kAnnotations = {
    "title",    "description", "examples", "default",     "meta:enum", "$id",
    "$comment", "deprecated",  "$schema",  "definitions", "format",    "$defs"};

class Compiler;
using Setter = void (Compiler::*)(SchemaNode& node, Value value);

// Compiles the parts; a schema is compiled once, when it is first needed, so
// that recursion ends.
class Compiler {
 public:
  explicit Compiler(std::vector<std::unique_ptr<SchemaNode>>& nodes)
      : nodes_(nodes) {}

  Result<void> Load(const std::vector<JsonSchema::Part>& parts) {
    for (const JsonSchema::Part& part : parts) {
      auto tree = JsonTree(part.text);
      if (!tree) {
        return Fail(ErrorCode::kInternal,
                    fmt::format("{}: {}", part.name, tree.error().what));
      }
      parts_.push_back({part.name, std::move(*tree), {}});
    }
    return {};
  }

  const SchemaNode* Root() { return NodeFor(parts_.front(), ""); }

  // Fills what NodeFor promised, until nothing is left.
  Result<void> Drain() {
    while (!pending_.empty() && problem_.empty()) {
      const Pending next = pending_.back();
      pending_.pop_back();
      part_ = next.part;
      Fill(*next.node, next.value);
    }
    for (const auto& node : nodes_) {
      node->choice = ChoiceAmong(node->any_of);
    }
    return problem_.empty() ? Result<void>()
                            : Fail(ErrorCode::kInternal, problem_);
  }

 private:
  struct Part {
    std::string_view name;
    Tree tree;
    std::map<std::uint32_t, const SchemaNode*> known;  // by Value::index()
  };
  struct Pending {
    SchemaNode* node;
    Part* part;
    Value value;
  };

  void Complain(const SchemaNode& node, std::string_view what) {
    if (problem_.empty()) {
      problem_ = fmt::format("{}: {}", node.place, what);
    }
  }

  const SchemaNode* NodeOf(Part& part, Value value) {
    const auto found = part.known.find(value.index());
    if (found != part.known.end()) {
      return found->second;
    }
    nodes_.push_back(std::make_unique<SchemaNode>());
    SchemaNode* node = nodes_.back().get();
    node->place = fmt::format("{}#{}", part.name, part.tree.PointerTo(value));
    part.known.emplace(value.index(), node);
    pending_.push_back({node, &part, value});
    return node;
  }
  const SchemaNode* NodeOf(Value value) { return NodeOf(*part_, value); }

  // "" or "/definitions/hash"
  const SchemaNode* NodeFor(Part& part, std::string_view pointer) {
    Value value = part.tree.root();
    for (const std::string_view step : Split(pointer, '/')) {
      value = step.empty() ? value : value[step];
    }
    return value.exists() ? NodeOf(part, value) : nullptr;
  }

  // Whether keywords count that stand beside a $ref (2019-09 and later), which
  // draft 07, section 8.3, ignores.
  [[nodiscard]] bool NeighboursCount() const {
    const std::string_view draft = part_->tree.root()["$schema"].text();
    return draft.find("/draft/20") != std::string_view::npos;
  }

  void AddReference(SchemaNode& node, Value value) {
    if (const SchemaNode* target = TargetOf(node, value)) {
      node.all_of.push_back(target);
    }
  }

  const SchemaNode* TargetOf(const SchemaNode& node, Value value) {
    const std::string_view text = value.text();
    const std::size_t hash = text.find('#');
    const std::string_view file = text.substr(0, hash);
    const std::string_view pointer =
        hash == std::string_view::npos ? "" : text.substr(hash + 1);
    const SchemaNode* target = nullptr;
    for (Part& part : parts_) {
      if (file.empty() ? &part == part_ : part.name == file) {
        target = NodeFor(part, pointer);
      }
    }
    if (target == nullptr) {
      Complain(node, fmt::format("$ref to {}", text));
    }
    return target;
  }

  void SetType(SchemaNode& node, Value value) {
    if (value.is_array()) {
      for (const Value each : value) {
        AddType(node, each.text());
      }
    } else {
      AddType(node, value.text());
    }
  }

  void AddType(SchemaNode& node, std::string_view name) {
    using Kind = Value::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 7> kKinds = {
        {{"null", Kind::kNull},
         {"boolean", Kind::kTrue},
         {"number", Kind::kNumber},
         {"integer", Kind::kNumber},
         {"string", Kind::kString},
         {"array", Kind::kArray},
         {"object", Kind::kObject}}};
    for (const auto& [known, kind] : kKinds) {
      if (known == name) {
        node.types |= 1U << static_cast<unsigned>(kind);
        node.types |= kind == Kind::kTrue
                          ? 1U << static_cast<unsigned>(Kind::kFalse)
                          : 0U;
        node.integer = node.integer || name == "integer";
        return;
      }
    }
    Complain(node, fmt::format("type {}", name));
  }

  void SetEnum(SchemaNode& node, Value value) {
    for (const Value each : value) {
      if (!each.is_string()) {
        Complain(node, "an enum of other things than strings");
      }
      node.enumeration.emplace(each.text());
    }
  }

  void SetConst(SchemaNode& node, Value value) {
    using Kind = Value::Kind;
    if (value.is_string() || value.is_number()) {
      node.constant = value.text();
    } else if (value.kind() == Kind::kTrue || value.kind() == Kind::kFalse) {
      node.constant = value.is_true() ? "true" : "false";
    } else {
      Complain(node, "a const of another type");
    }
  }

  std::unique_ptr<RE2> PatternOf(const SchemaNode& node,
                                 const std::string& text) {
    RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_unique<RE2>(text, options);
    if (!pattern->ok()) {
      Complain(node, fmt::format("pattern {}", text));
    }
    return pattern;
  }

  // RE2 has no lookahead; a negative one at the start is a second pattern.
  void SetPattern(SchemaNode& node, Value value) {
    constexpr std::string_view kNot = "^(?!";
    const std::string_view text = value.text();
    const std::size_t end = text.find(')');
    if (text.substr(0, kNot.size()) != kNot || end == text.npos) {
      node.pattern = PatternOf(node, std::string(text));
      return;
    }
    const std::string_view not_this =
        text.substr(kNot.size(), end - kNot.size());
    node.excluded = PatternOf(node, fmt::format("^{}", not_this));
    node.pattern = PatternOf(node, fmt::format("^{}", text.substr(end + 1)));
  }

  void SetFormat(SchemaNode& node, std::string_view name) {
    constexpr std::array<std::pair<std::string_view, TextFormat>, 5> kFormats =
        {{{"date", TextFormat::kDate},
          {"date-time", TextFormat::kDateTime},
          {"idn-email", TextFormat::kIdnEmail},
          {"iri-reference", TextFormat::kIriReference},
          {"uri", TextFormat::kUri}}};
    for (const auto& [known, format] : kFormats) {
      if (known == name) {
        node.format = format;
        return;
      }
    }
    Complain(node, fmt::format("format {}", name));
  }

  template <auto member>
  void SetCount(SchemaNode& node, Value value) {
    node.*member = NumberOf(value.text());
    if (!(node.*member)) {
      Complain(node, fmt::format("{} {}", value.key(), value.text()));
    }
  }

  template <auto member>
  void SetNumber(SchemaNode& node, Value value) {
    const std::string_view text = value.text();
    double number = 0;
    const auto result =
        std::from_chars(text.data(), text.data() + text.size(), number);
    node.*member = number;
    if (result.ec != std::errc()) {
      Complain(node, fmt::format("{} {}", value.key(), text));
    }
  }

  template <auto member>
  void SetSchema(SchemaNode& node, Value value) {
    node.*member = NodeOf(value);
  }

  template <auto member>
  void SetSchemas(SchemaNode& node, Value value) {
    for (const Value each : value) {
      (node.*member).push_back(NodeOf(each));
    }
  }

  void SetItems(SchemaNode& node, Value value) {
    if (value.is_array()) {
      SetSchemas<&SchemaNode::tuple>(node, value);
    } else {
      node.items = NodeOf(value);
    }
  }

  void SetProperties(SchemaNode& node, Value value) {
    for (const Value each : value) {
      node.properties.emplace(each.key(), NodeOf(each));
    }
  }

  void SetRequired(SchemaNode& node, Value value) {
    for (const Value each : value) {
      node.required.emplace_back(each.text());
    }
  }

  void SetUnique(SchemaNode& node, Value value) {
    node.unique_items = value.is_true();
  }

  static Setter SetterOf(std::string_view keyword);
  void Fill(SchemaNode& node, Value value);

  std::vector<std::unique_ptr<SchemaNode>>& nodes_;
  std::list<Part> parts_;  // trees must not move
  std::vector<Pending> pending_;
  Part* part_ = nullptr;
  std::string problem_;
};

Setter Compiler::SetterOf(std::string_view keyword) {
  static const std::map<std::string_view, Setter> kSetters = {
      {"$ref", &Compiler::AddReference},
      {"additionalItems", &Compiler::SetSchema<&SchemaNode::additional_items>},
      {"additionalProperties",
       &Compiler::SetSchema<&SchemaNode::additional_properties>},
      {"allOf", &Compiler::SetSchemas<&SchemaNode::all_of>},
      {"anyOf", &Compiler::SetSchemas<&SchemaNode::any_of>},
      {"const", &Compiler::SetConst},
      {"else", &Compiler::SetSchema<&SchemaNode::alternative>},
      {"enum", &Compiler::SetEnum},
      {"if", &Compiler::SetSchema<&SchemaNode::condition>},
      {"items", &Compiler::SetItems},
      {"maxItems", &Compiler::SetCount<&SchemaNode::max_items>},
      {"maxLength", &Compiler::SetCount<&SchemaNode::max_length>},
      {"maximum", &Compiler::SetNumber<&SchemaNode::maximum>},
      {"minItems", &Compiler::SetCount<&SchemaNode::min_items>},
      {"minLength", &Compiler::SetCount<&SchemaNode::min_length>},
      {"minimum", &Compiler::SetNumber<&SchemaNode::minimum>},
      {"not", &Compiler::SetSchema<&SchemaNode::negated>},
      {"oneOf", &Compiler::SetSchemas<&SchemaNode::one_of>},
      {"pattern", &Compiler::SetPattern},
      {"properties", &Compiler::SetProperties},
      {"required", &Compiler::SetRequired},
      {"then", &Compiler::SetSchema<&SchemaNode::consequence>},
      {"type", &Compiler::SetType},
      {"unevaluatedProperties",
       &Compiler::SetSchema<&SchemaNode::unevaluated_properties>},
      {"uniqueItems", &Compiler::SetUnique},
  };
  const auto found = kSetters.find(keyword);
  return found == kSetters.end() ? nullptr : found->second;
}

void Compiler::Fill(SchemaNode& node, Value value) {
  if (value.kind() == Value::Kind::kFalse) {
    node.never = true;
  }
  const Value reference = value["$ref"];
  if (reference.exists() && (value.size() == 1 || !NeighboursCount())) {
    node.reference = TargetOf(node, reference);
    return;
  }
  for (const Value keyword : value) {
    const Setter setter = SetterOf(keyword.key());
    if (setter != nullptr) {
      (this->*setter)(node, keyword);
    } else if (std::find(kAnnotations.begin(), kAnnotations.end(),
                         keyword.key()) == kAnnotations.end()) {
      Complain(node, fmt::format("keyword {}", keyword.key()));
    }
  }
  if (const Value format = value["format"]; format.exists()) {
    SetFormat(node, format.text());
  }
}

}  // namespace

JsonSchema::~JsonSchema() = default;
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;

Result<JsonSchema> JsonSchema::Compile(const std::vector<Part>& parts) {
  JsonSchema schema;
  schema.name_ = parts.front().name;
  Compiler compiler(schema.nodes_);
  if (auto loaded = compiler.Load(parts); !loaded) {
    return Fail(loaded.error());
  }
  schema.root_ = compiler.Root();
  if (auto drained = compiler.Drain(); !drained) {
    return Fail(drained.error());
  }
  return schema;
}

}  // namespace assay::sbom
