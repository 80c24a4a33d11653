// Whether one JSON value is another from which only something was taken away.
#pragma once

#include <string_view>
#include <utility>

#include "verifier/base/bytes.h"
#include "verifier/base/json.h"

namespace assay::report {

class OnlyRemoved {
 public:
  // `salt` names findings that are not as they were (RedactedId).
  explicit OnlyRemoved(Bytes salt) : salt_(std::move(salt)) {}

  // Texts may have "[redacted]" or "[redacted-N]" instead of some part; members
  // may be missing and lists empty; "redacted": true may be added. Numbers,
  // and words without such a mark, are the same.
  [[nodiscard]] bool Holds(const Json& was, const Json& is) const;

 private:
  [[nodiscard]] bool ObjectHolds(const Json& was, const Json& is) const;
  [[nodiscard]] bool ArrayHolds(const Json& was, const Json& is) const;

  Bytes salt_;
};

}  // namespace assay::report
