// Parameters of key agreement and of curves as facts, without their place.
#pragma once

#include <optional>

#include "verifier/base/bytes.h"
#include "verifier/model/fact.h"

namespace assay::facts {

// DHParameter (PKCS#3) or, with `x942`, DomainParameters (RFC 2631).
[[nodiscard]] std::optional<Fact> DhParametersFact(ByteView der, bool x942);
// ECParameters (RFC 3279, 2.3.5; SEC 1, C.2): a curve by its name, or number by
// number; the fact says how these differ from a known curve over the same
// field.
[[nodiscard]] std::optional<Fact> EcParametersFact(ByteView der);

}  // namespace assay::facts
