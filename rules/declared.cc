#include "rules/declared.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"

namespace assay::rules {
namespace {

using Judge = bool (*)(const Declarations&, const Fact&, const Artifact&);

bool Contains(const std::vector<std::string>& list, std::string_view wanted) {
  return !wanted.empty() &&
         std::find(list.begin(), list.end(), wanted) != list.end();
}

// Fingerprints come with and without colons, in either case.
bool ContainsHex(const std::vector<std::string>& list,
                 std::string_view wanted) {
  const auto plain = [](std::string_view hex) {
    std::string text = Lower(hex);
    text.erase(std::remove(text.begin(), text.end(), ':'), text.end());
    return text;
  };
  const std::string hex = plain(wanted);
  return !hex.empty() &&
         std::any_of(list.begin(), list.end(),
                     [&](const std::string& one) { return plain(one) == hex; });
}

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// A start script may name a program without its folder; a manifest should not.
bool SameProgram(std::string_view declared, std::string_view found) {
  if (declared.empty() || found.empty()) {
    return true;
  }
  if (found.find('/') == std::string_view::npos) {
    return BaseName(declared) == found;
  }
  return NormalPath(declared) == NormalPath(found);
}

bool IsDeclaredListener(const Declarations& declarations, const Fact& fact,
                        const Artifact& /*artifact*/) {
  const auto port = NumberOf(fact.value);
  return std::any_of(
      declarations.listeners.begin(), declarations.listeners.end(),
      [&](const auto& one) {
        return port == one.port &&
               Lower(one.protocol) == Lower(fact.Attribute("protocol")) &&
               SameProgram(one.program, fact.Attribute("program"));
      });
}

bool IsDeclaredAccount(const Declarations& declarations, const Fact& fact,
                       const Artifact& /*artifact*/) {
  const auto uid = NumberOf(fact.Attribute("uid"));
  return std::any_of(declarations.accounts.begin(), declarations.accounts.end(),
                     [&](const auto& one) {
                       return one.name == fact.value &&
                              (!one.uid || one.uid == uid);
                     });
}

bool IsDeclaredStartup(const Declarations& declarations, const Fact& fact,
                       const Artifact& artifact) {
  return std::any_of(declarations.startup.begin(), declarations.startup.end(),
                     [&](const std::string& path) {
                       const std::string normal = NormalPath(path);
                       return normal == artifact.inner_path ||
                              normal == NormalPath(fact.value);
                     });
}

std::string_view HostOf(std::string_view endpoint) {
  const std::size_t scheme = endpoint.find("://");
  if (scheme != std::string_view::npos) {
    endpoint.remove_prefix(scheme + 3);
  }
  return endpoint.substr(0, endpoint.find_first_of("/?#:"));
}

// A declared host covers all its URLs; a declared URL what lies below it.
bool CoversUrl(std::string_view declared, const Fact& fact) {
  if (declared.find("://") == std::string_view::npos || fact.kind != "url") {
    const std::string_view host =
        fact.kind == "url" ? fact.Attribute("host") : fact.value;
    return Lower(HostOf(declared)) == Lower(host);
  }
  const std::string_view url = fact.value;
  return url.substr(0, declared.size()) == declared &&
         (url.size() == declared.size() || declared.back() == '/' ||
          url[declared.size()] == '/' || url[declared.size()] == '?');
}

bool IsDeclaredEndpoint(const Declarations& declarations, const Fact& fact,
                        const Artifact& /*artifact*/) {
  return std::any_of(declarations.endpoints.begin(),
                     declarations.endpoints.end(),
                     [&](const std::string& declared) {
                       return !declared.empty() && CoversUrl(declared, fact);
                     });
}

bool IsDeclaredCertificate(const Declarations& declarations, const Fact& fact,
                           const Artifact& /*artifact*/) {
  return ContainsHex(declarations.certificates, fact.Attribute("fingerprint"));
}

bool IsDeclaredKey(const Declarations& declarations, const Fact& fact,
                   const Artifact& artifact) {
  return ContainsHex(declarations.keys, fact.Attribute("spki")) ||
         Contains(declarations.keys, fact.Attribute("fingerprint")) ||
         ContainsHex(declarations.keys, artifact.sha256());
}

bool IsDeclaredPrivilege(const Declarations& declarations, const Fact& /*fact*/,
                         const Artifact& artifact) {
  return std::any_of(declarations.setuid.begin(), declarations.setuid.end(),
                     [&](const std::string& path) {
                       return NormalPath(path) == artifact.inner_path;
                     });
}

bool IsDeclaredHook(const Declarations& declarations, const Fact& fact,
                    const Artifact& /*artifact*/) {
  return std::any_of(declarations.install_hooks.begin(),
                     declarations.install_hooks.end(), [&](const auto& one) {
                       return one.script == fact.value &&
                              one.package == fact.Attribute("package");
                     });
}

constexpr std::array<std::pair<std::string_view, Judge>, 14> kJudges = {{
    {"listener", IsDeclaredListener},
    {"account", IsDeclaredAccount},
    {"startup", IsDeclaredStartup},
    {"url", IsDeclaredEndpoint},
    {"address", IsDeclaredEndpoint},
    {"domain", IsDeclaredEndpoint},
    {"certificate", IsDeclaredCertificate},
    {"private_key", IsDeclaredKey},
    {"public_key", IsDeclaredKey},
    {"ssh.authorized_key", IsDeclaredKey},
    {"file.setuid", IsDeclaredPrivilege},
    {"file.setgid", IsDeclaredPrivilege},
    {"file.capability", IsDeclaredPrivilege},
    {"package.script", IsDeclaredHook},
}};

Judge JudgeOf(std::string_view kind) {
  for (const auto& [name, judge] : kJudges) {
    if (name == kind) {
      return judge;
    }
  }
  return nullptr;
}

}  // namespace

bool IsDeclarable(const Fact& fact) {
  return JudgeOf(fact.kind) != nullptr;
}

bool Declares(const Declarations& declarations, const Fact& fact,
              const Artifact& artifact) {
  const Judge judge = JudgeOf(fact.kind);
  return judge != nullptr && judge(declarations, fact, artifact);
}

}  // namespace assay::rules
