// The signature files of a JAR (or APK, scheme v1) as candidates: manifest and
// signature file compared, entries listed. No crypto but digests.
#pragma once

#include "signatures/scheme.h"

namespace assay::signatures {

// Adds a candidate for each signature file and for each signature block
// without one. False when there is none of either.
[[nodiscard]] bool FindJarSignatures(const Subject& subject,
                                     std::string_view scheme,
                                     Observations& into);

// Of a signed list: Android's own rules are those that count.
inline constexpr std::string_view kAndroidManifest = "AndroidManifest.xml";

}  // namespace assay::signatures
