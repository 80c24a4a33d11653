// Whatever the reader accepts as a report, a writer can write: as valid UTF-8
// and without control characters.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz.h"
#include "verifier/base/text.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

const ReportWriter& Subject() {
  static const ReportWriter& chosen = fuzz::Choose<ReportWriter>({
#include "fuzz_report.inc"
  });
  return chosen;
}

using fuzz::Require;

void One(ByteView data) {
  const auto report = ReadReport(AsText(data));
  if (!report) {
    return;
  }
  const std::string text = Subject().write(*report, {});
  Require(IsValidUtf8(text), "a report is UTF-8");
  Require(std::none_of(text.begin(), text.end(),
                       [](unsigned char c) { return c < 0x20 && c != '\n'; }),
          "a report holds no control characters");
}

}  // namespace
}  // namespace assay::report

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::report::One({data, size});
  return 0;
}
