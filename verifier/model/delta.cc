#include "verifier/model/delta.h"

#include <array>

namespace assay {

std::string_view NameOf(FileChange change) {
  constexpr std::array<std::string_view, 5> kNames = {
      "added", "removed", "changed", "rebuilt", "moved"};
  return kNames.at(static_cast<std::size_t>(change));
}

}  // namespace assay
