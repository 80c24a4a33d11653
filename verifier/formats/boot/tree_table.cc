#include "verifier/formats/boot/tree_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "verifier/formats/boot/stored_parts.h"

namespace assay::formats {

Result<std::uint64_t> EndOfTrees(const TreeTable& table,
                                 std::string_view format, ByteView bytes) {
  std::uint64_t end = std::max(table.size, table.extent);
  for (const Range& tree : table.trees) {
    end = std::max(end, tree.end());
  }
  if (end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("{}: {} bytes are stated, {} are there", format,
                            end, bytes.size()));
  }
  return end;
}

Result<void> AddTrees(const TreeTable& table, std::string_view format,
                      Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto end = EndOfTrees(table, format, source.bytes());
  if (!end) {
    return Fail(end.error());
  }
  StoredParts parts(source, format, sink);
  parts.Metadata({0, table.size});
  std::set<Range> seen;
  for (std::size_t i = 0; i < table.trees.size(); ++i) {
    const Range tree = table.trees[i];
    if (!seen.insert(tree).second) {
      continue;
    }
    if (parts.Touches(tree)) {
      sink.Report({.id = fmt::format("{}.overlapping-trees", format),
                   .range = tree,
                   .detail = fmt::format("tree {} lies on another part", i)});
      continue;
    }
    if (auto ok = parts.Add(fmt::format("dtb{}", i), tree); !ok) {
      return ok;
    }
  }
  parts.Rest(*end);
  return input.Skip(*end);
}

}  // namespace assay::formats
