#include "rules/yara/automaton.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::yara {
namespace {

bool IsWordByte(std::uint8_t byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z') || byte == '_';
}

bool IsAlphanumeric(std::uint8_t byte) {
  return IsWordByte(byte) && byte != '_';
}

}  // namespace

bool IsWholeWord(ByteView data, std::uint64_t start, std::uint64_t length,
                 bool wide) {
  const std::uint64_t end = start + length;
  if (wide) {
    const bool before =
        start >= 2 && data[start - 1] == 0 && IsAlphanumeric(data[start - 2]);
    const bool after = end + 1 < data.size() && data[end + 1] == 0 &&
                       IsAlphanumeric(data[end]);
    return !before && !after;
  }
  return (start == 0 || !IsAlphanumeric(data[start - 1])) &&
         (end >= data.size() || !IsAlphanumeric(data[end]));
}

Result<Automaton> Automaton::Of(std::span<const Node> sequence, bool wide) {
  Automaton automaton;
  automaton.wide_ = wide;
  if (!std::all_of(sequence.begin(), sequence.end(),
                   [&](const Node& node) { return automaton.Add(node); })) {
    return Fail(
        ErrorCode::kLimit,
        fmt::format("its repeats unfold to more than {} states", kMostStates));
  }
  automaton.states_.push_back({.kind = State::Kind::kMatch});
  automaton.FindFirst();
  return automaton;
}

std::uint32_t Automaton::SetNumber(const ByteSet& set) {
  const auto found = std::find(sets_.begin(), sets_.end(), set);
  if (found != sets_.end()) {
    return static_cast<std::uint32_t>(found - sets_.begin());
  }
  sets_.push_back(set);
  return static_cast<std::uint32_t>(sets_.size() - 1);
}

void Automaton::AddSet(const ByteSet& set) {
  states_.push_back({.kind = State::Kind::kSet,
                     .to = static_cast<std::uint32_t>(states_.size()) + 1,
                     .other = SetNumber(set)});
}

// Each part begins where the states end and leads to where they end after it.
// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
bool Automaton::Add(const Node& node) {
  if (states_.size() > kMostStates) {
    return false;
  }
  const auto here = static_cast<std::uint32_t>(states_.size());
  switch (node.kind) {
    case Node::Kind::kSet:
      AddSet(node.set);
      if (wide_) {
        AddSet(ByteSet(1));
      }
      return true;
    case Node::Kind::kSequence:
      return std::all_of(node.of.begin(), node.of.end(),
                         // NOLINTNEXTLINE(misc-no-recursion): as above.
                         [this](const Node& part) { return Add(part); });
    case Node::Kind::kRepeat:
      return AddRepeat(node);
    case Node::Kind::kEither:
      break;
    default:
      states_.push_back(
          {.kind = State::Kind::kPlace, .place = node.kind, .to = here + 1});
      return true;
  }
  std::vector<std::uint32_t> ends;
  for (const Node& part : node.of) {
    const auto split = static_cast<std::uint32_t>(states_.size());
    states_.push_back({.kind = State::Kind::kSplit, .to = split + 1});
    if (!Add(part)) {
      return false;
    }
    ends.push_back(static_cast<std::uint32_t>(states_.size()));
    states_.push_back({.kind = State::Kind::kSplit});
    states_[split].other = static_cast<std::uint32_t>(
        &part == &node.of.back() ? split + 1 : states_.size());
  }
  for (const std::uint32_t end : ends) {
    states_[end].to = states_[end].other =
        static_cast<std::uint32_t>(states_.size());
  }
  return true;
}

// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
bool Automaton::AddRepeat(const Node& node) {
  const Node& inner = node.of.front();
  for (std::uint32_t i = 0; i < node.min; ++i) {
    if (!Add(inner) || WidthOf(inner).max == 0) {
      return states_.size() <= kMostStates;
    }
  }
  std::vector<std::uint32_t> skips;
  const std::uint32_t more = node.max == kUnbounded ? 1 : node.max - node.min;
  for (std::uint32_t i = 0; i < more; ++i) {
    skips.push_back(static_cast<std::uint32_t>(states_.size()));
    states_.push_back({.kind = State::Kind::kSplit,
                       .to = static_cast<std::uint32_t>(states_.size()) + 1});
    if (!Add(inner)) {
      return false;
    }
  }
  if (node.max == kUnbounded) {
    const std::uint32_t loop = skips.front();
    states_.push_back({.kind = State::Kind::kSplit, .to = loop, .other = loop});
  }
  for (const std::uint32_t skip : skips) {
    states_[skip].other = static_cast<std::uint32_t>(states_.size());
  }
  return true;
}

// Follows all ways that need no byte; places count as passed.
void Automaton::FindFirst() {
  std::vector<bool> seen(states_.size());
  std::vector<std::uint32_t> stack = {0};
  while (!stack.empty()) {
    const std::uint32_t at = stack.back();
    stack.pop_back();
    if (seen[at]) {
      continue;
    }
    seen[at] = true;
    const State& state = states_[at];
    switch (state.kind) {
      case State::Kind::kSet:
        first_ |= sets_[state.other];
        break;
      case State::Kind::kSplit:
        stack.push_back(state.other);
        [[fallthrough]];
      case State::Kind::kPlace:
        stack.push_back(state.to);
        break;
      case State::Kind::kMatch:
        first_.set();
        break;
    }
  }
}

bool Automaton::Holds(Node::Kind place, ByteView data, std::uint64_t at) const {
  if (place == Node::Kind::kBegin) {
    return at == 0;
  }
  if (place == Node::Kind::kEnd) {
    return at == data.size();
  }
  const std::uint64_t step = wide_ ? 2 : 1;
  const bool before = at >= step && IsWordByte(data[at - step]) &&
                      (!wide_ || data[at - 1] == 0);
  const bool after = at + step <= data.size() && IsWordByte(data[at]) &&
                     (!wide_ || data[at + 1] == 0);
  return (before != after) == (place == Node::Kind::kBoundary);
}

// Adds the states that wait for a byte; whether a match ends here.
bool Automaton::Enter(std::uint32_t from, ByteView data, std::uint64_t at,
                      std::vector<std::uint32_t>& into, Run& run) const {
  bool matches = false;
  run.stack.assign(1, from);
  while (!run.stack.empty()) {
    const std::uint32_t number = run.stack.back();
    run.stack.pop_back();
    if (run.seen[number] == run.round) {
      continue;
    }
    run.seen[number] = run.round;
    const State& state = states_[number];
    switch (state.kind) {
      case State::Kind::kSet:
        into.push_back(number);
        break;
      case State::Kind::kSplit:
        run.stack.push_back(state.other);
        run.stack.push_back(state.to);
        break;
      case State::Kind::kPlace:
        if (Holds(state.place, data, at)) {
          run.stack.push_back(state.to);
        }
        break;
      case State::Kind::kMatch:
        matches = true;
        break;
    }
  }
  return matches;
}

// Over the byte at `at`; whether a match ends behind it.
bool Automaton::Step(ByteView data, std::uint64_t at, Run& run) const {
  run.next.clear();
  ++run.round;
  bool ends = false;
  for (const std::uint32_t number : run.now) {
    const State& state = states_[number];
    if (sets_[state.other].test(data[at])) {
      ends = Enter(state.to, data, at + 1, run.next, run) || ends;
    }
  }
  std::swap(run.now, run.next);
  return ends;
}

std::optional<std::uint64_t> Automaton::MatchAt(ByteView data,
                                                std::uint64_t start,
                                                const Wanted& wanted, Run& run,
                                                Effort& effort) const {
  if (run.seen.size() < states_.size()) {
    run.seen.resize(states_.size());
  }
  std::optional<std::uint64_t> length;
  run.now.clear();
  ++run.round;
  if (Enter(0, data, start, run.now, run)) {
    length = 0;
  }
  for (std::uint64_t at = start;
       !run.now.empty() && at < data.size() && at - start < wanted.most &&
       !(wanted.shortest && length);
       ++at) {
    if (!effort.Spend(run.now.size() + 1)) {
      return length;
    }
    if (Step(data, at, run)) {
      length = at + 1 - start;
    }
  }
  return length;
}

}  // namespace assay::yara
