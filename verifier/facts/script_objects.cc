// Objects and what their elements are: settings, tables of functions, the
// attributes of classes.

#include <algorithm>
#include <array>

#include "verifier/facts/script_functions.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/script_words.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxElements = 100'000;  // in all objects of a script
constexpr std::size_t kMaxTable = 64;          // functions in one

// The elements of a list have their numbers as keys.
std::string_view NumberName(std::size_t index) {
  static constexpr std::array<std::string_view, 16> kNumbers = {
      "0", "1", "2",  "3",  "4",  "5",  "6",  "7",
      "8", "9", "10", "11", "12", "13", "14", "15"};
  return index < kNumbers.size() ? kNumbers.at(index) : std::string_view();
}

bool IsOwn(std::string_view object) {
  return object == "self" || object == "this" || object == "$this" ||
         object == "cls" || object == "static";
}

}  // namespace

// Keeps the elements of a list or object that was read.
void ScriptParser::KeepElements(const Frame& frame, ScriptValue& value) {
  if (frame.values.empty() || kept_ + frame.values.size() > kMaxElements) {
    return;
  }
  kept_ += frame.values.size();
  Objects object;
  for (std::size_t i = 0; i < frame.values.size(); ++i) {
    const std::string_view key =
        i < frame.names.size() ? frame.names[i].first : std::string_view();
    const bool numbered = key.empty() && frame.use != Use::kObject;
    object.emplace_back(numbered ? NumberName(i) : key, frame.values[i]);
  }
  objects_.push_back(std::move(object));
  value.elements = static_cast<std::uint32_t>(objects_.size());
}

// "[a, b] =", "list($a, $b) =": names by their place or key.
void ScriptParser::NotePattern(const Frame& frame) {
  pattern_.clear();
  for (std::size_t i = 0; i < frame.names.size(); ++i) {
    const auto& [key, name] = frame.names[i];
    if (!name.empty()) {
      pattern_.emplace_back(key.empty() ? NumberName(i) : key, name);
    }
  }
}

// The element with this key; null when there is none.
const ScriptValue* ScriptParser::Element(const ScriptValue& object,
                                         std::string_view key) const {
  if (object.elements == 0 || key.empty()) {
    return nullptr;
  }
  const Objects& elements = objects_[object.elements - 1];
  const auto found =
      std::find_if(elements.begin(), elements.end(),
                   [&](const auto& one) { return one.first == key; });
  return found == elements.end() ? nullptr : &found->second;
}

// A member of an object that is no operand of an expression.
ScriptValue ScriptParser::MemberNamed(const ScriptValue& object,
                                      std::string_view key) const {
  ScriptValue member = TaintedValue(object.taint);
  if (const ScriptValue* const element = Element(object, key)) {
    member = *element;
  }
  if (member.reference.empty()) {
    member.reference = object.reference;
    member.reference.Append(key);
  }
  if (IsRequest(library_, object.reference.last(), key, cgi_)) {
    member.taint = Both(member.taint, ScriptValue::kRequest);
  }
  // "{ timeZone } = x" tells what x.timeZone does.
  const auto around =
      static_cast<ScriptSource::Bits>(object.sources & ~ScriptSource::kLogin);
  member.sources = Both(member.sources, Both(around, CredentialOf(key)));
  member.parameters = object.parameters;
  return member;
}

// "self.x" for what all objects of a class have, whatever they are called.
std::string ScriptParser::AttributeOf(const ScriptReference& reference) const {
  if (reference.count != 2 || reference.cut) {
    return reference.Joined();
  }
  const std::string_view object = reference.parts[0];
  if (!IsOwn(object) && classes_.count(object) == 0) {
    return reference.Joined();
  }
  std::string_view name = reference.parts[1];
  name.remove_prefix(name.starts_with('$') || name.starts_with('#') ? 1 : 0);
  return "self." + std::string(name);
}

// Whether names that are assigned here are those of a class.
bool ScriptParser::InClass() const {
  return Is(ScriptLanguage::kPython)
             ? !bodies_.empty() && bodies_.back().members
             : frames_.back().members;
}

void ScriptParser::EnterClass() {
  if (EnterBody(true)) {
    bodies_.back().members = true;
    scope_ = body_;
  }
  body_ = 0;
}

// The functions that an element may be whose key only a run tells.
std::vector<ScriptReference> ScriptParser::FunctionsIn(
    const ScriptValue& callee) const {
  std::vector<ScriptReference> functions;
  const ScriptReference& name = callee.reference;
  const bool open =
      name.count > 1 && (name.last().empty() || name.last().ends_with('*'));
  if (callee.elements != 0 && (open || name.count < 2)) {
    for (const auto& [key, value] : objects_[callee.elements - 1]) {
      if (!value.reference.empty() && !value.constant()) {
        functions.push_back(value.reference);
      }
    }
  }
  if (!open) {
    return functions;
  }
  std::string_view start = name.last();
  start.remove_suffix(start.empty() ? 0 : 1);
  const auto table = tables_.find(name.parts.at(name.count - 2U));
  if (table == tables_.end() ||
      (start.empty() && IsOwn(name.parts.at(name.count - 2U)))) {
    return functions;
  }
  for (const std::string_view one : table->second) {
    if (one.starts_with(start)) {
      functions.emplace_back().Append(one);
    }
  }
  return functions;
}

// A function that is a member: "ops.run = function", a method.
void ScriptParser::AddToTable(std::string_view object, std::string_view name) {
  auto& table = tables_[object];
  if (table.size() < kMaxTable &&
      std::find(table.begin(), table.end(), name) == table.end()) {
    table.push_back(name);
  }
}

}  // namespace assay::facts
