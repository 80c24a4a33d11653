// Rows of a page's data, as its program's decoded() reads them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "verifier/model/finding.h"
#include "verifier/report/html/pool.h"

namespace assay::report::html {

// "key": {"total": n, "rows": [...]}, of at most `most` rows.
template <typename Row, typename Use>
inline void PutRows(Pool& pool, std::string_view key,
                    const std::vector<Row>& rows, std::size_t most, Use use) {
  pool.OpenObject(key);
  pool.Number(rows.size(), "total");
  pool.OpenArray("rows");
  for (std::size_t i = 0; i < std::min(rows.size(), most); ++i) {
    pool.OpenArray();
    use(rows[i]);
    pool.Close();
  }
  pool.Close();
  pool.Close();
}

// A row of EVIDENCE, with the bytes where the report proves them.
void PutEvidence(Pool& pool, const Evidence& evidence);

}  // namespace assay::report::html
