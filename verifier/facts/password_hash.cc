#include "verifier/facts/password_hash.h"

#include <algorithm>

namespace assay::facts {
namespace {

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z');
}
bool IsCrypt64(char c) {
  return IsAlnum(c) || c == '.' || c == '/';
}
bool IsBase64(char c) {
  return IsAlnum(c) || c == '+' || c == '/' || c == '=';
}
bool IsSalt(char c) {
  return c > ' ' && c < 0x7F && c != '$' && c != ':' && c != '!' && c != '*' &&
         c != '"' && c != '\\' && c != '\'';
}

// prefix, then `least` to `most` sections that each end with '$', then exactly
// `digest` characters.
struct Form {
  std::string_view prefix;
  std::string_view scheme;
  std::size_t least;
  std::size_t most;
  std::size_t digest;
  bool base64;
};

constexpr std::size_t kMaxSection = 128;

constexpr Form kForms[] = {
    {"$1$", "md5", 1, 1, 22, false},
    {"$apr1$", "apr1", 1, 1, 22, false},
    {"$2a$", "bcrypt", 1, 1, 53, false},
    {"$2b$", "bcrypt", 1, 1, 53, false},
    {"$2x$", "bcrypt", 1, 1, 53, false},
    {"$2y$", "bcrypt", 1, 1, 53, false},
    {"$5$", "sha256", 1, 2, 43, false},
    {"$6$", "sha512", 1, 2, 86, false},
    {"$7$", "scrypt", 1, 1, 43, false},
    {"$y$", "yescrypt", 2, 2, 43, false},
    {"$gy$", "gost-yescrypt", 2, 2, 43, false},
    {"$sha1$", "sha1", 2, 2, 28, false},
    {"$md5$", "sunmd5", 1, 2, 22, false},
    {"$6$", "mosquitto-sha512", 1, 1, 88, true},
    {"$7$", "mosquitto-pbkdf2", 2, 2, 88, true},
};

std::size_t RunOf(std::string_view text, bool (*belongs)(char)) {
  const auto end = std::find_if_not(text.begin(), text.end(), belongs);
  return static_cast<std::size_t>(end - text.begin());
}

// The length of the hash, or 0.
std::size_t MatchLength(const Form& form, std::string_view text) {
  const auto belongs = form.base64 ? IsBase64 : IsCrypt64;
  std::size_t at = form.prefix.size();
  for (std::size_t sections = 0; sections <= form.most; ++sections) {
    const std::string_view rest = text.substr(at, kMaxSection + 1);
    if (sections >= form.least && RunOf(rest, belongs) == form.digest) {
      return at + form.digest;
    }
    const std::size_t run = RunOf(rest, IsSalt);
    if (run >= rest.size() || rest[run] != '$') {
      return 0;
    }
    at += run + 1;
  }
  return 0;
}

// Names of RFC 2307, section 5.3, and OpenLDAP's additions.
std::string_view LdapScheme(std::string_view field) {
  for (const auto& [prefix, scheme] :
       {std::pair<std::string_view, std::string_view>{"{SHA}", "sha1-base64"},
        {"{SSHA}", "ssha"},
        {"{MD5}", "md5-base64"},
        {"{SMD5}", "smd5"},
        {"{SSHA256}", "ssha256"},
        {"{SSHA512}", "ssha512"}}) {
    if (field.substr(0, prefix.size()) == prefix &&
        field.size() >= prefix.size() + 20 &&
        RunOf(field.substr(prefix.size()), IsBase64) ==
            field.size() - prefix.size()) {
      return scheme;
    }
  }
  return {};
}

}  // namespace

std::optional<PasswordHash> ModularHashAt(std::string_view text) {
  for (const Form& form : kForms) {
    if (text.substr(0, form.prefix.size()) == form.prefix) {
      if (const std::size_t length = MatchLength(form, text); length > 0) {
        return PasswordHash{form.scheme, length};
      }
    }
  }
  return std::nullopt;
}

std::optional<PasswordHash> HashField(std::string_view field) {
  const auto modular = ModularHashAt(field);
  if (modular && modular->length == field.size()) {
    return modular;
  }
  if (const std::string_view scheme = LdapScheme(field); !scheme.empty()) {
    return PasswordHash{scheme, field.size()};
  }
  const bool crypt64 = RunOf(field, IsCrypt64) == field.size();
  if (crypt64 && field.size() == 13) {
    return PasswordHash{"des", field.size()};
  }
  if (field.size() == 20 && field[0] == '_' &&
      RunOf(field.substr(1), IsCrypt64) == 19) {
    return PasswordHash{"bsdi", field.size()};
  }
  return std::nullopt;
}

PasswordField JudgePasswordField(std::string_view field) {
  if (field.empty()) {
    return {"", "empty"};
  }
  if (const auto hash = HashField(field)) {
    return {hash->scheme, "hash"};
  }
  if (field == "x") {
    return {"", "shadow"};
  }
  // usermod -L puts "!" in front, BSD's pw lock "*LOCKED*".
  std::string_view behind = field;
  if (behind.substr(0, 8) == "*LOCKED*") {
    behind.remove_prefix(8);
  }
  behind.remove_prefix(std::min(behind.find_first_not_of("!*"), behind.size()));
  if (behind.size() != field.size()) {
    const auto hash = HashField(behind);
    return hash ? PasswordField{hash->scheme, "locked"}
                : PasswordField{"", "none"};
  }
  for (const std::string_view none : {"NP", "LK", "U", "X"}) {
    if (field == none) {
      return {"", "none"};
    }
  }
  return {"plain", "plain"};
}

}  // namespace assay::facts
