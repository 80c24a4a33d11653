// Debian source packages by the change log that every binary package brings
// along: it stays when the package database is gone.
// Layout: Debian Policy 4.4; deb-changelog(5).

#include <algorithm>
#include <string>
#include <utility>

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "deb_changelog";

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

bool IsVersionByte(char c) {
  return IsNameByte(c) || (c >= 'A' && c <= 'Z') || c == '~' || c == ':';
}

// "package (version) distributions; metadata".
bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = subject.artifact.inner_path;
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (Lower(file).substr(0, 9) != "changelog") {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t open = line.find(" (");
  const std::size_t close = line.find(") ");
  const std::size_t end = line.find(';');
  if (open == std::string_view::npos || close == std::string_view::npos ||
      end == std::string_view::npos || close < open || end < close ||
      line.find("urgency=", end) == std::string_view::npos) {
    return false;
  }
  const std::string_view name = line.substr(0, open);
  const std::string_view version = line.substr(open + 2, close - open - 2);
  if (name.size() < 2 || version.empty() ||
      !std::all_of(name.begin(), name.end(), IsNameByte) ||
      !std::all_of(version.begin(), version.end(), IsVersionByte)) {
    return false;
  }
  Component component{.type = "library",
                      .name = std::string(name),
                      .version = std::string(version)};
  component.purl = PurlOf("deb", "debian", name, version, "source");
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified,
                             .place = {0, line.size()}});
  return true;
}

}  // namespace

const Analysis kDebChangelog = {
    .name = kName,
    .title = "Debian source packages by their change logs",
    .examine = Examine,
};

}  // namespace assay::sbom
