// The licences and the copyright of an installed Debian package, from
// usr/share/doc/NAME/copyright where it is machine-readable. Layout: Debian,
// "Machine-readable debian/copyright file", version 1.0, whose short names
// become SPDX's (section 7.1 and its table of correspondences).

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "sbom/control_file.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "deb_copyright";
constexpr std::string_view kFolder = "usr/share/doc/";
constexpr std::string_view kFile = "/copyright";
constexpr std::size_t kMaxBytes = std::size_t{4} << 20U;

using Names = std::pair<std::string_view, std::string_view>;

// Short names that SPDX spells otherwise; versions follow a dash in both.
constexpr std::array<Names, 12> kNames = {{{"artistic", "Artistic-1.0-Perl"},
                                           {"expat", "MIT"},
                                           {"bsd-2-clause", "BSD-2-Clause"},
                                           {"bsd-3-clause", "BSD-3-Clause"},
                                           {"bsd-4-clause", "BSD-4-Clause"},
                                           {"isc", "ISC"},
                                           {"zlib", "Zlib"},
                                           {"openssl", "OpenSSL"},
                                           {"psf-2", "PSF-2.0"},
                                           {"cc0", "CC0-1.0"},
                                           {"x11", "X11"},
                                           {"curl", "curl"}}};
constexpr std::array<std::string_view, 9> kFamilies = {
    "GPL", "LGPL", "AGPL", "GFDL", "Apache", "MPL", "CDDL", "EPL", "Artistic"};

bool IsVersion(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.';
  });
}

// "GPL-2+" -> "GPL-2.0-or-later"; "" for a name without correspondence.
std::string FamilyId(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) {
    return {};
  }
  const bool later = name.back() == '+';
  std::string version(
      name.substr(dash + 1, name.size() - dash - 1 - (later ? 1 : 0)));
  const auto family = std::find_if(
      kFamilies.begin(), kFamilies.end(), [&](std::string_view known) {
        return Lower(known) == Lower(name.substr(0, dash));
      });
  if (family == kFamilies.end() || !IsVersion(version)) {
    return {};
  }
  if (version.find('.') == std::string::npos) {
    version += ".0";
  }
  std::string id = std::string(*family) + "-" + version;
  if (family->substr(0, 1) == "G" || family->substr(1) == "GPL") {
    return id + (later ? "-or-later" : "-only");
  }
  return later ? std::string() : id;
}

// A term of the License field as SPDX spells it; a name that SPDX does not
// know is kept by reference.
std::string SpdxTerm(std::string_view name) {
  const std::string lower = Lower(name);
  for (const auto& [debian, spdx] : kNames) {
    if (lower == debian) {
      return std::string(spdx);
    }
  }
  if (std::string id = FamilyId(name); !id.empty()) {
    return id;
  }
  std::string reference = "LicenseRef-";
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                       (c >= 'a' && c <= 'z') || c == '.' || c == '-';
    reference.push_back(plain ? c : '-');
  }
  return reference;
}

// "GPL-2+ or Artistic" -> "GPL-2.0-or-later OR Artistic-1.0-Perl". "with
// ... exception" has no table: the whole is then one reference.
std::string ExpressionOf(std::string_view synopsis) {
  std::string expression;
  if (Lower(synopsis).find(" with ") != std::string::npos) {
    return SpdxTerm(synopsis);
  }
  for (std::string_view word : Split(synopsis, ' ')) {
    const bool comma = !word.empty() && word.back() == ',';
    word = word.substr(0, word.size() - (comma ? 1 : 0));
    if (word.empty()) {
      continue;
    }
    const std::string lower = Lower(word);
    const std::string term = lower == "or"    ? "OR"
                             : lower == "and" ? "AND"
                                              : SpdxTerm(word);
    expression += (expression.empty() ? "" : " ") + term;
  }
  return expression;
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = subject.artifact.inner_path;
  if (path.size() <= kFolder.size() + kFile.size() ||
      path.substr(0, kFolder.size()) != kFolder ||
      path.substr(path.size() - kFile.size()) != kFile ||
      subject.content.size() > kMaxBytes) {
    return false;
  }
  const std::string_view name =
      path.substr(kFolder.size(), path.size() - kFolder.size() - kFile.size());
  const auto stanzas = ReadStanzas(AsText(subject.content));
  if (name.find('/') != std::string_view::npos || stanzas.empty() ||
      stanzas.front().Field("Format").find("copyright-format/1.0") ==
          std::string_view::npos) {
    return false;
  }
  ComponentEvidence evidence;
  evidence.component.type = kLicenceRecordType;
  evidence.component.name = name;
  std::set<std::string> licences;
  for (const Stanza& stanza : stanzas) {
    if (stanza.Field("Files").empty()) {
      continue;  // the head, or the text of a licence
    }
    const std::string_view field = stanza.Field("License");
    const auto synopsis = Trim(field.substr(0, field.find('\n')));
    if (!synopsis.empty()) {
      licences.insert(ExpressionOf(synopsis));
    }
    if (stanza.Field("Files") == "*") {
      evidence.component.copyright = Trim(stanza.Field("Copyright"));
    }
  }
  evidence.component.licences.assign(licences.begin(), licences.end());
  evidence.cataloguer = kName;
  evidence.place = {0, subject.content.size()};
  into.components.push_back(std::move(evidence));
  return true;
}

}  // namespace

const Analysis kDebCopyright = {
    .name = kName,
    .title = "Licences of Debian packages by machine-readable copyright files",
    .examine = Examine,
};

}  // namespace assay::sbom
