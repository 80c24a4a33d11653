// Password hashes as account files store them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace assay::facts {

struct PasswordHash {
  std::string_view scheme = {};  // "md5", "sha512", "yescrypt" ...
  std::size_t length = 0;        // of the whole hash, its prefix included
};

// The hash in modular crypt format ("$id$...") that `text` begins with; the
// text may go on after it. Formats: crypt(5) of libxcrypt, apr1 of Apache
// httpd, mosquitto_passwd(1).
[[nodiscard]] std::optional<PasswordHash> ModularHashAt(std::string_view text);

// A whole field: modular formats, "{SHA}" and the like (RFC 2307), and DES,
// which only a field known to hold a password can be told to be.
[[nodiscard]] std::optional<PasswordHash> HashField(std::string_view field);

// What a password field of passwd(5) or shadow(5) lets a user do.
struct PasswordField {
  std::string_view scheme = {};  // "" without a hash; "plain"
  // "empty": no password needed; "hash", "plain": a password is set;
  // "locked": a hash behind "!" or "*", so that an unlock brings it back;
  // "shadow": see shadow(5); "none": no password can match.
  std::string_view state = {};
};
[[nodiscard]] PasswordField JudgePasswordField(std::string_view field);

}  // namespace assay::facts
