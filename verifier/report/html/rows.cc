#include "verifier/report/html/rows.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>

#include "verifier/model/redaction.h"
#include "verifier/report/html/proof.h"

namespace assay::report::html {
namespace {

std::string HexOf(const Evidence& evidence) {
  std::string hex;
  if (const auto bytes = ProvenBytes(evidence)) {
    for (const std::uint8_t byte : *bytes) {
      hex += fmt::format("{:02x}", byte);
    }
  }
  return hex;
}

void PutPlace(Pool& pool, const std::optional<Range>& place) {
  if (place) {
    pool.Number(place->offset);
    pool.Number(place->length);
  } else {
    pool.Missing();
    pool.Missing();
  }
}

}  // namespace

void PutEvidence(Pool& pool, const Evidence& evidence) {
  pool.OpenArray();
  pool.Text(NameOf(evidence.kind));
  pool.Text(evidence.path);
  PutPlace(pool, evidence.place);
  pool.Text(evidence.digest);
  pool.Text(evidence.field);
  pool.Text(evidence.redacted ? kRedacted : evidence.value);
  pool.Text(evidence.excerpt);
  pool.Text(HexOf(evidence));
  pool.Close();
}

}  // namespace assay::report::html
