// Products by the folders that their sources were compiled in: assertions,
// debug and error texts keep __FILE__, and builders unpack a release into a
// folder NAME-VERSION. Places as OpenWrt ("build_dir/target-x/NAME-VERSION/"),
// Buildroot ("output/build/NAME-VERSION/"), Yocto ("/usr/src/debug/NAME/
// VERSION-rN/") and Debian ("/build/NAME-RANDOM/NAME-VERSION/") have them.

#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sbom/banners/version.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "source_paths";
constexpr std::size_t kMost = 64;  // products of one artifact
constexpr std::size_t kLongestStep = 64;
constexpr std::size_t kHead = 4096;

bool IsStepByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// The path's next step; `path` keeps what follows its slash. "" when it is not
// a folder's name.
std::string_view TakeStep(std::string_view& path) {
  std::size_t length = 0;
  while (length < path.size() && length <= kLongestStep &&
         IsStepByte(path[length])) {
    ++length;
  }
  if (length == 0 || length > kLongestStep || path.substr(length, 1) != "/") {
    return {};
  }
  const std::string_view step = path.substr(0, length);
  path.remove_prefix(length + 1);
  return step;
}

struct Release {
  std::string name = {};
  std::string version = {};
  friend auto operator<=>(const Release&, const Release&) = default;
};

// What follows the version may mark a repacked archive, nothing else; but for
// a number, which is part of it: CRAN's "4.10-8". A builder's revision is not
// in the folder's name.
std::optional<std::string> VersionOf(std::string_view text) {
  const std::size_t length = VersionLength(text, VersionShape::kDotted);
  const std::string_view rest = text.substr(length);
  if (length == 0 ||
      (!rest.empty() && rest[0] != '+' && rest[0] != '~' && rest[0] != '-')) {
    return std::nullopt;
  }
  const bool has_number =
      rest.substr(0, 1) == "-" && NumberOf(rest.substr(1)).has_value();
  return std::string(has_number ? text : text.substr(0, length));
}

// "NAME-VERSION".
std::optional<Release> ReleaseOf(std::string_view step) {
  for (std::size_t dash = step.find('-'); dash != std::string_view::npos;
       dash = step.find('-', dash + 1)) {
    auto version = VersionOf(step.substr(dash + 1));
    if (version && dash >= 2) {
      return Release{Lower(step.substr(0, dash)), std::move(*version)};
    }
  }
  return std::nullopt;
}

// The release's folder is the first or the second step.
std::optional<Release> BelowBuild(std::string_view path) {
  for (int i = 0; i < 2; ++i) {
    const std::string_view step = TakeStep(path);
    if (step.empty()) {
      return std::nullopt;
    }
    if (auto release = ReleaseOf(step)) {
      return release;
    }
  }
  return std::nullopt;
}

std::optional<Release> BelowDebug(std::string_view path) {
  const std::string_view name = TakeStep(path);
  auto version = VersionOf(TakeStep(path));
  if (name.size() < 2 || !version) {
    return std::nullopt;
  }
  return Release{Lower(name), std::move(*version)};
}

struct Root {
  std::string_view folder;
  std::optional<Release> (*read)(std::string_view path);
};
constexpr std::array<Root, 3> kRoots = {{
    {"/build/", BelowBuild},
    {"/build_dir/", BelowBuild},
    {"/usr/src/debug/", BelowDebug},
}};

void Add(const Release& release, Range place, Observations& into) {
  Component component{
      .type = "library", .name = release.name, .version = release.version};
  component.purl = PurlOf("generic", "", component.name, component.version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kWeak,
                             .place = place});
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view text = AsText(subject.content);
  if (text.substr(0, kHead).find('\0') == std::string_view::npos) {
    return false;  // text speaks of what is elsewhere
  }
  std::set<Release> told;
  for (const Root& root : kRoots) {
    std::size_t at = text.find(root.folder);
    while (at != std::string_view::npos && told.size() < kMost) {
      const std::size_t from = at + root.folder.size();
      const auto release = root.read(text.substr(from, 3 * kLongestStep));
      if (release && told.insert(*release).second) {
        Add(*release, {at, root.folder.size()}, into);
      }
      at = text.find(root.folder, from);
    }
  }
  return false;  // a sign in the bytes does not explain them
}

}  // namespace

const Analysis kSourcePaths = {
    .name = kName,
    .title = "Products by the folders that their sources were compiled in",
    .examine = Examine,
};

}  // namespace assay::sbom
