#include <algorithm>
#include <array>

#include "verifier/formats/format.h"

namespace assay::formats {

#define ASSAY_ENTRY(constant) extern const Format constant;
#include "formats_list.inc"  // generated from the registry in CMakeLists.txt
#undef ASSAY_ENTRY

std::span<const Format* const> AllFormats() {
  static const auto kAll = [] {
    auto all = std::to_array<const Format*>({
#define ASSAY_ENTRY(constant) &constant,
#include "formats_list.inc"
#undef ASSAY_ENTRY
    });
    std::stable_sort(
        all.begin(), all.end(),
        [](const Format* a, const Format* b) { return a->proof < b->proof; });
    return all;
  }();
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
    if (format->matches != nullptr && HasMagic(*format, head) &&
        format->matches(head)) {
      return format;
    }
  }
  return nullptr;
}

const Format* DetectEnd(ByteView bytes) {
  for (const Format* format : AllFormats()) {
    if (format->matches_end != nullptr && format->matches_end(bytes)) {
      return format;
    }
  }
  return nullptr;
}

}  // namespace assay::formats
