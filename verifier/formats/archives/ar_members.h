// The members of an ar archive whose bytes are there as a whole, by the same
// reading as the walk of ar.cc. Layout: ar(5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::formats {

struct ArMember {
  std::string name = {};  // without blanks and the slash that GNU ar adds
  Range header = {};
  Range content = {};
  std::uint64_t end = 0;  // with the newline that pads to an even offset
};

// All up to the first byte where no whole member follows; long names of GNU
// and BSD archives are left as they are stored.
[[nodiscard]] std::vector<ArMember> ReadArMembers(ByteView archive);

}  // namespace assay::formats
