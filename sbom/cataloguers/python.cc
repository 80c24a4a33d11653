// Installed or packed Python distributions, from METADATA or PKG-INFO, and the
// files they own, from RECORD. Layout: packaging.python.org, "Core metadata",
// "Recording installed projects", "Binary distribution format".

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "sbom/control_file.h"
#include "sbom/file_list.h"
#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "python";

// "lib/site-packages/pip-24.2.dist-info/RECORD", in its parts.
struct Place {
  std::string_view base;    // "lib/site-packages"
  std::string_view folder;  // "pip-24.2.dist-info"
  std::string_view file;    // "RECORD"
};

Place PlaceOf(std::string_view path) {
  const auto cut = [&path] {
    const std::size_t slash = path.rfind('/');
    const std::string_view last = path.substr(slash + 1);
    path = slash == std::string_view::npos ? "" : path.substr(0, slash);
    return last;
  };
  const std::string_view file = cut();
  const std::string_view folder = cut();
  return {path, folder, file};
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() &&
         text.substr(text.size() - end.size()) == end;
}

bool ReadMetadata(const Subject& subject, Observations& into) {
  const Stanza stanza = ReadFirstStanza(AsText(subject.content));
  Component component{.type = "library",
                      .name = std::string(stanza.Field("Name")),
                      .version = std::string(stanza.Field("Version")),
                      .supplier = std::string(stanza.Field("Author"))};
  if (component.name.empty() || component.version.empty() ||
      stanza.Field("Metadata-Version").empty()) {
    return false;
  }
  component.purl = PurlOf("pypi", "", component.name, component.version);
  for (const std::string_view field : {"License-Expression", "License"}) {
    if (const auto licence = stanza.Field(field);
        !licence.empty() && component.licences.empty()) {
      component.licences.emplace_back(licence);
    }
  }
  into.components.push_back({.component = std::move(component),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified,
                             .place = stanza.place,
                             .files_from_root = true});
  return true;
}

// "sha256=" and URL-safe base64 without padding.
std::optional<Digest> DigestOfRecord(std::string_view field) {
  const std::size_t equals = field.find('=');
  if (equals == std::string_view::npos) {
    return std::nullopt;
  }
  const auto algorithm = DigestAlgorithmOf(field.substr(0, equals));
  std::string text(field.substr(equals + 1));
  for (char& c : text) {
    c = c == '-' ? '+' : (c == '_' ? '/' : c);
  }
  text.append((4 - text.size() % 4) % 4, '=');
  const auto bytes = FromBase64(text);
  if (!algorithm || !bytes || bytes->size() != SizeOf(*algorithm)) {
    return std::nullopt;
  }
  return Digest{*algorithm, HexOf(AsBytes(*bytes))};
}

// The first field of a line of CSV, unquoted; `line` keeps the rest.
std::string TakeField(std::string_view& line) {
  if (line.substr(0, 1) != "\"") {
    const std::string_view field = line.substr(0, line.find(','));
    line.remove_prefix(std::min(field.size() + 1, line.size()));
    return std::string(field);
  }
  std::string field;
  std::size_t at = 1;
  for (; at < line.size(); ++at) {
    if (line[at] == '"' && line.substr(at + 1, 1) != "\"") {
      break;
    }
    at += line[at] == '"' ? 1U : 0U;  // "" is one quote
    field.push_back(line[at]);
  }
  line.remove_prefix(std::min(at + 2, line.size()));
  return field;
}

bool ReadRecord(const Subject& subject, const Place& place,
                Observations& into) {
  ComponentEvidence list{.cataloguer = kName,
                         .place = {0, subject.content.size()},
                         .files_from_root = true};
  list.component.type = kFileListType;
  const std::string_view stem =
      place.folder.substr(0, place.folder.size() - sizeof(".dist-info") + 1);
  const std::size_t dash = stem.find('-');
  list.component.name = stem.substr(0, dash);
  list.component.version =
      dash == std::string_view::npos ? "" : stem.substr(dash + 1);
  for (std::string_view line : SplitLines(AsText(subject.content))) {
    const std::string name = TakeField(line);
    // Scripts are recorded as ../../../bin/x; absolute names stay as they are.
    std::string path = UnderRoot(
        name.substr(0, 1) == "/" ? std::string_view() : place.base, name);
    if (!path.empty()) {
      list.component.files.push_back(std::move(path));
      list.file_digests.push_back(
          DigestOfRecord(TakeField(line)).value_or(Digest{}));
    }
  }
  if (list.component.files.empty()) {
    return false;
  }
  into.components.push_back(std::move(list));
  return true;
}

bool Examine(const Subject& subject, Observations& into) {
  const Place place = PlaceOf(subject.artifact.inner_path);
  const bool dist_info = EndsWith(place.folder, ".dist-info");
  const bool egg_info =
      EndsWith(place.folder, ".egg-info") || place.folder == "EGG-INFO";
  if ((dist_info && place.file == "METADATA") ||
      (egg_info && place.file == "PKG-INFO")) {
    return ReadMetadata(subject, into);
  }
  return dist_info && place.file == "RECORD" &&
         ReadRecord(subject, place, into);
}

}  // namespace

const Analysis kPython = {
    .name = kName,
    .title = "Python distributions by their METADATA, PKG-INFO and RECORD",
    .examine = Examine,
};

}  // namespace assay::sbom
