// How old a signature that holds may be, and what it has to prove of its time.
#pragma once

#include <string>
#include <string_view>

#include "verifier/base/time.h"
#include "verifier/model/policy.h"
#include "verifier/model/signature.h"

namespace assay::engine {

// The time model of the first rule that matches and states one.
[[nodiscard]] TimeModel TimeFor(const Policy& policy, std::string_view path);

// Whether a key's signature rests on a time that the rule allows.
[[nodiscard]] bool IsTimely(const SignatureRule& rule, const GoodKey& good);

// Whether the rule speaks of what the check is about.
[[nodiscard]] bool Concerns(const FreshnessRule& rule,
                            const SignatureCheck& check);

// Adds what a list states of its age to what its signature states of its own.
void TakeAge(const StatedAge& list, StatedAge& age);

// "" or what of the check's age the policy does not allow at `at`, expected
// against found. What the signed content does not state cannot be shown to be
// new enough.
[[nodiscard]] std::string WhyStale(const Policy& policy,
                                   const SignatureCheck& check, UnixTime at);

}  // namespace assay::engine
