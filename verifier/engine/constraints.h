// What a policy asks of whoever signed, whatever the scheme and wherever the
// signature was found.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/time.h"
#include "verifier/model/policy.h"
#include "verifier/model/signature.h"

namespace assay::engine {

class SignatureConstraints {
 public:
  // Borrows the policy.
  SignatureConstraints(const Policy& policy, UnixTime at);

  // The scheme's own word on a signature over what is at `target`, by those of
  // `anchors` (the policy's, or derived from them) that may vouch for it.
  [[nodiscard]] SignatureCheck Judge(const SignatureCandidate& candidate,
                                     ByteView message,
                                     const std::vector<TrustAnchor>& anchors,
                                     const std::string& target) const;

  // Keeps of a check that passed the keys whose anchors may vouch for what is
  // at `path`, which a signed list or the check of another file leads to.
  // Without any, INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND.
  void KeepVouching(std::string_view path, SignatureCheck& check) const;

  // Keeps of a check that passed the keys that do what the policy asks of each
  // signer: that its anchor names it, its algorithm, a proven time. Without
  // any, or when a key is revoked or the check too old, it passes no more.
  void Apply(SignatureCheck& check) const;

 private:
  void KeepFitKeys(SignatureCheck& check) const;
  [[nodiscard]] bool MayVouch(const GoodKey& good, std::string_view path) const;
  [[nodiscard]] std::string RevokedKeyOf(const SignatureCheck& check) const;
  [[nodiscard]] std::string WhyRefused(const GoodKey& good) const;
  [[nodiscard]] bool IsUnproven(const SignatureCheck& check,
                                const GoodKey& good) const;
  [[nodiscard]] bool IsStranger(const GoodKey& good) const;

  const Policy& policy_;
  UnixTime at_ = 0;
  std::set<std::string> revoked_;  // lower case
};

}  // namespace assay::engine
