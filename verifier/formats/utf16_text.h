// Names in UTF-16, as UEFI, FAT, exFAT, NTFS and optical discs keep them.
#pragma once

#include <string>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::formats {

// Little-endian UTF-16 as UTF-8. A surrogate without its other half becomes
// the three bytes that UTF-8 would give it (WTF-8), so that two different
// names never become the same. An odd last byte is dropped.
[[nodiscard]] std::string TextOfUtf16(ByteView bytes);

// The same of big-endian UTF-16.
[[nodiscard]] std::string TextOfUtf16Be(ByteView bytes);

// Little-endian UTF-16, ending in front of the first unit that is 0.
[[nodiscard]] std::string TextOfUtf16UntilNul(ByteView bytes);

// UTF-8 as little-endian UTF-16. What is no UTF-8 is taken byte by byte.
[[nodiscard]] Bytes Utf16OfText(std::string_view text);

}  // namespace assay::formats
