// A comparison as one page that needs nothing else, in the manner of the
// report's (html.cc).

#include <fmt/format.h>

#include "verifier/report/comparison.h"
#include "verifier/report/html/comparison.h"
#include "verifier/report/html/frame.h"

namespace assay::report {

std::string ComparisonHtml(const Comparison& comparison,
                           const Style& /*style*/) {
  html::Frame frame{
      .title =
          fmt::format("{} against {}: {} - comparison", comparison.now.product,
                      comparison.before.product, html::WordOf(comparison)),
      .tlp = comparison.tlp,
      .tool_version = comparison.now.tool_version,
      .navigation = {{"verdict", "In short"}},
      .skip_to = {"changes", "changes"},
      .program = {"base.js", "rows.js", "list.js", "proof.js", "changes.js",
                  "draw.js"},
      .blocks = {{"data", "application/json", html::DataOf(comparison)}}};
  frame.navigation.insert(frame.navigation.end(),
                          html::kComparisonSections.begin(),
                          html::kComparisonSections.end());
  return html::PageOf(frame, [&comparison](html::Markup& page) {
    html::PutComparison(page, comparison);
  });
}

}  // namespace assay::report
