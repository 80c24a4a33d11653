// One door for SBOM documents of every format.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/model/component.h"

namespace assay::sbom {

inline constexpr std::size_t kMaxSbomBytes = std::size_t{64} << 20U;

// Picks the reader by content. kLimit past kMaxSbomBytes, kMalformed when the
// bytes are damaged JSON, XML and so on (names the place), kUnsupported when
// they are no SBOM format that is read. What is wrong inside a document that
// was read is in its `problems`.
[[nodiscard]] Result<SbomDocument> ReadSbom(ByteView bytes);

// What a schema said of a document.
struct SchemaCheck {
  // "bom-1.6.schema.json"; "" when there is none for this version, and then
  // `problems` says so.
  std::string schema = {};
  std::vector<SbomProblem> problems = {};
};

struct SbomValidation {
  SbomDocument document = {};  // with the problems of the semantic rules
  SchemaCheck schema = {};

  // Whether no violation was found by a schema that was there, or by a rule.
  [[nodiscard]] bool Conforms() const;
};

// Reads and validates: schema and semantic rules. Fails as ReadSbom does.
[[nodiscard]] Result<SbomValidation> ValidateSbom(ByteView bytes);

}  // namespace assay::sbom
