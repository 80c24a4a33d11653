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

std::string_view NameOfGate(ScriptSource::Bits sources) {
  return FirstOf(kSources, sources);
}

void ScriptGates::Push(const Open& open) {
  if (open_.size() >= kMaxOpen) {
    open_.erase(open_.begin());
  }
  open_.push_back(open);
}

void ScriptGates::Begin(const Place& place) {
  ended_.reset();
  Open open;
  open.gate.place = place.range;
  open.gate.line = place.line;
  open.scope = place.scope;
  Push(open);
}

void ScriptGates::Compare(const ScriptJudgement& judgement) {
  using enum ScriptComparand;
  if (!InHead()) {
    return;
  }
  Open& open = open_.back();
  const ScriptSource::Bits sources = judgement.sources;
  const bool secret = judgement.comparand == kText ||
                      judgement.comparand == kDigest ||
                      judgement.comparand == kComposed;
  const auto others =
      static_cast<ScriptSource::Bits>(sources & ~ScriptSource::kLogin);
  const auto counted = static_cast<ScriptSource::Bits>(
      judgement.comparand == kNone ? 0
      : secret                     ? sources & ~ScriptSource::kAccount
      : (sources & ScriptSource::kCredential) != 0 ? sources
                                                   : others);
  open.tells =
      Both(open.tells, judgement.comparand != kNone ? sources
                       : judgement.named ? static_cast<ScriptSource::Bits>(
                                               sources & ScriptSource::kNetwork)
                                         : ScriptSource::Bits{0});
  if (judgement.order) {
    return;
  }
  const bool owner = (sources & ScriptSource::kAccount) != 0;
  open.owner = open.owner || owner;
  open.typed = open.typed ||
               ((sources & ScriptSource::kCredential) != 0 && judgement.named &&
                judgement.comparand != ScriptComparand::kNone);
  open.named = open.named || (owner && judgement.named && !judgement.negative &&
                              judgement.comparand != kNone);
  if (counted == 0) {
    return;
  }
  open.sources = Both(open.sources, counted);
  open.negative = open.negative || judgement.negative;
  ++open.gate.compared;
  open.gate.comparand = std::max(open.gate.comparand, judgement.comparand);
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

void ScriptGates::BeginExpression(const ScriptJudgement& judgement,
                                  const Place& place, std::size_t depth) {
  if (InExpression(depth)) {
    open_.back().head = true;
  } else {
    Begin(place);
  }
  Compare(judgement);
  BeginBody(End::kExpression, depth, 0);
}

ScriptGates::Open ScriptGates::OtherOf(const Open& ended, End end,
                                       std::size_t depth) {
  Open other = ended;
  other.end = end;
  other.depth = depth;
  other.effects = 0;
  other.negative = other.leaves = false;
  other.other = true;
  return other;
}

void ScriptGates::Else(End end, std::size_t depth) {
  const std::optional<Open> ended = std::exchange(ended_, std::nullopt);
  const bool opens = ended && ended->negative && ended->sources != 0 &&
                     (end != End::kIndent || ended->depth == depth);
  const bool again = ended && !open_.empty() && open_.back().other &&
                     open_.back().gate.place.offset == ended->gate.place.offset;
  if (opens && !again) {
    Push(OtherOf(*ended, end, depth));
  }
}

void ScriptGates::OpenRest(const Open& ended) {
  constexpr ScriptSource::Bits kMoments =
      ScriptSource::kClock | ScriptSource::kHost | ScriptSource::kPlace;
  const bool opens = ended.negative && ended.sources != 0;
  const auto tells = static_cast<ScriptSource::Bits>(ended.tells & kMoments);
  const bool body = ended.end != End::kCase && ended.end != End::kExpression;
  if (!ended.leaves || ended.other || !body || (!opens && tells == 0)) {
    return;
  }
  const bool line = ended.end == End::kStatement;
  const End end = line ? (indented_ ? End::kIndent : End::kBlock) : ended.end;
  // A statement ends in the block around it, a block before that.
  const bool inner = !line || indented_;
  Open rest = OtherOf(ended, inner && ended.depth == 0 ? End::kFile : end,
                      ended.depth - (inner && ended.depth > 0 ? 1U : 0U));
  rest.tells = tells;
  if (!opens) {
    rest.sources = 0;
  }
  Push(rest);
}

void ScriptGates::Finish(End end, std::size_t depth) {
  std::vector<Open> ended;
  while (!open_.empty() && !open_.back().head && open_.back().end == end &&
         open_.back().depth >= depth) {
    ended.push_back(open_.back());
    open_.pop_back();
    Report(ended.back());
  }
  for (const Open& one : ended) {
    OpenRest(one);
    ended_ = one;
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
  if (effects == 0) {
    return;
  }
  ended_.reset();
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

void ScriptGates::Leaves() {
  for (auto open = open_.rbegin(); open != open_.rend() && !open->head;
       ++open) {
    open->leaves = true;
    if (!open->other) {
      break;
    }
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
  constexpr ScriptSource::Bits kGiven = ScriptSource::kEnvironment;
  if (gate.source.empty() && (open.tells & kGiven) != 0 && !open.other &&
      (open.effects & ScriptEffect::kPrivilege) != 0) {
    gate.source = FirstOf(kSources, kGiven);  // whatever it holds
  }
  // Whose name and password stand there, whatever they are good for.
  if (gate.opens.empty() && open.named && open.typed && !open.negative &&
      !open.other) {
    gate.opens = "login";
  }
  if (gate.source.empty() || gate.opens.empty()) {
    return;
  }
  if (found_.size() >= limit_) {
    truncated_ = true;
    return;
  }
  found_.push_back(gate);
}

ScriptJudgement ScriptGates::Judged(std::uint32_t scope) const {
  constexpr ScriptSource::Bits kMoments =
      ScriptSource::kClock | ScriptSource::kHost | ScriptSource::kPlace;
  for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
    if (open->head || open->scope != scope) {
      break;
    }
    const auto sources = Both(
        open->sources, static_cast<ScriptSource::Bits>(open->tells & kMoments));
    if (sources != 0 && !open->negative) {
      return {
          .sources = sources,
          .comparand = std::max(open->gate.comparand, ScriptComparand::kWord),
          .order = open->sources == 0,
          .named = true};
    }
  }
  return {};
}

ScriptSource::Bits ScriptGates::Around() const {
  constexpr ScriptSource::Bits kNear =
      ScriptSource::kRequest | ScriptSource::kEnvironment |
      ScriptSource::kHost | ScriptSource::kClock | ScriptSource::kRandom |
      ScriptSource::kNetwork | ScriptSource::kPlace;
  std::size_t reach = kMaxReach;
  for (auto open = open_.rbegin(); open != open_.rend() && reach > 0;
       ++open, --reach) {
    const auto tells = static_cast<ScriptSource::Bits>(open->tells & kNear);
    if (!open->head && tells != 0) {
      return tells;
    }
  }
  return 0;
}

}  // namespace assay::facts
