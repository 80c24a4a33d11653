// The order of versions, as each ecosystem defines it.
#pragma once

#include <string_view>

namespace assay::sbom {

// The rules that each follows are named in its file in sbom/versions.
enum class VersionOrder {
  kGeneric,        // dpkg's comparison of the whole text; a leading 'v' goes
  kAlpm,           // Arch Linux
  kApk,            // Alpine Linux
  kComposer,       // PHP
  kConan,          // Conan
  kCran,           // R
  kDatetime,       // RFC 3339
  kDeb,            // Debian, opkg, opam
  kGem,            // RubyGems
  kGentoo,         // Gentoo
  kHackage,        // Haskell
  kIntdot,         // numbers between dots
  kLexicographic,  // bytes
  kMaven,          // Maven
  kNuget,          // NuGet
  kOpenssl,        // OpenSSL's own numbering
  kPep440,         // Python
  kPub,            // Dart
  kRpm,            // RPM
  kSemver,         // SemVer 2.0.0; missing numbers count as 0
};

// The order of a package URL type or a VERS scheme, in lower case: "deb",
// "npm", "openssl"; kGeneric for one that has none of its own.
[[nodiscard]] VersionOrder VersionOrderOf(std::string_view type);

// Whether VersionOrderOf knows the type.
[[nodiscard]] bool HasVersionOrder(std::string_view type);

// Below 0, 0 or above 0 as `a` is older than, as old as or newer than `b`.
// Any text can be compared. Where an ecosystem's own rules are no total order
// (Conan), neither is this: sort with what bears that, as std::stable_sort.
[[nodiscard]] int CompareVersions(VersionOrder order, std::string_view a,
                                  std::string_view b);

// Whether two versions differ in no more than the packaging of one upstream
// release: epoch and revision of a distribution, SemVer's build part, PEP
// 440's local part.
[[nodiscard]] bool SameUpstream(VersionOrder order, std::string_view a,
                                std::string_view b);

}  // namespace assay::sbom
