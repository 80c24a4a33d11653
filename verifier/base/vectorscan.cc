#include "verifier/base/vectorscan.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

// What <stdio.h> turns snprintf into: `size` is what the caller says there is,
// `room` what the compiler saw. The C library's own ends the program when the
// first is larger; here the text is cut, and a lone "%s" is read no further
// than it is written. NOLINTBEGIN: the name and the shape are the C library's.
extern "C" __attribute__((visibility("default"))) int __snprintf_chk(
    char* out, std::size_t size, int /*flag*/, std::size_t room,
    const char* format, ...) {
  const std::size_t limit = std::min(size, room);
  std::va_list arguments;
  va_start(arguments, format);
  int length = 0;
  if (limit != 0 && std::string_view(format) == "%s") {
    const char* text = va_arg(arguments, const char*);
    const std::size_t shown = strnlen(text, limit - 1);
    std::memcpy(out, text, shown);
    out[shown] = '\0';
    length = static_cast<int>(shown);
  } else {
    length = std::vsnprintf(out, limit, format, arguments);
  }
  va_end(arguments);
  return length;
}
// NOLINTEND

namespace assay {

hs_error_t ScanSafely(const hs_database_t& database, ByteView bytes,
                      hs_scratch_t* scratch, match_event_handler on_match,
                      void* context) {
  const std::string_view text = AsText(bytes);
  return hs_scan(&database, text.data(), static_cast<unsigned>(text.size()), 0,
                 scratch, on_match, context);
}

}  // namespace assay
