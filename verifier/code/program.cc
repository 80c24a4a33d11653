#include "verifier/code/program.h"

#include <algorithm>

#include "verifier/code/abilities.h"
#include "verifier/code/formed.h"
#include "verifier/code/inline_data.h"
#include "verifier/code/library.h"

namespace assay::code {
namespace {

constexpr int kNear = 2;  // calls within calls
constexpr std::size_t kMaxFunctions = 1UL << 18U;
constexpr std::size_t kMaxUses = 1UL << 21U;

bool Saves(const Operation& one, Register name) {
  return (one.does == Does::kPush ||
          (one.does == Does::kMove && one.to.is_memory())) &&
         one.a.is_register() && one.a.base == name;
}

bool EndsWay(const Operation& one) {
  return one.does == Does::kJump || one.does == Does::kReturn ||
         one.does == Does::kStop;
}

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

bool Program::AddChecks(std::uint64_t entry) {
  const AbilitySet checks = abilities_.Of("EVP_DigestVerifyFinal");
  const Function* first = At(entry);
  if (first == nullptr || (first->own & checks) != 0) {
    return false;
  }
  functions_.at(entry).own |= checks;
  std::vector<std::uint64_t> level = {entry};
  for (int i = 0; i <= kReach; ++i) {
    std::vector<std::uint64_t> above;
    for (const std::uint64_t one : level) {
      const auto function = functions_.find(one);
      if (function != functions_.end() &&
          (function->second.reach & checks) == 0) {
        function->second.reach |= checks;
        const auto& callers = function->second.callers;
        above.insert(above.end(), callers.begin(), callers.end());
      }
    }
    level = std::move(above);
  }
  return true;
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

// The mode of what begins at `address`: by what is known, or else, where
// nothing goes on from before, by its looks.
std::optional<std::uint64_t> Program::ModeAt(std::uint64_t address,
                                             bool begins) const {
  const auto& entries = image_.entries();
  for (const std::uint64_t mode : {1U, 0U}) {
    if (entries.contains(address | mode) || called_.contains(address | mode)) {
      return mode;
    }
  }
  constexpr std::uint64_t kAsked = 64;  // bytes
  return begins ? image_.machine().mode_of(
                      image_.At((address + 3) & ~std::uint64_t{3}, kAsked))
                : std::nullopt;
}

void Program::Sweep() {
  std::uint64_t left = kMaxCode;
  for (const Image::Part& part : image_.code()) {
    SweepPart(part, left);
  }
}

void Program::SweepPart(const Image::Part& part, std::uint64_t& left) {
  const Machine& machine = image_.machine();
  const std::uint64_t end = part.address + part.bytes.size();
  std::vector<Operation> operations;
  InlineData data(image_);
  FormedAddresses formed(image_);
  std::uint64_t mode = 0;
  bool begins = true;  // nothing comes here from before
  std::uint64_t address = part.address;
  while (address < end && left > 0) {
    const std::uint64_t code = std::min(data.Skip(address), end);
    if (code != address) {
      address = code;
      continue;
    }
    if (machine.mode != 0) {
      mode = ModeAt(address, begins).value_or(mode);
      // The other instructions are at multiples of words.
      address = mode == 0 ? (address + 3) & ~std::uint64_t{3} : address;
    }
    if (address >= end) {
      break;
    }
    operations.clear();
    const unsigned length = knowledge_.decoder().Decode(
        part.bytes.subspan(static_cast<std::size_t>(address - part.address)),
        address | mode, operations);
    if (machine.mode != 0 && begins && begins_.size() < kMaxFunctions) {
      begins_.emplace(address | mode,
                      std::any_of(operations.begin(), operations.end(),
                                  [&](const Operation& one) {
                                    return Saves(one, machine.link);
                                  }));
    }
    for (const Operation& one : operations) {
      data.Note(one);
      begins = EndsWay(one);
      AddUses(one, address);
      const bool forms = machine.step > 1 && machine.globals == kNoRegister;
      const auto use = forms ? formed.Take(one) : std::nullopt;
      if (use) {
        AddUse({address, *use});
      }
    }
    const std::uint64_t step =
        length == 0 ? machine.step : std::uint64_t{length};
    address += step;
    left -= std::min(left, step);
  }
  skipped_ += end - std::min(address, end);
}

void Program::AddUses(const Operation& operation, std::uint64_t address) {
  const bool mixes = image_.machine().mode != 0;
  if (operation.does == Does::kCall && operation.target != 0) {
    AddUse({address, operation.target});
    if (mixes && called_.size() < kMaxFunctions) {
      called_.insert(operation.target);
    }
  }
  const bool jumps = operation.does == Does::kJump ||
                     (mixes && operation.does == Does::kBranch);
  if (jumps && operation.target != 0 && jumps_.size() < kMaxUses) {
    jumps_.push_back({operation.address, operation.target});
  }
  if (image_.machine().globals != kNoRegister) {
    return AddTrail(operation, address);
  }
  for (const Operand* operand : {&operation.to, &operation.a, &operation.b}) {
    const auto value = static_cast<std::uint64_t>(operand->value);
    const bool absolute = operand->is_memory() &&
                          operand->base == kNoRegister &&
                          operand->index == kNoRegister;
    // What is read from code, or jumped through there, is data.
    if (absolute &&
        (operation.does == Does::kAddress || !image_.IsCode(value))) {
      AddUse({address, value});
    }
  }
}

// Where addresses are put together from a register of the whole program.
void Program::AddTrail(const Operation& operation, std::uint64_t address) {
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

// Functions that nobody names: nothing jumps to them, and they save the way
// back; or another function ends with a jump to them.
void Program::AddUnnamed() {
  std::unordered_set<std::uint64_t> targets;
  for (const Use& jump : jumps_) {
    targets.insert(jump.to);
  }
  for (const auto& [entry, saves] : begins_) {
    if (saves && !targets.contains(entry)) {
      functions_.emplace(entry, Function{.entry = entry});
    }
  }
  const auto function_at = [&](std::uint64_t address) {
    const auto after = functions_.upper_bound(address);
    return after == functions_.begin() ? 0 : std::prev(after)->first;
  };
  std::vector<std::uint64_t> found;
  for (const Use& jump : jumps_) {
    if (begins_.contains(jump.to) &&
        function_at(jump.from) != function_at(jump.to)) {
      found.push_back(jump.to);
    }
  }
  for (const std::uint64_t entry : found) {
    functions_.emplace(entry, Function{.entry = entry});
  }
  begins_.clear();
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
  AddUnnamed();
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
      one->second.end = std::min(
          one->second.end, next->first & ~std::uint64_t{image_.machine().mode});
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
