#include <algorithm>
#include <array>

#include "verifier/formats/format.h"

namespace assay::formats {

std::span<const Format* const> AllFormats() {
  static constexpr auto kAll = std::to_array<const Format*>({
#define ASSAY_ENTRY(constant) &constant,
#include "formats_list.inc"
#undef ASSAY_ENTRY
  });
  return kAll;
}

bool HasMagic(const Format& format, ByteView head) {
  return format.magics.empty() ||
         std::any_of(format.magics.begin(), format.magics.end(),
                     [&](const Magic& magic) {
                       const auto at =
                           Slice(head, magic.offset, magic.bytes.size());
                       return at && AsText(*at) == magic.bytes;
                     });
}

const Format* Detect(ByteView head) {
  for (const Format* format : AllFormats()) {
    if (HasMagic(*format, head) && format->matches(head)) {
      return format;
    }
  }
  return nullptr;
}

}  // namespace assay::formats
