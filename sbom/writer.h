// The registry of SBOM writers: one neutral document out, in a format's own
// words. Output is deterministic: the same document gives the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// A document as text, and what of the neutral one the format cannot carry,
// a phrase each: "scope (3 components)".
struct WrittenSbom {
  std::string text = {};
  std::vector<std::string> losses = {};
};

struct SbomWriter {
  std::string_view name = {};  // "cyclonedx-json"
  std::string_view title = {};
  std::string_view reference = {};              // the specification
  std::vector<std::string_view> versions = {};  // the first is the default
  WrittenSbom (*write)(const SbomDocument& document,
                       std::string_view version) = nullptr;
};

// Readers have the same names.
namespace write {
#define ASSAY_ENTRY(constant) extern const SbomWriter constant;
#include "writers_list.inc"
#undef ASSAY_ENTRY
}  // namespace write

[[nodiscard]] const std::vector<const SbomWriter*>& AllWriters();

// Writes by name, "cyclonedx-json" or "spdx-json@2.3". kUsage lists the
// formats and versions when there is no such one.
[[nodiscard]] Result<WrittenSbom> WriteSbom(const SbomDocument& document,
                                            std::string_view format);

}  // namespace assay::sbom
