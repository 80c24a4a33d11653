// The page's style and program: the files of this folder, made part of the
// tool when it is built.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace assay::report::html {

// Pairs of file name and text, in the order in which they stand in a page.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>&
PageData();

}  // namespace assay::report::html
