// From what the user names to a product that can be read.
#pragma once

#include <string>

#include "verifier/base/result.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

// `path` is a file, a directory (every file below it, links not followed) or
// "-" (standard input). The last step of the path is the product's name, so
// that a report does not depend on where the product lay. kUnreadable names
// the path and the reason; a file inside a directory that cannot be read is an
// anomaly of that file instead.
[[nodiscard]] Result<unpack::Product> OpenProduct(const std::string& path);

// The address of a delivery's file in the artifact tree.
[[nodiscard]] std::string PathOfProductFile(const std::string& name);

}  // namespace assay::engine
