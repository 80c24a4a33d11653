// A delivery's files that are one file cut into pieces: "fw.7z.001",
// "fw.7z.002" ... make "fw.7z".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/unpack/walk.h"

namespace assay::unpack {

struct VolumeSet {
  std::string name = {};                // of the whole
  std::vector<std::size_t> files = {};  // indexes into Product::files, in order
  // Numbered in three digits or more: nothing else counts files like this, so
  // pieces of one size need no other proof.
  bool numbered = false;
};

// Sets of at least two regular files whose names count up without a gap from
// where their scheme begins, and whose whole is not a file of the delivery:
//   name.000 or name.001 ...      7-Zip, HJSplit (two digits: split -d)
//   name.part0 or name.part1 ...  with or without leading zeros
//   nameaa, nameab ...            split(1)
//   name.z01 ... name.zip         zip archives in segments ("name.split.zip")
[[nodiscard]] std::vector<VolumeSet> FindVolumes(const Product& product);

// Whether the pieces of such a set make `whole`: a format goes over their
// first joint and ends where the last piece does. Files that are complete in
// themselves are nobody's pieces.
[[nodiscard]] bool BelongTogether(const VolumeSet& set,
                                  std::span<const ByteSource> pieces,
                                  const ByteSource& whole);

}  // namespace assay::unpack
