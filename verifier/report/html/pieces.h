// Small pieces that stand on several pages.
#pragma once

#include <cstddef>
#include <string_view>

#include "verifier/report/html/markup.h"

namespace assay::report::html {

// A number with words under it, which leads to the part of that id.
void PutTile(Markup& page, std::string_view target, std::string_view number,
             std::string_view words);

// A name and what it is, in an open <dl>; `code` for digests.
void PutFact(Markup& page, std::string_view name, std::string_view value,
             bool code = false);

// "and 3 more under Settings", unless nothing was left out.
void PutOmitted(Markup& page, std::size_t count, std::string_view where);

}  // namespace assay::report::html
