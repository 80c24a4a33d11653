// The claim against the content: what an SBOM says, held against the package
// records, file lists and bytes of the product (design page, section 1.4).
//
// Matching, in this order, the first that fits: digest, path, package URL,
// package URL without version, source and binary package, name and version.
// What only a package record shows stays a record: it says who put a file
// there, not that the file is what it should be.
//
// Package metadata needs no owner: the database's own tables, files of the
// database named after a package it records (info/NAME.*), a package's own
// control files and lists, and usr/share/doc/NAME/copyright of a recorded
// package. An executable is never exempt.
#pragma once

#include <vector>

#include "verifier/model/reconciliation.h"
#include "verifier/model/survey.h"

namespace assay::sbom {

// `documents` are the vendor's SBOMs, given beside the product. Documents that
// the survey found inside the product are added with `embedded` set, unless
// one of `documents` is the same artifact; they may own files and are never a
// reason to call anything undeclared or phantom.
//
// Without a vendor's SBOM there is no undeclared, phantom or version mismatch.
[[nodiscard]] Reconciliation Reconcile(const Survey& survey,
                                       std::vector<HeldDocument> documents);

// The algorithms that the documents' digests need, so that the survey can
// compute them while the bytes are hot.
[[nodiscard]] DigestSet PlannedDigests(
    const std::vector<HeldDocument>& documents);

}  // namespace assay::sbom
