// SPDX 2.3 as JSON. Specification: SPDX 2.3 (ISO/IEC 5962 with additions),
// clauses 6 to 11, and its JSON schema.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sbom/losses.h"
#include "sbom/spdx_properties.h"
#include "sbom/spdx_words.h"
#include "sbom/writer.h"
#include "sbom/writer_support.h"
#include "verifier/base/text.h"

namespace assay::sbom::write {
namespace {

constexpr std::string_view kDocument = "SPDXRef-DOCUMENT";

// Clause 7.24, and the algorithms of clause 7.10 by CycloneDX's spelling.
constexpr std::array<std::string_view, 12> kPurposes = {
    "APPLICATION",      "FRAMEWORK", "LIBRARY", "CONTAINER", "DEVICE",
    "OPERATING_SYSTEM", "SOURCE",    "ARCHIVE", "FIRMWARE",  "FILE",
    "INSTALL",          "OTHER"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 17>
    kAlgorithms = {{{"MD2", "MD2"},
                    {"MD4", "MD4"},
                    {"MD5", "MD5"},
                    {"MD6", "MD6"},
                    {"SHA-1", "SHA1"},
                    {"SHA-224", "SHA224"},
                    {"SHA-256", "SHA256"},
                    {"SHA-384", "SHA384"},
                    {"SHA-512", "SHA512"},
                    {"SHA3-256", "SHA3-256"},
                    {"SHA3-384", "SHA3-384"},
                    {"SHA3-512", "SHA3-512"},
                    {"BLAKE2b-256", "BLAKE2b-256"},
                    {"BLAKE2b-384", "BLAKE2b-384"},
                    {"BLAKE2b-512", "BLAKE2b-512"},
                    {"BLAKE3", "BLAKE3"},
                    {"ADLER32", "ADLER32"}}};

std::string PurposeOf(std::string_view type) {
  std::string upper;
  for (const char c : type) {
    upper.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                    : c == '-'           ? '_'
                                         : c);
  }
  const bool known =
      std::find(kPurposes.begin(), kPurposes.end(), upper) != kPurposes.end();
  return known ? upper : "OTHER";
}

// What losses.cc names and a package, a file and the document carry.
constexpr std::array<std::string_view, 10> kCarriedOfPackage = {
    "copyright",    "CPE name",    "description", "external references",
    "manufacturer", "package URL", "properties",  "supplier",
    "SWID tag",     "version"};
constexpr std::array<std::string_view, 2> kCarriedOfFile = {"copyright",
                                                            "properties"};
constexpr std::array<std::string_view, 4> kCarriedOfDocument = {
    "the document's data licence", "the document's name",
    "the document's properties", "the document's version"};

// Clause 7.5: "Organization: name (mail)".
std::string ActorOf(std::string_view text) {
  if (text.empty() || text == kNoAssertion) {
    return std::string(kNoAssertion);
  }
  const Party party = PartyOf(text);
  const std::string& contact = party.email.empty() ? party.url : party.email;
  if (party.name.empty()) {
    return fmt::format("Organization: {}", contact);
  }
  return contact.empty()
             ? fmt::format("Organization: {}", party.name)
             : fmt::format("Organization: {} ({})", party.name, contact);
}

class Writer {
 public:
  explicit Writer(const SbomDocument& document) : document_(document) {}

  WrittenSbom Run() {
    Json packages = Json::array();
    Json files = Json::array();
    if (document_.subject) {
      const std::string root = Put(*document_.subject, packages, files);
      Relate(kDocument, "DESCRIBES", root);
    }
    for (const Component& component : document_.components) {
      id_of_.push_back(Put(component, packages, files));
    }
    RelateParts();
    RelateDependencies();
    TallyLosses();
    Json spdx = Head();
    PutSpdx2Properties(WithVersion(document_), document_, spdx);
    spdx["packages"] = std::move(packages);
    if (!files.empty()) {
      spdx["files"] = std::move(files);
    }
    PutLicenceTexts(spdx);
    spdx["relationships"] = std::move(relationships_);
    return {Dump(spdx), losses_.Phrases()};
  }

 private:
  Json Head() {
    const std::string name = !document_.name.empty() ? document_.name
                             : document_.subject     ? document_.subject->name
                                                     : "document";
    Json creators = Json::array();
    for (const std::string& author : document_.authors) {
      creators.push_back(ActorOf(author));
    }
    for (const std::string& text : document_.tools) {
      const ToolName tool = ToolOf(text);
      creators.push_back(
          tool.version.empty()
              ? fmt::format("Tool: {}", tool.name)
              : fmt::format("Tool: {}-{}", tool.name, tool.version));
    }
    if (creators.empty()) {
      creators.push_back(fmt::format("Organization: {}", kNoAssertion));
    }
    Json creation = {{"created", document_.timestamp},
                     {"creators", std::move(creators)}};
    PutIf(creation, "comment", CreatorComment(document_.lifecycle_phases));
    return {{"spdxVersion", "SPDX-2.3"},
            {"dataLicense", "CC0-1.0"},  // clause 6.2: no other
            {"SPDXID", std::string(kDocument)},
            {"name", name},
            {"documentNamespace", document_.serial.empty()
                                      ? "urn:spdx:" + Slug(name)
                                      : document_.serial},
            {"creationInfo", std::move(creation)}};
  }

  // Adds a component; gives its id. Clause 8 wants a SHA-1 of every file:
  // without one it is a package whose purpose is FILE.
  std::string Put(const Component& component, Json& packages, Json& files) {
    const std::string id =
        ids_.Of(component.ref.empty() ? component.pointer : component.ref,
                component.name);
    const auto digests = DigestsOf(component);
    const bool is_file =
        component.type == "file" && component.version.empty() &&
        std::any_of(digests.begin(), digests.end(), [](const auto& digest) {
          return digest.algorithm == "SHA-1";
        });
    Json object = {{"SPDXID", id}};
    if (is_file) {
      object["fileName"] = "./" + component.name;
    } else {
      object["name"] = component.name;
      PutIf(object, "versionInfo", component.version);
      object["primaryPackagePurpose"] = PurposeOf(component.type);
      PutActors(object, component);
      object["downloadLocation"] = DownloadOf(component);
      object["filesAnalyzed"] = false;
      PutIf(object, "description", component.description);
    }
    PutChecksums(object, digests);
    const auto& declared = component.licences_declared.empty()
                               ? component.licences
                               : component.licences_declared;
    if (is_file) {
      PutLicencesInFile(object, declared);
    } else {
      object["licenseDeclared"] = LicenceOf(declared);
    }
    object["licenseConcluded"] = LicenceOf(component.licences_concluded);
    object["copyrightText"] = component.copyright.empty()
                                  ? std::string(kNoAssertion)
                                  : component.copyright;
    if (!is_file) {
      PutExternal(object, component);
    }
    PutSpdx2Properties(component.properties, document_, object);
    TallyLosses(component, is_file);
    (is_file ? files : packages).push_back(std::move(object));
    return id;
  }

  static void PutActors(Json& object, const Component& component) {
    object["supplier"] = ActorOf(component.supplier);
    if (!component.manufacturer.empty()) {
      object["originator"] = ActorOf(component.manufacturer);
    }
  }

  // The first reference of a type has a field of its own, others are listed.
  static const ExternalReference* FirstOf(const Component& component,
                                          std::string_view type) {
    const auto& all = component.external_references;
    const auto found =
        std::find_if(all.begin(), all.end(),
                     [&](const auto& each) { return each.type == type; });
    return found == all.end() ? nullptr : &*found;
  }

  static std::string DownloadOf(const Component& component) {
    const ExternalReference* first = FirstOf(component, "distribution");
    return first == nullptr ? std::string(kNoAssertion) : first->url;
  }

  // Clause 8.6 lists them, and says of several only that they are all there.
  void PutLicencesInFile(Json& object,
                         const std::vector<std::string>& licences) {
    std::vector<std::string> terms = licences_.Terms(licences);
    for (const std::string& licence : licences) {
      losses_.Add(
          "the licence expression of a file",
          licence.find(' ') != std::string::npos &&
              std::find(terms.begin(), terms.end(), licence) == terms.end());
    }
    if (terms.empty()) {
      terms.emplace_back(kNoAssertion);
    }
    object["licenseInfoInFiles"] = std::move(terms);
  }

  void PutChecksums(Json& object, const std::vector<ClaimedDigest>& digests) {
    for (const ClaimedDigest& digest : digests) {
      const auto known = std::find_if(
          kAlgorithms.begin(), kAlgorithms.end(),
          [&](const auto& pair) { return pair.first == digest.algorithm; });
      if (known == kAlgorithms.end()) {
        losses_.Add(fmt::format("a digest by {}", digest.algorithm), true);
        continue;
      }
      object["checksums"].push_back({{"algorithm", std::string(known->second)},
                                     {"checksumValue", digest.hex}});
    }
  }

  std::string LicenceOf(const std::vector<std::string>& licences) {
    std::string joined = licences_.Joined(licences);
    return joined.empty() ? std::string(kNoAssertion) : joined;
  }

  static void PutExternal(Json& object, const Component& component) {
    const auto add = [&](const char* category, std::string_view type,
                         std::string_view locator) {
      if (!locator.empty()) {
        object["externalRefs"].push_back(
            {{"referenceCategory", category},
             {"referenceType", std::string(type)},
             {"referenceLocator", std::string(locator)}});
      }
    };
    add("PACKAGE-MANAGER", "purl", component.purl);
    add("SECURITY",
        component.cpe.substr(0, 8) == "cpe:2.3:" ? "cpe23Type" : "cpe22Type",
        component.cpe);
    add("SECURITY", "swid", component.swid);
    const ExternalReference* download = FirstOf(component, "distribution");
    const ExternalReference* homepage = FirstOf(component, "website");
    if (homepage != nullptr) {
      object["homepage"] = homepage->url;
    }
    for (const ExternalReference& reference : component.external_references) {
      if (reference.type == "advisories") {
        add("SECURITY", "advisory", reference.url);
      } else if (&reference != download && &reference != homepage) {
        add("OTHER", Slug(reference.type), reference.url);
      }
    }
  }

  void TallyLosses(const Component& component, bool is_file) {
    if (is_file) {
      losses_.AddAllBut(kCarriedOfFile, component);
    } else {
      losses_.AddAllBut(kCarriedOfPackage, component);
    }
    const std::string purpose = PurposeOf(component.type);
    losses_.Add("type", !is_file && !component.type.empty() &&
                            purpose == "OTHER" && component.type != "other");
  }

  void TallyLosses() {
    losses_.AddAllBut(kCarriedOfDocument, document_);
    losses_.Add(
        "the document's data licence",
        !document_.data_licence.empty() && document_.data_licence != "CC0-1.0");
    for (const Composition& composition : document_.compositions) {
      losses_.Add("the completeness of parts", !composition.assemblies.empty());
    }
    for (const std::string& phase : document_.lifecycle_phases) {
      losses_.Add("a lifecycle phase", SbomTypeOf(phase).empty());
    }
  }

  // A nested component is contained in the one around it, all others in what
  // the document describes.
  void RelateParts() {
    const std::string root = !document_.subject ? std::string(kDocument)
                             : document_.subject->ref.empty()
                                 ? ids_.Known(document_.subject->pointer)
                                 : ids_.Known(document_.subject->ref);
    for (std::size_t i = 0; i < id_of_.size() && !root.empty(); ++i) {
      const std::string parent = ids_.Known(document_.components[i].parent);
      Relate(parent.empty() ? root : parent, "CONTAINS", id_of_[i]);
    }
  }

  // Clause 11: an empty list is NONE where the document says that it is
  // complete, and NOASSERTION where it does not.
  void RelateDependencies() {
    std::set<std::string> open(document_.listed_dependencies.begin(),
                               document_.listed_dependencies.end());
    std::set<std::string> complete;
    for (const Composition& composition : document_.compositions) {
      auto& refs = composition.aggregate == "complete" ? complete : open;
      refs.insert(composition.dependencies.begin(),
                  composition.dependencies.end());
      losses_.Add("that a list of dependencies is complete or not",
                  !composition.dependencies.empty());
    }
    for (const auto& dependency : document_.dependencies) {
      const std::string from = ids_.Known(dependency.from);
      const std::string to = ids_.Known(dependency.to);
      open.erase(dependency.from);
      complete.erase(dependency.from);
      if (!from.empty() && !to.empty()) {
        Relate(from, "DEPENDS_ON", to);
      }
      losses_.Add("dependencies on what the document does not hold",
                  from.empty() || to.empty());
    }
    open.insert(complete.begin(), complete.end());
    for (const std::string& ref : open) {
      if (const std::string from = ids_.Known(ref); !from.empty()) {
        Relate(from, "DEPENDS_ON",
               complete.count(ref) != 0 ? "NONE" : kNoAssertion);
      }
    }
  }

  void Relate(std::string_view from, std::string_view type,
              std::string_view to) {
    relationships_.push_back({{"spdxElementId", std::string(from)},
                              {"relationshipType", std::string(type)},
                              {"relatedSpdxElement", std::string(to)}});
  }

  // Clause 10: licences that are on no list.
  void PutLicenceTexts(Json& spdx) const {
    for (const auto& [id, text] : licences_.texts()) {
      spdx["hasExtractedLicensingInfos"].push_back(
          {{"licenseId", id}, {"extractedText", text}, {"name", text}});
    }
  }

  const SbomDocument& document_;
  IdMaker ids_{"SPDXRef-"};
  std::vector<std::string> id_of_ = {};  // per component
  LicenceJoiner licences_ = {};
  Json relationships_ = Json::array();
  LossTally losses_ = {};
};

WrittenSbom Write(const SbomDocument& document, std::string_view /*version*/) {
  return Writer(document).Run();
}

}  // namespace

const SbomWriter kSpdxJson = {
    .name = "spdx-json",
    .title = "SPDX 2.3, JSON",
    .reference = "SPDX 2.3, clauses 6 to 11",
    .versions = {"2.3"},
    .write = Write,
};

}  // namespace assay::sbom::write
