// Specification: SPDX 3.0.1, model: classes of the profiles Core, Software,
// SimpleLicensing, ExpandedLicensing, Security, Build, AI, Dataset, Extension.

#include "sbom/spdx3_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "sbom/document_builder.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kContext = "https://spdx.org/rdf/3.";

// Core, RelationshipType.
constexpr std::array<std::string_view, 59> kRelationships = {
    "affects",
    "amendedBy",
    "ancestorOf",
    "availableFrom",
    "configures",
    "contains",
    "coordinatedBy",
    "copiedTo",
    "delegatedTo",
    "dependsOn",
    "descendantOf",
    "describes",
    "doesNotAffect",
    "expandsTo",
    "exploitCreatedBy",
    "fixedBy",
    "fixedIn",
    "foundBy",
    "generates",
    "hasAddedFile",
    "hasAssessmentFor",
    "hasAssociatedVulnerability",
    "hasConcludedLicense",
    "hasDataFile",
    "hasDeclaredLicense",
    "hasDeletedFile",
    "hasDependencyManifest",
    "hasDistributionArtifact",
    "hasDocumentation",
    "hasDynamicLink",
    "hasEvidence",
    "hasExample",
    "hasHost",
    "hasInput",
    "hasMetadata",
    "hasOptionalComponent",
    "hasOptionalDependency",
    "hasOutput",
    "hasPrerequisite",
    "hasProvidedDependency",
    "hasRequirement",
    "hasSpecification",
    "hasStaticLink",
    "hasTest",
    "hasTestCase",
    "hasVariant",
    "invokedBy",
    "modifiedBy",
    "other",
    "packagedBy",
    "patchedBy",
    "publishedBy",
    "reportedBy",
    "republishedBy",
    "serializedInArtifact",
    "testedOn",
    "trainedOn",
    "underInvestigationFor",
    "usesTool"};

constexpr std::array<std::string_view, 3> kCompleteness = {
    "complete", "incomplete", "noAssertion"};

constexpr std::array<std::string_view, 22> kHashes = {
    "adler32",       "blake2b256", "blake2b384",
    "blake2b512",    "blake3",     "crystalsDilithium",
    "crystalsKyber", "falcon",     "md2",
    "md4",           "md5",        "md6",
    "other",         "sha1",       "sha224",
    "sha256",        "sha384",     "sha3_224",
    "sha3_256",      "sha3_384",   "sha3_512",
    "sha512"};

constexpr std::array<std::string_view, 29> kPurposes = {
    "application", "archive",
    "bom",         "configuration",
    "container",   "data",
    "device",      "deviceDriver",
    "diskImage",   "documentation",
    "evidence",    "executable",
    "file",        "filesystemImage",
    "firmware",    "framework",
    "install",     "library",
    "manifest",    "model",
    "module",      "operatingSystem",
    "other",       "patch",
    "platform",    "requirement",
    "source",      "specification",
    "test"};

constexpr std::array<std::string_view, 6> kSbomTypes = {
    "analyzed", "build", "deployed", "design", "runtime", "source"};

constexpr std::array<std::string_view, 3> kPackages = {
    "software_Package", "ai_AIPackage", "dataset_DatasetPackage"};

// Classes that are no Elements: they need neither spdxId nor creationInfo.
constexpr std::array<std::string_view, 12> kPlain = {
    "CreationInfo",
    "DictionaryEntry",
    "ExternalIdentifier",
    "ExternalMap",
    "ExternalRef",
    "Hash",
    "NamespaceMap",
    "PackageVerificationCode",
    "PositiveIntegerRange",
    "ai_EnergyConsumption",
    "ai_EnergyConsumptionDescription",
    "extension_CdxPropertyEntry"};

struct Need {
  std::string_view type;
  std::string_view key;
};
constexpr std::array<Need, 17> kNeeds = {{
    {"Annotation", "annotationType"},
    {"Annotation", "subject"},
    {"CreationInfo", "created"},
    {"CreationInfo", "createdBy"},
    {"CreationInfo", "specVersion"},
    {"ExternalIdentifier", "externalIdentifierType"},
    {"ExternalIdentifier", "identifier"},
    {"ExternalMap", "externalSpdxId"},
    {"Hash", "algorithm"},
    {"Hash", "hashValue"},
    {"LifecycleScopedRelationship", "from"},
    {"LifecycleScopedRelationship", "relationshipType"},
    {"LifecycleScopedRelationship", "to"},
    {"Relationship", "from"},
    {"Relationship", "relationshipType"},
    {"Relationship", "to"},
    {"simplelicensing_LicenseExpression", "simplelicensing_licenseExpression"},
}};

template <typename List>
bool Holds(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

template <typename List>
void CheckWord(Value word, const List& list, DocumentBuilder& builder) {
  if (word.exists() && (!word.is_string() || !Holds(list, word.text()))) {
    builder.Report(word, "sbom.value-unknown",
                   fmt::format("\"{}\"", Escaped(word.text())));
  }
}

void CheckNeeds(Value element, std::string_view type,
                DocumentBuilder& builder) {
  for (const Need& need : kNeeds) {
    if (need.type == type && !element[need.key].exists()) {
      builder.Report(element, need.key, "sbom.required-missing",
                     fmt::format("{} needs {}", type, need.key));
    }
  }
  if (!Holds(kPlain, type) && !element["creationInfo"].exists()) {
    builder.Report(element, "creationInfo", "sbom.required-missing",
                   fmt::format("{} needs creationInfo", Escaped(type)));
  }
}

void CheckElement(Value element, DocumentBuilder& builder) {
  const Value type =
      element["type"].exists() ? element["type"] : element["@type"];
  if (!type.is_string()) {
    builder.Report(element, "type", "sbom.required-missing",
                   "an element without type");
    return;
  }
  CheckNeeds(element, type.text(), builder);
  CheckWord(element["relationshipType"], kRelationships, builder);
  CheckWord(element["completeness"], kCompleteness, builder);
  CheckWord(element["software_primaryPurpose"], kPurposes, builder);
  const Value kinds = element["software_sbomType"];
  for (const Value kind : kinds) {
    CheckWord(kind, kSbomTypes, builder);
  }
  for (const Value method : element["verifiedUsing"]) {
    if (method["type"].text() == "Hash") {
      CheckNeeds(method, "Hash", builder);
      CheckWord(method["algorithm"], kHashes, builder);
    }
  }
}

}  // namespace

std::string_view Spdx3VersionOf(Value document) {
  const std::string_view context = document["@context"].text();
  if (context.substr(0, kContext.size()) != kContext) {
    return "";
  }
  const std::string_view rest = context.substr(kContext.size() - 2);
  return rest.substr(0, rest.find('/'));
}

std::vector<Value> Spdx3ElementsOf(Value document) {
  const Value graph = document["@graph"];
  return graph.is_array() ? std::vector<Value>(graph.begin(), graph.end())
                          : std::vector<Value>{document};
}

bool IsSpdx3Package(std::string_view type) {
  return Holds(kPackages, type);
}

SchemaCheck CheckSpdx3(const Tree& tree) {
  DocumentBuilder builder(tree);
  for (const Value element : Spdx3ElementsOf(tree.root())) {
    if (element.is_object()) {
      CheckElement(element, builder);
    }
  }
  return {.schema = "SPDX 3.0, own tables",
          .problems = builder.Finish().problems};
}

}  // namespace assay::sbom
