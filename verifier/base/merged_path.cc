#include "verifier/base/merged_path.h"

#include <array>

namespace assay {

std::string MergedPath(std::string_view inner_path) {
  constexpr std::array<std::string_view, 6> kMerged = {
      "bin", "sbin", "lib", "lib32", "lib64", "libx32"};
  const std::size_t slash = inner_path.find('/');
  for (const std::string_view folder : kMerged) {
    if (slash != std::string_view::npos &&
        inner_path.substr(0, slash) == folder) {
      return std::string("usr/").append(inner_path);
    }
  }
  return std::string(inner_path);
}

}  // namespace assay
