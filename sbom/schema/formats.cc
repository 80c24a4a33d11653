#include <algorithm>

#include "sbom/schema/schema_node.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"

namespace assay::sbom {
namespace {

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
         (c >= 'A' && c <= 'F');
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 3987 section 2.2: what may stand nowhere in an IRI.
bool IsForbiddenInIri(char c) {
  constexpr std::string_view kForbidden = " <>\"{}|\\^`";
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F ||
         kForbidden.find(c) != std::string_view::npos;
}

bool IsIriReference(std::string_view text) {
  if (!IsValidUtf8(text) || std::count(text.begin(), text.end(), '#') > 1) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%';
    if (IsForbiddenInIri(text[i]) ||
        (escape && (i + 2 >= text.size() || !IsHex(text[i + 1]) ||
                    !IsHex(text[i + 2])))) {
      return false;
    }
  }
  return true;
}

// RFC 3986 section 3: a scheme, a colon, the rest; ASCII alone.
bool IsUri(std::string_view text) {
  const std::string_view scheme = text.substr(0, text.find(':'));
  const auto is_scheme = [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  };
  const auto is_ascii = [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  };
  return scheme.size() < text.size() && !scheme.empty() &&
         IsLetter(scheme.front()) &&
         std::all_of(scheme.begin(), scheme.end(), is_scheme) &&
         std::all_of(text.begin(), text.end(), is_ascii) &&
         IsIriReference(text);
}

// RFC 6531 section 3.3: something, '@', something, without spaces.
bool IsIdnEmail(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         IsValidUtf8(text) &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

bool IsOfFormat(std::string_view text, TextFormat format) {
  switch (format) {
    case TextFormat::kNone:
      return true;
    case TextFormat::kDate:
      return text.size() == 10 && ParseTime(text).has_value();
    case TextFormat::kDateTime:
      return text.size() > 10 && ParseTime(text).has_value();
    case TextFormat::kIdnEmail:
      return IsIdnEmail(text);
    case TextFormat::kIriReference:
      return IsIriReference(text);
    case TextFormat::kUri:
      return IsUri(text);
  }
  return true;
}

}  // namespace assay::sbom
