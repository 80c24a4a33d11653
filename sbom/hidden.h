// Traces of software that no record speaks of, and records that its own bytes
// contradict.
#pragma once

#include <vector>

#include "sbom/claims.h"
#include "sbom/packages.h"

namespace assay::sbom {

// Evidence that is no record: what a program says about itself in its bytes
// (cataloguer "banners"; only what is anchored by its context, kWeak or more),
// package notes of ELF objects, SONAMEs, and what a package leaves behind.
//
// - A banner in a file that a package lists speaks of that package when it has
//   its product's name: another version than the record's is a
//   kVersionMismatch.
// - A banner that agrees with a claim confirms it (Claim::has_banner); one of
//   the same product in another version contradicts it, where nothing else
//   shows the claim. Further versions are of components of their own.
// - In a file system whose database lists files, a banner, a package note or a
//   SONAME that others need, in a file that nobody lists and nobody declares,
//   is a kHiddenPackage unless a package of the database may be that product;
//   so are a database's files about a package without record (its list with
//   files that are there, checksums, scripts) and usr/share/doc/NAME/copyright.
// - Elsewhere a banner in a file nobody declares, of a product that no vendor's
//   SBOM may mean, is kUndeclared.
[[nodiscard]] std::vector<Discrepancy> FindHidden(
    const std::vector<HeldDocument>& documents, const ProductIndex& index,
    const PackageRecords& records, ClaimSet& set);

}  // namespace assay::sbom
