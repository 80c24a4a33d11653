// What the two tables of device trees (Qualcomm's and Android's) share.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats {

struct TreeTable {
  std::uint64_t size = 0;    // of header and entries
  std::uint64_t extent = 0;  // of all; 0: to the end of the last tree
  std::vector<Range> trees = {};
};

// Where the table and its trees end; kTruncated when that is past the input.
[[nodiscard]] Result<std::uint64_t> EndOfTrees(const TreeTable& table,
                                               std::string_view format,
                                               ByteView bytes);

// Adds each tree once, as "dtb0", "dtb1" ... by the first entry that names it;
// trees that overlap without being the same are reported and left out.
[[nodiscard]] Result<void> AddTrees(const TreeTable& table,
                                    std::string_view format, Input& input,
                                    ArtifactSink& sink);

}  // namespace assay::formats
