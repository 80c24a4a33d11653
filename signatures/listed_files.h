// From a list of digests to the files it names.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/scheme.h"

namespace assay::signatures {

// A file that is there, as the caller knows it.
struct PresentFile {
  std::uint64_t size = 0;
  // Of the whole file, or of the part that the list speaks of.
  std::vector<Digest> digests = {};
  ArtifactId artifact = kNoArtifact;
  std::string path = {};
  // What of a listed part (ListedFile::part) the digest reaches, and what the
  // format leaves out.
  std::vector<CoveredRange> reached = {};
  std::string problem = {};  // why the file cannot be what the list says
};

// The file that an entry of a list means, or nothing when it is not there.
using FileLookup =
    std::function<std::optional<PresentFile>(const ListedFile& listed)>;

// Fills digests, reached and problem of `file` with what its content says to
// listed.part, which must be there. Costs one pass over that part.
void ReadListedPart(const ListedFile& listed, ByteView content,
                    PresentFile& file);

// One check for each entry of `candidate.listed`, in its order; `outer` is the
// check of the signature over the list itself (for a checksum list that no
// signature covers: its own check, DIGEST-ONLY).
// - The bytes differ in size or in any listed digest: TOTAL-FAILED,
//   HASH_FAILURE, whatever the outer check says.
// - A listed digest could not be compared (the caller has not computed it):
//   INDETERMINATE, SIGNED_DATA_NOT_FOUND.
// - The file is not there: INDETERMINATE, SIGNED_DATA_NOT_FOUND.
// - Only MD5 or SHA-1 match under a passed outer check and the policy does
//   not allow them: INDETERMINATE, CRYPTO_CONSTRAINTS_FAILURE.
// - PresentFile::problem: TOTAL-FAILED, HASH_FAILURE.
// - Otherwise the outer check's indication, keys and steps, and one more step.
// Sets artifact and holder from `outer`, target, and covers (kByDigest: the
// whole file, or what is reached of it) when passed.
[[nodiscard]] std::vector<SignatureCheck> CheckListed(
    const SignatureCandidate& candidate, const SignatureCheck& outer,
    const FileLookup& lookup, bool legacy_algorithms);

}  // namespace assay::signatures
