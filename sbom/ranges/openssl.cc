// OpenSSL: versions between commas, as its vulnerabilities page lists them.

#include "sbom/ranges/notations.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom::ranges {

Result<Alternatives> ReadOpenssl(std::string_view text) {
  Alternatives all;
  for (const std::string_view part : Split(text, ',')) {
    const std::string_view version = Trim(part);
    if (version.empty() || !versions::IsDigit(version[0]) ||
        version.find_first_of(" <>=!|*") != std::string_view::npos) {
      return Malformed("OpenSSL", part);
    }
    all.push_back({{Comparator::kEqual, std::string(version)}});
  }
  return all;
}

}  // namespace assay::sbom::ranges
