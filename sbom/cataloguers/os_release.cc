// The system that a root file system says it is: os-release first, then the
// version files of single systems; and the package lists that Yocto and
// Buildroot write beside an image, which are claims.
// Layout: os-release(5); OpenWrt's openwrt_release; Yocto's IMAGE_MANIFEST;
// Buildroot's legal-info, manifest.csv.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sbom/file_list.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "os_release";
constexpr std::size_t kMostText = 8UL << 20U;

void AddSystem(std::string name, std::string version, std::string supplier,
               std::size_t size, Observations& into) {
  Component component{.type = "operating-system",
                      .name = std::move(name),
                      .version = std::move(version),
                      .supplier = std::move(supplier)};
  component.purl = PurlOf("generic", "", component.name, component.version);
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified,
                             .place = {0, size},
                             .files_from_root = true});
}

// The value of a shell assignment, without quotes and escapes.
std::string Unquoted(std::string_view text) {
  text = Trim(text);
  const char quote = text.empty() ? '\0' : text.front();
  if (text.size() >= 2 && (quote == '"' || quote == '\'') &&
      text.back() == quote) {
    text = text.substr(1, text.size() - 2);
  }
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"' && i + 1 < text.size()) {
      ++i;
    }
    plain.push_back(text[i]);
  }
  return plain;
}

std::string ValueOf(std::string_view text, std::string_view key) {
  std::string value;
  for (const std::string_view line : SplitLines(text)) {
    if (line.substr(0, key.size()) == key &&
        line.substr(key.size(), 1) == "=") {
      value = Unquoted(line.substr(key.size() + 1));
    }
  }
  return value;
}

// The first of the keys that has a value.
std::string FirstOf(std::string_view text,
                    std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (std::string value = ValueOf(text, key); !value.empty()) {
      return value;
    }
  }
  return {};
}

bool ReadAssignments(std::string_view text, Observations& into) {
  std::string name = FirstOf(text, {"ID", "DISTRIB_ID"});
  std::string version = FirstOf(
      text, {"VERSION_ID", "BUILD_ID", "DISTRIB_RELEASE", "DISTRIB_REVISION"});
  if (name.empty() || version.empty()) {
    return false;
  }
  AddSystem(Lower(name), std::move(version),
            FirstOf(text, {"VENDOR_NAME", "OPENWRT_DEVICE_MANUFACTURER"}),
            text.size(), into);
  return true;
}

// Files of one line that is a version, or has one: "Fedora release 38 (...)".
struct VersionFile {
  std::string_view file, system;
};
constexpr std::array<VersionFile, 8> kVersionFiles = {{
    {"alpine-release", "alpine"},
    {"centos-release", "centos"},
    {"debian_version", "debian"},
    {"fedora-release", "fedora"},
    {"openwrt_version", "openwrt"},
    {"redhat-release", "rhel"},
    {"slackware-version", "slackware"},
    {"br-version", "buildroot"},
}};

bool ReadVersionFile(std::string_view file, std::string_view text,
                     Observations& into) {
  for (const VersionFile& one : kVersionFiles) {
    if (one.file != file) {
      continue;
    }
    const std::string_view line = text.substr(0, text.find('\n'));
    for (const std::string_view word : Split(line, ' ')) {
      // A code name alone, "bookworm/sid", is no version.
      if (!word.empty() && word[0] >= '0' && word[0] <= '9') {
        AddSystem(std::string(one.system), std::string(Trim(word)), "",
                  text.size(), into);
        return true;
      }
    }
  }
  return false;
}

void AddClaim(std::string_view name, std::string_view version,
              std::string_view licence, Range place, Observations& into) {
  if (name.empty() || version.empty()) {
    return;
  }
  Component component{.type = "library",
                      .name = std::string(name),
                      .version = std::string(version)};
  component.purl = PurlOf("generic", "", name, version);
  if (!licence.empty()) {
    component.licences.emplace_back(licence);
  }
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kClaim,
                             .place = place});
}

// Yocto: "NAME ARCH VERSION" a line, nothing else in the file.
bool ReadYoctoManifest(std::string_view text, Observations& into) {
  std::vector<std::vector<std::string_view>> rows;
  for (const std::string_view line : SplitLines(text)) {
    rows.push_back(Split(line, ' '));
    if (rows.back().size() != 3 || rows.back()[2].empty()) {
      return false;
    }
  }
  for (const auto& row : rows) {
    AddClaim(row[0], row[2], "", {0, text.size()}, into);
  }
  return !rows.empty();
}

std::string_view TakeQuoted(std::string_view& line) {
  const bool quoted = line.substr(0, 1) == "\"";
  const std::size_t end = line.find(quoted ? '"' : ',', quoted ? 1 : 0);
  const std::string_view field = line.substr(
      quoted ? 1 : 0,
      end == std::string_view::npos ? end : end - (quoted ? 1U : 0U));
  line = end == std::string_view::npos
             ? std::string_view()
             : line.substr(std::min(line.size(), end + (quoted ? 2 : 1)));
  return field;
}

// Buildroot: "PACKAGE","VERSION","LICENSE",... with that line as its head.
bool ReadBuildrootManifest(std::string_view text, Observations& into) {
  const auto lines = SplitLines(text);
  constexpr std::string_view kHead = "\"PACKAGE\",\"VERSION\",\"LICENSE\"";
  if (lines.empty() || lines[0].substr(0, kHead.size()) != kHead) {
    return false;
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    const std::string_view name = TakeQuoted(line);
    const std::string_view version = TakeQuoted(line);
    const std::string_view licence = TakeQuoted(line);
    AddClaim(name, version, licence, {0, text.size()}, into);
  }
  return true;
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() &&
         text.substr(text.size() - end.size()) == end;
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = subject.artifact.inner_path;
  if (subject.content.empty() || subject.content.size() > kMostText) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  for (const std::string_view folder : {"usr/lib", "etc"}) {
    const auto place = Below(path, folder);
    if (!place) {
      continue;
    }
    if (place->rest == "os-release" || place->rest == "openwrt_release" ||
        place->rest == "lsb-release") {
      return ReadAssignments(text, into);
    }
    if (ReadVersionFile(place->rest, text, into)) {
      return true;
    }
  }
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (EndsWith(file, ".manifest")) {
    return ReadYoctoManifest(text, into);
  }
  return (file == "manifest.csv" || file == "host-manifest.csv") &&
         ReadBuildrootManifest(text, into);
}

}  // namespace

const Analysis kOsRelease = {
    .name = kName,
    .title = "The system that a root file system says it is",
    .examine = Examine,
};

}  // namespace assay::sbom
