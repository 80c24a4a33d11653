// What a vendor puts beside an image: read before the image itself, so that
// the digests which the claims need are computed on the way.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/result.h"
#include "verifier/model/declarations.h"
#include "verifier/model/reconciliation.h"
#include "verifier/model/survey.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

struct Sidecars {
  std::vector<HeldDocument> documents = {};  // the vendor's SBOMs
  Declarations declarations = {};
  DigestSet digests = {DigestAlgorithm::kSha256};
};

// Reads the SBOMs and the manifest among a delivery's files, and the files
// that the user named with --sbom, each content once. A broken SBOM of the
// delivery becomes a document with a problem (the vendor's fault, a finding); a
// broken --sbom file is kMalformed (the user's).
[[nodiscard]] Result<Sidecars> ReadSidecars(
    const unpack::Product& product, const std::vector<std::string>& sboms);

// Gives the SBOMs that lay beside an image their place in the tree; the nodes
// keep only the documents that lie inside the product.
void PlaceDocuments(Survey& survey, std::vector<HeldDocument>& documents);

}  // namespace assay::engine
