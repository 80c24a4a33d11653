#include "verifier/code/program.h"

#include <algorithm>

#include "verifier/code/abilities.h"
#include "verifier/code/library.h"

namespace assay::code {
namespace {

constexpr int kNear = 2;  // calls within calls
constexpr std::size_t kMaxFunctions = 1UL << 18U;
constexpr std::size_t kMaxUses = 1UL << 21U;

}  // namespace

AbilitySet AbilityNames::Of(std::string_view function) {
  const std::string_view ability = AbilityOf(function);
  if (ability.empty()) {
    return 0;
  }
  auto found = std::find(names_.begin(), names_.end(), ability);
  if (found == names_.end()) {
    if (names_.size() == 64) {
      return 0;
    }
    found = names_.insert(names_.end(), ability);
    harmful_ |= IsHarmful(ability) ? AbilitySet{1} << (names_.size() - 1) : 0;
  }
  return AbilitySet{1} << static_cast<unsigned>(found - names_.begin());
}

std::string AbilityNames::Text(AbilitySet set) const {
  std::vector<std::string_view> chosen;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if ((set >> i & 1U) != 0) {
      chosen.push_back(names_[i]);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  std::string text;
  for (const std::string_view name : chosen) {
    text += text.empty() ? "" : ",";
    text += name;
  }
  return text;
}

Program::Program(const Image& image, Knowledge& knowledge)
    : image_(image), knowledge_(knowledge), trail_(image) {
  Sweep();
  std::sort(things_.begin(), things_.end());
  knowledge_.globals().Bound(std::move(things_));
  AddFunctions();
  Reach();
}

const Function* Program::At(std::uint64_t entry) const {
  const auto found = functions_.find(entry);
  return found == functions_.end() ? nullptr : &found->second;
}

Function* Program::Around(std::uint64_t address) {
  const auto after = functions_.upper_bound(address | image_.machine().mode);
  return after == functions_.begin() ? nullptr : &std::prev(after)->second;
}

bool Program::NeverReturns(const Operation& call) {
  if (ends_.contains(call.address)) {
    return true;
  }
  Callee callee;
  if (call.target != 0) {
    callee = knowledge_.Resolve(call.target);
  } else if (call.a.is_memory() && call.a.base == kNoRegister) {
    callee = knowledge_.InSlot(static_cast<std::uint64_t>(call.a.value));
  }
  const LibraryFunction* library = FindLibraryFunction(callee.name);
  return library != nullptr && library->never_returns;
}

void Program::Sweep() {
  Decoder& decoder = knowledge_.decoder();
  std::vector<Operation> operations;
  std::uint64_t left = kMaxCode;
  for (const Image::Part& part : image_.code()) {
    std::uint64_t at = 0;
    std::uint64_t mode = 0;  // where instruction sets mix, of the last entry
    while (at < part.bytes.size() && left > 0) {
      const std::uint64_t address = part.address + at;
      if (image_.machine().mode != 0) {
        mode = image_.entries().contains(address + 1) ? 1
               : image_.entries().contains(address)   ? 0
                                                      : mode;
      }
      operations.clear();
      const unsigned length =
          decoder.Decode(part.bytes.subspan(static_cast<std::size_t>(at)),
                         address | mode, operations);
      for (const Operation& one : operations) {
        AddUses(one);
      }
      const std::uint64_t step =
          length == 0 ? image_.machine().step : std::uint64_t{length};
      at += step;
      left -= std::min(left, step);
    }
    skipped_ +=
        part.bytes.size() - std::min<std::uint64_t>(at, part.bytes.size());
  }
}

void Program::AddUses(const Operation& operation) {
  const std::uint64_t address =
      operation.address & ~std::uint64_t{image_.machine().mode};
  if (operation.does == Does::kCall && operation.target != 0) {
    AddUse({address, operation.target});
  } else if (operation.does == Does::kJump && operation.target != 0 &&
             jumps_.size() < kMaxUses) {
    jumps_.push_back({address, operation.target});
  }
  if (image_.machine().globals != kNoRegister) {
    trail_.Follow(operation);
    for (const std::uint64_t to : trail_.uses()) {
      AddUse({address, to});
    }
    if (trail_.entry() != 0 && found_.size() < kMaxFunctions) {
      found_.push_back(trail_.entry());
    }
    const LibraryFunction* library =
        FindLibraryFunction(knowledge_.InSlot(trail_.slot()).name);
    if (library != nullptr && library->never_returns) {
      ends_.insert(operation.address);
    }
    return;
  }
  for (const Operand* operand : {&operation.to, &operation.a, &operation.b}) {
    if (operand->is_memory() && operand->base == kNoRegister) {
      AddUse({address, static_cast<std::uint64_t>(operand->value)});
    }
  }
}

void Program::AddUse(const Use& use) {
  const bool tells = image_.IsCode(use.to) || image_.SlotAt(use.to) != nullptr;
  if (!image_.IsCode(use.to) && things_.size() < kMaxUses) {
    things_.push_back(static_cast<std::int64_t>(use.to));
  }
  if (tells && uses_.size() < kMaxUses) {
    uses_.push_back(use);
  }
}

void Program::AddFunctions() {
  for (const auto& [entry, name] : image_.entries()) {
    functions_.emplace(entry, Function{.entry = entry, .name = name});
  }
  for (const Use& use : uses_) {
    if (image_.IsCode(use.to) && functions_.size() < kMaxFunctions) {
      functions_.emplace(use.to, Function{.entry = use.to});
    }
  }
  for (const std::uint64_t entry : found_) {
    if (image_.IsCode(entry) && functions_.size() < kMaxFunctions) {
      functions_.emplace(entry, Function{.entry = entry});
    }
  }
  for (auto one = functions_.begin(); one != functions_.end(); ++one) {
    const auto next = std::next(one);
    const std::uint64_t start =
        one->first & ~std::uint64_t{image_.machine().mode};
    for (const Image::Part& part : image_.code()) {
      if (start >= part.address && start - part.address < part.bytes.size()) {
        one->second.end = part.address + part.bytes.size();
      }
    }
    if (next != functions_.end()) {
      one->second.end = std::min(one->second.end, next->first);
    }
  }
  for (const Use& jump : jumps_) {  // the last call of a function
    const Function* from = Around(jump.from);
    const Function* to = Around(jump.to);
    if (from != nullptr && to != nullptr && from != to) {
      uses_.push_back(jump);
    }
  }
  for (const Use& use : uses_) {
    Function* around = Around(use.from);
    if (around == nullptr) {
      continue;
    }
    Function& function = *around;
    const Callee callee = image_.SlotAt(use.to) != nullptr
                              ? knowledge_.InSlot(use.to)
                              : knowledge_.Resolve(use.to);
    function.own |= abilities_.Of(callee.name);
    function.tells = function.tells || IsTold(callee.name);
    function.simple = function.simple && !callee.known();
    if (callee.entry != 0 && callee.entry != function.entry) {
      function.calls.push_back(callee.entry);
    }
  }
}

void Program::Reach() {
  for (auto& [entry, function] : functions_) {
    std::sort(function.calls.begin(), function.calls.end());
    function.calls.erase(
        std::unique(function.calls.begin(), function.calls.end()),
        function.calls.end());
    function.reach = function.own;
    for (const std::uint64_t callee : function.calls) {
      const auto other = functions_.find(callee);
      if (other != functions_.end()) {
        other->second.callers.push_back(entry);
      }
    }
  }
  for (int i = 0; i < kReach; ++i) {
    std::map<std::uint64_t, AbilitySet> next;
    for (const auto& [entry, function] : functions_) {
      AbilitySet reach = function.reach;
      for (const std::uint64_t callee : function.calls) {
        const Function* other = At(callee);
        reach |= other == nullptr ? 0 : other->reach;
      }
      next.emplace(entry, reach);
    }
    for (auto& [entry, function] : functions_) {
      function.reach = next[entry];
      function.near = i < kNear ? function.reach : function.near;
    }
  }
}

}  // namespace assay::code
