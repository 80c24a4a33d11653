// The bytes of a U-Boot FIT that a configuration's signature is over.
// Layout: U-Boot doc/usage/fit/signature.rst; boot/fdt_region.c.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/boot/fdt_view.h"

namespace assay::signatures {

// Indices into FdtView::nodes.
using FdtNodes = std::vector<std::size_t>;

[[nodiscard]] FdtNodes ChildrenOf(const formats::FdtView& tree,
                                  std::size_t parent);
// As text up to its first NUL; "" when the node has no such property.
[[nodiscard]] std::string_view TextOf(const formats::FdtView& tree,
                                      std::size_t node, std::string_view name);

struct FitRegions {
  std::vector<Range> ranges = {};  // in the order they are hashed in
  FdtNodes images = {};            // that the configuration names
  std::vector<std::string> problems = {};
};

// From what the configuration names, never from the signature's own
// "hashed-nodes" (CVE-2026-46728). Of "hashed-strings" the size counts, and
// has to reach all names of what is signed.
[[nodiscard]] FitRegions RegionsOf(const formats::FdtView& tree,
                                   std::size_t configuration,
                                   std::size_t signature);

// The nodes of that list that the signature's "hashed-nodes" leaves out, as
// paths: why a signature made by an older mkimage does not hold.
[[nodiscard]] std::string LeftOutOf(const formats::FdtView& tree,
                                    const FdtNodes& images,
                                    std::size_t signature);

}  // namespace assay::signatures
