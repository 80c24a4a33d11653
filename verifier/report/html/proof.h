// The bytes behind an evidence, where the report itself holds them.
#pragma once

#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"
#include "verifier/model/finding.h"

namespace assay::report::html {

// The inverse of Escaped(); nothing when `text` is not of that form.
[[nodiscard]] std::optional<Bytes> Unescaped(std::string_view text);

// The bytes at the evidence's place: what its excerpt quotes, when these bytes
// have the evidence's digest. Nothing when the excerpt only describes them, is
// cut, or is redacted: a page shows no bytes that nobody proved.
[[nodiscard]] std::optional<Bytes> ProvenBytes(const Evidence& evidence);

}  // namespace assay::report::html
