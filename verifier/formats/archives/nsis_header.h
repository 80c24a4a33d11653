// What an NSIS installer's header says: the files that its script extracts.
// Layout: Source/exehead/fileform.h of NSIS 3.08.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::nsis {

struct FirstHeader {
  Le32 flags, mark;
  std::array<char, 12> name = {};
  Le32 header_size;  // unpacked
  Le32 size;         // of all, from this header to behind the checksum
};
static_assert(sizeof(FirstHeader) == 28 && FileStruct<FirstHeader>);

inline constexpr std::uint32_t kNoChecksum = 4;
inline constexpr std::uint32_t kForceChecksum = 8;

[[nodiscard]] std::optional<FirstHeader> Recognize(ByteView bytes);
[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

// A file that the script makes, from the block at that place of the data.
struct Extracted {
  std::string name = {};
  std::uint64_t offset = 0;
  std::optional<std::int64_t> mtime = {};
  // The uninstaller: icons come first, what is appended to a copy of the
  // program follows.
  bool uninstaller = false;
};

// In the order of the script; a name may come more than once.
[[nodiscard]] Result<std::vector<Extracted>> ReadScript(ByteView header,
                                                        std::uint64_t most);

}  // namespace assay::formats::nsis
