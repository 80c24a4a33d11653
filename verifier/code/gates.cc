#include "verifier/code/gates.h"

#include <algorithm>

#include "verifier/code/spared.h"

namespace assay::code {
namespace {

using Kind = Value::Kind;

bool IsNumber(const Question& question) {
  return question.comparand == Comparand::kNumber && !question.order &&
         !question.bits;
}

}  // namespace

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

// What is reached when a loop that asks for one part after the other has ended
// because all were met: by the way on from `goes_on`, or from the loop's head.
std::vector<bool> GateFinder::EndOfLoop(
    std::uint32_t test, const std::vector<bool>& goes_on) const {
  const auto head = LoopAround(body_, test);
  std::vector<std::uint32_t> starts;
  if (head) {
    for (const std::uint32_t next : body_.blocks[*head].next) {
      const bool leaves = *head != test && !ReachedFrom(body_, next)[test];
      if (leaves) {
        starts.push_back(next);
      }
    }
  }
  for (std::uint32_t i = 0; i < goes_on.size(); ++i) {
    if (goes_on[i]) {
      starts.push_back(i);
    }
  }
  return ReachedFrom(body_, starts);
}

GateFinder::Ways GateFinder::WaysOf(const Test& test,
                                    const Question& question) const {
  const Block& block = body_.blocks[test.block];
  const std::uint32_t jumped = block.next[0];
  const std::uint32_t passed = block.next[1];
  Ways ways;
  ways.alike_block = question.holds_if_jumped ? jumped : passed;
  const std::uint32_t other_block = question.holds_if_jumped ? passed : jumped;
  std::vector<bool> alike = ReachedFrom(body_, ways.alike_block, test.block);
  const std::vector<bool> other = ReachedFrom(body_, other_block, test.block);
  ways.alike.resize(alike.size());
  ways.other.resize(alike.size());
  for (std::size_t i = 0; i < alike.size(); ++i) {
    ways.alike[i] = alike[i] && !other[i];
  }
  if (question.repeats) {
    alike = EndOfLoop(test.block, ways.alike);
  }
  for (std::size_t i = 0; i < alike.size(); ++i) {
    ways.alike[i] = ways.alike[i] || (alike[i] && !other[i]);
    ways.other[i] = other[i] && !alike[i];
  }
  for (const Call& call : trace_.calls) {
    if (ways.alike[call.block]) {
      ways.opens |= questions_.AbilitiesOf(call);
    } else if (ways.other[call.block]) {
      ways.skips |= questions_.AbilitiesOf(call);
      ways.checks_otherwise =
          ways.checks_otherwise || questions_.ChecksPassword(call);
    }
  }
  for (std::size_t i = 0; i < alike.size(); ++i) {
    ways.assigns = ways.assigns || (ways.alike[i] && trace_.assigns[i]);
  }
  ways.result = ResultOn(ways.alike, ways.alike_block);
  ways.other_result = ResultOn(ways.other, other_block);
  return ways;
}

std::optional<Predicate> GateFinder::PredicateOf(const Question& question,
                                                 const Ways& ways) {
  const bool says = question.asked.is(Kind::kArgument) && !question.order &&
                    !question.bits && question.bytes >= kShortest &&
                    ways.result && ways.other_result &&
                    (*ways.result == 0) != (*ways.other_result == 0);
  return says ? std::optional(
                    Predicate{.question = question,
                              .argument = question.asked.number % kArguments,
                              .alike_is_zero = *ways.result == 0})
              : std::nullopt;
}

bool GateFinder::AskAll() {
  constexpr std::size_t kMost = 4096;  // of one function
  bool whole = true;
  for (const Test& test : trace_.tests) {
    if (test.branches && body_.blocks[test.block].branches) {
      auto question = questions_.Ask(test);
      if (question && asked_.size() < kMost) {
        asked_.push_back({&test, std::move(*question)});
      } else {
        whole = whole && !question;
      }
    }
  }
  std::sort(asked_.begin(), asked_.end(), [&](const Asked& a, const Asked& b) {
    return body_.rank[a.test->block] < body_.rank[b.test->block];
  });
  return whole;
}

GateFinder::Met GateFinder::Meet(const Question& question, const Met& before) {
  const bool number = IsNumber(question);
  // One small number is as good as any other.
  const bool small = number && question.bytes < 2 && question.text.empty();
  const bool counts = !number && !question.order && !question.bits &&
                      question.bytes >= kShortest;
  // A short text, compared as the number that its bytes are.
  const bool text = number && !question.text.empty() && before.text.empty() &&
                    question.bytes >= kShortest;
  Met met = before;
  met.constants += counts || text ? 1 : 0;
  if (!number) {
    met.bytes = question.bytes;
    met.text = question.text;
  } else if (!small) {
    met.bytes += question.bytes;
    met.text += question.text;
  }
  return met;
}

// The next one asks on: it speaks for both.
bool GateFinder::GoesOn(const Question& question, std::uint32_t block) const {
  return IsNumber(question) &&
         std::any_of(asked_.begin(), asked_.end(), [&](const Asked& other) {
           return other.test->block == block && IsNumber(other.question);
         });
}

Gate GateFinder::MakeGate(const Question& question, const Ways& ways,
                          const Met& met) const {
  Gate gate = {.origin = question.origin,
               .comparand = question.comparand,
               .text = met.text,
               .number = question.number,
               .bytes = met.bytes,
               .met = std::max(met.constants, 1U),
               .computed = question.computed,
               .masked = question.repeats,
               .bits = question.bits,
               .order = question.order,
               .opens = program_.abilities().Text(ways.opens),
               .skips = program_.abilities().Text(ways.skips)};
  gate.returns = ways.result.has_value() && ways.result != ways.other_result;
  gate.assigns = ways.assigns;
  gate.given = (gate.origin & Origin::kCredential) != 0;
  if (ways.checks_otherwise) {
    gate.origin |= Origin::kCredential;
  }
  gate.fan = static_cast<unsigned>(
      std::count_if(asked_.begin(), asked_.end(), [&](const Asked& other) {
        return (other.question.origin & question.origin) != 0 &&
               !AreApart(other.question.asked, question.asked);
      }));
  const std::uint64_t mode = image_.machine().mode;
  gate.place = image_.PlaceOf(question.address & ~mode, question.length)
                   .value_or(Range{});
  return gate;
}

void GateFinder::Judge(const Asked& asked, Found& found) {
  const Question& question = asked.question;
  const Ways ways = WaysOf(*asked.test, question);
  if (!found.predicate) {
    found.predicate = PredicateOf(question, ways);
  }
  const Met met = Meet(question, met_[asked.test->block]);
  const bool telling = !question.order && met.bytes >= kShortest;
  for (std::size_t i = 0; i < ways.alike.size(); ++i) {
    if (ways.alike[i]) {
      met_[i].constants = std::max(met_[i].constants, met.constants);
      if (IsNumber(question) && met.bytes > met_[i].bytes) {
        met_[i].bytes = met.bytes;
        met_[i].text = met.text;
      }
      found.around[i] |= question.origin;
      found.around_constant[i] = found.around_constant[i] || telling;
    }
  }
  // A bit of what is read that spares a check.
  const AbilitySet checks = questions_.checks();
  const bool spares = (ways.skips & checks) != 0 && (ways.opens & checks) == 0;
  // A number that is passed, and something is destroyed.
  constexpr std::uint64_t kFew = 16;
  const bool ends = question.order && question.number >= kFew &&
                    (ways.opens & questions_.destroys()) != 0;
  const bool counts = question.bits ? spares : met.bytes >= kShortest || ends;
  if (!counts || ways.alike_block == 0 || GoesOn(question, ways.alike_block)) {
    return;
  }
  const bool date = question.order && (question.origin & Origin::kClock) != 0;
  Gate gate = MakeGate(question, ways, met);
  if (!gate.opens.empty() || !gate.skips.empty() || gate.returns ||
      gate.assigns || gate.masked || date) {
    found.gates.push_back(std::move(gate));
  }
}

// Conditions that no way depends on, but a value: of texts, and of what is
// checked as a password whatever becomes of the answer.
void GateFinder::AddChoices(Found& found) {
  constexpr std::size_t kMost = 512;
  const auto add = [&](const Question& question) {
    const bool number = question.comparand == Comparand::kNumber;
    const bool known =
        std::any_of(found.gates.begin(), found.gates.end(),
                    [&](const Gate& gate) {
                      return gate.place.offset ==
                             image_.PlaceOf(question.address, question.length)
                                 .value_or(Range{})
                                 .offset;
                    }) ||
        std::any_of(asked_.begin(), asked_.end(), [&](const Asked& other) {
          return other.question.address == question.address;
        });
    const bool counts = !number && !known && question.bytes >= kShortest;
    found.whole = found.whole && (!counts || found.gates.size() < kMost);
    if (counts && found.gates.size() < kMost) {
      Gate gate = MakeGate(question, {}, Meet(question, {}));
      gate.assigns = true;
      found.gates.push_back(std::move(gate));
    }
  };
  for (const Test& test : trace_.tests) {
    if (test.chooses) {
      if (const auto question = questions_.Ask(test)) {
        add(*question);
      }
    }
  }
  for (const Call& call : trace_.calls) {
    const auto question = questions_.AskPassword(call);
    if (question) {
      add(*question);
    }
  }
}

GateFinder::Found GateFinder::Find() {
  Found found;
  found.around.resize(body_.blocks.size());
  found.around_constant.resize(body_.blocks.size());
  met_.resize(body_.blocks.size());
  found.whole = AskAll();
  AddChoices(found);
  for (const Asked& asked : asked_) {
    Judge(asked, found);
    if (!asked.question.text.empty()) {
      found.words.push_back(asked.question.text);
    }
  }
  for (const std::uint32_t block : body_.order) {
    const Block& one = body_.blocks[block];
    const Operation& last = body_.operations[one.first + one.count - 1];
    if (!found.predicate && last.does == Does::kReturn) {
      found.predicate = questions_.AskResult(trace_.results[block]);
    }
  }
  found.spared =
      FindSpared(body_, trace_, program_, image_, questions_, found.whole);
  return found;
}

}  // namespace assay::code
