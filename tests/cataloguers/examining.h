// Running one cataloguer over one file of a product.
#pragma once

#include <string_view>

#include "sbom/registry.h"
#include "verifier/base/bytes.h"
#include "verifier/model/observations.h"

namespace assay::sbom {

struct Examined {
  bool understood = false;
  Observations seen = {};
};

[[nodiscard]] Examined ExamineFile(const Analysis& cataloguer,
                                   std::string_view inner_path,
                                   ByteView content);

// Every prefix and every flipped byte: nothing may crash, and places must lie
// inside the content.
void SweepContent(const Analysis& cataloguer, std::string_view inner_path,
                  ByteView content);

}  // namespace assay::sbom
