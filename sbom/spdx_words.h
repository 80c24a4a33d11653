// What SPDX has words of its own for, in the terms of the neutral document:
// both ways, for readers and writers of SPDX 2 and 3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/component.h"

namespace assay::sbom {

// Software/SoftwarePurpose of a component's type, "" when there is none; and
// the type of a purpose.
[[nodiscard]] std::string_view Spdx3PurposeOf(std::string_view type);
[[nodiscard]] std::string TypeOfSpdx3Purpose(std::string_view purpose);

// Core/ExternalRefType of a type of reference, "" when there is none; and the
// type of such a word, itself when there is none.
[[nodiscard]] std::string_view Spdx3ReferenceOf(std::string_view type);
[[nodiscard]] std::string TypeOfSpdx3Reference(std::string_view word);

// Core/HashAlgorithm of an algorithm as CycloneDX spells it, or "".
[[nodiscard]] std::string_view Spdx3AlgorithmOf(std::string_view algorithm);

// Software/SbomType of a lifecycle phase, "" when there is none.
[[nodiscard]] std::string_view SbomTypeOf(std::string_view phase);

// BSI TR-03183-2 section 8 has a file's properties as purposes beside the
// primary one: "executable" and "archive" where it is one, "container" where it
// is structured and "firmware" where it is not. "" for any other property.
[[nodiscard]] std::string_view PurposeOfBsiProperty(const Property& property);
// Whether PurposeOfBsiProperty(), or its absence, tells the property.
[[nodiscard]] bool IsBsiPurpose(const Property& property);
// A file that says whether it is structured says by silence what it is not.
[[nodiscard]] std::vector<Property> BsiPropertiesOf(
    const std::vector<std::string_view>& purposes);

// OpenChain Telco SBOM Guide 1.1 section 3.4: the type of the SBOM in the
// creator's comment, "SBOM Type: Analyzed". "" and nothing where there is none.
[[nodiscard]] std::string CreatorComment(
    const std::vector<std::string>& lifecycle_phases);
[[nodiscard]] std::vector<std::string> PhasesOfComment(
    std::string_view comment);

// A dependency on NONE or NOASSERTION (SPDX 3: NoneElement,
// NoAssertionElement) is a list without entries: takes them out, and says what
// is known of the lists as compositions.
void SettleEmptyLists(SbomDocument& document);

}  // namespace assay::sbom
