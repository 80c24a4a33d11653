// Node.js packages that a lock file names. What is locked need not be there:
// these are claims, with the digests of the packages' archives.
// Layout: docs.npmjs.com, package-lock.json, lockfileVersion 1 to 3; yarn 1,
// "yarn.lock".

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "npm_lock";
constexpr std::size_t kMostText = 64UL << 20U;

// Subresource Integrity, section 3.1: "sha512-BASE64", several by blanks.
std::vector<Digest> DigestsOf(std::string_view integrity) {
  std::vector<Digest> digests;
  for (const std::string_view one : Split(integrity, ' ')) {
    const std::size_t dash = one.find('-');
    if (dash == std::string_view::npos) {
      continue;
    }
    const auto algorithm = DigestAlgorithmOf(one.substr(0, dash));
    const auto bytes = FromBase64(one.substr(dash + 1));
    if (algorithm && bytes && bytes->size() == SizeOf(*algorithm)) {
      digests.push_back({*algorithm, HexOf(AsBytes(*bytes))});
    }
  }
  return digests;
}

struct Locked {
  std::string_view name = {};
  std::string_view version = {};
  std::string_view integrity = {};
  bool optional = false;
};

void Add(const Locked& locked, Range place, Observations& into) {
  if (locked.name.empty() || locked.version.empty() ||
      locked.version.find(':') != std::string_view::npos) {
    return;  // "file:..." and "git+ssh:..." are places, not versions
  }
  const std::size_t slash = locked.name.find('/');
  const bool scoped = slash != std::string_view::npos;
  Component component{.type = "library",
                      .name = std::string(locked.name),
                      .version = std::string(locked.version)};
  component.purl = PurlOf("npm", scoped ? locked.name.substr(0, slash) : "",
                          scoped ? locked.name.substr(slash + 1) : locked.name,
                          locked.version);
  component.digests = DigestsOf(locked.integrity);
  component.scope = locked.optional ? "optional" : "";
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kClaim,
                             .place = place});
}

bool IsTrue(const Json& package, std::string_view key) {
  const Json& value = At(package, key);
  return value.is_boolean() && value.get<bool>();
}

void AddPackage(std::string_view name, const Json& package, Range place,
                Observations& into) {
  const std::string version = TextAt(package, "version");
  const std::string integrity = TextAt(package, "integrity");
  const std::string real_name = TextAt(package, "name");  // of an alias
  Add({.name = real_name.empty() ? name : std::string_view(real_name),
       .version = version,
       .integrity = integrity,
       .optional = IsTrue(package, "dev") || IsTrue(package, "optional")},
      place, into);
}

// Version 1 nests: what a package needs for itself lies in it.
void AddNested(const Json& dependencies, Range place, Observations& into) {
  std::vector<const Json*> todo = {&dependencies};
  while (!todo.empty()) {
    const Json& level = *todo.back();
    todo.pop_back();
    if (!level.is_object()) {
      continue;
    }
    for (const auto& [name, package] : level.items()) {
      AddPackage(name, package, place, into);
      todo.push_back(&At(package, "dependencies"));
    }
  }
}

bool ReadPackageLock(const Subject& subject, Observations& into) {
  const auto document = ParseJson(AsText(subject.content), 512);
  if (!document || !At(*document, "lockfileVersion").is_number()) {
    return false;
  }
  const Range place{0, subject.content.size()};
  const Json& packages = At(*document, "packages");
  if (!packages.is_object()) {
    AddNested(At(*document, "dependencies"), place, into);
    return true;
  }
  constexpr std::string_view kFolder = "node_modules/";
  for (const auto& [path, package] : packages.items()) {
    const std::size_t at = path.rfind(kFolder);
    // The key "" is the project itself; others without the folder are its
    // workspaces.
    if (at != std::string::npos && !IsTrue(package, "link")) {
      AddPackage(std::string_view(path).substr(at + kFolder.size()), package,
                 place, into);
    }
  }
  return true;
}

std::string_view Unquoted(std::string_view text) {
  text = Trim(text);
  const bool quoted =
      text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// "@scope/name@^1.0.0, @scope/name@~1.2:" -> "@scope/name".
std::string_view NameInKey(std::string_view key) {
  key = Unquoted(key.substr(0, key.find(',')));
  return key.substr(0, key.find('@', 1));
}

bool ReadYarnLock(const Subject& subject, Observations& into) {
  constexpr std::string_view kMark = "# yarn lockfile v1";
  const std::string_view text = AsText(subject.content);
  if (text.substr(0, 4096).find(kMark) == std::string_view::npos) {
    return false;
  }
  const Range place{0, subject.content.size()};
  Locked locked;
  for (const std::string_view line : SplitLines(text)) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    if (line[0] != ' ') {
      Add(locked, place, into);
      locked = {.name = NameInKey(line.substr(0, line.rfind(':')))};
    } else if (line.substr(0, 10) == "  version ") {
      locked.version = Unquoted(line.substr(10));
    } else if (line.substr(0, 12) == "  integrity ") {
      locked.integrity = Unquoted(line.substr(12));
    }
  }
  Add(locked, place, into);
  return true;
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string& path = subject.artifact.inner_path;
  const std::string_view file =
      std::string_view(path).substr(path.rfind('/') + 1);
  if (subject.content.empty() || subject.content.size() > kMostText) {
    return false;
  }
  if (file == "package-lock.json" || file == ".package-lock.json" ||
      file == "npm-shrinkwrap.json") {
    return ReadPackageLock(subject, into);
  }
  return file == "yarn.lock" && ReadYarnLock(subject, into);
}

}  // namespace

const Analysis kNpmLock = {
    .name = kName,
    .title = "Node.js packages that lock files claim",
    .examine = Examine,
};

}  // namespace assay::sbom
