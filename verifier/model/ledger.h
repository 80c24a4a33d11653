// Every byte accounted for, on four axes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/artifact.h"

namespace assay {

struct LedgerEntry {
  std::string category = {};
  std::uint64_t bytes = 0;
};

struct LedgerAxis {
  std::string name = {};  // structure, authenticity, provenance, examination
  std::vector<LedgerEntry> entries = {};  // sums to the size of the stream
};

// The account of one artifact: each axis sums to its size.
struct LedgerAccount {
  ArtifactId artifact = 0;
  std::vector<LedgerAxis> axes = {};
};

struct Ledger {
  std::vector<LedgerAccount> accounts = {};  // artifacts with content, in order
  // Distinct leaf bytes of the whole product: bytes that no child holds, each
  // content counted once. Every axis sums to `leaf_bytes`.
  std::uint64_t leaf_bytes = 0;
  std::vector<LedgerAxis> headline = {};
};

// How many of the leaf bytes stand in these categories of an axis.
[[nodiscard]] std::uint64_t BytesOf(
    const Ledger& ledger, std::string_view axis,
    std::initializer_list<std::string_view> categories);
// Those that a signature reaches, however; those that an SBOM or a package
// record claims.
[[nodiscard]] std::uint64_t SignedBytesOf(const Ledger& ledger);
[[nodiscard]] std::uint64_t ClaimedBytesOf(const Ledger& ledger);

}  // namespace assay
