// The component tree of a CycloneDX document.
#pragma once

#include <string>
#include <string_view>

#include "sbom/document_builder.h"
#include "sbom/tree.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// One component without those it nests. `pointer` is where it stands.
[[nodiscard]] Component ReadCycloneDxComponent(Value object,
                                               std::string_view pointer,
                                               DocumentBuilder& builder);

// The components of `array` and all that they nest, parents first, appended to
// the builder's document. `parent` is the Component::parent of the outermost.
void ReadCycloneDxComponents(Value array, std::string_view pointer,
                             std::string_view parent, DocumentBuilder& builder);

// The fields that components and documents share.
[[nodiscard]] std::vector<ExternalReference> ReadCycloneDxReferences(
    Value object, DocumentBuilder& builder);
[[nodiscard]] std::vector<Property> ReadCycloneDxProperties(
    Value object, DocumentBuilder& builder);
// An organisation or a person, "Name <mail or URL>", or what of it is there.
[[nodiscard]] std::string ReadCycloneDxParty(Value entity,
                                             DocumentBuilder& builder);
// The parties of an array of contacts.
[[nodiscard]] std::vector<std::string> ReadCycloneDxContacts(
    Value object, std::string_view key, DocumentBuilder& builder);
// The texts of a licence choice.
struct CycloneDxLicence {
  std::string text = {};
  std::string acknowledgement = {};  // "declared", "concluded", ""
};
[[nodiscard]] std::vector<CycloneDxLicence> ReadCycloneDxLicences(
    Value object, DocumentBuilder& builder);

}  // namespace assay::sbom
