#include "verifier/report/writer.h"

#include <array>

namespace assay::report {

std::span<const ReportWriter* const> AllWriters() {
  static constexpr auto kAll = std::to_array<const ReportWriter*>({
#define ASSAY_ENTRY(constant) &constant,
#include "report_list.inc"
#undef ASSAY_ENTRY
  });
  return kAll;
}

const ReportWriter* FindWriter(std::string_view name) {
  for (const ReportWriter* writer : AllWriters()) {
    if (writer->name == name) {
      return writer;
    }
  }
  return nullptr;
}

}  // namespace assay::report
