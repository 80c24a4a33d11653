// Sweeps over disk and file system images, which are read in any order.
#pragma once

#include <cstddef>

#include "verifier/base/bytes.h"
#include "verifier/formats/format.h"

namespace assay::testing {

// Every `step`th proper prefix of the image is refused, or is accounted for
// to its last byte (as far as the format's own measure reaches).
void SweepPrefixes(const formats::Format& format, ByteView image,
                   std::size_t step = 1);

// The same of the image with one byte changed, every `step`th byte from
// `first` to in front of `last` (0: the image's end).
void SweepFlips(const formats::Format& format, ByteView image,
                std::size_t step = 1, std::size_t first = 0,
                std::size_t last = 0);

}  // namespace assay::testing
