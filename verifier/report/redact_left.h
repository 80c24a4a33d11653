// What is left of the parts of a report that speak of something that goes: what
// counts depend on.
#pragma once

#include <string>
#include <string_view>

#include "verifier/base/json.h"

namespace assay::report {

// Whether it is one of these words, which have a space around each.
[[nodiscard]] bool IsAmong(std::string_view word, std::string_view words);

// Of a finding its severity, its confidence and its pack; `id` is the new one.
[[nodiscard]] Json LeftOfFinding(const Json& finding, const std::string& id);

// Of an artifact where it lies and how large it is, for the ledger; nothing of
// what it is called and what it holds.
[[nodiscard]] Json LeftOfArtifact(const Json& artifact);

// Whether bytes of it count among those that nobody explains.
[[nodiscard]] bool CountsAsUnexplained(const Json& artifact);

// Of what is said about such an artifact (a signature in it, a component, why
// it was not examined): that it is said, and with what outcome. Names are
// taken out of `statement` already.
[[nodiscard]] Json LeftOfStatement(const Json& statement);

}  // namespace assay::report
