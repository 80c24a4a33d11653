// Debian packages by the change log that each brings along: it stays when the
// package database is gone.
// Layout: Debian Policy 4.4, 12.7; deb-changelog(5).

#include <algorithm>
#include <string>
#include <string_view>

#include "sbom/file_list.h"
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

// "usr/share/doc/PACKAGE/changelog.Debian.gz": the binary package, else "".
std::string_view PackageOf(std::string_view path) {
  const auto doc = Below(path, "usr/share/doc");
  const auto steps = Split(doc ? doc->rest : std::string_view(), '/');
  const bool fits = steps.size() == 2 && steps[0].size() >= 2 &&
                    std::all_of(steps[0].begin(), steps[0].end(), IsNameByte);
  return fits ? steps[0] : std::string_view();
}

// "1.2-3+b1" is a rebuild of the source "1.2-3": Debian's binary-only uploads.
std::string_view WithoutRebuild(std::string_view version) {
  const std::size_t plus = version.rfind("+b");
  const bool rebuild = plus != std::string_view::npos &&
                       NumberOf(version.substr(plus + 2)).has_value();
  return rebuild ? version.substr(0, plus) : version;
}

Component ComponentOf(std::string_view package, std::string_view source,
                      std::string_view version) {
  Component component{.type = "library", .version = std::string(version)};
  if (package.empty()) {
    component.name = source;
    component.purl = PurlOf("deb", "debian", source, version, "source");
    return component;
  }
  component.name = package;
  component.purl = PurlOf("deb", "debian", package, version);
  if (const auto built_from = WithoutRebuild(version);
      package != source || built_from != version) {
    component.source_name = source;
    component.source_version = built_from == version ? "" : built_from;
  }
  return component;
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
  into.components.push_back(
      {.component = ComponentOf(PackageOf(path), name, version),
       .cataloguer = kName,
       .strength = Strength::kUnverified,
       .place = {0, line.size()}});
  return true;
}

}  // namespace

const Analysis kDebChangelog = {
    .name = kName,
    .title = "Debian packages by their change logs",
    .examine = Examine,
};

}  // namespace assay::sbom
