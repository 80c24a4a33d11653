// What a packed .rpm says about itself, in its own header.

#include "sbom/registry.h"
#include "sbom/rpm_evidence.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "rpm_package";

bool Examine(const Subject& subject, Observations& into) {
  if (!formats::IsRpmPackage(subject.content)) {
    return false;
  }
  const auto parts = formats::PartsOfRpm(subject.content);
  if (!parts) {
    return false;
  }
  const auto bytes =
      Slice(subject.content, parts->header.offset, parts->header.length);
  const auto header = formats::RpmHeader::Parse(*bytes);
  return header &&
         AddRpmPackage(*header, {kName, parts->header, "", false}, into);
}

}  // namespace

const Analysis kRpmPackage = {
    .name = kName,
    .title = "The package that an .rpm says it is",
    .examine = Examine,
    .whole = true,
};

}  // namespace assay::sbom
