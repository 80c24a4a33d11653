// Components, as an SBOM claims them and as our own inventory finds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"
#include "verifier/model/artifact.h"

namespace assay {

struct Component {
  std::string ref = {};   // bom-ref or SPDXID; "" in our own inventory
  std::string type = {};  // "library", "application", "file", "firmware" ...
  std::string group = {};
  std::string name = {};
  std::string version = {};
  std::string purl = {};
  std::string supplier = {};
  std::vector<std::string> licences = {};  // SPDX expressions or names
  std::vector<Digest> digests = {};        // of the component as delivered
  // Files it claims, normalised, relative to their file system.
  std::vector<std::string> files = {};
  std::string source_name = {};     // source package, when it differs
  std::string source_version = {};  // of the source package, when it differs
  std::string scope = {};           // "required", "optional", "excluded", ""
  // Ref of the component that nests it, or its pointer when it has no ref.
  std::string parent = {};
  std::string pointer = {};  // JSON pointer into the document
};

// How much an identification is worth: sbom.md section 4.2.
enum class Strength : std::uint8_t {
  kClaim,        // S0: an SBOM, a lock file
  kUnverified,   // S1: a package record, a SONAME
  kWeak,         // S2: an anchored banner
  kVerifiedRow,  // S3: a package record whose files all verify
  kBuildRecord,  // S4: a build tool's record inside the file
  kDigest,       // S5: digest equal to a signed reference
};

// Component::type of evidence that is no component of its own but the list of
// the files that the package `name` of the same database owns.
inline constexpr std::string_view kFileListType = "file-list";

// Component::type of evidence that a package database moved a file aside:
// `files` holds the path that other packages' lists name and the path where
// their file is; `name` is the package whose file stands at the first, "" for
// the administrator's.
inline constexpr std::string_view kDiversionType = "diversion";

// A component that our own inventory found in the bytes.
struct ComponentEvidence {
  Component component = {};
  std::string_view cataloguer = {};  // static storage
  Strength strength = Strength::kUnverified;
  Range place = {};  // in the artifact that was read
  // Whether Component::files are relative to the root of the file system that
  // holds the record (a package database), not to the record's folder.
  bool files_from_root = false;
  // Parallel to Component::files: the digests a file list gives, an empty
  // `hex` where it gives none. Empty when the list has no digests at all.
  std::vector<Digest> file_digests = {};
};

struct SbomProblem {
  std::string pointer = {};  // JSON pointer, "" for the whole document
  std::string rule = {};     // stable id: "sbom.reference-unresolved"
  std::string detail = {};
};

// A neutral SBOM: what one document claims, whatever its format.
struct SbomDocument {
  std::string format = {};        // "CycloneDX JSON", "SPDX JSON"
  std::string spec_version = {};  // "1.5", "2.3"
  std::string serial = {};        // serialNumber or documentNamespace
  std::string timestamp = {};
  std::vector<std::string> authors = {};
  std::vector<std::string> tools = {};
  std::optional<Component> subject = {};  // what the document describes
  std::vector<Component> components = {};
  struct Dependency {
    std::string from = {};
    std::string to = {};
  };
  std::vector<Dependency> dependencies = {};
  std::vector<SbomProblem> problems = {};
};

}  // namespace assay
