// Our own SBOM of a product: what the bytes show, with where and how.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/time.h"
#include "verifier/model/component.h"
#include "verifier/model/survey.h"

namespace assay::sbom {

// What bytes cannot tell, from whoever makes the SBOM. Empty text becomes
// NOASSERTION where a field must not be silent.
struct MakeRequest {
  UnixTime at = 0;                        // when the SBOM is made
  std::string tool_version = {};          // of this program
  std::vector<std::string> authors = {};  // "Name <mail>"
  std::string name = {};                  // of the product; "": its file name
  std::string version = {};
  std::string supplier = {};
  std::vector<std::string> licences = {};  // SPDX expressions
};

// Components are packages by all records that show them, and every executable
// file and archive (BSI TR-03183-2 section 8: fully recursive). A file that a
// package's record lists is a part of that package. Dependencies are what
// executables of one package load from libraries of another; lists are
// complete only as far as linking shows. Deterministic: the serial is made of
// all the rest of the document.
[[nodiscard]] SbomDocument MakeSbom(const Survey& survey,
                                    const std::string& product_sha256,
                                    const MakeRequest& request);

// What the survey has to compute for it.
[[nodiscard]] DigestSet MadeSbomDigests();

}  // namespace assay::sbom
