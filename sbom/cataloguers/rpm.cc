// Installed packages of RPM systems, from rpm's database: sqlite, ndb or
// Berkeley DB. Places: rpm 4.18, macros.in, %_dbpath; SUSE and Fedora since
// 36 keep it below usr/lib/sysimage.

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "sbom/file_list.h"
#include "sbom/registry.h"
#include "sbom/rpm_evidence.h"
#include "sbom/rpm_rows.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "rpm";

std::optional<Rooted> DatabasePlace(std::string_view path) {
  for (const std::string_view folder :
       {"usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm"}) {
    const auto place = Below(path, folder);
    if (place && (place->rest == "rpmdb.sqlite" ||
                  place->rest == "Packages.db" || place->rest == "Packages")) {
      return place;
    }
  }
  return std::nullopt;
}

bool Examine(const Subject& subject, Observations& into) {
  const auto place = DatabasePlace(subject.artifact.inner_path);
  if (!place || KindOfRpmDatabase(subject.content) == RpmDatabaseKind::kNone) {
    return false;
  }
  std::vector<RpmDamage> damage;
  Bytes keeps;
  const auto visit = [&](const RpmRow& row) {
    const auto header = ParseRpmRow(row.header, keeps);
    if (header) {
      (void)AddRpmPackage(*header, {kName, row.place, place->root, true}, into);
    } else if (damage.size() < kMostDamage) {
      damage.push_back({header.error().what, row.place});
    }
  };
  for (RpmDamage& one : ReadRpmRows(subject.content, visit)) {
    damage.push_back(std::move(one));
  }
  for (RpmDamage& one : damage) {
    into.facts.push_back({.kind = "anomaly",
                          .value = "rpmdb.damaged",
                          .attributes = {{"detail", std::move(one.what)}},
                          .place = one.place});
  }
  return true;
}

}  // namespace

const Analysis kRpm = {
    .name = kName,
    .title = "Packages installed according to rpm's database",
    .examine = Examine,
};

}  // namespace assay::sbom
