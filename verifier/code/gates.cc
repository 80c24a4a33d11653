#include "verifier/code/gates.h"

#include <algorithm>
#include <array>

#include "verifier/code/library.h"

namespace assay::code {
namespace {

using Kind = Value::Kind;

constexpr Origin::Bits kAsked = Origin::kOutside | Origin::kParameter |
                                Origin::kHost | Origin::kClock |
                                Origin::kRandom | Origin::kAccount;
constexpr unsigned kShortest = 4;  // bytes that have to be met, to count

unsigned BytesOf(std::uint64_t number) {
  unsigned bytes = 0;
  for (; number != 0; number >>= 8U) {
    ++bytes;
  }
  return bytes;
}

// The same thing, looked at twice.
bool IsSame(const Value& a, const Value& b) {
  return !a.is(Kind::kUnknown) && !a.constant() && a.kind == b.kind &&
         a.number == b.number && a.site == b.site;
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

GateFinder::GateFinder(const Body& body, const Trace& trace, Program& program,
                       const Image& image, const Predicates& predicates)
    : body_(body),
      trace_(trace),
      program_(program),
      image_(image),
      predicates_(predicates),
      checks_(program.abilities().Of("crypt") |
              program.abilities().Of("EVP_DigestVerifyFinal")) {}

AbilitySet GateFinder::AbilitiesOf(const Call& call) const {
  AbilitySet set = program_.abilities().Of(call.callee.name);
  if (call.callee.entry != 0) {
    const Function* function = program_.At(call.callee.entry);
    set |= function == nullptr ? 0 : function->reach;
  }
  return set;
}

// A call that compares two things of which neither is a constant, one of them
// a stored or computed hash, or one that checks passwords by its purpose.
bool GateFinder::ChecksPassword(const Call& call) const {
  if ((AbilitiesOf(call) & checks_) != 0) {
    return true;
  }
  const LibraryFunction* library = FindLibraryFunction(call.callee.name);
  const bool compares =
      library != nullptr && library->compares != LibraryFunction::Compares::kNo;
  constexpr Origin::Bits kStored =
      Origin::kAccount | Origin::kCredential | Origin::kSetting | Origin::kFile;
  return compares && !call.texts[0] && !call.texts[1] &&
         ((call.origins[0] | call.origins[1]) & kStored) != 0;
}

bool GateFinder::IsPasswordGiven(const Value& value) const {
  return std::any_of(
      trace_.calls.begin(), trace_.calls.end(), [&](const Call& call) {
        return ChecksPassword(call) &&
               std::any_of(call.arguments.begin(), call.arguments.end(),
                           [&](const Value& argument) {
                             return IsSame(argument, value);
                           });
      });
}

std::optional<Question> GateFinder::AskComparison(const Call& call,
                                                  std::int8_t length) const {
  for (const std::size_t fixed : {std::size_t{0}, std::size_t{1}}) {
    const std::size_t other = 1 - fixed;
    const Value& value = call.arguments.at(fixed);
    const Origin::Bits made = call.origins.at(fixed) & kAsked;
    const Origin::Bits origin = call.origins.at(other) & kAsked;
    const auto& text = call.texts.at(fixed);
    const bool constant = text.has_value() || value.constant() ||
                          (call.origins.at(fixed) & Origin::kConstant) != 0;
    if (!constant || (made != 0 && !text) || origin == 0 ||
        call.texts.at(other)) {
      continue;
    }
    Question question = {.origin = origin,
                         .asked = call.arguments.at(other),
                         .address = call.address,
                         .length = call.length};
    if (text) {
      question.comparand = Comparand::kText;
      question.text = *text;
      question.bytes = static_cast<unsigned>(text->size());
    } else {
      question.comparand = value.constant() && image_.FixedAt(value.number, 1)
                               ? Comparand::kBytes
                               : Comparand::kComposed;
      question.bytes = kShortest;
    }
    if (length != LibraryFunction::kNone) {
      const Value& bound = call.arguments.at(static_cast<std::size_t>(length));
      const unsigned most = static_cast<unsigned>(
          bound.constant() ? std::min<std::uint64_t>(bound.number, 4096)
                           : 4096);
      question.bytes = text               ? std::min(question.bytes, most)
                       : bound.constant() ? most
                                          : kShortest;
    }
    return question;
  }
  return std::nullopt;
}

// What a call gave, against a constant.
std::optional<Question> GateFinder::AskCall(const Test& test,
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

std::optional<Question> GateFinder::AskNumber(const Test& test) const {
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
  question.text = TextOf(question.number, image_.machine().order);
  question.bytes = std::max(question.bytes, BytesOf(question.number));
  question.holds_if_jumped = test.condition == kEqual ||
                             test.condition == kMore ||
                             test.condition == kNotLess;
  question.order = test.condition != kEqual && test.condition != kNotEqual;
  return test.condition == kOther ? std::nullopt : std::optional(question);
}

std::optional<Question> GateFinder::Ask(const Test& test) const {
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
  if (!asked->right.constant()) {
    return std::nullopt;
  }
  if (asked->bits) {  // alike: some of them are set
    Question question = {.origin = asked->origin & kAsked,
                         .asked = asked->left,
                         .number = asked->right.number,
                         .bytes = BytesOf(asked->right.number),
                         .bits = true,
                         .address = asked->address,
                         .length = asked->length};
    question.holds_if_jumped =
        (asked->condition == Condition::kNotEqual) == jumps_if_holds;
    return question.origin == 0 ? std::nullopt : std::optional(question);
  }
  const Call* call =
      asked->left.is(Kind::kResult) ? trace_.CallAt(asked->left.site) : nullptr;
  std::optional<Question> question =
      call == nullptr ? std::nullopt : AskCall(*asked, *call);
  if (!question) {
    question = AskNumber(*asked);
  }
  if (question && !jumps_if_holds) {
    question->holds_if_jumped = !question->holds_if_jumped;
  }
  if (question && IsPasswordGiven(question->asked)) {
    question->origin |= Origin::kCredential;
  }
  return question;
}

// The result's register at the end of the blocks that lead out of `blocks`.
std::optional<std::uint64_t> GateFinder::ResultOn(
    const std::vector<bool>& blocks, std::uint32_t start) const {
  if (!blocks[start]) {
    return std::nullopt;
  }
  std::uint32_t block = start;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto& next = body_.blocks[block].next;
    const auto inside =
        std::find_if(next.begin(), next.end(), [&](std::uint32_t one) {
          return blocks[one] && body_.rank[one] > body_.rank[block];
        });
    if (inside == next.end()) {
      break;
    }
    block = *inside;
  }
  const Value& result = trace_.results[block];
  return result.constant() ? std::optional(result.number & 0xffffffffU)
                           : std::nullopt;
}

GateFinder::Ways GateFinder::WaysOf(const Test& test,
                                    const Question& question) const {
  const Block& block = body_.blocks[test.block];
  const std::uint32_t jumped = block.next[0];
  const std::uint32_t passed = block.next[1];
  Ways ways;
  ways.alike_block = question.holds_if_jumped ? jumped : passed;
  const std::uint32_t other_block = question.holds_if_jumped ? passed : jumped;
  const std::vector<bool> alike = ReachedFrom(body_, ways.alike_block);
  const std::vector<bool> other = ReachedFrom(body_, other_block);
  ways.alike.resize(alike.size());
  ways.other.resize(alike.size());
  for (std::size_t i = 0; i < alike.size(); ++i) {
    ways.alike[i] = alike[i] && !other[i];
    ways.other[i] = other[i] && !alike[i];
  }
  for (const Call& call : trace_.calls) {
    if (ways.alike[call.block]) {
      ways.opens |= AbilitiesOf(call);
    } else if (ways.other[call.block]) {
      ways.skips |= AbilitiesOf(call);
      ways.checks_otherwise = ways.checks_otherwise || ChecksPassword(call);
    }
  }
  ways.result = ResultOn(ways.alike, ways.alike_block);
  ways.other_result = ResultOn(ways.other, other_block);
  return ways;
}

void GateFinder::FindPredicate(const Test& test, const Question& question,
                               Found& found) {
  if (found.predicate || !question.asked.is(Kind::kArgument) ||
      question.order || question.bytes < kShortest) {
    return;
  }
  std::optional<bool> alike_is_zero;
  if (test.branches) {
    const Ways ways = WaysOf(test, question);
    if (ways.result && ways.other_result &&
        (*ways.result == 0) != (*ways.other_result == 0)) {
      alike_is_zero = *ways.result == 0;
    }
  }
  if (alike_is_zero) {
    found.predicate = Predicate{.question = question,
                                .argument = question.asked.number % kArguments,
                                .alike_is_zero = *alike_is_zero};
  }
}

GateFinder::Found GateFinder::Find() {
  Found found;
  found.around.resize(body_.blocks.size());
  found.around_constant.resize(body_.blocks.size());
  struct Met {  // on the way to a block
    unsigned bytes = 0;
    unsigned constants = 0;
    std::string text = {};
  };
  std::vector<Met> met(body_.blocks.size());
  std::vector<std::pair<std::size_t, Question>> asked;
  for (std::size_t i = 0; i < trace_.tests.size(); ++i) {
    if (trace_.tests[i].branches &&
        body_.blocks[trace_.tests[i].block].branches) {
      if (auto question = Ask(trace_.tests[i])) {
        asked.emplace_back(i, std::move(*question));
      }
    }
  }
  std::sort(asked.begin(), asked.end(), [&](const auto& a, const auto& b) {
    return body_.rank[trace_.tests[a.first].block] <
           body_.rank[trace_.tests[b.first].block];
  });
  constexpr std::size_t kMost = 512;  // of one function
  if (asked.size() > kMost) {
    asked.resize(kMost);
  }
  for (const auto& [index, question] : asked) {
    const Test& test = trace_.tests[index];
    const Ways ways = WaysOf(test, question);
    FindPredicate(test, question, found);
    const bool number = question.comparand == Comparand::kNumber &&
                        !question.order && !question.bits;
    const Met& way = met[test.block];
    const unsigned bytes = question.bytes + (number ? way.bytes : 0);
    const std::string text = (number ? way.text : "") + question.text;
    const bool counts = !number && !question.order && !question.bits &&
                        question.bytes >= kShortest;
    const unsigned constants = way.constants + (counts ? 1 : 0);
    for (std::size_t i = 0; i < ways.alike.size(); ++i) {
      if (ways.alike[i]) {
        met[i].constants = std::max(met[i].constants, constants);
        if (number && bytes > met[i].bytes) {
          met[i].bytes = bytes;
          met[i].text = text;
        }
        found.around[i] |= question.origin;
        found.around_constant[i] =
            found.around_constant[i] || (!question.order && bytes >= kShortest);
      }
    }
    // A bit of what is read that spares a check.
    const bool spares = question.bits && (ways.skips & checks_) != 0 &&
                        (ways.opens & checks_) == 0;
    if ((bytes < kShortest && !spares) || ways.alike_block == 0 ||
        (question.bits && !spares)) {
      continue;
    }
    // The next one asks on: it speaks for both.
    const bool goes_on =
        number &&
        std::any_of(asked.begin(), asked.end(), [&](const auto& other) {
          return trace_.tests[other.first].block == ways.alike_block &&
                 other.second.comparand == Comparand::kNumber &&
                 !other.second.order;
        });
    if (goes_on) {
      continue;
    }
    Gate gate = {.origin = question.origin,
                 .comparand = question.comparand,
                 .text = text,
                 .number = question.number,
                 .bytes = bytes,
                 .met = number ? 1 : std::max(constants, 1U),
                 .computed = question.computed,
                 .bits = question.bits,
                 .order = question.order,
                 .opens = program_.abilities().Text(ways.opens),
                 .skips = program_.abilities().Text(ways.skips)};
    gate.returns = ways.result.has_value() && ways.result != ways.other_result;
    if (ways.checks_otherwise) {
      gate.origin |= Origin::kCredential;
    }
    gate.fan = static_cast<unsigned>(
        std::count_if(asked.begin(), asked.end(), [&](const auto& other) {
          return (other.second.origin & question.origin) != 0;
        }));
    gate.place =
        image_
            .PlaceOf(question.address & ~std::uint64_t{image_.machine().mode},
                     question.length)
            .value_or(Range{});
    if (!gate.opens.empty() || !gate.skips.empty() || gate.returns) {
      found.gates.push_back(std::move(gate));
    }
  }
  return found;
}

}  // namespace assay::code
