// What the header of an RPM package says of it: the package and its files.
// Reference: rpm 4.18, docs/manual/tags.md.
#pragma once

#include <string_view>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/formats/archives/rpm_header.h"
#include "verifier/model/observations.h"

namespace assay::sbom {

// Where a header comes from.
struct RpmOrigin {
  std::string_view cataloguer = {};  // static storage
  Range place = {};                  // of the evidence
  std::string_view root = {};        // of the file system, as of file_list.h
  bool from_root = false;            // see ComponentEvidence::files_from_root
};

// Adds the package and the list of its files; whether there is a package. The
// keys that rpm keeps among the packages ("gpg-pubkey") are none.
bool AddRpmPackage(const formats::RpmHeader& header, const RpmOrigin& origin,
                   Observations& into);

// A header as databases hold it: without its first eight bytes.
[[nodiscard]] Result<formats::RpmHeader> ParseRpmRow(ByteView row,
                                                     Bytes& keeps);

}  // namespace assay::sbom
