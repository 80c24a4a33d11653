#include "verifier/engine/judge.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "signatures/listed_files.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
#include "verifier/engine/cases.h"
#include "verifier/engine/constraints.h"
#include "verifier/engine/derive.h"
#include "verifier/engine/freshness.h"
#include "verifier/engine/reach.h"
#include "verifier/engine/release_chain.h"

namespace assay::engine {
namespace {

// A key in an image in an image ...: each round judges what the keys of the
// last one are for.
constexpr int kMaxRounds = 8;

constexpr std::string_view kNoChain = "NO_CERTIFICATE_CHAIN_FOUND";

// Whether another anchor could change it.
bool IsOpen(const SignatureCheck& check) {
  return check.indication == Indication::kIndeterminate &&
         check.sub_indication == kNoChain;
}

bool Passed(const SignatureCheck& check) {
  return check.indication == Indication::kTotalPassed;
}

class Court {
 public:
  explicit Court(const JudgeRequest& request)
      : request_(request),
        cases_(request),
        constraints_(request.policy, request.at),
        anchors_(request.policy.anchors) {}

  Result<std::vector<SignatureCheck>> Sit() {
    if (const auto fetched = cases_.FetchWhatTheySign(); !fetched) {
      return Fail(fetched.error());
    }
    verdicts_.resize(cases_.all().size());
    std::vector<SignatureCheck> checks = Round();
    for (int round = 1; round < kMaxRounds && Derive(checks); ++round) {
      checks = Round();
    }
    std::ranges::move(JudgeByReleaseChain(request_, constraints_),
                      std::back_inserter(checks));
    return checks;
  }

 private:
  // Everything judged by the anchors known so far.
  std::vector<SignatureCheck> Round() {
    const std::vector<Case>& all = cases_.all();
    tbb::task_arena arena(static_cast<int>(std::max(1U, request_.plan.jobs)));
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, all.size(), [&](std::size_t i) {
        if (!verdicts_[i] || IsOpen(*verdicts_[i])) {
          verdicts_[i] = Judge(all[i]);
        }
      });
    });
    std::vector<SignatureCheck> checks = cases_.unread();
    std::vector<std::size_t> lists;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].IsBareList()) {
        lists.push_back(i);
        continue;
      }
      checks.push_back(*verdicts_[i]);
      cases_.ReadParts(all[i], Passed(*verdicts_[i]));
      AddListed(all[i], *verdicts_[i], checks);
    }
    JudgeLists(std::move(lists), checks);
    return checks;
  }

  // A list is worth what reaches it, which may be another list: in passes,
  // until one finds nothing more. What is left is nobody's.
  void JudgeLists(std::vector<std::size_t> lists,
                  std::vector<SignatureCheck>& checks) const {
    const std::vector<Case>& all = cases_.all();
    std::size_t before = lists.size() + 1;
    while (!lists.empty() && lists.size() < before) {
      before = lists.size();
      std::vector<SignatureCheck> found;
      const PassedChecks passed(request_.survey, checks);
      std::erase_if(lists, [&](std::size_t i) {
        const Case& one = all[i];
        const SignatureCheck* over =
            one.artifact == kNoArtifact
                ? nullptr
                : passed.Reaching(one.artifact, one.candidate->place);
        if (over != nullptr) {
          AddListed(one, BySignatureOver(one, *over), found);
        }
        return over != nullptr;
      });
      std::ranges::move(found, std::back_inserter(checks));
    }
    for (const std::size_t i : lists) {
      AddListed(all[i], *verdicts_[i], checks);
    }
  }

  static SignatureCheck BySignatureOver(const Case& list,
                                        const SignatureCheck& over) {
    SignatureCheck outer = over;
    TakeAge(list.candidate->age, outer.age);
    outer.steps.push_back(fmt::format("{} is signed", list.holder));
    if (!list.candidate->problems.empty()) {
      outer.indication = Indication::kTotalFailed;
      outer.sub_indication = "FORMAT_FAILURE";
      outer.detail = list.candidate->problems.front();
    }
    return outer;
  }

  // Takes in the keys that have become trustworthy; false when none has.
  bool Derive(const std::vector<SignatureCheck>& checks) {
    Derived derived = DeriveAnchors(request_.survey, request_.policy, checks);
    bool more = false;
    for (DerivedAnchor& found : derived.anchors) {
      if (roots_.emplace(found.anchor.name, found.root).second) {
        anchors_.push_back(std::move(found.anchor));
        more = true;
      }
    }
    for (std::string& scheme : derived.not_allowed) {
      more = not_allowed_.insert(std::move(scheme)).second || more;
    }
    return more;
  }

  [[nodiscard]] SignatureCheck Judge(const Case& one) const {
    const std::string target = cases_.TargetOf(one);
    const SignatureCandidate& candidate = *one.candidate;
    const auto message = cases_.MessageOf(one);
    SignatureCheck check;
    if (one.detached && !message && !one.IsBareList()) {
      check.scheme = candidate.scheme;
      check.indication = Indication::kIndeterminate;
      check.sub_indication = "SIGNED_DATA_NOT_FOUND";
      check.detail = fmt::format("no file \"{}\" beside it",
                                 Escaped(candidate.targets.front()));
    } else {
      check = constraints_.Judge(candidate, message.value_or(ByteView()),
                                 anchors_, target);
    }
    check.artifact = one.artifact;
    check.holder = one.holder;
    if (const SignatureCandidate* list = cases_.AgedListSignedBy(one)) {
      TakeAge(list->age, check.age);
    }
    constraints_.Apply(check);
    Reach(request_.survey, one, request_.policy.legacy_algorithms(), check);
    Explain(one, check);
    return check;
  }

  void Explain(const Case& one, SignatureCheck& check) const {
    for (GoodKey& good : check.good_keys) {
      const auto root = roots_.find(good.anchor);
      good.anchor = root == roots_.end() ? good.anchor : root->second;
    }
    if (const auto root = roots_.find(check.anchor); root != roots_.end()) {
      check.anchor = root->second;
      for (CoveredRange& cover : check.covers) {
        cover.coverage = std::max(cover.coverage, Coverage::kByDerivedKey);
      }
    }
    if (IsOpen(check) && not_allowed_.count(check.scheme) != 0) {
      check.skipped.push_back(
          fmt::format("keys for {} that verified parts of the product carry: "
                      "the policy does not allow to derive them",
                      check.scheme));
    }
    if (!check.key.empty() && check.indication != Indication::kUnsupported) {
      check.reproduce = CommandsFor(one, check);
    }
  }

  [[nodiscard]] static std::string CommandsFor(const Case& one,
                                               const SignatureCheck& check) {
    const Range place = one.candidate->place;
    std::string text(signatures::FindScheme(one.candidate->scheme)->reproduce);
    for (const auto& [name, value] :
         std::initializer_list<std::pair<std::string_view, std::string>>{
             {"{holder}", check.holder},
             {"{target}", check.target},
             {"{anchor}", check.anchor.empty() ? "KEY" : check.anchor},
             {"{offset}", fmt::format("{}", place.offset)},
             {"{length}", fmt::format("{}", place.length)}}) {
      for (std::size_t at = text.find(name); at != std::string::npos;
           at = text.find(name, at + value.size())) {
        text.replace(at, name.size(), value);
      }
    }
    return text;
  }

  void AddListed(const Case& one, const SignatureCheck& outer,
                 std::vector<SignatureCheck>& checks) const {
    if (one.candidate->listed.empty()) {
      return;
    }
    const auto lookup = [&](const ListedFile& listed) {
      return cases_.ListedIn(one, listed);
    };
    const bool derived = std::any_of(
        outer.covers.begin(), outer.covers.end(), [](const auto& cover) {
          return cover.coverage == Coverage::kByDerivedKey;
        });
    for (SignatureCheck& check :
         signatures::CheckListed(*one.candidate, outer, lookup,
                                 request_.policy.legacy_algorithms())) {
      check.artifact = one.artifact;
      check.holder = one.holder;
      constraints_.Apply(check);
      // What lies inside of the holder is part of what the anchor signed.
      if (!one.candidate->listed_inside) {
        constraints_.KeepVouching(check.target, check);
      }
      if (derived) {
        for (CoveredRange& cover : check.covers) {
          cover.coverage = std::max(cover.coverage, Coverage::kByDerivedKey);
        }
      }
      checks.push_back(std::move(check));
    }
  }

  const JudgeRequest& request_;
  Cases cases_;
  SignatureConstraints constraints_;
  std::vector<TrustAnchor> anchors_;  // the policy's, then the derived ones
  std::map<std::string, std::string> roots_;  // of the derived ones, by name
  std::set<std::string> not_allowed_;         // schemes
  std::vector<std::optional<SignatureCheck>> verdicts_;  // by case
};

}  // namespace

Result<std::vector<SignatureCheck>> JudgeSignatures(
    const JudgeRequest& request) {
  return Court(request).Sit();
}

}  // namespace assay::engine
