// What the names of a script stand for, function by function.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verifier/facts/script_value.h"

namespace assay::facts {

// A script is read twice: functions use what is assigned further down. Within
// one function a name has the value last assigned before, in the order of the
// text; from elsewhere it has one only if it is assigned just once. Its origin
// is that of all its assignments, except that a clean value wipes it.
class ScriptScopes {
 public:
  using Scope = std::uint32_t;
  static constexpr Scope kFile = 0;

  // Starts the second reading.
  void Restart() {
    scopes_ = 1;
    ++pass_;
  }
  // A function inside `parent`.
  [[nodiscard]] Scope Add(Scope parent);
  [[nodiscard]] Scope ParentOf(Scope scope) const {
    return scope < parents_.size() ? parents_[scope] : kFile;
  }

  void Bind(Scope scope, std::string_view name, const ScriptValue& value);
  // The nearest function around `scope` that has assigned `name`, or else
  // `otherwise`.
  [[nodiscard]] Scope ScopeOf(Scope scope, std::string_view name,
                              Scope otherwise) const;
  // What `name` means in `scope`; null: it was never assigned.
  [[nodiscard]] const ScriptValue* Find(Scope scope, std::string_view name);
  // Names beyond a limit were forgotten.
  [[nodiscard]] bool truncated() const { return truncated_; }

 private:
  struct Binding {
    ScriptValue value = {};   // the last one
    std::uint8_t origin = 0;  // of all values
    std::uint32_t count = 0;  // in the first reading
    std::uint8_t pass = 0;    // that assigned it last
  };

  using Key = std::uint64_t;  // a scope, then a name's number

  // Null when no function around `scope` has assigned the name; `scope`
  // becomes the one that has.
  [[nodiscard]] const Binding* Nearest(Scope& scope,
                                       std::string_view name) const;

  std::unordered_map<std::string_view, std::uint32_t> names_;
  std::unordered_map<Key, Binding> bindings_;
  std::vector<Scope> parents_ = {kFile};
  Scope scopes_ = 1;
  std::uint8_t pass_ = 1;
  bool truncated_ = false;
  ScriptValue seen_;  // what Find gives
};

}  // namespace assay::facts
