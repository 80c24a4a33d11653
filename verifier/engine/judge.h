// Signature candidates against the trust of a policy.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/engine/examine.h"
#include "verifier/model/policy.h"
#include "verifier/model/signature.h"
#include "verifier/model/survey.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

// A file that the user named, outside of the product.
struct NamedFile {
  std::string name = {};
  ByteSource content = {};
};

// Reads files and, recursively, directories. kUnreadable names the file.
[[nodiscard]] Result<std::vector<NamedFile>> ReadFiles(
    const std::vector<std::string>& paths);

struct JudgeRequest {
  const unpack::Product& product;
  const Survey& survey;
  const Policy& policy;  // an empty one when the user gave none
  UnixTime at = 0;
  const ExaminePlan& plan;                   // how the product was examined
  const std::vector<NamedFile>& signatures;  // over the product
  const std::vector<NamedFile>& context;     // apt release chain
};

// One check per signature, per file of a signed list and per package that the
// release chain speaks of, in tree order; signatures given by name first.
// Fails only as Fetch does.
[[nodiscard]] Result<std::vector<SignatureCheck>> JudgeSignatures(
    const JudgeRequest& request);

}  // namespace assay::engine
