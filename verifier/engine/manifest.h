// The vendor's declared-functions manifest, schema "assay-manifest/1".
#pragma once

#include <string>

#include "verifier/base/json.h"
#include "verifier/base/result.h"
#include "verifier/model/declarations.h"

namespace assay::engine {

[[nodiscard]] bool IsManifest(const Json& document);

// kMalformed names the JSON pointer of the first entry that is not of the
// schema.
[[nodiscard]] Result<Declarations> ReadManifest(const Json& document);

}  // namespace assay::engine
