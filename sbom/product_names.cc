#include "sbom/product_names.h"

#include <algorithm>
#include <array>
#include <cstdint>

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

// Whether the two, of at most kMaxName letters, have `length` letters in a row
// in common; `length` is at most kMaxName.
bool HaveInCommon(std::string_view a, std::string_view b, std::size_t length) {
  // runs[k]: letters in common that end at a[i] and b[k - 1].
  std::array<std::uint8_t, kMaxName + 1> runs = {};
  for (const char c : a) {
    for (std::size_t k = b.size(); k > 0; --k) {
      const unsigned run = b[k - 1] == c ? runs.at(k - 1) + 1U : 0U;
      runs.at(k) = static_cast<std::uint8_t>(run);
      if (runs.at(k) >= length) {
        return true;
      }
    }
  }
  return length == 0;
}

bool BeginAlike(std::string_view one, std::string_view other) {
  const std::size_t shorter = std::min(one.size(), other.size());
  return one.substr(0, shorter) == other.substr(0, shorter);
}

// Of plain names: without a leading "lib", as far as they are compared.
std::string_view Compared(std::string_view plain) {
  return WithoutLib(plain).substr(0, kMaxName);
}

bool ShareHalf(std::string_view one, std::string_view other) {
  const std::size_t shorter = std::min(one.size(), other.size());
  return HaveInCommon(one, other, (std::max<std::size_t>(shorter, 4) + 1) / 2);
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
  // An empty one is a name in another script, which is not compared.
  return BeginAlike(Compared(x), Compared(y)) ||
         ShareHalf(Compared(x), Compared(y));
}

bool ProductNames::MayHold(std::string_view product) {
  constexpr std::size_t kMaxCompared = 500'000;
  const auto [entry, fresh] = answers_.emplace(PlainName(product), false);
  if (!fresh) {
    return entry->second;
  }
  const std::string_view wanted = Compared(entry->first);
  entry->second =
      std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
        return BeginAlike(Compared(name), wanted) ||
               (compared_++ < kMaxCompared &&
                ShareHalf(Compared(name), wanted));
      });
  return entry->second;
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
