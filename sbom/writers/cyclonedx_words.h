// The enumerations of CycloneDX 1.6 that the writer has to stay within.
#pragma once

#include <array>
#include <string_view>

namespace assay::sbom::write {

inline constexpr std::array<std::string_view, 13> kTypes = {
    "application",
    "framework",
    "library",
    "container",
    "platform",
    "operating-system",
    "device",
    "device-driver",
    "firmware",
    "file",
    "machine-learning-model",
    "data",
    "cryptographic-asset"};
inline constexpr std::array<std::string_view, 12> kHashes = {
    "MD5",     "SHA-1",       "SHA-256",     "SHA-384",
    "SHA-512", "SHA3-256",    "SHA3-384",    "SHA3-512",
    "BLAKE3",  "BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512"};
inline constexpr std::array<std::string_view, 8> kAggregates = {
    "complete",
    "incomplete",
    "incomplete_first_party_only",
    "incomplete_first_party_proprietary_only",
    "incomplete_first_party_opensource_only",
    "incomplete_third_party_only",
    "unknown",
    "not_specified"};
inline constexpr std::array<std::string_view, 7> kPhases = {
    "design",     "pre-build", "build",       "post-build",
    "operations", "discovery", "decommission"};
inline constexpr std::array<std::string_view, 16> kReferences = {
    "vcs",           "issue-tracker", "website",       "advisories",
    "bom",           "mailing-list",  "social",        "chat",
    "documentation", "support",       "distribution",  "license",
    "build-meta",    "build-system",  "release-notes", "security-contact"};

}  // namespace assay::sbom::write
