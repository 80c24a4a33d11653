#include "sbom/schema/schema_node.h"

namespace assay::sbom {
namespace {

// The member whose one text an object must have to fit; "" for none.
std::string_view KeyOf(const SchemaNode& schema) {
  const SchemaNode* condition = schema.condition;
  const bool objects_fail =
      schema.alternative != nullptr && schema.alternative->constant.has_value();
  if (condition == nullptr || !objects_fail ||
      condition->required.size() != 1) {
    return "";
  }
  const auto property = condition->properties.find(condition->required[0]);
  return property != condition->properties.end() && property->second->constant
             ? std::string_view(property->first)
             : "";
}

}  // namespace

std::optional<Choice> ChoiceAmong(
    const std::vector<const SchemaNode*>& alternatives) {
  Choice choice;
  for (const SchemaNode* each : alternatives) {
    if (choice.key.empty()) {
      choice.key = KeyOf(Resolved(*each));
    }
  }
  if (choice.key.empty()) {
    return {};
  }
  for (const SchemaNode* each : alternatives) {
    const SchemaNode& schema = Resolved(*each);
    if (KeyOf(schema) == choice.key) {
      const SchemaNode& text =
          *schema.condition->properties.find(choice.key)->second;
      choice.by_text[*text.constant].push_back(each);
    } else {
      choice.otherwise.push_back(each);
    }
  }
  for (auto& [text, fitting] : choice.by_text) {
    fitting.insert(fitting.end(), choice.otherwise.begin(),
                   choice.otherwise.end());
  }
  return choice;
}

}  // namespace assay::sbom
