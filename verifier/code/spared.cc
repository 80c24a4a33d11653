#include "verifier/code/spared.h"

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/code/call_texts.h"

namespace assay::code {
namespace {

using Kind = Value::Kind;

constexpr std::size_t kMost = 1024;  // questions of one function that count

class SparedFinder {
 public:
  SparedFinder(const Body& body, const Trace& trace, Program& program,
               const Image& image, const Questions& questions)
      : body_(body),
        trace_(trace),
        program_(program),
        image_(image),
        questions_(questions) {}

  std::vector<Spared> Find(bool& whole) {
    std::size_t looked_at = 0;
    has_call_.resize(body_.blocks.size());
    for (const Call& call : trace_.calls) {
      has_call_[call.block] = true;
    }
    const auto starts =
        std::find_if(trace_.calls.begin(), trace_.calls.end(), StartsChecker);
    const Call* checker = starts == trace_.calls.end() ? nullptr : &*starts;
    for (const Test& test : trace_.tests) {
      const Block& block = body_.blocks[test.block];
      if (!test.branches || !block.branches) {
        continue;
      }
      const bool status = (test.origin & Origin::kStatus) != 0;
      const Call* call = status && checker != nullptr ? checker : CallOf(test);
      const AbilitySet checks =
          call == nullptr ? 0 : questions_.NearOf(*call) & questions_.checks();
      const bool outside =
          checks == 0 && call != nullptr && LooksOutside(*call);
      if (checks == 0 && !outside) {
        continue;
      }
      if (++looked_at > kMost) {
        whole = false;
        break;
      }
      if (outside) {
        Before(test, *call);
      } else {
        After(test, *call, checks);
      }
    }
    return std::move(spared_);
  }

 private:
  // The call whose result a test asks.
  [[nodiscard]] const Call* CallOf(const Test& test) const {
    const Test* asked = &test;
    for (int i = 0; i < 4 && asked->left.is(Kind::kVerdict); ++i) {
      const Test* inner = trace_.TestAt(asked->left.site);
      if (inner == nullptr || inner == asked) {
        return nullptr;
      }
      asked = inner;
    }
    return asked->left.is(Kind::kResult) && asked->right.constant()
               ? trace_.CallAt(asked->left.site)
               : nullptr;
  }

  // Whether a file is there, whether a variable or a setting exists.
  [[nodiscard]] static bool LooksOutside(const Call& call) {
    static constexpr std::array<std::string_view, 18> kNames = {
        "__lxstat", "__xstat",        "access", "faccessat",     "fopen",
        "fopen64",  "fw_getenv",      "getenv", "lstat",         "nvram_get",
        "open",     "nvram_safe_get", "open64", "secure_getenv", "stat",
        "stat64",   "__xstat64",      "uci_get"};
    return std::find(kNames.begin(), kNames.end(), call.callee.name) !=
           kNames.end();
  }

  [[nodiscard]] AbilitySet AbilitiesIn(const std::vector<bool>& blocks) const {
    AbilitySet set = 0;
    for (const Call& call : trace_.calls) {
      set |= blocks[call.block] ? questions_.AbilitiesOf(call) : 0;
    }
    return set;
  }

  // The one way of the check comes back to the other, if something holds.
  void After(const Test& test, const Call& check, AbilitySet checks) {
    const auto& ways = body_.blocks[test.block].next;
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const std::uint32_t aside = ways[side];
      const std::uint32_t goal = ways[1 - side];
      const std::vector<bool> behind = ReachedFrom(body_, goal);
      std::vector<bool> between = ReachedFrom(body_, aside);
      if (!between[goal]) {
        continue;
      }
      for (std::size_t i = 0; i < between.size(); ++i) {
        between[i] = between[i] && !behind[i];
      }
      const AbilitySet reaches = AbilitiesIn(behind);
      const std::vector<bool> leads = LeadingTo(body_, goal);
      bool always = true;
      for (const Test& other : trace_.tests) {
        const bool same =
            CallOf(other) == &check || (other.origin & Origin::kStatus) != 0;
        if (other.branches && !same && between[other.block] &&
            LeadsOneWay(other.block, leads)) {
          Add(other, check, checks, reaches);
          always = false;
        }
      }
      if (always && Comes(between, goal)) {
        Add(test, check, checks, reaches, true);
      }
    }
  }

  // No way out of these blocks but to the goal, and something happens there.
  [[nodiscard]] bool Comes(const std::vector<bool>& blocks,
                           std::uint32_t goal) const {
    bool calls = false;
    for (std::uint32_t i = 0; i < blocks.size(); ++i) {
      const auto& next = body_.blocks[i].next;
      const bool out =
          next.empty() || std::any_of(next.begin(), next.end(), [&](auto to) {
            return !blocks[to] && to != goal;
          });
      if (blocks[i] && out) {
        return false;
      }
      calls = calls || (blocks[i] && has_call_[i]);
    }
    return calls;
  }

  // Exactly one of the block's two ways leads to the goal.
  [[nodiscard]] bool LeadsOneWay(std::uint32_t block,
                                 const std::vector<bool>& leads) const {
    const Block& one = body_.blocks[block];
    return one.branches && leads[one.next[0]] != leads[one.next[1]];
  }

  // The one way leads past a check to where it leads as well.
  void Before(const Test& test, const Call& decides) {
    const auto& ways = body_.blocks[test.block].next;
    const std::vector<bool> first = ReachedFrom(body_, ways[0]);
    const std::vector<bool> second = ReachedFrom(body_, ways[1]);
    std::vector<bool> both(first.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
      both[i] = first[i] && second[i];
    }
    const AbilitySet reaches = AbilitiesIn(both);
    for (const Call& call : trace_.calls) {
      const AbilitySet checks = questions_.NearOf(call) & questions_.checks();
      if (checks != 0 && call.site > decides.site &&
          first[call.block] != second[call.block] && Decides(call, both)) {
        Add(test, call, checks, reaches);
        return;
      }
    }
  }

  // Not all ways from a check lead to what lies behind.
  [[nodiscard]] bool Decides(const Call& check,
                             const std::vector<bool>& behind) const {
    const auto asks = [&](const Test& test) {
      if (CallOf(test) != &check || !test.branches ||
          !body_.blocks[test.block].branches) {
        return false;
      }
      const auto& ways = body_.blocks[test.block].next;
      const auto comes = [&](std::uint32_t way) {
        const std::vector<bool> reached = ReachedFrom(body_, way);
        for (std::size_t i = 0; i < behind.size(); ++i) {
          if (reached[i] && behind[i] && has_call_[i]) {
            return true;
          }
        }
        return false;
      };
      return comes(ways[0]) != comes(ways[1]);
    };
    return std::any_of(trace_.tests.begin(), trace_.tests.end(), asks);
  }

  void Add(const Test& decides, const Call& check, AbilitySet checks,
           AbilitySet reaches, bool always = false) {
    const Call* by = CallOf(decides);
    // What was computed is compared: the check itself.
    if (reaches == 0 || (by != nullptr && questions_.ChecksPassword(*by))) {
      return;
    }
    const std::uint64_t mode = image_.machine().mode;
    Spared one = {
        .place = image_.PlaceOf(decides.address & ~mode, decides.length)
                     .value_or(Range{}),
        .check = program_.abilities().Text(checks),
        .always = always,
        .origin = decides.origin,
        .reaches = program_.abilities().Text(reaches)};
    if (by != nullptr && by != &check) {
      one.by = by->callee.name;
      for (const auto& text : by->texts) {
        one.text = one.text.empty() && text ? *text : one.text;
      }
    }
    spared_.push_back(std::move(one));
  }

  const Body& body_;
  const Trace& trace_;
  Program& program_;
  const Image& image_;
  const Questions& questions_;
  std::vector<bool> has_call_;  // by block
  std::vector<Spared> spared_;
};

}  // namespace

std::vector<Spared> FindSpared(const Body& body, const Trace& trace,
                               Program& program, const Image& image,
                               const Questions& questions, bool& whole) {
  return SparedFinder(body, trace, program, image, questions).Find(whole);
}

}  // namespace assay::code
