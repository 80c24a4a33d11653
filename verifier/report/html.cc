// The report as one page that needs nothing else: it works from disk, asks no
// network for anything and runs no program but its own, which its policy names
// by digest. Page one is plain HTML; the rest is drawn from a data block.

#include <fmt/format.h>

#include <string>

#include "verifier/report/html/data.h"
#include "verifier/report/html/frame.h"
#include "verifier/report/html/sections.h"
#include "verifier/report/html/summary.h"
#include "verifier/report/html/words.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

std::string Write(const Report& report, const Style& /*style*/) {
  html::Frame frame{
      .title = fmt::format("{}: {} - verification report", report.product,
                           html::WordOf(report.verdict)),
      .tlp = report.tlp,
      .tool_version = report.tool_version,
      .navigation = {{"verdict", "Verdict"}},
      .skip_to = {"findings", "findings"},
      .program = {"base.js", "rows.js", "data.js", "list.js", "proof.js",
                  "findings.js", "treemap.js", "content.js", "signatures.js",
                  "tables.js", "draw.js", "main.js"},
      .blocks = {{"digests", "text/plain", html::DigestsOf(report)},
                 {"data", "application/json", html::DataOf(report)}}};
  frame.navigation.insert(frame.navigation.end(), html::kSections.begin(),
                          html::kSections.end());
  return html::PageOf(frame, [&report](html::Markup& page) {
    html::PutSummary(page, report);
    html::PutSections(page, report);
  });
}

}  // namespace

const ReportWriter kHtml = {
    .name = "html",
    .title = "One self-contained page for people",
    .write = Write,
};

}  // namespace assay::report
