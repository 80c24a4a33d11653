// What every page has, whatever it shows: its policy, its style and program, a
// navigation with the label, data, an end.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/report.h"
#include "verifier/report/html/markup.h"

namespace assay::report::html {

struct Section {
  std::string_view id = {};
  std::string_view title = {};
};

// Data for the page's program, beside its markup.
struct Block {
  std::string_view id = {};
  std::string_view type = {};
  std::string text = {};
};

struct Frame {
  std::string title = {};
  Tlp tlp = Tlp::kAmberStrict;
  std::string tool_version = {};
  std::vector<Section> navigation = {};  // the first one is page one
  Section skip_to = {};                  // for those who use a keyboard
  // Files of this folder, in the order in which they build on each other.
  std::vector<std::string_view> program = {};
  std::vector<Block> blocks = {};
};

// The whole page; `put` writes what is between navigation and footer. Its
// policy allows the page's own program and style, by digest, and nothing else.
[[nodiscard]] std::string PageOf(const Frame& frame,
                                 const std::function<void(Markup&)>& put);

// <section class="part" id=...> with its heading; the caller closes it.
void OpenSection(Markup& page, const Section& section);
// Where the page's program draws the view of that name.
void PutView(Markup& page, std::string_view name);
// Says so where not all of a list is in the page.
void PutLeftOut(Markup& page, std::size_t total, std::size_t most,
                std::string_view what);

}  // namespace assay::report::html
