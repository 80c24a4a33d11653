#include "sbom/purl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "sbom/percent.h"
#include "sbom/purl_types.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// A letter first, then letters, digits and the bytes in `others`.
bool IsToken(std::string_view lower, std::string_view others) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !lower.empty() && is_letter(lower[0]) &&
         std::all_of(lower.begin(), lower.end(), [&](char c) {
           return is_letter(c) || versions::IsDigit(c) ||
                  others.find(c) != std::string_view::npos;
         });
}

// "Character encoding": unreserved characters and the colon stay.
constexpr std::string_view kPlain = ".-_~:";

void AddStep(std::string& path, std::string_view step) {
  if (!path.empty()) {
    path.push_back('/');
  }
  path.append(step);
}

std::string EncodedPath(std::string_view path) {
  std::string out;
  for (const std::string_view step : Split(path, '/')) {
    AddStep(out, PercentEncoded(step, kPlain));
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

// The keys that the specification defines for all types; the others are a
// type's own and have only the spelling that it gives them.
bool IsCommonKey(std::string_view lower) {
  constexpr std::array<std::string_view, 6> kCommon = {
      "checksum",       "download_url", "file_name",
      "repository_url", "vcs_url",      "vers"};
  return std::find(kCommon.begin(), kCommon.end(), lower) != kCommon.end();
}

Result<void> ReadQualifiers(std::string_view text, PurlReading reading,
                            Purl& purl) {
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
    const std::string key = Lower(pair.substr(0, equals));
    if (reading == PurlReading::kStrict && key != pair.substr(0, equals) &&
        !IsCommonKey(key)) {
      return Malformed(fmt::format("the qualifier \"{}\" is not in lower case",
                                   Escaped(pair.substr(0, equals))));
    }
    purl.qualifiers.emplace_back(key, *value);
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
  const std::size_t split =
      NameIsPath(Lower(purl.type)) ? text.find('/') : text.rfind('/');
  std::string_view name = text;
  std::string_view name_space;
  if (split != std::string_view::npos) {
    name_space = text.substr(0, split);
    name.remove_prefix(split + 1);
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
    if (!IsToken(list[i].first, ".-_")) {
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

}  // namespace

std::string_view Purl::Qualifier(std::string_view key) const {
  for (const auto& [known, value] : qualifiers) {
    if (known == key) {
      return value;
    }
  }
  return {};
}

Result<Purl> Canonical(Purl purl, PurlReading reading) {
  purl.type = Lower(purl.type);
  if (!IsToken(purl.type, ".-")) {
    return Malformed("no type");
  }
  if (auto ok = CheckQualifiers(purl); !ok) {
    return Fail(ok.error());
  }
  NormalizeForType(purl);
  if (auto ok = CheckForType(purl, reading); !ok) {
    return Fail(ok.error());
  }
  if (purl.name.empty()) {
    return Malformed("no name");
  }
  return purl;
}

Result<Purl> ParsePurl(std::string_view text, PurlReading reading) {
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
  if (auto ok = ReadQualifiers(CutLast(text, '?'), reading, purl); !ok) {
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
  return Canonical(std::move(purl), reading);
}

std::string ToString(const Purl& purl) {
  std::string text = fmt::format("pkg:{}", purl.type);
  if (!purl.name_space.empty()) {
    AddStep(text, EncodedPath(purl.name_space));
  }
  AddStep(text, NameIsPath(purl.type) ? EncodedPath(purl.name)
                                      : PercentEncoded(purl.name, kPlain));
  if (!purl.version.empty()) {
    text.append("@").append(PercentEncoded(purl.version, kPlain));
  }
  char separator = '?';
  for (const auto& [key, value] : purl.qualifiers) {
    text +=
        fmt::format("{}{}={}", separator, key, PercentEncoded(value, kPlain));
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
