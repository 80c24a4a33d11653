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

#include "signatures/anchor.h"
#include "signatures/listed_files.h"
#include "signatures/profile.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
#include "verifier/engine/cases.h"
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
        anchors_(request.policy.anchors),
        revoked_(RevokedKeys(request.policy.anchors)) {}

  Result<std::vector<SignatureCheck>> Sit() {
    if (const auto fetched = cases_.FetchWhatTheySign(); !fetched) {
      return Fail(fetched.error());
    }
    verdicts_.resize(cases_.all().size());
    std::vector<SignatureCheck> checks = Round();
    for (int round = 1; round < kMaxRounds && Derive(checks); ++round) {
      checks = Round();
    }
    for (SignatureCheck& check : JudgeByReleaseChain(request_)) {
      Constrain(check);
      checks.push_back(std::move(check));
    }
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

  [[nodiscard]] std::vector<TrustAnchor> AnchorsFor(
      std::string_view scheme, const std::string& subject) const {
    std::vector<TrustAnchor> anchors;
    for (const TrustAnchor& anchor : anchors_) {
      if (signatures::AnchorApplies(anchor, scheme, subject, request_.at)) {
        anchors.push_back(anchor);
      }
    }
    return anchors;
  }

  [[nodiscard]] SignatureCheck Judge(const Case& one) const {
    const std::string target = cases_.TargetOf(one);
    const SignatureCandidate& candidate = *one.candidate;
    const auto* scheme = signatures::FindScheme(candidate.scheme);
    const auto anchors = AnchorsFor(candidate.scheme, target);
    const auto message = cases_.MessageOf(one);
    SignatureCheck check;
    if (one.detached && !message && !one.IsBareList()) {
      check.scheme = candidate.scheme;
      check.indication = Indication::kIndeterminate;
      check.sub_indication = "SIGNED_DATA_NOT_FOUND";
      check.detail = fmt::format("no file \"{}\" beside it",
                                 Escaped(candidate.targets.front()));
    } else {
      check = scheme->verify(
          candidate, message.value_or(ByteView()),
          {anchors, request_.at, request_.policy.legacy_algorithms(),
           TimeFor(request_.policy, target)});
      check.target = target;
    }
    check.artifact = one.artifact;
    check.holder = one.holder;
    if (const SignatureCandidate* list = cases_.AgedListSignedBy(one)) {
      TakeAge(list->age, check.age);
    }
    Constrain(check);
    Reach(request_.survey, one, request_.policy.legacy_algorithms(), check);
    Explain(*scheme, one, check);
    return check;
  }

  // What holds for every scheme.
  void Constrain(SignatureCheck& check) const {
    if (!Passed(check)) {
      return;
    }
    const std::string revoked = RevokedKeyOf(check);
    KeepFitKeys(check);
    const GoodKey own = GoodKeyOf(check);
    const std::string refused = WhyRefused(own);
    const bool stranger = IsStranger(own);
    const bool unproven = IsUnproven(check, own);
    const std::string stale = WhyStale(request_.policy, check, request_.at);
    if (!revoked.empty()) {
      check.indication = Indication::kTotalFailed;
      check.sub_indication = "REVOKED";
      check.detail = fmt::format("the policy revokes key {}", revoked);
    } else if (stranger) {
      check.indication = Indication::kIndeterminate;
      check.sub_indication = "SIG_CONSTRAINTS_FAILURE";
      check.detail = fmt::format("anchor {} does not name the signer {}",
                                 check.anchor, check.signer);
    } else if (!refused.empty()) {
      check.indication = Indication::kIndeterminate;
      check.sub_indication = "CRYPTO_CONSTRAINTS_FAILURE";
      check.detail = refused;
    } else if (unproven) {
      check.indication = Indication::kIndeterminate;
      check.sub_indication = "NO_POE";
      check.detail = "the policy demands a trusted time stamp; there is none";
    } else if (!stale.empty()) {
      check.indication = Indication::kIndeterminate;
      check.sub_indication = "SIG_CONSTRAINTS_FAILURE";
      check.detail = stale;
    }
    if (!Passed(check)) {
      check.good_keys.clear();
      check.covers.clear();
    }
  }

  // What is asked of one signer is asked of each: those that fall short are
  // not counted, and another one speaks for the check where there is one.
  void KeepFitKeys(SignatureCheck& check) const {
    std::vector<GoodKey> fit = check.good_keys;
    std::erase_if(fit, [&](const GoodKey& good) {
      return IsStranger(good) || IsUnproven(check, good) ||
             !WhyRefused(good).empty();
    });
    if (!fit.empty() && fit.size() < check.good_keys.size()) {
      SpeakFor(check, fit.front());
      check.good_keys = std::move(fit);
    }
  }

  // "" when it rests on none.
  [[nodiscard]] std::string RevokedKeyOf(const SignatureCheck& check) const {
    if (revoked_.count(Lower(check.key)) != 0) {
      return check.key;
    }
    const auto revoked =
        std::find_if(check.good_keys.begin(), check.good_keys.end(),
                     [&](const GoodKey& good) {
                       return revoked_.count(Lower(good.key)) != 0;
                     });
    return revoked == check.good_keys.end() ? "" : revoked->key;
  }

  [[nodiscard]] std::string WhyRefused(const GoodKey& good) const {
    return signatures::WhyRefused(request_.policy.algorithms, good.algorithm,
                                  request_.at);
  }

  [[nodiscard]] bool IsUnproven(const SignatureCheck& check,
                                const GoodKey& good) const {
    return TimeFor(request_.policy, check.target) ==
               TimeModel::kTrustedTimestamp &&
           !good.proven_at;
  }

  // Whether the anchor names those who may sign, and this is none of them.
  [[nodiscard]] bool IsStranger(const GoodKey& good) const {
    return std::any_of(
        anchors_.begin(), anchors_.end(), [&](const TrustAnchor& anchor) {
          return anchor.name == good.anchor && !anchor.signers.empty() &&
                 std::find(anchor.signers.begin(), anchor.signers.end(),
                           good.signer) == anchor.signers.end();
        });
  }

  void Explain(const signatures::SignatureScheme& scheme, const Case& one,
               SignatureCheck& check) const {
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
      check.reproduce = CommandsFor(scheme, one, check);
    }
  }

  [[nodiscard]] std::string CommandsFor(
      const signatures::SignatureScheme& scheme, const Case& one,
      const SignatureCheck& check) const {
    const Range place = one.candidate->place;
    std::string text(scheme.reproduce);
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
      Constrain(check);
      if (derived) {
        for (CoveredRange& cover : check.covers) {
          cover.coverage = std::max(cover.coverage, Coverage::kByDerivedKey);
        }
      }
      checks.push_back(std::move(check));
    }
  }

  static std::set<std::string> RevokedKeys(
      const std::vector<TrustAnchor>& anchors) {
    std::set<std::string> keys;
    for (const TrustAnchor& anchor : anchors) {
      if (anchor.type == TrustAnchor::Type::kRevoked) {
        const auto ids = signatures::DescribeAnchor(anchor);
        for (const std::string& id : ids) {
          keys.insert(Lower(id));
        }
      }
    }
    return keys;
  }

  const JudgeRequest& request_;
  Cases cases_;
  std::vector<TrustAnchor> anchors_;  // the policy's, then the derived ones
  std::map<std::string, std::string> roots_;  // of the derived ones, by name
  std::set<std::string> not_allowed_;         // schemes
  std::set<std::string> revoked_;             // lower case
  std::vector<std::optional<SignatureCheck>> verdicts_;  // by case
};

}  // namespace

Result<std::vector<SignatureCheck>> JudgeSignatures(
    const JudgeRequest& request) {
  return Court(request).Sit();
}

}  // namespace assay::engine
