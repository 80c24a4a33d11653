// What names alone tell of functions and of what they are asked for.

#include <algorithm>
#include <array>

#include "verifier/code/abilities.h"
#include "verifier/code/library.h"

namespace assay::code {

bool TakesMany(std::string_view name) {
  static constexpr std::array<std::string_view, 17> kMany = {
      "_chk",   "err",     "exec",   "mmap",     "mount", "nameinfo",
      "prctl",  "printf",  "ptrace", "recvfrom", "scanf", "select",
      "sendto", "sockopt", "sys",    "verify",   "warn"};
  const bool known =
      FindLibraryFunction(name) != nullptr || !AbilityOf(name).empty();
  return !known ||
         std::any_of(kMany.begin(), kMany.end(), [&](std::string_view part) {
           return name.find(part) != std::string_view::npos;
         });
}

bool IsRequestVariable(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "AUTH_TYPE",       "CONTENT_LENGTH", "CONTENT_TYPE",   "PATH_INFO",
      "PATH_TRANSLATED", "QUERY_STRING",   "REMOTE_ADDR",    "REMOTE_HOST",
      "REMOTE_IDENT",    "REMOTE_USER",    "REQUEST_METHOD", "REQUEST_URI"};
  return name.starts_with("HTTP_") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace assay::code
