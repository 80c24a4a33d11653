#include "verifier/code/questions.h"

#include <algorithm>
#include <array>
#include <bit>

#include "verifier/code/abilities.h"
#include "verifier/code/call_texts.h"
#include "verifier/code/library.h"

namespace assay::code {
namespace {

using Kind = Value::Kind;

constexpr Origin::Bits kAsked = Origin::kOutside | Origin::kParameter |
                                Origin::kHost | Origin::kClock |
                                Origin::kRandom | Origin::kAccount;

unsigned BytesOf(std::uint64_t number) {
  unsigned bytes = 0;
  for (; number != 0; number >>= 8U) {
    ++bytes;
  }
  return bytes;
}

// Limits, errors and masks, as they stand in all programs: small or negative
// numbers, powers of two, all bits set.
bool IsCommon(std::uint64_t number, unsigned width) {
  constexpr std::uint64_t kSmall = 4096;
  const unsigned unused = width == 0 || width >= 8 ? 0 : 64 - 8 * width;
  const std::uint64_t all = ~std::uint64_t{0} >> unused;
  const std::uint64_t minus = (all - number + 1) & all;
  return number < kSmall || minus < kSmall || std::has_single_bit(number) ||
         std::has_single_bit(number + 1) || std::has_single_bit(minus);
}

// The same thing, looked at twice.
bool IsSame(const Value& a, const Value& b) {
  return !a.is(Kind::kUnknown) && !a.constant() && a.kind == b.kind &&
         a.number == b.number && a.site == b.site;
}

// What is text as a whole, without the zero behind it.
std::string Printable(std::string text) {
  while (!text.empty() && text.back() == 0) {
    text.pop_back();
  }
  const bool shown = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c < 0x7f; });
  return shown ? text : std::string();
}

// A number's bytes as the text that they are, if they are one.
std::string TextOf(std::uint64_t number, ByteOrder order) {
  std::string text;
  for (; number != 0; number >>= 8U) {
    const auto byte = static_cast<std::uint8_t>(number);
    if (byte < 0x20 || byte >= 0x7f) {
      return {};
    }
    text += static_cast<char>(byte);
  }
  if (order == ByteOrder::kBig) {
    std::reverse(text.begin(), text.end());
  }
  return text;
}

}  // namespace

bool AreApart(const Value& a, const Value& b) {
  const auto points = [](const Value& one) {
    return one.is(Kind::kFrame) || one.is(Kind::kConstant) ||
           one.is(Kind::kArgument) || one.is(Kind::kResult);
  };
  return points(a) && points(b) && !IsSame(a, b) &&
         (a.kind != b.kind || a.number != b.number || a.site != b.site);
}

Questions::Questions(const Trace& trace, Program& program, const Image& image,
                     const Predicates& predicates)
    : trace_(trace),
      program_(program),
      image_(image),
      predicates_(predicates),
      passwords_(program.abilities().Of("crypt")),
      signatures_(program.abilities().Of("EVP_DigestVerifyFinal")),
      destroys_(program.abilities().Of("reboot") |
                program.abilities().Of("unlink")) {
  for (const Call& call : trace.calls) {
    if (ChecksPassword(call)) {
      checked_.insert(checked_.end(), call.arguments.begin(),
                      call.arguments.end());
    }
  }
}

AbilitySet Questions::AbilitiesOf(const Call& call) const {
  AbilitySet set = program_.abilities().Of(call.callee.name);
  if (call.callee.entry != 0) {
    const Function* function = program_.At(call.callee.entry);
    set |= function == nullptr ? 0 : function->reach;
  }
  set |= Ends(call) ? destroys_ : 0;
  return StartsChecker(call) ? set | signatures_ : set;
}

AbilitySet Questions::NearOf(const Call& call) const {
  AbilitySet set = program_.abilities().Of(call.callee.name);
  if (const Function* function = program_.At(call.callee.entry)) {
    set |= function->own;
    for (const std::uint64_t entry : function->calls) {
      const Function* other = program_.At(entry);
      set |= other == nullptr ? 0 : other->own;
    }
  }
  return StartsChecker(call) ? set | signatures_ : set;
}

// A call that compares two things of which neither is a constant, one of them
// a stored or computed hash, or one that checks passwords by its purpose.
bool Questions::ChecksPassword(const Call& call) const {
  if ((AbilitiesOf(call) & passwords_) != 0) {
    return true;
  }
  const LibraryFunction* library = FindLibraryFunction(call.callee.name);
  const bool compares =
      library != nullptr && library->compares != LibraryFunction::Compares::kNo;
  constexpr Origin::Bits kStored = Origin::kAccount | Origin::kCredential;
  return compares && !call.texts[0] && !call.texts[1] &&
         ((call.origins[0] | call.origins[1]) & kStored) != 0;
}

bool Questions::IsPasswordGiven(const Value& value) const {
  return std::any_of(checked_.begin(), checked_.end(),
                     [&](const Value& one) { return IsSame(one, value); });
}

// One argument is constant, the other is not.
std::optional<Question> Questions::AskArgument(const Call& call,
                                               std::size_t fixed) const {
  const std::size_t other = 1 - fixed;
  const Value& value = call.arguments.at(fixed);
  const Origin::Bits made = call.origins.at(fixed) & kAsked;
  const Origin::Bits origin = call.origins.at(other) & kAsked;
  const auto& text = call.texts.at(fixed);
  // Put together: on the stack, or by a function of the program.
  const bool composed = (call.origins.at(fixed) & Origin::kConstant) != 0 &&
                        (value.is(Kind::kFrame) || value.is(Kind::kResult));
  const bool listed =
      value.is(Kind::kUnknown) && call.origins.at(fixed) == Origin::kConstant;
  // Made of the date or of the machine's names, as a password of the day is.
  constexpr Origin::Bits kGuessed = Origin::kClock | Origin::kHost;
  const bool derived = composed && made != 0 && (made & ~kGuessed) == 0;
  const bool constant = text || value.constant() || composed || listed;
  // A known text on the stack is one, whatever lies around it.
  if (!constant || (made != 0 && !text && !derived) || origin == 0 ||
      call.texts.at(other)) {
    return std::nullopt;
  }
  const bool stands = value.constant() && image_.FixedAt(value.number, 1);
  Question question = {.origin = origin,
                       .asked = call.arguments.at(other),
                       .comparand = listed   ? Comparand::kListed
                                    : text   ? Comparand::kText
                                    : stands ? Comparand::kBytes
                                             : Comparand::kComposed,
                       .bytes = kShortest,
                       .address = call.address,
                       .length = call.length};
  if (text) {
    question.text = *text;
    question.bytes = static_cast<unsigned>(text->size());
  }
  return question;
}

std::optional<Question> Questions::AskComparison(const Call& call,
                                                 std::int8_t length) const {
  auto question = AskArgument(call, 0);
  if (!question) {
    question = AskArgument(call, 1);
  }
  if (!question || length == LibraryFunction::kNone) {
    return question;
  }
  constexpr std::uint64_t kMost = 4096;
  const Value& bound = call.arguments.at(static_cast<std::size_t>(length));
  const auto most = static_cast<unsigned>(
      bound.constant() ? std::min(bound.number, kMost) : kMost);
  if (question->comparand == Comparand::kText) {
    question->bytes = std::min(question->bytes, most);
  } else if (bound.constant()) {
    question->bytes = most;
  }
  return question;
}

// What a call gave, against a constant.
std::optional<Question> Questions::AskCall(const Test& test,
                                           const Call& call) const {
  using Compares = LibraryFunction::Compares;
  const bool zero = test.right.number == 0;
  const bool equal = test.condition == Condition::kEqual;
  if (!equal && test.condition != Condition::kNotEqual) {
    return std::nullopt;
  }
  const LibraryFunction* library = FindLibraryFunction(call.callee.name);
  if (library != nullptr && library->compares != Compares::kNo) {
    auto question = zero ? AskComparison(call, library->length) : std::nullopt;
    if (question) {
      question->holds_if_jumped =
          equal == (library->compares == Compares::kZero);
    }
    return question;
  }
  const auto predicate = predicates_.find(call.callee.entry);
  if (call.callee.entry != 0 && predicate != predicates_.end() &&
      (zero || test.right.number == 1)) {
    Question question = predicate->second.question;
    const std::size_t argument = predicate->second.argument;
    question.origin |= call.origins.at(argument) & kAsked;
    question.asked = call.arguments.at(argument);
    question.address = call.address;
    question.length = call.length;
    question.holds_if_jumped =
        (equal == zero) == predicate->second.alike_is_zero;
    return question;
  }
  const Function* own = program_.At(call.callee.entry);
  if (zero && own != nullptr && own->simple && call.texts[0] != call.texts[1]) {
    auto question = AskComparison(call, LibraryFunction::kNone);
    if (question) {  // of its own making; alike is what it says by habit
      question->holds_if_jumped = !equal;
    }
    return question;
  }
  return std::nullopt;
}

std::optional<Question> Questions::AskNumber(const Test& test) const {
  using enum Condition;
  Question question = {.origin = test.origin & kAsked,
                       .asked = test.left,
                       .number = test.right.number,
                       .computed = (test.origin & Origin::kComputed) != 0,
                       .address = test.address,
                       .length = test.length};
  const bool difference = test.left.is(Kind::kDifference);
  if (difference && test.right.number != 0) {
    return std::nullopt;
  }
  if (difference) {
    question.number = test.left.number;
    question.bytes = test.left.width;
  } else if (test.width != 0 && test.width < 8) {
    question.number &= (std::uint64_t{1} << (8U * test.width)) - 1;
  }
  if (question.number == 0 || question.origin == 0) {
    return std::nullopt;
  }
  question.text = difference && test.left.site != 0
                      ? Printable(trace_.joined.at(test.left.site - 1))
                      : TextOf(question.number, image_.machine().order);
  question.bytes = IsCommon(question.number, test.width)
                       ? 1
                       : std::max(question.bytes, BytesOf(question.number));
  question.holds_if_jumped = test.condition == kEqual ||
                             test.condition == kMore ||
                             test.condition == kNotLess;
  question.order = test.condition != kEqual && test.condition != kNotEqual;
  return test.condition == kOther ? std::nullopt : std::optional(question);
}

// Masked bytes of a text, against one after the other of a table of constants:
// all have to be met.
std::optional<Question> Questions::AskTable(const Test& test) const {
  const auto of_table = [](const Value& value) {
    return value.is(Kind::kUnknown) && value.origin == Origin::kConstant;
  };
  const bool turned = of_table(test.left);
  const Value& asked = turned ? test.right : test.left;
  const Origin::Bits origin =
      (turned ? test.right.origin : test.origin) & kAsked;
  const bool equal = test.condition == Condition::kEqual;
  if ((!equal && test.condition != Condition::kNotEqual) || origin == 0 ||
      test.width != 1 || !asked.is(Kind::kDifference) ||
      !of_table(turned ? test.left : test.right)) {
    return std::nullopt;
  }
  Question question = {.origin = origin,
                       .asked = asked,
                       .comparand = Comparand::kComposed,
                       .bytes = kShortest,
                       .repeats = true,
                       .address = test.address,
                       .length = test.length};
  question.holds_if_jumped = equal;
  return question;
}

// Alike: some of the bits are set.
std::optional<Question> Questions::AskBits(const Test& test) const {
  Question question = {.origin = test.origin & kAsked,
                       .asked = test.left,
                       .number = test.right.number,
                       .bytes = BytesOf(test.right.number),
                       .bits = true,
                       .address = test.address,
                       .length = test.length};
  question.holds_if_jumped = test.condition == Condition::kNotEqual;
  return question.origin == 0 ? std::nullopt : std::optional(question);
}

std::optional<Question> Questions::AskPassword(const Call& call) const {
  const LibraryFunction* library = FindLibraryFunction(call.callee.name);
  if (library == nullptr ||
      library->compares == LibraryFunction::Compares::kNo) {
    return std::nullopt;
  }
  auto question = AskComparison(call, library->length);
  const bool password =
      question && ((question->origin & Origin::kCredential) != 0 ||
                   IsPasswordGiven(question->asked));
  return password ? question : std::nullopt;
}

std::optional<Predicate> Questions::AskResult(const Value& result) const {
  std::optional<Question> question;
  bool alike_is_zero = false;
  if (result.is(Kind::kVerdict)) {
    const Test* test = trace_.TestAt(result.site);
    question = test == nullptr ? std::nullopt : Ask(*test);
    alike_is_zero = question && question->holds_if_jumped == result.negated;
  } else if (result.is(Kind::kResult)) {
    const Call* call = trace_.CallAt(result.site);
    const LibraryFunction* library =
        call == nullptr ? nullptr : FindLibraryFunction(call->callee.name);
    using Compares = LibraryFunction::Compares;
    if (library != nullptr && library->compares != Compares::kNo) {
      question = AskComparison(*call, library->length);
      alike_is_zero = library->compares == Compares::kZero;
    }
  }
  const bool says = question && question->asked.is(Kind::kArgument) &&
                    !question->order && !question->bits &&
                    question->bytes >= kShortest;
  return says ? std::optional(
                    Predicate{.question = *question,
                              .argument = question->asked.number % kArguments,
                              .alike_is_zero = alike_is_zero})
              : std::nullopt;
}

std::optional<Question> Questions::Ask(const Test& test) const {
  const Test* asked = &test;
  bool jumps_if_holds = true;
  for (int i = 0; i < 4 && asked->left.is(Kind::kVerdict); ++i) {
    const bool equal = asked->condition == Condition::kEqual;
    const bool plain = asked->right.constant() && asked->right.number <= 1 &&
                       (equal || asked->condition == Condition::kNotEqual);
    const Test* inner = trace_.TestAt(asked->left.site);
    if (!plain || inner == nullptr || inner == asked) {
      return std::nullopt;
    }
    const bool is_true = equal == (asked->right.number == 1);
    jumps_if_holds = jumps_if_holds == (is_true != asked->left.negated);
    asked = inner;
  }
  if (!asked->right.constant() || asked->right.loose) {
    return asked == &test ? AskTable(test) : std::nullopt;
  }
  const Call* call =
      asked->left.is(Kind::kResult) ? trace_.CallAt(asked->left.site) : nullptr;
  std::optional<Question> question =
      call == nullptr ? std::nullopt : AskCall(*asked, *call);
  if (!question) {
    question = asked->bits ? AskBits(*asked) : AskNumber(*asked);
  }
  if (question && !jumps_if_holds) {
    question->holds_if_jumped = !question->holds_if_jumped;
  }
  if (question && IsPasswordGiven(question->asked)) {
    question->origin |= Origin::kCredential;
  }
  return question;
}

}  // namespace assay::code
