// Ranges of versions in the notation of an ecosystem.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sbom/vers.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// The versions that meet every constraint of at least one alternative. An
// alternative without constraints holds every version; no alternatives hold
// none.
using Alternative = std::vector<VersConstraint>;

struct NativeRange {
  std::string scheme = {};
  std::vector<Alternative> alternatives = {};
};

// Schemes: "conan", "gem", "maven", "nginx", "npm", "nuget", "openssl",
// "pypi"; the notation of each is named in its file in sbom/ranges.
// kUnsupported for other schemes, kMalformed for text that is no range. Bounds
// are completed as VERS' own conversions do it ("<=2.1" of npm: "<=2.1.0").
[[nodiscard]] Result<NativeRange> ReadNativeRange(std::string_view scheme,
                                                  std::string_view text);

// Exact, whatever the alternatives overlap.
[[nodiscard]] bool Contains(const NativeRange& range, std::string_view version);

// All constraints in one list, by version, as VERS' conversions write them. It
// need not pass CheckVers, and where alternatives overlap it can hold fewer
// versions: ask Contains about the range itself.
[[nodiscard]] Vers ToVers(const NativeRange& range);

}  // namespace assay::sbom
