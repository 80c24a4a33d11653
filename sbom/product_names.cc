#include "sbom/product_names.h"

#include <algorithm>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::size_t kMaxName = 64;  // compared letter by letter

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view WithoutLib(std::string_view name) {
  return name.size() > 3 && name.substr(0, 3) == "lib" ? name.substr(3) : name;
}

std::size_t LongestCommon(std::string_view a, std::string_view b) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < b.size(); ++k) {
      std::size_t length = 0;
      while (i + length < a.size() && k + length < b.size() &&
             a[i + length] == b[k + length]) {
        ++length;
      }
      longest = std::max(longest, length);
    }
  }
  return longest;
}

// "1:1.2.13.dfsg-1+b1" -> "1.2.13.dfsg"; "v1.2" -> "1.2".
std::string_view Upstream(std::string_view version) {
  const std::size_t colon = version.find(':');
  if (colon != std::string_view::npos) {
    version.remove_prefix(colon + 1);
  }
  if (version.size() > 1 && version[0] == 'v' && IsDigit(version[1])) {
    version.remove_prefix(1);
  }
  const std::size_t dash = version.rfind('-');
  return dash == std::string_view::npos || dash == 0 ? version
                                                     : version.substr(0, dash);
}

// "1.2" of "1.2.13" and of "1.2dfsg", but not of "1.23".
bool IsBeginning(std::string_view part, std::string_view whole) {
  return !part.empty() && whole.substr(0, part.size()) == part &&
         (whole.size() == part.size() || !IsDigit(whole[part.size()]) ||
          !IsDigit(part.back()));
}

}  // namespace

std::string PlainName(std::string_view name) {
  std::string plain = Lower(name);
  plain.erase(
      std::remove_if(plain.begin(), plain.end(),
                     [](char c) { return !IsLetterOrDigit(c) && c >= 0; }),
      plain.end());
  return plain;
}

bool IsProductOf(const Package& package, std::string_view product) {
  const std::string wanted = PlainName(product);
  const std::string& name = package.identity.name;
  return !wanted.empty() &&
         (PlainName(name) == wanted ||
          PlainName(package.source_name) == wanted ||
          PlainName(name.substr(0, name.find('-'))) == wanted);
}

bool MayBeSame(std::string_view a, std::string_view b) {
  const std::string x = PlainName(a);
  const std::string y = PlainName(b);
  const std::string_view one = WithoutLib(x).substr(0, kMaxName);
  const std::string_view other = WithoutLib(y).substr(0, kMaxName);
  if (one.empty() || other.empty()) {
    return true;  // names in another script, which are not compared
  }
  const std::size_t shorter = std::min(one.size(), other.size());
  if (one.substr(0, shorter) == other.substr(0, shorter)) {
    return true;
  }
  return 2 * LongestCommon(one, other) >= std::max<std::size_t>(shorter, 4);
}

bool VersionsAgree(VersionOrder order, std::string_view a, std::string_view b) {
  if (CompareVersions(order, a, b) == 0 || SameUpstream(order, a, b)) {
    return true;
  }
  const std::string x = Lower(a);
  const std::string y = Lower(b);
  return IsBeginning(Upstream(x), Upstream(y)) ||
         IsBeginning(Upstream(y), Upstream(x));
}

}  // namespace assay::sbom
