// Real packages, changed the way an attacker would: taken apart and put
// together again by libarchive, so that everything else stays as it was.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::testing {

struct PackedFile {
  std::string name = {};  // "./usr/bin/x"
  std::uint32_t mode = 0100644;
  std::string content = {};
  std::string link = {};  // symlink target
};

using Edit = std::function<void(std::vector<PackedFile>&)>;

// A .deb whose control and data archives were edited; owners are root, times
// zero, compression gzip. Aborts the test program when libarchive refuses.
[[nodiscard]] Bytes RepackDeb(ByteView deb, const Edit& edit_control,
                              const Edit& edit_data);

}  // namespace assay::testing
