#include "verifier/model/comparison.h"

#include <array>
#include <cstdlib>

namespace assay {
namespace {

constexpr std::size_t kHeaviest = 10;

// The changes that speak against one side, by how much.
struct Against {
  std::array<std::uint64_t, kHeaviest + 1> counts = {};
  std::uint64_t all = 0;
  const Change* change = nullptr;
  const ChangedPlace* place = nullptr;

  void Add(const Change& added, const ChangedPlace* where) {
    const auto tilt = static_cast<std::size_t>(std::abs(added.tilt));
    if (tilt < kReportedWeight || tilt > kHeaviest) {
      return;
    }
    ++counts.at(tilt);
    ++all;
    if (change == nullptr || std::abs(change->tilt) < std::abs(added.tilt)) {
      change = &added;
      place = where;
    }
  }
};

Riskier Compare(const Against& before, const Against& now) {
  for (std::size_t tilt = kHeaviest; tilt >= kReportedWeight; --tilt) {
    if (before.counts.at(tilt) != now.counts.at(tilt)) {
      return before.counts.at(tilt) > now.counts.at(tilt) ? Riskier::kBefore
                                                          : Riskier::kNow;
    }
  }
  return Riskier::kNeither;
}

}  // namespace

std::string_view NameOf(Riskier riskier) {
  constexpr std::array<std::string_view, 3> kNames = {"neither", "before",
                                                      "now"};
  return kNames.at(static_cast<std::size_t>(riskier));
}

Balance BalanceOf(const Comparison& comparison) {
  Against before;
  Against now;
  const auto add = [&](const std::vector<Change>& changes,
                       const ChangedPlace* place) {
    for (const Change& change : changes) {
      (change.tilt > 0 ? now : before).Add(change, place);
    }
  };
  for (const ChangedPlace& place : comparison.places) {
    add(place.changes, &place);
  }
  add(comparison.product, nullptr);
  Balance balance{.riskier = Compare(before, now),
                  .against_now = now.all,
                  .against_before = before.all};
  if (balance.riskier != Riskier::kNeither) {
    const Against& riskier = balance.riskier == Riskier::kNow ? now : before;
    balance.change = riskier.change;
    balance.place = riskier.place;
  }
  return balance;
}

}  // namespace assay
