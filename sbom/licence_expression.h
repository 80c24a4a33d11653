// SPDX licence expressions: SPDX 3.0.1, annex B, and SPDX 2.3, annex D.
//
//   GPL-2.0-or-later WITH Classpath-exception-2.0 AND (MIT OR LicenseRef-x)
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "verifier/base/result.h"

namespace assay::sbom {

// The lists of licences and exceptions that ids are looked up in.
class LicenceList {
 public:
  LicenceList() = default;
  LicenceList(const std::vector<std::string>& licences,
              const std::vector<std::string>& exceptions);

  // The list's spelling of an id in any case, or "" when it is not listed.
  [[nodiscard]] std::string_view Licence(std::string_view id) const;
  [[nodiscard]] std::string_view Exception(std::string_view id) const;

 private:
  std::map<std::string, std::string> licences_ = {};
  std::map<std::string, std::string> exceptions_ = {};
};

// "GPL-2.0+ WITH x", "LicenseRef-a", "DocumentRef-b:LicenseRef-c".
struct LicenceTerm {
  std::string id = {};
  bool or_later = false;      // '+'
  std::string addition = {};  // after WITH

  friend bool operator==(const LicenceTerm&, const LicenceTerm&) = default;
  friend bool operator<(const LicenceTerm& a, const LicenceTerm& b) {
    return std::tie(a.id, a.or_later, a.addition) <
           std::tie(b.id, b.or_later, b.addition);
  }
};

// An expression as all its ways of being met: of at least one set every term.
// Sorted, without sets that hold another one.
struct LicenceExpression {
  std::vector<std::vector<LicenceTerm>> alternatives = {};
  // Every term that it names, sorted.
  std::vector<LicenceTerm> terms = {};
  // Canonical text: operators in upper case, no needless parentheses, the
  // operands of one operator sorted and without repetition.
  std::string text = {};
};

// 1*(ALPHA / DIGIT / "-" / "."), and "[DocumentRef-id:]" before a reference.
[[nodiscard]] bool IsLicenceId(std::string_view text);
[[nodiscard]] bool IsLicenceRef(std::string_view text);
[[nodiscard]] bool IsAdditionRef(std::string_view text);

// kMalformed names the place; kLimit: an expression with hundreds of ways,
// or long ones.
// NONE and NOASSERTION are no expressions. Ids that the list knows get its
// spelling.
[[nodiscard]] Result<LicenceExpression> ParseLicenceExpression(
    std::string_view text, const LicenceList& list = {});

// The ids of the expression that the list does not know and that are no
// references, sorted.
[[nodiscard]] std::vector<std::string> UnlistedIds(
    const LicenceExpression& expression, const LicenceList& list);

// Whether whoever meets `premise` meets `conclusion` too: "MIT AND Zlib"
// implies "MIT", and that implies "MIT OR Zlib". A licence implies itself with
// '+'; ids are otherwise only what they spell.
[[nodiscard]] bool Implies(const LicenceExpression& premise,
                           const LicenceExpression& conclusion);

}  // namespace assay::sbom
