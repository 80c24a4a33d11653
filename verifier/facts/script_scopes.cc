#include "verifier/facts/script_scopes.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxBindings = 200'000;
constexpr unsigned kMaxDepth = 32;  // of functions in functions

std::uint64_t KeyOf(std::uint32_t scope, std::uint32_t name) {
  return (std::uint64_t{scope} << 32U) | name;
}

}  // namespace

ScriptScopes::Scope ScriptScopes::Add(Scope parent) {
  if (scopes_ == parents_.size()) {
    parents_.push_back(parent);
  }
  return scopes_++;
}

void ScriptScopes::Bind(Scope scope, std::string_view name,
                        const ScriptValue& value) {
  const bool full = bindings_.size() >= kMaxBindings;
  Scope owner = scope;
  if (full && (Nearest(owner, name) == nullptr || owner != scope)) {
    truncated_ = true;
    return;
  }
  const auto number = names_.emplace(name, names_.size()).first->second;
  Binding& binding = bindings_[KeyOf(scope, number)];
  const bool again = binding.pass == pass_ && !value.clean;
  const auto before = again ? binding.value.taint : std::uint8_t{0};
  binding.value = value;
  binding.value.clean = false;
  binding.value.taint = Both(value.taint, before);
  binding.origin = Both(binding.origin, value.taint);
  binding.count += pass_ == 1 ? 1U : 0U;
  binding.pass = pass_;
}

const ScriptScopes::Binding* ScriptScopes::Nearest(
    Scope& scope, std::string_view name) const {
  const auto number = names_.find(name);
  if (number == names_.end()) {
    return nullptr;
  }
  for (unsigned i = 0; i < kMaxDepth; ++i) {
    const auto found = bindings_.find(KeyOf(scope, number->second));
    if (found != bindings_.end()) {
      return &found->second;
    }
    if (scope == kFile) {
      break;
    }
    scope = ParentOf(scope);
  }
  return nullptr;
}

ScriptScopes::Scope ScriptScopes::ScopeOf(Scope scope, std::string_view name,
                                          Scope otherwise) const {
  return Nearest(scope, name) == nullptr ? otherwise : scope;
}

const ScriptValue* ScriptScopes::Find(Scope scope, std::string_view name) {
  Scope owner = scope;
  const Binding* binding = Nearest(owner, name);
  if (binding == nullptr) {
    return nullptr;
  }
  if (owner == scope && binding->pass == pass_) {
    return &binding->value;
  }
  seen_ = binding->count == 1 ? binding->value : ScriptValue();
  seen_.taint = binding->origin;
  seen_.sources = binding->value.sources;
  seen_.enclosed = binding->value.parameters != 0 && owner != scope;
  seen_.parameters = seen_.judged.parameters = 0;
  return &seen_;
}

}  // namespace assay::facts
