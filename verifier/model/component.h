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

// A digest as a document gives it, of whatever algorithm.
struct ClaimedDigest {
  std::string algorithm = {};  // "SHA3-256", as CycloneDX spells it
  std::string hex = {};        // lower case
};

struct ExternalReference {
  std::string type = {};  // "vcs", "advisories"; in SPDX 2 the referenceType
  std::string url = {};
};

struct Property {
  std::string name = {};
  std::string value = {};
};

// How a generator says that it identified a component.
struct IdentityEvidence {
  std::string field = {};       // "purl", "name", "hash"
  std::string technique = {};   // "binary-analysis", "filename"; "" unsaid
  std::string confidence = {};  // 0 to 1, as it was written; "" unsaid
  std::string value = {};
};

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
  // Pointer into the document's tree of values (RFC 6901).
  std::string pointer = {};
  std::string cpe = {};
  std::string swid = {};  // tag id
  std::string manufacturer = {};
  std::string author = {};  // who wrote it; several are joined by ", "
  std::string copyright = {};
  std::string description = {};
  // Those of `licences` whose document says what they rest on.
  std::vector<std::string> licences_declared = {};   // by its authors
  std::vector<std::string> licences_concluded = {};  // by an analysis
  std::vector<ClaimedDigest> claimed_digests = {};   // of every algorithm
  std::vector<ExternalReference> external_references = {};
  std::vector<Property> properties = {};
  std::vector<IdentityEvidence> identity_evidence = {};
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

// Component::type of evidence that only says under which `licences` and
// `copyright` the package `name` of the same file system is.
inline constexpr std::string_view kLicenceRecordType = "licence-record";

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
  // Pointer into the document's tree of values (RFC 6901), "" for all of it.
  std::string pointer = {};
  std::string rule = {};  // stable id: "sbom.reference-unresolved"
  std::string detail = {};
  // The clause or the part of a schema that says so.
  std::string reference = {};
  // Counted from 1; 0 where nothing is known, and in binary documents.
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t offset = 0;  // in bytes, where `column` or no line is known
  // Whether the specification forbids it; otherwise it is advice.
  bool violation = true;
};

// What a document says of its own completeness: CycloneDX compositions.
struct Composition {
  std::string aggregate = {};  // "complete", "incomplete", "unknown" ...
  std::vector<std::string> assemblies = {};    // refs of what is composed
  std::vector<std::string> dependencies = {};  // refs whose list it judges
};

// A neutral SBOM: what one document claims, whatever its format.
struct SbomDocument {
  std::string format = {};        // "CycloneDX JSON", "SPDX tag-value"
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
    // "complete", "incomplete", "unknown" where the document says so.
    std::string completeness = {};
  };
  std::vector<Dependency> dependencies = {};
  std::vector<SbomProblem> problems = {};
  std::string name = {};
  std::string version = {};       // of the document, not of what it describes
  std::string data_licence = {};  // of the document
  std::string manufacturer = {};  // metadata.manufacturer, the document's
  std::string supplier = {};      // metadata.supplier
  // When in its life the subject was looked at: "build", "post-build";
  // SPDX 3 sbomType ("analyzed").
  std::vector<std::string> lifecycle_phases = {};
  // Refs whose dependencies the document lists, also when the list is empty.
  std::vector<std::string> listed_dependencies = {};
  std::vector<Composition> compositions = {};
  std::vector<ExternalReference> external_references = {};
  std::vector<Property> properties = {};
  bool has_signature = false;  // JSF or XML-DSig; not verified here
};

}  // namespace assay
