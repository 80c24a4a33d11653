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

// sbom.md section 4.2, the first slice.
enum class DiscrepancyKind : std::uint8_t {
  kUndeclared,       // D01: in the product, not in the SBOM
  kPhantom,          // D02: in the SBOM, not in the product
  kVersionMismatch,  // D03
  kDigestMismatch,   // D04: declared digest differs from the bytes
  kUnexplainedFile,  // a file that no component and no package owns
  kRecordMismatch,   // a package's own digest list differs from the bytes
  kMalformed,        // the document itself: unresolved references ...
};
[[nodiscard]] std::string_view NameOf(DiscrepancyKind kind);  // "undeclared"
[[nodiscard]] std::optional<DiscrepancyKind> DiscrepancyKindOf(
    std::string_view name);

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

struct Owner {
  ArtifactId artifact = 0;
  Provenance provenance = Provenance::kUnexplained;
  std::string component = {};
};

struct Reconciliation {
  std::vector<HeldDocument> documents = {};
  std::vector<InventoryItem> inventory = {};
  std::vector<Owner> owners = {};  // one per artifact with content, in order
  std::vector<Discrepancy> discrepancies = {};
  std::uint64_t confirmed = 0;  // claims with evidence behind them
};

}  // namespace assay
