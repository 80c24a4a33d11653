// Java libraries, from what build tools put into an archive's META-INF: each
// pom.properties of Maven (a shaded archive has several) and the manifest.
// Layout: Maven archiver, "pom.properties"; java.util.jar, "JAR Manifest";
// OSGi Core 8, section 3.2.1.

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "sbom/file_list.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "java";
constexpr std::size_t kMostText = 4UL << 20U;

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string FieldOf(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

// key=value or key:value; comments begin with '#' or '!'.
Fields ReadProperties(std::string_view text) {
  Fields fields;
  for (const std::string_view raw : SplitLines(text)) {
    const std::string_view line = Trim(raw);
    const std::size_t at = line.find_first_of("=:");
    if (!line.empty() && line[0] != '#' && line[0] != '!' &&
        at != std::string_view::npos) {
      fields.emplace_back(Trim(line.substr(0, at)), Trim(line.substr(at + 1)));
    }
  }
  return fields;
}

// The main section: "Name: value", a line that begins with a blank goes on;
// names compare without regard to case.
Fields ReadManifest(std::string_view text) {
  Fields fields;
  for (std::string_view line : SplitLines(text)) {
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      break;
    }
    if (line[0] == ' ' && !fields.empty()) {
      fields.back().second.append(line.substr(1));
      continue;
    }
    const std::size_t at = line.find(':');
    if (at != std::string_view::npos) {
      fields.emplace_back(Lower(line.substr(0, at)), Trim(line.substr(at + 1)));
    }
  }
  return fields;
}

bool Add(Component component, Strength strength, std::size_t size,
         Observations& into) {
  // What a build did not replace, "${project.version}", names no version.
  if (component.name.empty() || component.version.empty() ||
      component.version.find('$') != std::string::npos) {
    return false;
  }
  component.type = "library";
  component.purl =
      PurlOf("maven", component.group, component.name, component.version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = strength,
                             .place = {0, size}});
  return true;
}

bool ReadPom(const Subject& subject, Observations& into) {
  const Fields fields = ReadProperties(AsText(subject.content));
  return Add({.group = FieldOf(fields, "groupId"),
              .name = FieldOf(fields, "artifactId"),
              .version = FieldOf(fields, "version")},
             Strength::kBuildRecord, subject.content.size(), into);
}

// Pairs of a name and a version that belong together, the surest first.
struct Naming {
  std::string_view name, version, vendor;
};
constexpr std::array<Naming, 3> kNamings = {{
    {"bundle-symbolicname", "bundle-version", "bundle-vendor"},
    {"implementation-title", "implementation-version", "implementation-vendor"},
    {"specification-title", "specification-version", "specification-vendor"},
}};

bool ReadJarManifest(const Subject& subject, Observations& into) {
  const Fields fields = ReadManifest(AsText(subject.content));
  for (const Naming& naming : kNamings) {
    const std::string title = FieldOf(fields, naming.name);
    // "org.example.lib;singleton:=true": parameters follow the name.
    Component component{.group = FieldOf(fields, "implementation-vendor-id"),
                        .name = std::string(Trim(std::string_view(title).substr(
                            0, title.find(';')))),
                        .version = FieldOf(fields, naming.version),
                        .supplier = FieldOf(fields, naming.vendor)};
    if (Add(std::move(component), Strength::kUnverified, subject.content.size(),
            into)) {
      return true;
    }
  }
  return false;
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.empty() || subject.content.size() > kMostText) {
    return false;
  }
  const std::string_view path = subject.artifact.inner_path;
  if (path == "META-INF/MANIFEST.MF") {
    return ReadJarManifest(subject, into);
  }
  const auto maven = Below(path, "META-INF/maven");
  if (!maven) {
    return false;
  }
  const auto steps = Split(maven->rest, '/');
  return steps.size() == 3 && steps[2] == "pom.properties" &&
         ReadPom(subject, into);
}

}  // namespace

const Analysis kJava = {
    .name = kName,
    .title = "Java libraries by pom.properties and manifest",
    .examine = Examine,
};

}  // namespace assay::sbom
