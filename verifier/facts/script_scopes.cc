#include "verifier/facts/script_scopes.h"

#include <algorithm>

namespace assay::facts {
namespace {

constexpr std::size_t kMaxBindings = 200'000;
constexpr unsigned kMaxDepth = 32;  // of functions in functions

}  // namespace

ScriptScopes::Scope ScriptScopes::Add(Scope parent) {
  if (scopes_ == parents_.size()) {
    parents_.push_back(parent);
  }
  return scopes_++;
}

void ScriptScopes::Bind(Scope scope, std::string_view name,
                        const ScriptValue& value) {
  if (bindings_.size() >= kMaxBindings &&
      bindings_.find({scope, name}) == bindings_.end()) {
    truncated_ = true;
    return;
  }
  Binding& binding = bindings_[{scope, name}];
  const bool again = binding.pass == pass_ && !value.clean;
  const auto before = again ? binding.value.taint : std::uint8_t{0};
  binding.value = value;
  binding.value.clean = false;
  binding.value.taint = static_cast<std::uint8_t>(value.taint | before);
  binding.origin = static_cast<std::uint8_t>(binding.origin | value.taint);
  binding.count += pass_ == 1 ? 1U : 0U;
  binding.pass = pass_;
}

ScriptScopes::Scope ScriptScopes::ScopeOf(Scope scope, std::string_view name,
                                          Scope otherwise) const {
  for (unsigned i = 0; i < kMaxDepth; ++i) {
    if (bindings_.find({scope, name}) != bindings_.end()) {
      return scope;
    }
    if (scope == kFile) {
      break;
    }
    scope = ParentOf(scope);
  }
  return otherwise;
}

const ScriptValue* ScriptScopes::Find(Scope scope, std::string_view name) {
  const Scope owner = ScopeOf(scope, name, scope);
  const auto found = bindings_.find({owner, name});
  if (found == bindings_.end()) {
    return nullptr;
  }
  const Binding& binding = found->second;
  if (owner == scope && binding.pass == pass_) {
    return &binding.value;
  }
  seen_ = binding.count == 1 ? binding.value : ScriptValue();
  seen_.taint = binding.origin;
  return &seen_;
}

}  // namespace assay::facts
