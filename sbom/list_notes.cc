#include "sbom/list_notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "sbom/record_kinds.h"

namespace assay::sbom {
namespace {

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

// Lists of other databases name files without digests as a matter of course:
// opkg's all, rpm's those that are made when a package runs.
bool GivesDigestsOfAll(std::string_view cataloguer, std::string_view path) {
  if (cataloguer == "python") {
    return path.find(".dist-info/") == std::string_view::npos &&
           !EndsWith(path, ".pyc");
  }
  return cataloguer == "dpkg" || (cataloguer == "apk" && !IsInEtc(path));
}

// Packages built from one source share files where several architectures are
// installed side by side.
bool AreOfOneSource(const Package& a, const Package& b) {
  const auto source = [](const Package& one) {
    return one.source_name.empty() ? one.identity.name : one.source_name;
  };
  return source(a) == source(b);
}

}  // namespace

Strength StrengthOf(const Installation& there) {
  if (there.differs) {
    return Strength::kUnverified;
  }
  if (there.compared) {
    return Strength::kVerifiedRow;
  }
  return there.present > 0 && there.missing.empty() ? Strength::kWeak
                                                    : Strength::kUnverified;
}

Discrepancy TwoRows(const Package& first, const Package& second,
                    ArtifactId holder, const ComponentEvidence& evidence) {
  return {.kind = DiscrepancyKind::kSelfContradiction,
          .component = second.display_name,
          .purl = second.purl,
          .artifact = holder,
          .place = evidence.place,
          .claimed = fmt::format("{} by a {} record", first.identity.version,
                                 evidence.cataloguer),
          .found = fmt::format("{} by another record of the same database",
                               second.identity.version)};
}

void ListNotes::Note(ArtifactId id, std::size_t package,
                     std::string_view cataloguer, bool has_digest, bool agrees,
                     PackageRecords& records) {
  const Artifact& file = index_.At(id);
  const ArtifactId tree = index_.TreeOf(id);
  std::size_t& owner = records.listed_by[id];
  if (owner == kNone || (agrees && settled_.count(id) == 0)) {
    owner = package;
  }
  if (agrees) {
    settled_.insert(id);
  }
  // RECORD has to have digests, whether or not it has any.
  if (has_digest || cataloguer == "python") {
    with_digests_.emplace(package, tree);
  }
  if (has_digest) {
    digested_[id] = true;
    if (cataloguer == "dpkg") {
      databases_.insert(tree);
    }
  } else if (!GivesDigestsOfAll(cataloguer, file.inner_path)) {
    excused_[id] = true;
  }
  if (file.has_content && IsDatabase(cataloguer)) {
    named_.emplace_back(id, package);
  }
}

void ListNotes::Conclude(PackageRecords& records) {
  CountFiles(records);
  std::map<Place, std::size_t> bare;
  for (ArtifactId id = 0; id < index_.size(); ++id) {
    const std::size_t package = records.listed_by[id];
    const ArtifactId tree = index_.TreeOf(id);
    if (!IsUndigested(id, package)) {
      continue;
    }
    if (with_digests_.count({package, tree}) != 0) {
      records.undigested[id] = package;
      records.listed_by[id] = kNone;
    } else if (databases_.count(tree) != 0 &&
               records.packages[package].identity.type == "deb") {
      ++bare[{package, tree}];
    }
  }
  TellBare(bare, records);
}

// A file that another package has by its digest is not this one's.
void ListNotes::CountFiles(PackageRecords& records) const {
  std::set<std::pair<ArtifactId, std::size_t>> counted;
  for (const auto& [id, package] : named_) {
    if (!counted.emplace(id, package).second) {
      continue;
    }
    auto& all = records.packages[package].installations;
    const auto there =
        std::find_if(all.begin(), all.end(), [&, at = id](const auto& one) {
          return one.tree == index_.TreeOf(at);
        });
    if (there == all.end()) {
      continue;
    }
    const std::size_t owner = records.listed_by[id];
    const bool own =
        owner == package || owner == kNone || settled_.count(id) == 0 ||
        AreOfOneSource(records.packages[owner], records.packages[package]);
    ++(own ? there->present : there->borrowed);
  }
}

// dpkg digests what it unpacks where a package brings no digests along
// (dpkg's changelog, 1.16.3): a record without any lost them.
void ListNotes::TellBare(const std::map<Place, std::size_t>& bare,
                         PackageRecords& records) const {
  for (const auto& [place, count] : bare) {
    const Package& package = records.packages[place.first];
    const auto there =
        std::find_if(package.installations.begin(), package.installations.end(),
                     [tree = place.second](const Installation& one) {
                       return one.tree == tree;
                     });
    records.mismatches.push_back(
        {.kind = DiscrepancyKind::kRecordMismatch,
         .component = package.display_name,
         .purl = package.purl,
         .artifact =
             there == package.installations.end() ? kNoArtifact : there->list,
         .claimed = "digests of its files, as the database has them of others",
         .found = fmt::format("no digest of any; files that nothing can be "
                              "compared with: {}",
                              count),
         .minor = true});  // nothing is known to differ
  }
}

}  // namespace assay::sbom
