// The outputs of a verification: each is a pure function of the report.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "verifier/model/report.h"

namespace assay::report {

// How a person wants to see it; formats for machines ignore it.
struct Style {
  bool colour = false;     // ANSI colours: the output is a terminal
  bool unicode = false;    // block characters in bars and trees
  std::size_t width = 80;  // columns; lines are wrapped where words end
  bool verbose = false;    // lists in full, and explanations of every finding
};

struct ReportWriter {
  std::string_view name = {};   // `-o NAME[=PATH]`
  std::string_view title = {};  // for people
  // What it writes is an in-toto Statement, which nobody gets unsigned.
  bool attestation = false;
  // The whole document with its final newline. Valid UTF-8 without control
  // characters from the product, whatever the report holds.
  std::string (*write)(const Report& report, const Style& style) = nullptr;
};

#define ASSAY_ENTRY(constant) extern const ReportWriter constant;
#include "report_list.inc"  // generated from the registry in CMakeLists.txt
#undef ASSAY_ENTRY

[[nodiscard]] std::span<const ReportWriter* const> AllWriters();
// The writer of that name, or null.
[[nodiscard]] const ReportWriter* FindWriter(std::string_view name);

}  // namespace assay::report
