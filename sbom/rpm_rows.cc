#include "sbom/rpm_rows.h"

namespace assay::sbom {

RpmDatabaseKind KindOfRpmDatabase(ByteView database) {
  const std::string_view text = AsText(database);
  if (text.substr(0, kSqliteMagic.size()) == kSqliteMagic) {
    return RpmDatabaseKind::kSqlite;
  }
  if (text.substr(0, kNdbMagic.size()) == kNdbMagic) {
    return RpmDatabaseKind::kNdb;
  }
  const auto little = ReadAt<Le32>(database, kBdbMagicAt);
  const auto big = ReadAt<Be32>(database, kBdbMagicAt);
  return little && (*little == kBdbHashMagic || *big == kBdbHashMagic)
             ? RpmDatabaseKind::kBdb
             : RpmDatabaseKind::kNone;
}

std::vector<RpmDamage> ReadRpmRows(ByteView database,
                                   const RpmRowVisitor& visit) {
  switch (KindOfRpmDatabase(database)) {
    case RpmDatabaseKind::kSqlite:
      return ReadRpmSqlite(database, visit);
    case RpmDatabaseKind::kNdb:
      return ReadRpmNdb(database, visit);
    case RpmDatabaseKind::kBdb:
      return ReadRpmBdb(database, visit);
    case RpmDatabaseKind::kNone:
      break;
  }
  return {};
}

}  // namespace assay::sbom
