// Package URLs: parsing and the canonical form.
// Specification: package-url/purl-spec, PURL-SPECIFICATION and its types.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/result.h"

namespace assay::sbom {

// All parts decoded and, after ParsePurl or Canonical, in canonical form.
struct Purl {
  std::string type = {};
  std::string name_space = {};  // segments joined by '/'
  std::string name = {};
  std::string version = {};
  std::vector<std::pair<std::string, std::string>> qualifiers = {};  // by key
  std::string subpath = {};

  // "" when there is no such qualifier.
  [[nodiscard]] std::string_view Qualifier(std::string_view key) const;
};

enum class PurlReading {
  kTolerant,  // what people write: keys in any case, a namespace left out
  kStrict,    // what the specification lets a parser accept
};

// kMalformed names what the specification forbids.
[[nodiscard]] Result<Purl> ParsePurl(
    std::string_view text, PurlReading reading = PurlReading::kTolerant);
// Applies the rules of the type to parts from elsewhere.
[[nodiscard]] Result<Purl> Canonical(
    Purl purl, PurlReading reading = PurlReading::kTolerant);
// The canonical text of canonical parts.
[[nodiscard]] std::string ToString(const Purl& purl);

// The canonical text of a package that a cataloguer found, or "" when its name
// does not make a package URL. `arch` may be empty.
[[nodiscard]] std::string PurlOf(std::string_view type,
                                 std::string_view name_space,
                                 std::string_view name,
                                 std::string_view version,
                                 std::string_view arch = {});

}  // namespace assay::sbom
