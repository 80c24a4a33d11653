// Debian's control-file syntax, which opkg shares and Python's metadata nearly
// does. Specification: deb822(5); for METADATA: RFC 5322 header fields.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/model/component.h"

namespace assay::sbom {

struct Stanza {
  // In order; continuation lines joined to the value by '\n', trimmed.
  std::vector<std::pair<std::string, std::string>> fields = {};
  Range place = {};  // in the text that was read

  // "" when there is none; names compare without regard to case.
  [[nodiscard]] std::string_view Field(std::string_view name) const;
};

// The stanzas of a text, in order. Lines that are no field are skipped.
[[nodiscard]] std::vector<Stanza> ReadStanzas(std::string_view text);
// The first stanza alone: all that counts in METADATA, whose body is prose.
[[nodiscard]] Stanza ReadFirstStanza(std::string_view text);

// Whether a package database counts the package as installed: the third word
// of Status, deb(5) "Status: want flag status".
[[nodiscard]] bool IsInstalled(const Stanza& stanza);

// A binary package: Package, Version, Source, Architecture, Maintainer,
// License. `purl_type` and `name_space` as in a package URL.
[[nodiscard]] Component PackageOf(const Stanza& stanza,
                                  std::string_view purl_type,
                                  std::string_view name_space);

}  // namespace assay::sbom
