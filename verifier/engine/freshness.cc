#include "verifier/engine/freshness.h"

#include <fmt/format.h>

#include "sbom/versions.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

constexpr UnixTime kDay = 86400;

std::string TimeOrNone(const std::optional<UnixTime>& time) {
  return time ? FormatTime(*time) : "no date";
}

std::string WhyNumberIsLow(const FreshnessRule& rule, const StatedAge& age) {
  if (rule.rollback_index &&
      age.rollback_index.value_or(0) < *rule.rollback_index) {
    return fmt::format(
        "rollback index: at least {}, found {}", *rule.rollback_index,
        age.rollback_index ? fmt::format("{}", *age.rollback_index) : "none");
  }
  if (!rule.version.empty() &&
      (age.version.empty() ||
       sbom::CompareVersions(sbom::VersionOrder::kGeneric, age.version,
                             rule.version) < 0)) {
    return fmt::format("version: at least {}, found {}", rule.version,
                       age.version.empty() ? "none" : Escaped(age.version));
  }
  return "";
}

std::string WhyDateIsEarly(const FreshnessRule& rule, const StatedAge& age,
                           UnixTime at) {
  if (rule.date && (!age.date || *age.date < *rule.date)) {
    return fmt::format("date: {} at the earliest, found {}",
                       FormatTime(*rule.date), TimeOrNone(age.date));
  }
  if (rule.max_age && (!age.date || *age.date < at - *rule.max_age * kDay)) {
    return fmt::format("age: {} days at most, found {}", *rule.max_age,
                       TimeOrNone(age.date));
  }
  return rule.valid_until_required && !age.valid_until
             ? "the policy demands an end of its validity, and it states none"
             : "";
}

}  // namespace

TimeModel TimeFor(const Policy& policy, std::string_view path) {
  for (const SignatureRule& rule : policy.signatures) {
    if (rule.time != TimeModel::kByScheme && GlobMatches(rule.match, path)) {
      return rule.time;
    }
  }
  return TimeModel::kByScheme;
}

bool IsTimely(const SignatureRule& rule, const GoodKey& good) {
  switch (rule.time) {
    case TimeModel::kNow:
      return good.time != TimeModel::kTrustedTimestamp &&
             good.time != TimeModel::kIgnore;
    case TimeModel::kTrustedTimestamp:
      return good.proven_at.has_value();
    default:
      return true;
  }
}

bool Concerns(const FreshnessRule& rule, const SignatureCheck& check) {
  return (rule.scheme.empty() || rule.scheme == check.scheme ||
          rule.scheme == check.age.scheme) &&
         (rule.match.empty() || GlobMatches(rule.match, check.target));
}

void TakeAge(const StatedAge& list, StatedAge& age) {
  age.scheme = list.scheme.empty() ? age.scheme : list.scheme;
  age.version = list.version.empty() ? age.version : list.version;
  age.rollback_index =
      list.rollback_index ? list.rollback_index : age.rollback_index;
  age.date = list.date ? list.date : age.date;
  age.valid_until = list.valid_until ? list.valid_until : age.valid_until;
}

std::string WhyStale(const Policy& policy, const SignatureCheck& check,
                     UnixTime at) {
  for (const FreshnessRule& rule : policy.freshness) {
    if (!Concerns(rule, check)) {
      continue;
    }
    std::string why = WhyNumberIsLow(rule, check.age);
    why = why.empty() ? WhyDateIsEarly(rule, check.age, at) : why;
    if (!why.empty()) {
      return why;
    }
  }
  return "";
}

}  // namespace assay::engine
