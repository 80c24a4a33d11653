// Installed or packed Node.js packages, from their package.json.
// Layout: docs.npmjs.com, package.json, "name", "version", "license".

#include <string>
#include <utility>

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "npm";
constexpr std::size_t kMaxBytes = std::size_t{4} << 20U;

// Packages carry the package.json files of their tests along; below
// node_modules only those of installed packages count: node_modules/NAME/ and
// node_modules/@SCOPE/NAME/.
bool IsPackageRoot(std::string_view path) {
  constexpr std::string_view kFile = "package.json";
  if (path.substr(path.rfind('/') + 1) != kFile) {
    return false;
  }
  constexpr std::string_view kFolder = "node_modules/";
  const std::size_t at = path.rfind(kFolder);
  if (at == std::string_view::npos) {
    return true;
  }
  const auto steps = Split(path.substr(at + kFolder.size()), '/');
  const bool scoped = steps[0].substr(0, 1) == "@";
  return steps.size() == (scoped ? 3U : 2U);
}

// "license": "MIT"; before 2015 {"type": "MIT"} or an array "licenses".
void ReadLicence(const Json& package, Component& component) {
  std::string text = TextAt(package, "license");
  if (text.empty()) {
    text = TextAt(At(package, "license"), "type");
  }
  if (!text.empty()) {
    component.licences.push_back(std::move(text));
  }
}

// "author": "Jane <j@example.org>" or {"name": "Jane"}.
std::string AuthorOf(const Json& package) {
  std::string text = TextAt(package, "author");
  return text.empty() ? TextAt(At(package, "author"), "name") : text;
}

bool Examine(const Subject& subject, Observations& into) {
  if (!IsPackageRoot(subject.artifact.inner_path) ||
      subject.content.size() > kMaxBytes) {
    return false;
  }
  const auto package = ParseJson(AsText(subject.content));
  if (!package) {
    return false;
  }
  Component component{.type = "library",
                      .name = TextAt(*package, "name"),
                      .version = TextAt(*package, "version"),
                      .supplier = AuthorOf(*package)};
  if (component.name.empty() || component.version.empty()) {
    return false;
  }
  const std::size_t slash = component.name.find('/');
  const std::string_view name = component.name;
  const bool scoped = slash != std::string::npos;
  component.purl =
      PurlOf("npm", scoped ? name.substr(0, slash) : "",
             scoped ? name.substr(slash + 1) : name, component.version);
  ReadLicence(*package, component);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified,
                             .place = {0, subject.content.size()},
                             .files_from_root = false});
  return true;
}

}  // namespace

const Analysis kNpm = {
    .name = kName,
    .title = "Node.js packages by their package.json",
    .examine = Examine,
};

}  // namespace assay::sbom
