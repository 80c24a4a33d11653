#include "sbom/change_logs.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "sbom/matching.h"
#include "sbom/versions.h"

namespace assay::sbom {
namespace {

// The package whose list names the log or what it was unpacked from.
std::size_t ListerOf(const ProductIndex& index, const PackageRecords& records,
                     ArtifactId id) {
  for (;; id = index.At(id).parent) {
    if (records.listed_by[id] != kNone || id == 0) {
      return records.listed_by[id];
    }
  }
}

std::string_view EpochOf(std::string_view version) {
  const std::size_t colon = version.find(':');
  return colon == std::string_view::npos ? "0" : version.substr(0, colon);
}

// A log's first words name the source, its folder the package.
bool IsLogOf(const Package& package, std::string_view name) {
  return package.identity.type == "deb" &&
         (package.identity.name == name || package.source_name == name);
}

// Of several logs (upstream's, a rebuild's) one that agrees is enough.
struct Logs {
  bool agrees = false;
  const InventoryItem* differs = nullptr;
};

}  // namespace

std::vector<Discrepancy> HoldAgainstChangeLogs(const ProductIndex& index,
                                               const PackageRecords& records) {
  std::map<std::size_t, Logs> logs;
  for (const InventoryItem& item : records.inventory) {
    if (item.evidence.cataloguer != "deb_changelog") {
      continue;
    }
    const std::size_t lister = ListerOf(index, records, item.artifact);
    if (lister == kNone ||
        !IsLogOf(records.packages[lister], item.evidence.component.name)) {
      continue;
    }
    const bool agrees =
        CompareVersions(
            VersionOrder::kDeb, WithoutBinNmu(item.evidence.component.version),
            WithoutBinNmu(SourceVersionOf(records.packages[lister]))) == 0;
    Logs& of = logs[lister];
    of.agrees = of.agrees || agrees;
    of.differs = agrees || of.differs != nullptr ? of.differs : &item;
  }
  std::vector<Discrepancy> found;
  for (const auto& [number, of] : logs) {
    if (of.agrees) {
      continue;
    }
    const Package& package = records.packages[number];
    const std::string_view recorded = SourceVersionOf(package);
    const std::string& logged = of.differs->evidence.component.version;
    found.push_back(
        {.kind = DiscrepancyKind::kVersionMismatch,
         .component = package.display_name,
         .purl = package.purl,
         .artifact = of.differs->artifact,
         .place = of.differs->evidence.place,
         .claimed = fmt::format("{} by its record", recorded),
         .found = fmt::format("{} by its change log", logged),
         .minor = EpochOf(recorded) == EpochOf(logged) &&
                  SameUpstream(VersionOrder::kDeb, recorded, logged)});
  }
  return found;
}

}  // namespace assay::sbom
