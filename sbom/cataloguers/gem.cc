// Installed Ruby gems, from the specification that RubyGems writes for each:
// specifications/NAME-VERSION.gemspec. It is Ruby, but always of the same
// shape: one assignment a line, values in double quotes.
// Layout: rubygems 3.3.7, lib/rubygems/specification.rb, to_ruby.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sbom/purl.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "gem";
constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::size_t kMostValues = 32;

// The name of the file without its end, when it lies in the right folder.
std::string_view StemOf(std::string_view path) {
  constexpr std::string_view kEnd = ".gemspec";
  if (!path.ends_with(kEnd) ||
      (path.find("/specifications/") == std::string_view::npos &&
       !path.starts_with("specifications/"))) {
    return {};
  }
  path.remove_suffix(kEnd.size());
  return path.substr(path.rfind('/') + 1);
}

// The text literals of "x".freeze or ["x".freeze, "y".freeze]; nothing when
// there is anything that only Ruby knows.
std::vector<std::string> LiteralsIn(std::string_view value) {
  std::vector<std::string> texts;
  while (texts.size() < kMostValues) {
    const std::size_t open = value.find('"');
    if (open == std::string_view::npos) {
      return texts;
    }
    std::string text;
    std::size_t at = open + 1;
    while (at < value.size() && value[at] != '"') {
      if (value[at] == '#' || (value[at] == '\\' && ++at == value.size())) {
        return {};
      }
      text.push_back(value[at++]);
    }
    if (at >= value.size()) {
      return {};
    }
    texts.push_back(std::move(text));
    value.remove_prefix(at + 1);
  }
  return texts;
}

std::string FirstOf(const std::vector<std::string>& texts) {
  return texts.empty() ? std::string() : texts.front();
}

std::optional<Component> Read(std::string_view text, std::string_view stem) {
  Component component{.type = "library"};
  for (std::string_view line : SplitLines(text)) {
    line = Trim(line);
    const std::size_t equals = line.find(" = ");
    if (equals == std::string_view::npos || !line.starts_with("s.")) {
      continue;
    }
    const std::string_view field = line.substr(2, equals - 2);
    const std::string_view value = line.substr(equals + 3);
    if (field == "name") {
      component.name = FirstOf(LiteralsIn(value));
    } else if (field == "version") {
      component.version = FirstOf(LiteralsIn(value));
    } else if (field == "authors") {
      component.supplier = FirstOf(LiteralsIn(value));
    } else if (field == "licenses") {
      component.licences = LiteralsIn(value);
    }
  }
  // A platform may follow: "nokogiri-1.15.4-x86_64-linux".
  const std::string said = component.name + "-" + component.version;
  const bool fits = !component.name.empty() && !component.version.empty() &&
                    (stem == said || stem.starts_with(said + "-"));
  return fits ? std::optional(std::move(component)) : std::nullopt;
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view stem = StemOf(subject.artifact.inner_path);
  if (stem.empty() || subject.content.size() > kMaxBytes) {
    return false;
  }
  auto component = Read(AsText(subject.content), stem);
  if (!component) {
    return false;
  }
  component->purl = PurlOf("gem", "", component->name, component->version);
  into.components.push_back({.component = std::move(*component),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified,
                             .place = {0, subject.content.size()},
                             .files_from_root = false});
  return true;
}

}  // namespace

const Analysis kGem = {
    .name = kName,
    .title = "Ruby gems by the specifications of the installed ones",
    .examine = Examine,
};

}  // namespace assay::sbom
