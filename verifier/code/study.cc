#include "verifier/code/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <unordered_set>

#include "verifier/code/abilities.h"
#include "verifier/code/call_texts.h"
#include "verifier/code/gates.h"
#include "verifier/code/library.h"
#include "verifier/code/tables.h"

namespace assay::code {
namespace {

using formats::ElfView;
namespace elf = formats::elf;

constexpr int kRounds = 3;
constexpr std::uint64_t kShort = 512;  // bytes of a function that compares
constexpr std::size_t kFew = 2000;     // functions, of which all are read

// What every way through a function gives.
std::optional<std::uint64_t> AlwaysReturned(const Body& body,
                                            const Trace& trace) {
  std::optional<std::uint64_t> returned;
  for (const std::uint32_t block : body.order) {
    const Block& one = body.blocks[block];
    if (body.operations[one.first + one.count - 1].does != Does::kReturn) {
      continue;
    }
    const Value& result = trace.results[block];
    if (!result.constant() || (returned && *returned != result.number)) {
      return std::nullopt;
    }
    returned = result.number;
  }
  return returned;
}

// A call of what a function for memory gave, or of what was made executable.
bool IsMadeCode(const Call& call, const Trace& trace) {
  if (call.callee.known() || !call.target.is(Value::Kind::kResult)) {
    return false;
  }
  static constexpr std::array<std::string_view, 6> kGivers = {
      "calloc", "malloc", "memalign", "mmap", "mmap64", "posix_memalign"};
  const Call* giver = trace.CallAt(call.target.site);
  return giver != nullptr && std::find(kGivers.begin(), kGivers.end(),
                                       giver->callee.name) != kGivers.end();
}

// Whether it starts another program that checks signatures.
bool StartsVerifier(const Trace& trace) {
  return std::any_of(trace.calls.begin(), trace.calls.end(), StartsChecker);
}

class Reader {
 public:
  Reader(const ElfView& view, const Machine& machine)
      : image_(view, machine),
        knowledge_(image_),
        program_(image_, knowledge_) {}

  Study Read();

 private:
  struct Told {
    std::optional<std::uint64_t> returns = {};  // always the same
    std::vector<Gate> gates = {};
    std::vector<KeyCall> calls = {};
    std::vector<Spared> spared = {};
    std::vector<std::string> words = {};
    bool seeds = false;                   // guessable numbers, from the clock
    std::optional<Range> guessable = {};  // where bytes of them are stored
  };
  // The functions from which something is reached, or to which it comes.
  void Choose();
  void ReadFunction(const Function& function);
  // Those about whom more is known since they were read.
  [[nodiscard]] std::vector<const Function*> Stale();
  void AddCalls(const Trace& trace, const GateFinder::Found& found,
                Told& told) const;
  [[nodiscard]] bool IsSeeded(std::uint64_t entry) const;
  void Tell();

  Image image_;
  Knowledge knowledge_;
  Program program_;
  std::vector<const Function*> chosen_;
  Predicates predicates_;
  std::map<std::uint64_t, Told> told_;
  std::uint64_t work_ = 0;
  Study study_;
};

void Reader::Choose() {
  const AbilitySet harmful = program_.abilities().harmful();
  const AbilitySet compares = program_.abilities().Of("strcmp");
  const AbilitySet sources = program_.abilities().Of("getenv") |
                             program_.abilities().Of("time") |
                             program_.abilities().Of("gethostname");
  for (const auto& [entry, function] : program_.functions()) {
    const bool names = knowledge_.Resolve(entry).name.empty() ||
                       knowledge_.Resolve(entry).entry == entry;
    const bool few = program_.functions().size() < kFew;
    const bool counts = (function.near & harmful) != 0 || function.tells ||
                        (function.own & sources) != 0 ||
                        ((function.own & compares) != 0 &&
                         function.end - function.entry < kShort);
    if (names && (few || counts)) {
      chosen_.push_back(&function);
    }
  }
}

void Reader::ReadFunction(const Function& function) {
  const Body body = ReadBody(
      image_, knowledge_.decoder(), function.entry, function.end,
      [this](const Operation& call) { return program_.NeverReturns(call); });
  work_ += body.operations.size();
  const Trace trace = Evaluate(body, function.entry, knowledge_);
  if (StartsVerifier(trace) && program_.AddChecks(function.entry)) {
    knowledge_.give_more.insert(function.entry);
  }
  GateFinder::Found found =
      GateFinder(body, trace, program_, image_, predicates_).Find();
  study_.complete = study_.complete && found.whole;
  if (found.predicate) {
    const bool known = predicates_.contains(function.entry);
    predicates_.insert_or_assign(function.entry, *found.predicate);
    if (!known) {
      knowledge_.give_more.insert(function.entry);
    }
  }
  Told& told = told_[function.entry];
  told = {.returns = AlwaysReturned(body, trace),
          .gates = std::move(found.gates),
          .spared = std::move(found.spared),
          .words = std::move(found.words)};
  for (Gate& gate : told.gates) {
    gate.function = function.entry;
  }
  AddCalls(trace, found, told);
}

// The only comparison of a hash with something that is no constant, if it is
// one of so few bytes that it is made without a call.
const Test* ShortComparison(const Trace& trace) {
  constexpr std::uint8_t kShortSum = 4;
  const Test* found = nullptr;
  for (const Test& test : trace.tests) {
    const bool hash =
        ((test.origin | test.right.origin) & Origin::kDigest) != 0;
    const bool equal = test.condition == Condition::kEqual ||
                       test.condition == Condition::kNotEqual;
    if (!hash || !equal || test.right.constant() ||
        test.left.is(Value::Kind::kResult)) {
      continue;
    }
    if (found != nullptr || test.width > kShortSum) {
      return nullptr;
    }
    found = &test;
  }
  return found;
}

void Reader::AddCalls(const Trace& trace, const GateFinder::Found& found,
                      Told& told) const {
  told.seeds =
      std::any_of(trace.calls.begin(), trace.calls.end(), [](const Call& call) {
        return AbilityOf(call.callee.name) == "random.seed" &&
               (call.origins[0] & (Origin::kClock | Origin::kHost)) != 0;
      });
  if (!trace.guessable.empty()) {
    const std::uint64_t at =
        *std::min_element(trace.guessable.begin(), trace.guessable.end());
    told.guessable =
        image_.PlaceOf(at & ~std::uint64_t{image_.machine().mode}, 1);
  }
  if (const Test* test = ShortComparison(trace)) {
    KeyCall& one = told.calls.emplace_back();
    one.place =
        image_
            .PlaceOf(test->address & ~std::uint64_t{image_.machine().mode},
                     test->length)
            .value_or(Range{});
    one.function = "memcmp";
    one.ability = "text.compare";
    one.arguments[2] = fmt::format("{}", test->width);
    one.origins[0] = Origin::kDigest;
  }
  for (const Call& call : trace.calls) {
    const std::string_view name = call.callee.name;
    const std::string_view ability = AbilityOf(name);
    const bool runs_memory = IsMadeCode(call, trace);
    if (ability.empty() && !IsTold(name) && !IsFormatter(name) &&
        !runs_memory) {
      continue;
    }
    const std::uint64_t at =
        call.address & ~std::uint64_t{image_.machine().mode};
    KeyCall& one = told.calls.emplace_back();
    one.place = image_.PlaceOf(at, call.length).value_or(Range{});
    one.function = name;
    one.ability = runs_memory ? "memory.run" : ability;
    one.origins = call.origins;
    for (std::size_t i = 0; i < kArguments; ++i) {
      const Value& value = call.arguments.at(i);
      if (value.constant() && !value.loose && image_.IsCode(value.number)) {
        one.handed = value.number;
      }
      const bool memory =
          value.is(Value::Kind::kFrame) || value.is(Value::Kind::kResult) ||
          (value.constant() && !image_.At(value.number, 1).empty());
      const Origin::Bits made = call.origins.at(i) & ~Origin::kParameter;

      // What lies before the code, no program names: it is a number.
      const bool names = value.constant() && !image_.code().empty() &&
                         value.number > image_.code().front().address;
      one.fixed.at(i) = value.constant()
                            ? names && image_.FixedAt(value.number, 1)
                            : memory && made == Origin::kConstant;
      one.decoded.at(i) =
          memory && made == (Origin::kConstant | Origin::kComputed);
      if (call.texts.at(i)) {
        one.arguments.at(i) = *call.texts.at(i);
      } else if (const Call* giver =
                     value.is(Value::Kind::kResult) && !value.loose
                         ? trace.CallAt(value.site)
                         : nullptr;
                 giver != nullptr && !giver->callee.name.empty() &&
                 FindLibraryFunction(giver->callee.name) == nullptr) {
        one.arguments.at(i) = fmt::format("{}()", giver->callee.name);
      } else if (value.constant()) {
        one.arguments.at(i) =
            fmt::format("{}{}", value.number, value.loose ? "+" : "");
      }
    }
    one.gate = found.around[call.block];
    one.constant_gate = found.around_constant[call.block];
  }
}

std::vector<const Function*> Reader::Stale() {
  constexpr std::uint64_t kSmall = 1UL << 20U;  // operations
  std::unordered_set<std::uint64_t> stale = std::move(knowledge_.given_more);
  for (const std::uint64_t entry : knowledge_.give_more) {
    const Function* function = program_.At(entry);
    if (function != nullptr) {
      stale.insert(function->callers.begin(), function->callers.end());
    }
  }
  const bool all = knowledge_.globals_changed && work_ < kSmall;
  knowledge_.given_more.clear();
  knowledge_.give_more.clear();
  knowledge_.globals_changed = false;
  std::vector<const Function*> functions;
  for (const Function* function : chosen_) {
    if (all || stale.contains(function->entry)) {
      functions.push_back(function);
    }
  }
  return functions;
}

// Whether a function, or one that has the same caller, starts what the bytes
// of this one come from.
bool Reader::IsSeeded(std::uint64_t entry) const {
  const auto seeds = [&](std::uint64_t one) {
    const auto told = told_.find(one);
    return told != told_.end() && told->second.seeds;
  };
  const Function* function = program_.At(entry);
  // Of a large program a common caller tells nothing.
  const bool few = program_.functions().size() < kFew / 4;
  if (function == nullptr || seeds(entry) || !few) {
    return function != nullptr && seeds(entry);
  }
  return std::any_of(
      function->callers.begin(), function->callers.end(),
      [&](std::uint64_t caller) {
        const Function* above = program_.At(caller);
        return seeds(caller) ||
               (above != nullptr &&
                std::any_of(above->calls.begin(), above->calls.end(), seeds));
      });
}

void Reader::Tell() {
  for (auto& [entry, told] : told_) {
    if (told.guessable && IsSeeded(entry)) {
      told.calls.push_back({.place = *told.guessable,
                            .function = "rand",
                            .ability = "random.byte"});
    }
  }
  for (auto& [entry, told] : told_) {
    for (KeyCall& call : told.calls) {
      const auto handed = told_.find(call.handed);
      if (handed != told_.end() && handed->second.returns) {
        call.callback = fmt::format("{}", *handed->second.returns);
      } else if (handed != told_.end() &&
                 std::any_of(handed->second.gates.begin(),
                             handed->second.gates.end(), [](const Gate& gate) {
                               return (gate.returns || gate.assigns) &&
                                      !gate.order &&
                                      gate.comparand != Comparand::kNumber;
                             })) {
        call.callback = "constant";
      }
    }
    for (std::string& word : told.words) {
      study_.words.push_back({.function = entry, .text = std::move(word)});
    }
    std::move(told.gates.begin(), told.gates.end(),
              std::back_inserter(study_.gates));
    std::move(told.calls.begin(), told.calls.end(),
              std::back_inserter(study_.calls));
    std::move(told.spared.begin(), told.spared.end(),
              std::back_inserter(study_.spared));
  }
  const auto by_place = [](const auto& a, const auto& b) {
    return std::tie(a.place.offset, a.place.length) <
           std::tie(b.place.offset, b.place.length);
  };
  std::stable_sort(study_.gates.begin(), study_.gates.end(), by_place);
  std::stable_sort(study_.calls.begin(), study_.calls.end(), by_place);
  std::stable_sort(study_.spared.begin(), study_.spared.end(), by_place);
}

Study Reader::Read() {
  Choose();
  std::vector<const Function*> functions = chosen_;
  for (int round = 0; round < kRounds && !functions.empty(); ++round) {
    for (const Function* function : functions) {
      if (work_ < kMaxWork) {
        ReadFunction(*function);
      } else {
        study_.complete = false;
      }
    }
    functions = Stale();
  }
  Tell();
  for (const Image::Start& start : image_.starts()) {
    const Function* function = program_.At(start.entry);
    if (function != nullptr && function->reach != 0) {
      study_.starts.push_back(
          {.place = image_.PlaceOf(start.entry, 1).value_or(Range{}),
           .resolver = start.resolver,
           .reaches = program_.abilities().Text(function->reach)});
    }
  }
  study_.handlers = FindHandlers(image_, program_);
  study_.machine = image_.machine().name;
  study_.complete = study_.complete && program_.skipped() == 0;
  return std::move(study_);
}

}  // namespace

std::optional<Study> StudyProgram(const ElfView& view) {
  const Machine* machine = MachineOf({.machine = view.machine,
                                      .is_64 = view.is_64,
                                      .big = view.order == ByteOrder::kBig,
                                      .flags = view.flags});
  const bool runs =
      view.type == elf::kTypeExecutable || view.type == elf::kTypeShared;
  if (machine == nullptr || !runs) {
    return std::nullopt;
  }
  return Reader(view, *machine).Read();
}

}  // namespace assay::code
