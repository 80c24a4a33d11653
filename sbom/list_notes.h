// What package lists say of each file beyond its name: whether a list gives a
// digest of it, and whose it is where several packages list it.
//
// A list that gives digests explains a file by its digest: whoever adds a line
// to a list of names could explain any program. Settings, which change, and
// what installers write down without a digest (RECORD itself, *.pyc) need none.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "sbom/packages.h"

namespace assay::sbom {

// S3: a record whose listed digests were compared and all agree. S2: record and
// files are two weak signs, where none of the files is missing.
[[nodiscard]] Strength StrengthOf(const Installation& there);

// kSelfContradiction: a database has a second row, `evidence`, for a package.
[[nodiscard]] Discrepancy TwoRows(const Package& first, const Package& second,
                                  ArtifactId holder,
                                  const ComponentEvidence& evidence);

class ListNotes {
 public:
  explicit ListNotes(const ProductIndex& index)
      : index_(index),
        digested_(index.size(), false),
        excused_(index.size(), false) {}

  // A list of `package` names an artifact with content; `agrees`: by a digest
  // that is the artifact's.
  void Note(ArtifactId id, std::size_t package, std::string_view cataloguer,
            bool has_digest, bool agrees, PackageRecords& records);
  void Excuse(ArtifactId id) { excused_[id] = true; }

  // When all lists were read: takes listed files from packages that do not
  // vouch for them, and counts the files that each package has of its own.
  void Conclude(PackageRecords& records);

 private:
  using Place = std::pair<std::size_t, ArtifactId>;  // package, file system

  [[nodiscard]] bool IsUndigested(ArtifactId id, std::size_t package) const {
    return index_.At(id).has_content && !digested_[id] && !excused_[id] &&
           package != kNone;
  }
  void CountFiles(PackageRecords& records) const;
  void TellBare(const std::map<Place, std::size_t>& bare,
                PackageRecords& records) const;

  const ProductIndex& index_;
  std::vector<bool> digested_;      // per artifact: by a list, right or wrong
  std::vector<bool> excused_;       // per artifact: needs no digest
  std::set<ArtifactId> settled_;    // whose digest is that of their package
  std::set<Place> with_digests_;    // packages whose lists give some
  std::set<ArtifactId> databases_;  // of dpkg, whose lists give some
  std::vector<std::pair<ArtifactId, std::size_t>> named_;
};

}  // namespace assay::sbom
