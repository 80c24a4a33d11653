// CPE names: NISTIR 7695 (the well-formed name and its two bindings) and
// NISTIR 7696 (how names match).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "verifier/base/result.h"

namespace assay::sbom {

// The value of one attribute.
struct CpeValue {
  enum class Kind { kAny, kNotApplicable, kText };
  // In place of a number of '?': the wildcard is '*'.
  static constexpr std::size_t kMany = static_cast<std::size_t>(-1);

  Kind kind = Kind::kAny;
  std::string text = {};  // without escapes, in lower case
  // How many characters may precede and follow the text.
  std::size_t before = 0;
  std::size_t after = 0;

  friend bool operator==(const CpeValue&, const CpeValue&) = default;
};

// In the order of the formatted string.
enum class CpeAttribute {
  kPart,  // "a" application, "o" operating system, "h" hardware
  kVendor,
  kProduct,
  kVersion,
  kUpdate,
  kEdition,
  kLanguage,
  kSwEdition,
  kTargetSw,
  kTargetHw,
  kOther,
};
constexpr std::size_t kCpeAttributes = 11;

struct Cpe {
  std::array<CpeValue, kCpeAttributes> values = {};

  [[nodiscard]] const CpeValue& At(CpeAttribute attribute) const {
    return values[static_cast<std::size_t>(attribute)];
  }

  friend bool operator==(const Cpe&, const Cpe&) = default;
};

// A formatted string ("cpe:2.3:a:...", 7695 section 6.2) or a URI of CPE 2.2
// ("cpe:/a:...", section 6.1). kMalformed names what the binding forbids,
// kLimit a name that is too long to be one.
[[nodiscard]] Result<Cpe> ParseCpe(std::string_view text);

// The canonical formatted string.
[[nodiscard]] std::string ToString(const Cpe& cpe);

// The URI. Attributes that CPE 2.2 does not have are packed into the edition.
[[nodiscard]] std::string ToUri(const Cpe& cpe);

// What the source names against what the target names (7696, table 6-1).
// kUndefined: the target has wildcards.
enum class CpeRelation { kEqual, kSubset, kSuperset, kDisjoint, kUndefined };

[[nodiscard]] CpeRelation Compare(const CpeValue& source,
                                  const CpeValue& target);

// Over all attributes (7696, table 6-4); kUndefined also where some are
// subsets and others supersets.
[[nodiscard]] CpeRelation Compare(const Cpe& source, const Cpe& target);

}  // namespace assay::sbom
