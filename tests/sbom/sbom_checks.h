// What the tests of all SBOM readers do alike.
#pragma once

#include <string>

#include "verifier/base/bytes.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// "POINTER RULE\n" for each problem.
[[nodiscard]] std::string Problems(const SbomDocument& document);

// Replaces each value of a JSON sample in turn by null, a number, a string,
// an array and an object, and reads the result: it must not crash, and what
// is read must point at places that exist.
void SweepTypes(ByteView sample);

// Reads and validates every prefix and every flipped byte of a sample in any
// format: each gives a document or says why not.
void SweepAnyBytes(ByteView sample);

// Reads every prefix (none may be accepted) and every flipped byte.
void SweepBytes(ByteView sample);

}  // namespace assay::sbom
