#include "sbom/banners/runs.h"

#include <array>

namespace assay::sbom {
namespace {

constexpr std::array<bool, 256> kIsRunByte = [] {
  std::array<bool, 256> table = {};
  for (std::size_t c = 0; c < table.size(); ++c) {
    table.at(c) = IsRunByte(static_cast<std::uint8_t>(c));
  }
  return table;
}();

}  // namespace

void ForEachRun(ByteView bytes,
                const std::function<void(const TextRun&)>& visit) {
  const std::string_view text = AsText(bytes);
  std::size_t at = 0;
  while (at < bytes.size()) {
    while (at < bytes.size() && !kIsRunByte.at(bytes[at])) {
      ++at;
    }
    const std::size_t start = at;
    while (at < bytes.size() && kIsRunByte.at(bytes[at])) {
      ++at;
    }
    if (at - start >= kShortestRun) {
      visit({text.substr(start, at - start), start});
    }
  }
}

}  // namespace assay::sbom
