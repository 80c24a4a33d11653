// Minimum elements: what a standard wants an SBOM to say. A profile is a data
// file (sbom/profiles/*.yaml), so that a new edition needs no code:
//
//   schema: assay-sbom-profile/1
//   name: ntia-2021
//   title: NTIA, The Minimum Elements For an SBOM
//   edition: "2021-07-12"
//   formats:                    # optional: what the standard accepts
//     - {format: CycloneDX, since: "1.6"}
//   document:
//     - {field: timestamp, title: Timestamp, section: "p. 9"}
//   component:
//     - {field: supplier, title: Supplier Name, section: "p. 9",
//        level: must, unknown: accepted, of: all}
//
// level is "must" or "should" ("must" by default); unknown says whether a
// value that is declared to be unknown meets the field ("accepted" or
// "refused"; "accepted" by default); of is "all" (default), "files" (components
// that are files, or that name the file they are) or "packages".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// Present is not true: reconciliation says what contradicts the bytes.
enum class FieldOutcome : std::uint8_t { kPresent, kDeclaredUnknown, kSilent };

enum class FieldScope : std::uint8_t { kAll, kFiles, kPackages };

struct ProfileField {
  std::string field = {};    // one of KnownFields()
  std::string title = {};    // as the standard calls it
  std::string section = {};  // where the standard says so
  bool must = true;
  bool unknown_accepted = true;
  FieldScope of = FieldScope::kAll;
};

struct AcceptedFormat {
  std::string format = {};  // "CycloneDX", "SPDX"
  std::string since = {};   // the lowest version, "" for any
};

struct Profile {
  std::string name = {};
  std::string title = {};
  std::string edition = {};
  std::vector<AcceptedFormat> formats = {};
  std::vector<ProfileField> document = {};
  std::vector<ProfileField> component = {};
};

// How a document does on one field.
struct FieldTally {
  const ProfileField* field = nullptr;
  bool of_document = false;
  std::uint64_t present = 0;
  std::uint64_t unknown = 0;
  std::uint64_t silent = 0;
  // Names of components that are silent, or unknown where that is refused;
  // at most kMaxExamples.
  std::vector<std::string> examples = {};

  static constexpr std::size_t kMaxExamples = 20;
  // Whether every component that the field is of meets it.
  [[nodiscard]] bool Met() const {
    return silent == 0 && (unknown == 0 || field->unknown_accepted);
  }
};

struct ProfileCheck {
  const Profile* profile = nullptr;
  bool format_accepted = true;
  // Whether there is a component that the profile's fields can be asked of.
  bool has_components = true;
  std::vector<FieldTally> tallies = {};  // in the profile's order

  // The format is accepted, there are components and every "must" is met.
  [[nodiscard]] bool Conforms() const;
};

// kConfig names line and column, and for a field that is not known all that
// are. The names are those of the table in profile_fields.cc.
[[nodiscard]] Result<Profile> ParseProfile(std::string_view yaml,
                                           std::string_view name);

// Those that are part of the program, by name.
[[nodiscard]] const std::vector<Profile>& AllProfiles();
[[nodiscard]] const Profile* FindProfile(std::string_view name);

// The profile must outlive the result.
[[nodiscard]] ProfileCheck CheckProfile(const Profile& profile,
                                        const SbomDocument& document);

}  // namespace assay::sbom
