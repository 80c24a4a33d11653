// The only way by which text reaches a page. Whatever it holds, it stays text:
// it starts no tag and no script, ends none, and reorders nothing around it.
#pragma once

#include <string>
#include <string_view>

namespace assay::report::html {

// For the content of an element and for a quoted attribute: Printable(), with
// the five characters that HTML gives a meaning to as character references.
[[nodiscard]] std::string Inert(std::string_view text);

// A JSON string with its quotes, for a data block inside a page: Printable(),
// with '<', '>' and '&' as \u00XX, so that no element can end or begin in it
// (HTML, 4.12.1.3: restrictions for contents of script elements).
[[nodiscard]] std::string InertJson(std::string_view text);

}  // namespace assay::report::html
