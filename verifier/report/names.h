// The words of reports for the model's enumerations.
#pragma once

#include <string>
#include <string_view>

#include "verifier/base/time.h"
#include "verifier/model/artifact.h"
#include "verifier/model/component.h"
#include "verifier/model/reconciliation.h"

namespace assay::report {

[[nodiscard]] std::string_view NameOf(Strength strength);

// A heading over all discrepancies of that kind.
[[nodiscard]] std::string_view HeadingOf(DiscrepancyKind kind);

// RFC 3339, or "@SECONDS" for a time that RFC 3339 cannot write.
[[nodiscard]] std::string TimeText(UnixTime time);

}  // namespace assay::report
