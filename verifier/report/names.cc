#include "verifier/report/names.h"

#include <fmt/format.h>

namespace assay::report {

std::string_view NameOf(Strength strength) {
  switch (strength) {
    case Strength::kClaim:
      return "claim";
    case Strength::kUnverified:
      return "unverified";
    case Strength::kWeak:
      return "weak";
    case Strength::kVerifiedRow:
      return "verified-record";
    case Strength::kBuildRecord:
      return "build-record";
    case Strength::kDigest:
      return "digest";
  }
  return "";
}

std::string TimeText(UnixTime time) {
  constexpr UnixTime kFirst = -62'167'219'200;  // 0000-01-01T00:00:00Z
  constexpr UnixTime kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z
  return time < kFirst || time > kLast ? fmt::format("@{}", time)
                                       : FormatTime(time);
}

}  // namespace assay::report
