// Texts that say which digests other files have: Release, .dsc, .changes,
// .buildinfo and checksum lists. Pure parsing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/time.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

// The scheme of an apt archive's chain, which is none of the registry: what a
// Release and what it leads to are checked by.
inline constexpr std::string_view kAptArchive = "apt_archive";

// The value of the first field `name` of a deb822 paragraph (deb822(5)): what
// stands on its own line, and the continuation lines that follow it.
struct ListField {
  std::string_view value = {};
  std::vector<std::string_view> lines = {};  // without the leading blank
};
[[nodiscard]] std::optional<ListField> FieldOf(std::string_view text,
                                               std::string_view name);

// The SHA-256 entries of a Release file (section "SHA256") or of a source
// control or upload file ("Checksums-Sha256"). MD5 and SHA-1 sections are
// never read: a file that only they name counts as not listed.
[[nodiscard]] std::vector<ListedFile> ParseControlList(std::string_view text);

// Whether it is the Release file of an apt archive, by its fields.
[[nodiscard]] bool IsRelease(std::string_view text);

// Date and Valid-Until of a Release or upload file; what cannot be read is not
// stated.
[[nodiscard]] StatedAge AgeOfControl(std::string_view text);
// Gives a check over such a text its age, as of the scheme apt_archive when it
// is a Release, however that is signed. What is of a later Date than `at`, or
// has an earlier Valid-Until or one that cannot be read, does not pass: a
// Release that is too old may hide newer packages; that it once was true proves
// nothing now.
void JudgeAge(std::string_view text, UnixTime at, SignatureCheck& check);

// GNU lines ("hex  name", "hex *name", "\hex  escaped name") and BSD lines
// ("SHA256 (name) = hex"); a line that is only a digest names `lone_name`.
// Other lines are passed over.
[[nodiscard]] std::vector<ListedFile> ParseChecksums(
    std::string_view text, std::string_view lone_name);

}  // namespace assay::signatures
