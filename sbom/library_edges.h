// Which package loads libraries of which: the dynamic loader's names in the
// executables of a file system, resolved within it.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "sbom/packages.h"
#include "sbom/product_index.h"

namespace assay::sbom {

// Pairs of packages (indices into PackageRecords::packages), sorted, each
// once. Needs the facts of kind "elf.needed"; a name that no file of the same
// file system has, or that several packages' files have, gives no pair.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> LibraryEdges(
    const ProductIndex& index, const PackageRecords& records);

}  // namespace assay::sbom
