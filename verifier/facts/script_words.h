// What names and texts in a script tell about logins, and which functions ask
// for the user, the machine or the moment.
#pragma once

#include <cstdint>
#include <string_view>

#include "verifier/facts/script_gates.h"
#include "verifier/facts/script_lexer.h"
#include "verifier/facts/script_value.h"

namespace assay::facts {

// kCredential for "user_password", kRelated for "apiKey", by the last word.
[[nodiscard]] ScriptSource::Bits CredentialOf(std::string_view name);

// What a function's result, or a member such as os.environ, tells.
[[nodiscard]] ScriptSource::Bits SourceOf(ScriptLanguage language,
                                          std::string_view name);
// Whether the result of this function still tells what its arguments do: a
// digest, a coding, another case.
[[nodiscard]] bool Carries(std::string_view function);
// Whether its result is a point in time when its arguments are constant.
[[nodiscard]] bool MakesDate(std::string_view function);

enum class ScriptComparison : std::uint8_t {
  kNone,
  kSame,
  kDifference,  // it gives 0 for what is the same
  kAffix,
  kElement
};
// How a function compares its arguments, or its object with them.
[[nodiscard]] ScriptComparison ComparisonOf(std::string_view function);

// What it means to return the value, or to assign it to the name: ScriptEffect.
[[nodiscard]] std::uint8_t EffectOfReturn(const ScriptValue& value);
[[nodiscard]] std::uint8_t EffectOfAssignment(std::string_view name,
                                              const ScriptValue& value);
// The same for an element of an object.
[[nodiscard]] std::uint8_t EffectOfElement(std::string_view key,
                                           const ScriptValue& value);
// What a call does to who calls.
[[nodiscard]] std::uint8_t EffectOfCall(std::string_view function,
                                        const ScriptValue* first);

// What a text is that something is compared with.
[[nodiscard]] ScriptComparand ComparandOf(const ScriptValue& value);

}  // namespace assay::facts
