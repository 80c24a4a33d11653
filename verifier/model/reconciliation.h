// The SBOM's claim against the content: the outcome, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/artifact.h"
#include "verifier/model/component.h"

namespace assay {

// How a claim and the content can differ. The codes are those of the reference
// on reconciliation ("D03"); reports and policies may rely on them.
enum class DiscrepancyKind : std::uint8_t {
  kUndeclared,          // D01: in the product, not in the SBOM
  kPhantom,             // D02: in the SBOM or in a record, not in the product
  kVersionMismatch,     // D03
  kDigestMismatch,      // D04: declared digest differs from the bytes
  kProducerMismatch,    // D05: another maker than the package's record names
  kLicenceMismatch,     // D06: the claim does not cover the recorded licence
  kUnexplainedFile,     // D07, D08: no component and no package owns it
  kMissingFile,         // D09: declared, or listed by a record, and absent
  kRecordMismatch,      // D10: a package's own digest differs from the bytes
  kHiddenPackage,       // D11: traces of a package whose record is gone
  kEdgeMismatch,        // D12: a dependency that a complete list leaves out
  kSelfContradiction,   // D13: identifiers of one claim disagree
  kWrongSubject,        // D14: the document describes another product
  kDocumentMismatch,    // D15: embedded and delivered SBOM differ
  kOpaqueRegion,        // D16: bytes that could not be looked into
  kImplausibleContext,  // D17: what it holds does not fit how it was made
  kModifiedBuild,       // D18: same version, other code than the reference
  kMalformed,           // D13: the document itself: unresolved references ...
};
[[nodiscard]] std::string_view NameOf(DiscrepancyKind kind);  // "undeclared"
[[nodiscard]] std::optional<DiscrepancyKind> DiscrepancyKindOf(
    std::string_view name);
// "D03"; of an unexplained file the code of a program, "D07".
[[nodiscard]] std::string_view CodeOf(DiscrepancyKind kind);
// What a reader does to see it with other tools, one sentence.
[[nodiscard]] std::string_view RecheckOf(DiscrepancyKind kind);

struct Discrepancy {
  DiscrepancyKind kind = DiscrepancyKind::kUndeclared;
  std::string component = {};  // name, or path of the file
  std::string purl = {};
  // The object in the product; kNoArtifact for a phantom.
  ArtifactId artifact = kNoArtifact;
  Range place = {};           // in that artifact; empty: the whole of it
  std::string claimed = {};   // what the document says
  std::string found = {};     // what the bytes say
  std::string document = {};  // holder of the document, "" for none
  std::string pointer = {};   // JSON pointer into it
  // For information only: a revision of the same upstream version, advice.
  bool minor = false;
  // What it costs, 0 (for information) to 10; of an opaque region by its share
  // of the product.
  std::uint8_t weight = 0;
  // CodeOf(kind), or "D08" for an unexplained file that is no program. Static
  // storage.
  std::string_view code = {};
};

// An SBOM document and where it came from.
struct HeldDocument {
  std::string holder = {};  // artifact path or file name
  ArtifactId artifact = kNoArtifact;
  bool embedded = false;  // found inside the product, not beside it
  SbomDocument document = {};
};

// A component of our inventory and the artifact that shows it.
struct InventoryItem {
  ArtifactId artifact = 0;
  ComponentEvidence evidence = {};
};

// The ledger's provenance axis.
enum class Provenance : std::uint8_t {
  kSbom,         // a component of a vendor's SBOM claims the file
  kRecord,       // a package record inside the product owns it
  kUnexplained,  // nobody does
};
// Its category on the ledger: "package-record".
[[nodiscard]] std::string_view CategoryOf(Provenance provenance);

struct Owner {
  ArtifactId artifact = 0;
  Provenance provenance = Provenance::kUnexplained;
  std::string component = {};
};

// `part` of `whole`; a whole of 0 counts as met.
struct Share {
  std::uint64_t part = 0;
  std::uint64_t whole = 0;
};

// How far the vendors' SBOMs and the content agree.
struct Scores {
  Share precision = {};     // claims in scope: those with evidence behind them
  Share recall = {};        // programs: those that the SBOM explains
  Share recall_bytes = {};  // the same in bytes
  Share fidelity = {};      // attributes compared, by weight: those that agree
  Share coverage = {};      // bytes: those that could be identified
  // 100 x coverage x fidelity x harmonic mean of precision and the lower
  // recall, rounded down, at most `cap`.
  std::uint32_t index = 0;
  std::uint32_t cap = 100;
  std::vector<std::string> capped_by = {};  // codes, sorted
};

struct Reconciliation {
  std::vector<HeldDocument> documents = {};
  std::vector<InventoryItem> inventory = {};
  std::vector<Owner> owners = {};  // one per artifact with content, in order
  std::vector<Discrepancy> discrepancies = {};
  std::uint64_t confirmed = 0;        // claims with evidence behind them
  std::optional<Scores> scores = {};  // without a vendor's SBOM there are none
};

}  // namespace assay
