// CycloneDX as XML. Specification: CycloneDX 1.7, schema/bom-1.7.xsd, and the
// versions before it.

#include <string>
#include <utility>

#include "sbom/cyclonedx.h"
#include "sbom/cyclonedx_xml_shape.h"
#include "sbom/registry.h"
#include "sbom/schemas/official.h"
#include "sbom/xml_tree.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kNamespace = "http://cyclonedx.org/schema/bom/";

// The namespace is the only place that names the version.
std::string_view VersionOf(const SbomSource& source) {
  return std::string_view(source.xml_root().name_space)
      .substr(kNamespace.size());
}

bool Identify(const SbomSource& source) {
  return source.LooksLikeXml() && source.xml_root().name == "bom" &&
         source.xml_root().name_space.substr(0, kNamespace.size()) ==
             kNamespace;
}

Result<SbomDocument> Read(const SbomSource& source) {
  const auto xml = XmlTree(source.bytes());
  if (!xml) {
    return Fail(xml.error());
  }
  const auto shape = CycloneDxShape(*xml, VersionOf(source));
  if (!shape) {
    return Fail(shape.error());
  }
  return ReadCycloneDx(*shape, "CycloneDX XML");
}

SchemaCheck Validate(const SbomSource& source) {
  SchemaCheck check;
  const XmlSchema* schema = CycloneDxXmlSchema(VersionOf(source));
  if (schema == nullptr) {
    check.problems.push_back(SchemaMissing("CycloneDX XML", VersionOf(source)));
    return check;
  }
  check.schema = schema->name();
  (void)XmlTree(source.bytes(), schema, &check.problems);
  return check;
}

}  // namespace

const SbomReader kCyclonedxXml = {
    .name = "cyclonedx-xml",
    .title = "CycloneDX 1.0-1.7, XML",
    .reference = "CycloneDX 1.7 (ECMA-424), schema/bom-1.7.xsd",
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
