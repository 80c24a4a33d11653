#include "sbom/control_file.h"

#include <algorithm>
#include <utility>

#include "sbom/purl.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

void AddLine(std::string_view line, Stanza& stanza) {
  if (IsBlank(line[0])) {
    if (!stanza.fields.empty()) {
      stanza.fields.back().second.append("\n").append(Trim(line));
    }
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && colon > 0) {
    stanza.fields.emplace_back(line.substr(0, colon),
                               Trim(line.substr(colon + 1)));
  }
}

std::vector<Stanza> Read(std::string_view text, std::size_t limit) {
  std::vector<Stanza> stanzas;
  Stanza stanza;
  const auto finish = [&] {
    if (!stanza.fields.empty()) {
      stanzas.push_back(std::move(stanza));
    }
    stanza = {};
  };
  std::size_t at = 0;
  while (at < text.size() && stanzas.size() < limit) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (Trim(line).empty()) {
      finish();
    } else {
      if (stanza.fields.empty()) {
        stanza.place.offset = at;
      }
      AddLine(line, stanza);
      stanza.place.length = end - stanza.place.offset;
    }
    at = end + 1;
  }
  finish();
  return stanzas;
}

// "busybox (1:1.35.0-4)" -> name and version of the source package.
void ReadSource(std::string_view source, Component& component) {
  const std::size_t open = source.find('(');
  component.source_name = Trim(source.substr(0, open));
  if (open != std::string_view::npos) {
    const std::string_view rest = source.substr(open + 1);
    component.source_version = Trim(rest.substr(0, rest.find(')')));
  }
}

}  // namespace

std::string_view Stanza::Field(std::string_view name) const {
  const std::string wanted = Lower(name);
  for (const auto& [key, value] : fields) {
    if (key.size() == wanted.size() && Lower(key) == wanted) {
      return value;
    }
  }
  return {};
}

std::vector<Stanza> ReadStanzas(std::string_view text) {
  return Read(text, text.size());
}

Stanza ReadFirstStanza(std::string_view text) {
  std::vector<Stanza> stanzas = Read(text, 1);
  return stanzas.empty() ? Stanza{} : std::move(stanzas.front());
}

bool IsInstalled(const Stanza& stanza) {
  std::size_t words = 0;
  for (const std::string_view word : Split(stanza.Field("Status"), ' ')) {
    words += word.empty() ? 0U : 1U;
    if (words == 3) {
      return word == "installed";
    }
  }
  return false;
}

Component PackageOf(const Stanza& stanza, std::string_view purl_type,
                    std::string_view name_space) {
  Component component{.type = "library",
                      .name = std::string(stanza.Field("Package")),
                      .version = std::string(stanza.Field("Version")),
                      .supplier = std::string(stanza.Field("Maintainer"))};
  component.purl = PurlOf(purl_type, name_space, component.name,
                          component.version, stanza.Field("Architecture"));
  if (const auto licence = stanza.Field("License"); !licence.empty()) {
    component.licences.emplace_back(licence);
  }
  ReadSource(stanza.Field("Source"), component);
  return component;
}

}  // namespace assay::sbom
