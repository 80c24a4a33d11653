// Paths since usr was merged.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// Where a merged system has what an older one, or a package, has at `lib/x`:
// "usr/lib/x". Other paths stay as they are.
[[nodiscard]] std::string MergedPath(std::string_view inner_path);

}  // namespace assay
