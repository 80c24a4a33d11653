// A delivery's files that are one file cut into pieces: "fw.7z.001",
// "fw.7z.002" ... make "fw.7z".
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "verifier/unpack/walk.h"

namespace assay::unpack {

struct VolumeSet {
  std::string name = {};                // of the whole
  std::vector<std::size_t> files = {};  // indexes into Product::files, in order
};

// Sets of at least two regular files that share a name before a suffix of
// three or more digits, which count up from 0 or 1 without a gap; and whose
// whole is not a file of the delivery itself.
[[nodiscard]] std::vector<VolumeSet> FindVolumes(const Product& product);

}  // namespace assay::unpack
