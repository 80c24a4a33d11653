#include "verifier/facts/script_gates.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "verifier/facts/script_value.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxOpen = 64;  // conditions within conditions
constexpr std::size_t kMaxReach = 8;  // of them that something counts for

using Name = std::pair<ScriptSource::Bits, std::string_view>;

constexpr Name kSources[] = {
    {ScriptSource::kCredential | ScriptSource::kRelated, "credential"},
    {ScriptSource::kRequest, "request"},
    {ScriptSource::kHost, "host"},
    {ScriptSource::kClock, "clock"},
    {ScriptSource::kRandom, "random"},
    {ScriptSource::kNetwork, "network"},
    {ScriptSource::kPlace, "place"},
    {ScriptSource::kEnvironment, "environment"},
};

constexpr Name kEffects[] = {
    {ScriptEffect::kPrivilege, "privilege"},
    {ScriptEffect::kNext, "next"},
    {ScriptEffect::kSuccess, "success"},
    {ScriptEffect::kCode, "code"},
    {ScriptEffect::kProcess, "process"},
    {ScriptEffect::kDestroys, "destroys"},
};

template <std::size_t N>
std::string_view FirstOf(const Name (&names)[N], ScriptSource::Bits bits) {
  const auto* found =
      std::find_if(std::begin(names), std::end(names),
                   [&](const Name& one) { return (one.first & bits) != 0; });
  return found == std::end(names) ? std::string_view() : found->second;
}

}  // namespace

std::string_view NameOf(ScriptComparand comparand) {
  static constexpr std::string_view kNames[] = {"",     "word",   "number",
                                                "text", "digest", "composed"};
  return kNames[static_cast<std::size_t>(comparand)];
}

void ScriptGates::Begin(Range place, std::uint32_t line, std::uint32_t scope) {
  if (open_.size() >= kMaxOpen) {
    open_.erase(open_.begin());
  }
  Open open;
  open.gate.place = place;
  open.gate.line = line;
  open.scope = scope;
  open_.push_back(open);
}

void ScriptGates::Compare(const Comparison& comparison) {
  using enum ScriptComparand;
  if (!InHead()) {
    return;
  }
  Open& open = open_.back();
  const ScriptSource::Bits sources = comparison.sources;
  const bool secret = comparison.comparand == kText ||
                      comparison.comparand == kDigest ||
                      comparison.comparand == kComposed;
  const auto others =
      static_cast<ScriptSource::Bits>(sources & ~ScriptSource::kLogin);
  const auto counted = static_cast<ScriptSource::Bits>(
      comparison.comparand == kNone ? 0
      : secret                      ? sources & ~ScriptSource::kAccount
      : (sources & ScriptSource::kCredential) != 0 ? sources
                                                   : others);
  open.tells = Both(open.tells, comparison.comparand != kNone ? sources
                                : comparison.named
                                    ? static_cast<ScriptSource::Bits>(
                                          sources & ScriptSource::kNetwork)
                                    : ScriptSource::Bits{0});
  if (comparison.order) {
    return;
  }
  open.owner = open.owner || (sources & ScriptSource::kAccount) != 0;
  if (counted == 0) {
    return;
  }
  open.sources = Both(open.sources, counted);
  open.negative = open.negative || comparison.negative;
  ++open.gate.compared;
  open.gate.comparand = std::max(open.gate.comparand, comparison.comparand);
}

void ScriptGates::BeginBody(End end, std::size_t depth,
                            ScriptSource::Bits tells) {
  if (!InHead()) {
    return;
  }
  // The clock, the host and chance matter where they meet a constant.
  constexpr ScriptSource::Bits kAnyway = ScriptSource::kRequest |
                                         ScriptSource::kEnvironment |
                                         ScriptSource::kPlace;
  Open& open = open_.back();
  open.head = false;
  open.end = end;
  open.depth = depth;
  open.tells =
      Both(open.tells, static_cast<ScriptSource::Bits>(tells & kAnyway));
}

void ScriptGates::Finish(End end, std::size_t depth) {
  while (!open_.empty() && !open_.back().head && open_.back().end == end &&
         open_.back().depth >= depth) {
    Report(open_.back());
    open_.pop_back();
  }
}

void ScriptGates::FinishAll() {
  for (; !open_.empty(); open_.pop_back()) {
    if (!open_.back().head) {
      Report(open_.back());
    }
  }
}

void ScriptGates::Happens(std::uint8_t effects) {
  std::size_t reach = kMaxReach;
  for (auto open = open_.rbegin(); open != open_.rend() && reach > 0;
       ++open, --reach) {
    open->effects = Both(open->effects, open->head ? std::uint8_t{0} : effects);
  }
}

void ScriptGates::Returns(std::uint8_t effects, std::uint32_t scope) {
  std::size_t reach = kMaxReach;
  for (auto open = open_.rbegin();
       open != open_.rend() && reach > 0 && open->scope == scope;
       ++open, --reach) {
    open->effects = Both(open->effects, open->head ? std::uint8_t{0} : effects);
  }
}

// A condition of what is not so opens the rest when it denies.
void ScriptGates::Report(const Open& open) {
  ScriptGate gate = open.gate;
  gate.source = FirstOf(kSources, open.sources);
  const bool denies = (open.effects & ScriptEffect::kDenies) != 0;
  gate.opens = !open.negative ? FirstOf(kEffects, open.effects)
               : denies       ? "success"
                              : "";
  gate.compared += open.owner ? 1U : 0U;
  if (gate.source.empty() || gate.opens.empty()) {
    return;
  }
  if (found_.size() >= limit_) {
    truncated_ = true;
    return;
  }
  found_.push_back(gate);
}

std::string_view ScriptGates::Around() const {
  constexpr ScriptSource::Bits kNear =
      ScriptSource::kRequest | ScriptSource::kEnvironment |
      ScriptSource::kHost | ScriptSource::kClock | ScriptSource::kRandom |
      ScriptSource::kNetwork | ScriptSource::kPlace;
  std::size_t reach = kMaxReach;
  for (auto open = open_.rbegin(); open != open_.rend() && reach > 0;
       ++open, --reach) {
    const auto tells = static_cast<ScriptSource::Bits>(open->tells & kNear);
    if (!open->head && tells != 0) {
      return FirstOf(kSources, tells);
    }
  }
  return {};
}

}  // namespace assay::facts
