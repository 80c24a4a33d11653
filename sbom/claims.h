// What the documents claim, and which artifacts bear the claims out by digest
// or by path.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sbom/packages.h"
#include "sbom/product_index.h"
#include "verifier/model/reconciliation.h"

namespace assay::sbom {

// One component of one document. Parents stand anywhere in the same document.
struct Claim {
  const Component* component = nullptr;
  std::size_t document = 0;
  std::size_t parent = kNone;
  bool is_subject = false;
  bool is_file = false;  // type "file": its name is its path
  // Unless the document says that it lists the parts of it incompletely.
  bool lists_all_files = true;
  bool in_scope = true;     // delivered, and not left out on purpose
  bool has_files = false;   // nests components of type "file", all of them
  bool has_digest = false;  // an artifact has one of its digests
  bool has_path = false;    // an artifact is at one of its paths
  bool has_record = false;  // a package record shows it
  bool has_strong_record = false;  // and more than the record alone (S2 to S5)
  bool has_banner = false;         // its version stands in a program
  bool contradicted = false;  // digest or version differ from the product's

  [[nodiscard]] bool HasEvidence() const {
    return has_digest || has_path || has_record || has_banner || contradicted;
  }
  // One weak sign alone confirms nothing, a claim never confirms a claim.
  [[nodiscard]] bool IsConfirmed() const {
    return !contradicted && (has_digest || has_strong_record || has_banner ||
                             (has_path && has_record));
  }
};

struct ClaimSet {
  std::vector<Claim> claims = {};  // document by document, the subject first
  // Per artifact: the claim of a vendor's SBOM, and of one in the product,
  // that bears its bytes or its path; kNone for none.
  std::vector<std::size_t> vendor = {};
  std::vector<std::size_t> embedded = {};
  // Per artifact: a vendor's SBOM declares other bytes for it.
  std::vector<bool> contradicted = {};
  // Per container: a vendor's SBOM lists files of it one by one.
  std::vector<bool> itemised = {};
  bool any_itemised = false;
  // Per document: the claim that the whole product is, when the product is one
  // component of what the document describes; kNone otherwise.
  std::vector<std::size_t> part = {};
  std::vector<Discrepancy> mismatches = {};  // kDigestMismatch

  // The name of what a claim belongs to: for a file the component around it.
  [[nodiscard]] std::string NameOf(std::size_t claim) const;
};

[[nodiscard]] ClaimSet MatchClaims(const std::vector<HeldDocument>& documents,
                                   const ProductIndex& index);

}  // namespace assay::sbom
