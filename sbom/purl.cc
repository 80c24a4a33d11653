#include "sbom/purl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

enum class Presence { kOptional, kRequired, kForbidden };

// What the specification's type definitions say beyond the general rules.
struct TypeRule {
  std::string_view type;
  bool lower_namespace = false;
  bool lower_name = false;
  bool lower_version = false;
  Presence name_space = Presence::kOptional;
  std::string_view required_qualifier = {};
};

constexpr std::array<TypeRule, 30> kTypeRules = {{
    {"alpm", true, true},
    {"apk", true, true},
    {"bitbucket", true, true},
    {"bitnami", false, true},
    {"brew", true, true},
    {"chrome-extension", false, true, false, Presence::kForbidden},
    {"composer", true, true, false, Presence::kRequired},
    {"conda", false, true},
    {"cran", false, false, false, Presence::kForbidden},
    {"deb", true, true},
    {"gem", false, false, false, Presence::kForbidden},
    {"github", true, true, false, Presence::kRequired},
    {"gitlab", true, true, false, Presence::kRequired},
    {"golang", true, true},
    {"hackage", false, false, false, Presence::kForbidden},
    {"hex", true, true},
    {"huggingface", false, false, true},
    {"julia", false, false, false, Presence::kForbidden, "uuid"},
    {"luarocks", true, true, true},
    {"maven", false, false, false, Presence::kRequired},
    {"npm", true, true},
    {"oci", false, true, false, Presence::kForbidden},
    {"opam", false, false, false, Presence::kForbidden},
    {"otp", false, true, false, Presence::kForbidden},
    {"pub", false, true, false, Presence::kForbidden},
    {"pypi", false, true, true, Presence::kForbidden},
    {"rpm", true, false},
    {"swift", false, false, false, Presence::kRequired},
    {"vcpkg", false, true, false, Presence::kForbidden},
    {"vscode-extension", true, true, true, Presence::kRequired},
}};

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Types and qualifier keys: a letter first, then letters, digits and ".-_".
bool IsToken(std::string_view lower) {
  return !lower.empty() && lower[0] >= 'a' && lower[0] <= 'z' &&
         std::all_of(lower.begin(), lower.end(), [](char c) {
           return IsLowerOrDigit(c) || c == '.' || c == '-' || c == '_';
         });
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto byte = BytesFromHex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) {
      return std::nullopt;
    }
    out += AsText(*byte);
    i += 2;
  }
  return out;
}

// "Character encoding": unreserved characters and the colon stay.
std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kPlain = ".-_~:";
  std::string out;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || IsLowerOrDigit(c) ||
        kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

void AddStep(std::string& path, std::string_view step) {
  if (!path.empty()) {
    path.push_back('/');
  }
  path.append(step);
}

std::string EncodedPath(std::string_view path) {
  std::string out;
  for (const std::string_view step : Split(path, '/')) {
    AddStep(out, PercentEncoded(step));
  }
  return out;
}

// Decodes a path step by step; empty steps drop out, and of a subpath "." and
// ".." as well.
std::optional<std::string> DecodedPath(std::string_view text, bool subpath) {
  std::string out;
  for (const std::string_view raw : Split(text, '/')) {
    const auto step = PercentDecoded(raw);
    if (!step) {
      return std::nullopt;
    }
    if (step->empty() || (subpath && (*step == "." || *step == ".."))) {
      continue;
    }
    AddStep(out, *step);
  }
  return out;
}

// Cuts off what follows the last `separator`; "" when there is none.
std::string_view CutLast(std::string_view& text, char separator) {
  const std::size_t at = text.rfind(separator);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view tail = text.substr(at + 1);
  text = text.substr(0, at);
  return tail;
}

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("package URL: {}", what));
}

Result<void> ReadQualifiers(std::string_view text, Purl& purl) {
  for (const std::string_view pair : Split(text, '&')) {
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = pair.find('=');
    const auto value = PercentDecoded(
        equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!value) {
      return Malformed("a qualifier has a broken percent escape");
    }
    purl.qualifiers.emplace_back(Lower(pair.substr(0, equals)), *value);
  }
  return {};
}

// The part between type and qualifiers. An '@' is the version's only in the
// last step, and not as its first character when a name follows it elsewhere:
// "npm/@babel/core" has no version.
Result<void> ReadPath(std::string_view text, Purl& purl) {
  while (!text.empty() && text.back() == '/') {
    text.remove_suffix(1);
  }
  std::string_view version;
  const std::size_t at = text.rfind('@');
  const std::size_t slash = text.rfind('/');
  if (at != std::string_view::npos &&
      (slash == std::string_view::npos || at > slash)) {
    version = CutLast(text, '@');
  }
  std::string_view name = text;
  std::string_view name_space;
  if (text.find('/') != std::string_view::npos) {
    name_space = text;
    name = CutLast(name_space, '/');
  }
  const auto decoded_name = PercentDecoded(name);
  const auto decoded_version = PercentDecoded(version);
  const auto decoded_space = DecodedPath(name_space, false);
  if (!decoded_name || !decoded_version || !decoded_space) {
    return Malformed("a broken percent escape");
  }
  purl.name = *decoded_name;
  purl.version = *decoded_version;
  purl.name_space = *decoded_space;
  return {};
}

Result<void> CheckQualifiers(Purl& purl) {
  auto& list = purl.qualifiers;
  list.erase(
      std::remove_if(list.begin(), list.end(),
                     [](const auto& pair) { return pair.second.empty(); }),
      list.end());
  std::sort(list.begin(), list.end());
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!IsToken(list[i].first)) {
      return Malformed(
          fmt::format("\"{}\" is no qualifier key", Escaped(list[i].first)));
    }
    if (i > 0 && list[i].first == list[i - 1].first) {
      return Malformed(
          fmt::format("the qualifier \"{}\" stands twice", list[i].first));
    }
  }
  return {};
}

void Adapt(const TypeRule& rule, Purl& purl) {
  if (rule.lower_namespace) {
    purl.name_space = Lower(purl.name_space);
  }
  if (rule.lower_name) {
    purl.name = Lower(purl.name);
  }
  if (rule.lower_version) {
    purl.version = Lower(purl.version);
  }
}

Result<void> CheckRule(const TypeRule& rule, const Purl& purl) {
  if (rule.name_space == Presence::kRequired && purl.name_space.empty()) {
    return Malformed(fmt::format("{} needs a namespace", purl.type));
  }
  if (rule.name_space == Presence::kForbidden && !purl.name_space.empty()) {
    return Malformed(fmt::format("{} has no namespace", purl.type));
  }
  if (!rule.required_qualifier.empty() &&
      purl.Qualifier(rule.required_qualifier).empty()) {
    return Malformed(fmt::format("{} needs the qualifier \"{}\"", purl.type,
                                 rule.required_qualifier));
  }
  return {};
}

// Rules of single types that no table says.
Result<void> ApplyPeculiarities(Purl& purl) {
  if (purl.type == "pypi") {
    std::replace(purl.name.begin(), purl.name.end(), '_', '-');
  }
  if (purl.type == "mlflow" &&
      purl.Qualifier("repository_url").find("azuredatabricks") !=
          std::string_view::npos) {
    purl.name = Lower(purl.name);
  }
  if (purl.type == "cpan" && purl.name.find("::") != std::string::npos) {
    return Malformed("cpan names a distribution, not a module");
  }
  if (purl.type == "chrome-extension") {
    const auto in_version = [](char c) {
      return (c >= '0' && c <= '9') || c == '.';
    };
    const auto& version = purl.version;
    if (purl.name.size() != 32 ||
        purl.name.find_first_not_of("abcdefghijklmnop") != std::string::npos ||
        !std::all_of(version.begin(), version.end(), in_version) ||
        std::count(version.begin(), version.end(), '.') > 3) {
      return Malformed("not a Chrome extension's id or version");
    }
  }
  return {};
}

}  // namespace

std::string_view Purl::Qualifier(std::string_view key) const {
  for (const auto& [known, value] : qualifiers) {
    if (known == key) {
      return value;
    }
  }
  return {};
}

Result<Purl> Canonical(Purl purl) {
  purl.type = Lower(purl.type);
  if (!IsToken(purl.type)) {
    return Malformed("no type");
  }
  if (auto ok = CheckQualifiers(purl); !ok) {
    return Fail(ok.error());
  }
  for (const TypeRule& rule : kTypeRules) {
    if (rule.type == purl.type) {
      Adapt(rule, purl);
      if (auto ok = CheckRule(rule, purl); !ok) {
        return Fail(ok.error());
      }
    }
  }
  if (auto ok = ApplyPeculiarities(purl); !ok) {
    return Fail(ok.error());
  }
  if (purl.name.empty()) {
    return Malformed("no name");
  }
  return purl;
}

Result<Purl> ParsePurl(std::string_view text) {
  Purl purl;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos ||
      Lower(text.substr(0, colon)) != "pkg") {
    return Malformed("does not begin with \"pkg:\"");
  }
  text.remove_prefix(colon + 1);
  const auto subpath = DecodedPath(CutLast(text, '#'), true);
  if (!subpath) {
    return Malformed("the subpath has a broken percent escape");
  }
  purl.subpath = *subpath;
  if (auto ok = ReadQualifiers(CutLast(text, '?'), purl); !ok) {
    return Fail(ok.error());
  }
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Malformed("no name");
  }
  purl.type = text.substr(0, slash);
  if (auto ok = ReadPath(text.substr(slash + 1), purl); !ok) {
    return Fail(ok.error());
  }
  return Canonical(std::move(purl));
}

std::string ToString(const Purl& purl) {
  std::string text = fmt::format("pkg:{}", purl.type);
  if (!purl.name_space.empty()) {
    AddStep(text, EncodedPath(purl.name_space));
  }
  AddStep(text, PercentEncoded(purl.name));
  if (!purl.version.empty()) {
    text.append("@").append(PercentEncoded(purl.version));
  }
  char separator = '?';
  for (const auto& [key, value] : purl.qualifiers) {
    text += fmt::format("{}{}={}", separator, key, PercentEncoded(value));
    separator = '&';
  }
  if (!purl.subpath.empty()) {
    text.append("#").append(EncodedPath(purl.subpath));
  }
  return text;
}

std::string PurlOf(std::string_view type, std::string_view name_space,
                   std::string_view name, std::string_view version,
                   std::string_view arch) {
  Purl purl{.type = std::string(type),
            .name_space = std::string(name_space),
            .name = std::string(name),
            .version = std::string(version)};
  purl.qualifiers.emplace_back("arch", arch);
  const auto canonical = Canonical(std::move(purl));
  return canonical ? ToString(*canonical) : std::string();
}

}  // namespace assay::sbom
