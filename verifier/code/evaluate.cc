#include "verifier/code/evaluate.h"

#include <algorithm>

#include "verifier/code/evaluator.h"

namespace assay::code {
namespace {

// Of the stack, at the beginnings of all blocks together: some 50 MB.
constexpr std::size_t kMaxKept = 1UL << 20U;
constexpr int kMaxPasses = 4;  // before the last one

template <typename Record>
const Record* Find(const std::vector<Record>& records, std::uint32_t site) {
  const auto found = std::lower_bound(
      records.begin(), records.end(), site,
      [](const Record& record, std::uint32_t s) { return record.site < s; });
  return found != records.end() && found->site == site ? &*found : nullptr;
}

template <typename Record>
void Sort(std::vector<Record>& records) {
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return a.site < b.site; });
}

// What is known besides on one of a branch's two ways: a call's result that was
// compared is what it was found equal to, wherever it lies.
std::optional<State> Refined(const Body& body, std::uint32_t block,
                             std::size_t way, const State& state) {
  const Block& one = body.blocks[block];
  const Operation& last = body.operations[one.first + one.count - 1];
  const Flags& flags = state.flags;
  const bool equal =
      last.condition == (way == 0 ? Condition::kEqual : Condition::kNotEqual);
  if (!one.branches || one.next[0] == one.next[1] || !equal || flags.bits ||
      !flags.left.is(Value::Kind::kResult) || flags.left.loose ||
      !flags.right.constant()) {
    return std::nullopt;
  }
  State refined = state;
  for (Value& value : refined.registers) {
    if (value.is(Value::Kind::kResult) && value.site == flags.left.site &&
        !value.loose) {
      const Origin::Bits origin = value.origin;
      value = flags.right;
      value.origin |= origin;
    }
  }
  return refined;
}

}  // namespace

const Call* Trace::CallAt(std::uint32_t site) const {
  return Find(calls, site);
}

const Test* Trace::TestAt(std::uint32_t site) const {
  return Find(tests, site);
}

Trace Evaluate(const Body& body, std::uint64_t entry, Knowledge& knowledge) {
  Evaluator evaluator(body, entry, knowledge);
  std::vector<std::optional<State>> before(body.blocks.size());
  Trace trace;
  if (body.order.empty()) {
    return trace;
  }
  before[body.order.front()] = evaluator.EntryState();
  std::vector<bool> stale(body.blocks.size(), true);
  std::size_t kept = 0;
  // The last pass goes over all blocks, and is the one that is told.
  bool last = false;
  for (int pass = 1; !last; ++pass) {
    last = pass > kMaxPasses ||
           (pass > 1 &&
            std::find(stale.begin(), stale.end(), true) == stale.end());
    trace = {};
    trace.results.resize(body.blocks.size());
    trace.assigns.resize(body.blocks.size());
    for (const std::uint32_t block : body.order) {
      if (!before[block] || (!stale[block] && !last)) {
        continue;
      }
      stale[block] = false;
      State state = *before[block];
      if (evaluator.Run(block, state, trace) && !last) {
        stale.assign(stale.size(), true);
        stale[block] = false;
      }
      const auto& ways = body.blocks[block].next;
      for (std::size_t way = 0; way < ways.size(); ++way) {
        const std::uint32_t next = ways[way];
        const std::optional<State> refined = Refined(body, block, way, state);
        const State& after = refined ? *refined : state;
        if (!before[next]) {
          before[next] = after;
          kept += after.frame.size();
          if (kept > kMaxKept) {
            before[next]->frame = {};
          }
          stale[next] = true;
        } else if (!last && before[next]->Meet(after)) {
          stale[next] = true;
        }
      }
    }
    for (std::size_t i = 0; i < stale.size(); ++i) {
      stale[i] = stale[i] && before[i].has_value();
    }
  }
  trace.joined = evaluator.joined();
  Sort(trace.calls);
  Sort(trace.tests);
  return trace;
}

}  // namespace assay::code
