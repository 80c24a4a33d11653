#include "verifier/model/ledger.h"

#include <algorithm>

#include "verifier/model/reconciliation.h"
#include "verifier/model/signature.h"

namespace assay {

std::uint64_t BytesOf(const Ledger& ledger, std::string_view axis,
                      std::initializer_list<std::string_view> categories) {
  std::uint64_t bytes = 0;
  for (const LedgerAxis& row : ledger.headline) {
    for (const LedgerEntry& entry : row.entries) {
      const bool counts =
          row.name == axis && std::find(categories.begin(), categories.end(),
                                        entry.category) != categories.end();
      bytes += counts ? entry.bytes : 0;
    }
  }
  return bytes;
}

std::uint64_t SignedBytesOf(const Ledger& ledger) {
  return BytesOf(ledger, "authenticity",
                 {NameOf(Coverage::kSigned), NameOf(Coverage::kByDigest),
                  NameOf(Coverage::kByDerivedKey)});
}

std::uint64_t ClaimedBytesOf(const Ledger& ledger) {
  return BytesOf(
      ledger, "provenance",
      {CategoryOf(Provenance::kSbom), CategoryOf(Provenance::kRecord)});
}

}  // namespace assay
