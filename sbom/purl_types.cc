#include "sbom/purl_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

enum class Presence {
  kOptional,
  kRequired,
  kExpected,  // required, but so often left out that a tolerant reader copes
  kForbidden,
};

// Bits of what is lower case.
constexpr unsigned kNamespace = 1;
constexpr unsigned kName = 2;
constexpr unsigned kVersion = 4;
constexpr unsigned kPath = kNamespace | kName;

struct TypeRule {
  std::string_view type;
  unsigned lower = 0;
  Presence name_space = Presence::kOptional;
  std::string_view qualifier = {};  // must be there
};

constexpr std::array<TypeRule, 43> kTypeRules = {{
    {"alpm", kPath, Presence::kExpected},
    {"apk", kPath, Presence::kExpected},
    {"bazel", 0, Presence::kForbidden},
    {"bitbucket", kPath, Presence::kRequired},
    {"bitnami", kName, Presence::kForbidden},
    {"brew", kPath},
    {"cargo", 0, Presence::kForbidden},
    {"chrome-extension", kName, Presence::kForbidden},
    {"cocoapods", 0, Presence::kForbidden},
    {"composer", kPath, Presence::kRequired},
    {"conan", 0},
    {"conda", kName, Presence::kForbidden},
    {"cpan", 0},
    {"cran", 0, Presence::kForbidden},
    {"deb", kPath, Presence::kExpected},
    {"docker", 0},
    {"gem", 0, Presence::kForbidden},
    {"generic", 0},
    {"git", kPath, Presence::kExpected},
    {"github", kPath, Presence::kRequired},
    {"gitlab", kPath, Presence::kRequired},
    {"golang", kPath, Presence::kExpected},
    {"hackage", 0, Presence::kForbidden},
    {"hex", kPath},
    {"huggingface", kVersion},
    {"julia", 0, Presence::kForbidden, "uuid"},
    {"luarocks", kPath | kVersion},
    {"maven", 0, Presence::kRequired},
    {"mlflow", 0, Presence::kForbidden},
    {"npm", kPath},
    {"nuget", 0, Presence::kForbidden},
    {"oci", kName, Presence::kForbidden},
    {"opam", 0, Presence::kForbidden},
    {"otp", kName, Presence::kForbidden},
    {"pub", kName, Presence::kForbidden},
    {"pypi", kName | kVersion, Presence::kForbidden},
    {"qpkg", kNamespace, Presence::kExpected},
    {"rpm", kNamespace, Presence::kExpected},
    {"swid", 0, Presence::kOptional, "tag_id"},
    {"swift", 0, Presence::kRequired},
    {"vcpkg", kName, Presence::kForbidden},
    {"vscode-extension", kPath | kVersion, Presence::kRequired},
    {"yocto", kNamespace, Presence::kExpected},
}};

const TypeRule* RuleOf(std::string_view type) {
  for (const TypeRule& rule : kTypeRules) {
    if (rule.type == type) {
      return &rule;
    }
  }
  return nullptr;
}

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("package URL: {}", what));
}

// Python's "Names and normalization": runs of '-', '_' and '.' are one '-'.
std::string PythonName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool separates = c == '-' || c == '_' || c == '.';
    if (!separates) {
      out.push_back(c);
    } else if (out.empty() || out.back() != '-') {
      out.push_back('-');
    }
  }
  return out;
}

Result<void> CheckNamespace(const TypeRule& rule, const Purl& purl,
                            PurlReading reading) {
  const bool required = rule.name_space == Presence::kRequired ||
                        (rule.name_space == Presence::kExpected &&
                         reading == PurlReading::kStrict);
  if (required && purl.name_space.empty()) {
    return Malformed(fmt::format("{} needs a namespace", purl.type));
  }
  if (rule.name_space == Presence::kForbidden && !purl.name_space.empty()) {
    return Malformed(fmt::format("{} has no namespace", purl.type));
  }
  return {};
}

// 32 letters, each half a byte of the key's digest; up to four numbers.
bool IsChromeExtension(const Purl& purl) {
  const auto& version = purl.version;
  return purl.name.size() == 32 &&
         purl.name.find_first_not_of("abcdefghijklmnop") == std::string::npos &&
         version.find_first_not_of("0123456789.") == std::string::npos &&
         std::count(version.begin(), version.end(), '.') <= 3;
}

}  // namespace

bool NameIsPath(std::string_view type) {
  return type == "git";
}

void NormalizeForType(Purl& purl) {
  const TypeRule* const rule = RuleOf(purl.type);
  const unsigned lower = rule == nullptr ? 0 : rule->lower;
  if ((lower & kNamespace) != 0) {
    purl.name_space = Lower(purl.name_space);
  }
  if ((lower & kName) != 0) {
    purl.name = Lower(purl.name);
  }
  if ((lower & kVersion) != 0) {
    purl.version = Lower(purl.version);
  }
  if (purl.type == "pypi") {
    purl.name = PythonName(purl.name);
  }
  // Databricks' registry of models knows no case, Azure's does.
  if (purl.type == "mlflow" &&
      purl.Qualifier("repository_url").find("azuredatabricks") !=
          std::string_view::npos) {
    purl.name = Lower(purl.name);
  }
}

Result<void> CheckForType(const Purl& purl, PurlReading reading) {
  const TypeRule* const rule = RuleOf(purl.type);
  if (rule == nullptr) {
    return {};
  }
  if (auto ok = CheckNamespace(*rule, purl, reading); !ok) {
    return ok;
  }
  if (!rule->qualifier.empty() && purl.Qualifier(rule->qualifier).empty() &&
      (purl.type != "swid" || reading == PurlReading::kStrict)) {
    return Malformed(fmt::format("{} needs the qualifier \"{}\"", purl.type,
                                 rule->qualifier));
  }
  if (purl.type == "cpan" && purl.name.find("::") != std::string::npos) {
    return Malformed("cpan names a distribution, not a module");
  }
  if (purl.type == "chrome-extension" && !IsChromeExtension(purl)) {
    return Malformed("not a Chrome extension's id or version");
  }
  return {};
}

}  // namespace assay::sbom
