#include "sbom/semantic_rules.h"

namespace assay::sbom {

const std::vector<SemanticRule>& SemanticRules() {
  static const std::vector<SemanticRule> kRules = {
      {"sbom.citation-without-target",
       "a citation names what it is about in exactly one way",
       "CycloneDX 1.7, bom.citations: pointers or expressions"},
      {"sbom.component-type-unknown",
       "a component's type is none that the specification names",
       "CycloneDX 1.7, component.type; SPDX 3.0.1, SoftwarePurpose"},
      {"sbom.dependency-cycle",
       "components contain each other, so that no tree can be drawn",
       "SPDX 2.3, clause 11.1, CONTAINS", false},
      {"sbom.digest-algorithm-unknown",
       "a digest's algorithm is none that the specification names",
       "CycloneDX 1.7, hash.alg; SPDX 2.3, clause 7.10"},
      {"sbom.digest-malformed",
       "a digest is not as long as its algorithm makes it",
       "FIPS 180-4, FIPS 202, RFC 1321, RFC 7693", false},
      {"sbom.field-unknown", "a field that the specification does not have",
       "SPDX 2.3, clauses 6 to 12"},
      {"sbom.format-missing", "the document does not name its format",
       "CycloneDX 1.7, bomFormat"},
      {"sbom.licence-malformed",
       "a licence is not given by one expression, one id or one name",
       "CycloneDX 1.7, licenseChoice; license needs an id or a name"},
      {"sbom.limit", "a part of the document is past a limit and is not read",
       ""},
      {"sbom.name-missing", "a component has no name",
       "CycloneDX 1.7, component.name; SPDX 2.3, clause 7.1"},
      {"sbom.problems-unlisted", "there are more problems than are listed", "",
       false},
      {"sbom.property-malformed", "a property has no name",
       "CycloneDX 1.7, property.name"},
      {"sbom.purl-disagrees",
       "name or version contradict the package URL of the same component",
       "purl-spec, PURL-SPECIFICATION: name, version", false},
      {"sbom.purl-malformed", "a package URL breaks its grammar",
       "purl-spec, PURL-SPECIFICATION", false},
      {"sbom.reference-duplicate", "two elements have the same identifier",
       "CycloneDX 1.7, bom-ref; SPDX 2.3, clause 7.2; SPDX 3.0.1, spdxId"},
      {"sbom.reference-empty", "an element's identifier is missing or empty",
       "CycloneDX 1.7, refType; SPDX 2.3, clause 7.2"},
      {"sbom.reference-unresolved", "a reference names nothing in the document",
       "CycloneDX 1.7, refLinkType; SPDX 2.3, clause 11.1", false},
      {"sbom.required-missing", "a field that must be there is not",
       "SPDX 2.3, clauses 6 to 11; SPDX 3.0.1, model; RFC 9393, section 2"},
      {"sbom.roots-many", "the document describes more than one subject",
       "SPDX 2.3, clause 11.1, DESCRIBES", false},
      {"sbom.schema", "the document breaks its official schema",
       "the part of the schema that a problem names"},
      {"sbom.schema-limit",
       "validating by the schema takes more work than is allowed", ""},
      {"sbom.schema-missing",
       "no schema of this version is known, so nothing confirms it", ""},
      {"sbom.scope-unknown",
       "a component's scope is none that the specification names",
       "CycloneDX 1.7, component.scope"},
      {"sbom.serial-malformed", "the document's identifier is malformed",
       "CycloneDX 1.7, serialNumber; SPDX 2.3, clause 6.5"},
      {"sbom.spec-version-missing",
       "the document does not say which version it follows",
       "CycloneDX 1.7, specVersion", false},
      {"sbom.spec-version-unsupported",
       "the document follows a version that is not known here", "", false},
      {"sbom.subject-missing", "the document does not say what it describes",
       "CycloneDX 1.7, metadata.component; SPDX 2.3, clause 11.1", false},
      {"sbom.timestamp-malformed", "a time is no RFC 3339 time",
       "RFC 3339, section 5.6; SPDX 2.3, clause 6.9"},
      {"sbom.type-wrong", "a value is of another type than it must be",
       "the type that the specification gives the field"},
      {"sbom.value-unknown", "a value is none of those that are allowed",
       "SPDX 2.3, clauses 6 to 11; SPDX 3.0.1, vocabularies"},
      {"sbom.verification-code-malformed",
       "a package verification code is no SHA-1 digest",
       "SPDX 2.3, clause 7.9"},
      {"sbom.verification-code-missing",
       "files were analysed, but their verification code is not given",
       "SPDX 2.3, clauses 7.8 and 7.9"},
  };
  return kRules;
}

const SemanticRule* FindSemanticRule(std::string_view id) {
  for (const SemanticRule& rule : SemanticRules()) {
    if (rule.id == id) {
      return &rule;
    }
  }
  return nullptr;
}

}  // namespace assay::sbom
