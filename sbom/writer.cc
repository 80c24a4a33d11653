#include "sbom/writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace assay::sbom {

const std::vector<const SbomWriter*>& AllWriters() {
  static const std::vector<const SbomWriter*> kAll = {
#define ASSAY_ENTRY(constant) &write::constant,
#include "writers_list.inc"
#undef ASSAY_ENTRY
  };
  return kAll;
}

Result<WrittenSbom> WriteSbom(const SbomDocument& document,
                              std::string_view format) {
  const std::size_t mark = format.find('@');
  const std::string_view name = format.substr(0, mark);
  std::vector<std::string> known;
  for (const SbomWriter* writer : AllWriters()) {
    for (const std::string_view version : writer->versions) {
      const bool wanted = mark == std::string_view::npos
                              ? version == writer->versions.front()
                              : version == format.substr(mark + 1);
      if (name == writer->name && wanted) {
        return writer->write(document, version);
      }
      known.push_back(fmt::format("{}@{}", writer->name, version));
    }
  }
  return Fail(ErrorCode::kConfig,
              fmt::format("no SBOM format \"{}\" is written; known: {}", format,
                          fmt::join(known, ", ")));
}

}  // namespace assay::sbom
