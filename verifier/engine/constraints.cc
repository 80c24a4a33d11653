#include "verifier/engine/constraints.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "signatures/anchor.h"
#include "signatures/profile.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"
#include "verifier/engine/freshness.h"

namespace assay::engine {
namespace {

std::set<std::string> RevokedKeys(const std::vector<TrustAnchor>& anchors) {
  std::set<std::string> keys;
  for (const TrustAnchor& anchor : anchors) {
    if (anchor.type == TrustAnchor::Type::kRevoked) {
      for (const std::string& id : signatures::DescribeAnchor(anchor)) {
        keys.insert(Lower(id));
      }
    }
  }
  return keys;
}

bool Passed(const SignatureCheck& check) {
  return check.indication == Indication::kTotalPassed;
}

void Refuse(SignatureCheck& check, Indication indication,
            std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
  check.good_keys.clear();
  check.covers.clear();
}

}  // namespace

SignatureConstraints::SignatureConstraints(const Policy& policy, UnixTime at)
    : policy_(policy), at_(at), revoked_(RevokedKeys(policy.anchors)) {}

SignatureCheck SignatureConstraints::Judge(
    const SignatureCandidate& candidate, ByteView message,
    const std::vector<TrustAnchor>& anchors, const std::string& target) const {
  std::vector<TrustAnchor> applicable;
  std::copy_if(anchors.begin(), anchors.end(), std::back_inserter(applicable),
               [&](const TrustAnchor& anchor) {
                 return signatures::AnchorApplies(anchor, candidate.scheme,
                                                  target, at_);
               });
  SignatureCheck check =
      signatures::FindScheme(candidate.scheme)
          ->verify(candidate, message,
                   {applicable, at_, policy_.legacy_algorithms(),
                    TimeFor(policy_, target)});
  check.target = target;
  return check;
}

void SignatureConstraints::KeepVouching(std::string_view path,
                                        SignatureCheck& check) const {
  if (!Passed(check)) {
    return;
  }
  std::erase_if(check.good_keys,
                [&](const GoodKey& good) { return !MayVouch(good, path); });
  if (check.good_keys.empty()) {
    Refuse(
        check, Indication::kIndeterminate, "NO_CERTIFICATE_CHAIN_FOUND",
        fmt::format("the anchor {} may not vouch for {}", check.anchor, path));
  } else {
    SpeakFor(check, check.good_keys.front());
  }
}

void SignatureConstraints::Apply(SignatureCheck& check) const {
  if (!Passed(check)) {
    return;
  }
  const std::string revoked = RevokedKeyOf(check);
  KeepFitKeys(check);
  const GoodKey own = GoodKeyOf(check);
  const std::string refused = WhyRefused(own);
  const std::string stale = WhyStale(policy_, check, at_);
  if (!revoked.empty()) {
    Refuse(check, Indication::kTotalFailed, "REVOKED",
           fmt::format("the policy revokes key {}", revoked));
  } else if (IsStranger(own)) {
    Refuse(check, Indication::kIndeterminate, "SIG_CONSTRAINTS_FAILURE",
           fmt::format("anchor {} does not name the signer {}", check.anchor,
                       check.signer));
  } else if (!refused.empty()) {
    Refuse(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
           refused);
  } else if (IsUnproven(check, own)) {
    Refuse(check, Indication::kIndeterminate, "NO_POE",
           "the policy demands a trusted time stamp; there is none");
  } else if (!stale.empty()) {
    Refuse(check, Indication::kIndeterminate, "SIG_CONSTRAINTS_FAILURE", stale);
  }
}

// Those that fall short are not counted, and another one speaks for the check
// where there is one.
void SignatureConstraints::KeepFitKeys(SignatureCheck& check) const {
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

bool SignatureConstraints::MayVouch(const GoodKey& good,
                                    std::string_view path) const {
  return std::any_of(policy_.anchors.begin(), policy_.anchors.end(),
                     [&](const TrustAnchor& anchor) {
                       return anchor.name == good.anchor &&
                              signatures::IsSubject(anchor, path);
                     });
}

// "" when it rests on none.
std::string SignatureConstraints::RevokedKeyOf(
    const SignatureCheck& check) const {
  const auto is_revoked = [&](const GoodKey& good) {
    return revoked_.count(Lower(good.key)) != 0 ||
           revoked_.count(Lower(good.public_key)) != 0;
  };
  if (is_revoked(GoodKeyOf(check))) {
    return check.key;
  }
  const auto revoked =
      std::find_if(check.good_keys.begin(), check.good_keys.end(), is_revoked);
  return revoked == check.good_keys.end() ? "" : revoked->key;
}

std::string SignatureConstraints::WhyRefused(const GoodKey& good) const {
  return signatures::WhyRefused(policy_.algorithms, good.algorithm, at_);
}

bool SignatureConstraints::IsUnproven(const SignatureCheck& check,
                                      const GoodKey& good) const {
  return TimeFor(policy_, check.target) == TimeModel::kTrustedTimestamp &&
         !good.proven_at;
}

// Whether the anchor names those who may sign, and this is none of them.
bool SignatureConstraints::IsStranger(const GoodKey& good) const {
  return std::any_of(
      policy_.anchors.begin(), policy_.anchors.end(),
      [&](const TrustAnchor& anchor) {
        return anchor.name == good.anchor && !anchor.signers.empty() &&
               std::find(anchor.signers.begin(), anchor.signers.end(),
                         good.signer) == anchor.signers.end();
      });
}

}  // namespace assay::engine
