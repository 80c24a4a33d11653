// The package headers that an RPM database holds, read from the bytes of its
// file: sqlite (rpmdb.sqlite), ndb (Packages.db) and Berkeley DB's hash
// (Packages). References stand in the files that implement them.
//
// Reading goes on past damage. Every page of a database is used once at most,
// so that time and memory stay below a small multiple of its size.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::sbom {

// One row: a header without the eight bytes of magic that packages have, and
// where in the database it (or what leads to it) stands. Borrowed.
struct RpmRow {
  ByteView header = {};
  Range place = {};
};
using RpmRowVisitor = std::function<void(const RpmRow&)>;

// A place where a database contradicts its format.
struct RpmDamage {
  std::string what = {};
  Range place = {};
};

enum class RpmDatabaseKind { kNone, kSqlite, kNdb, kBdb };
// By the magic of each.
[[nodiscard]] RpmDatabaseKind KindOfRpmDatabase(ByteView database);

// At most kMostDamage places are told.
inline constexpr std::size_t kMostDamage = 16;
[[nodiscard]] std::vector<RpmDamage> ReadRpmRows(ByteView database,
                                                 const RpmRowVisitor& visit);

// The readers of one kind each.
[[nodiscard]] std::vector<RpmDamage> ReadRpmSqlite(ByteView database,
                                                   const RpmRowVisitor& visit);
[[nodiscard]] std::vector<RpmDamage> ReadRpmNdb(ByteView database,
                                                const RpmRowVisitor& visit);
[[nodiscard]] std::vector<RpmDamage> ReadRpmBdb(ByteView database,
                                                const RpmRowVisitor& visit);

inline constexpr std::string_view kSqliteMagic = {"SQLite format 3\0", 16};
inline constexpr std::string_view kNdbMagic = "RpmP";
inline constexpr std::uint32_t kBdbHashMagic = 0x061561;
inline constexpr std::uint64_t kBdbMagicAt = 12;

}  // namespace assay::sbom
