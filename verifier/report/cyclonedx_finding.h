// A finding as CycloneDX 1.6 has it: an entry of `vulnerabilities`.
#pragma once

#include <string_view>

#include "verifier/model/finding.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// "hashes" with one SHA-256; nothing without one.
void PutCycloneDxSha256(JsonText& json, std::string_view hex);

// "cwes": their numbers; what is none is left out.
void PutCycloneDxCwes(JsonText& json, const Finding& finding);

// An element of the open array; `ref` is the component that it affects.
void PutCycloneDxFinding(JsonText& json, const Finding& finding,
                         std::string_view ref);

// {"name": "assay:<name>", "value": ...}, an element of the open array; nothing
// without a value.
void PutCycloneDxProperty(JsonText& json, std::string_view name,
                          std::string_view value);

}  // namespace assay::report
