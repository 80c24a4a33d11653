// What the type definitions of package-url/purl-spec say beyond the rules that
// hold for all package URLs.
#pragma once

#include <string_view>

#include "sbom/purl.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// Whether names of the type have steps of their own ("git": the repository's
// path on its host, which is the namespace).
[[nodiscard]] bool NameIsPath(std::string_view type);

// Spells the parts as the type wants them: case, separators in names.
void NormalizeForType(Purl& purl);

// kMalformed names what the type forbids or misses.
[[nodiscard]] Result<void> CheckForType(const Purl& purl, PurlReading reading);

}  // namespace assay::sbom
