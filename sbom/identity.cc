#include "sbom/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sbom/purl.h"
#include "sbom/writer_support.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Types whose namespace is a distribution or a vendor and no part of the name.
bool NamespaceIsOrigin(std::string_view type) {
  constexpr std::array<std::string_view, 6> kTypes = {"deb", "opkg",    "rpm",
                                                      "apk", "generic", "alpm"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

}  // namespace

std::string PythonName(std::string_view name) {
  std::string plain;
  for (const char c : Lower(name)) {
    const bool dash = c == '-' || c == '_' || c == '.';
    if (!dash || plain.empty() || plain.back() != '-') {
      plain.push_back(dash ? '-' : c);
    }
  }
  return plain;
}

Identity IdentityOf(const Component& component) {
  Identity identity{.name = component.name, .version = component.version};
  if (component.group.substr(0, 1) == "@") {
    identity.name = fmt::format("{}/{}", component.group, component.name);
  }
  if (const auto purl = ParsePurl(component.purl)) {
    identity.type = purl->type;
    identity.arch = purl->Qualifier("arch");
    identity.name = purl->name;
    if (!purl->name_space.empty() && !NamespaceIsOrigin(purl->type)) {
      identity.name = fmt::format("{}/{}", purl->name_space, purl->name);
    }
    if (identity.version.empty()) {
      identity.version = purl->version;
    }
  }
  if (identity.version == kNoAssertion) {
    identity.version.clear();
  }
  identity.name = identity.type == "pypi" ? PythonName(identity.name)
                                          : Lower(identity.name);
  return identity;
}

}  // namespace assay::sbom
