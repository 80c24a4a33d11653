// The tags of SPDX tag-value and what they are in SPDX JSON.
#pragma once

#include <optional>
#include <string_view>

namespace assay::sbom {

// What a run of entries is about; opened by its first tag.
enum class SpdxPart { kDocument, kPackage, kFile, kSnippet, kLicence };

// How a tag's value is written in the JSON shape.
enum class SpdxForm { kText, kTexts, kFlag, kChecksums, kReferences, kCode };

struct SpdxTag {
  SpdxPart part;
  std::string_view tag;
  std::string_view key;
  SpdxForm form = SpdxForm::kText;
};

// Null for a tag that the part does not have.
[[nodiscard]] const SpdxTag* FindSpdxTag(SpdxPart part, std::string_view tag);

// Whether a tag is of what is said beside the parts, and is not read: remarks,
// annotations, reviews, ranges of snippets.
[[nodiscard]] bool IsSpdxRemark(std::string_view tag);

// The part that a tag opens.
[[nodiscard]] std::optional<SpdxPart> OpenedBySpdxTag(std::string_view tag);

}  // namespace assay::sbom
