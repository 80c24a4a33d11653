#include "sbom/owners.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace assay::sbom {
namespace {

// What an artifact hands on to those it holds.
struct State {
  std::size_t claim = kNone;    // of a vendor's SBOM
  std::size_t package = kNone;  // of the inventory
  std::size_t embedded = kNone;
  bool exempt = false;
  bool in_contradicted = false;
  bool reported = false;

  [[nodiscard]] bool IsOwned() const {
    return claim != kNone || package != kNone || embedded != kNone || exempt;
  }
};

class Assigner {
 public:
  Assigner(const ProductIndex& index, const PackageRecords& records,
           const ClaimSet& set)
      : index_(index), records_(records), set_(set), states_(index.size()) {}

  Ownership Run() {
    for (ArtifactId id = 0; id < index_.size(); ++id) {
      const Artifact& artifact = index_.At(id);
      states_[id] = StateOf(artifact);
      if (artifact.has_content) {
        CheckExplained(artifact);
        result_.owners.push_back(OwnerOf(artifact));
      }
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] State Inherited(const Artifact& artifact) const {
    if (artifact.id == 0) {
      return {};
    }
    State state = states_[artifact.parent];
    state.exempt = false;
    if (set_.contradicted[artifact.parent]) {
      return {.in_contradicted = true, .reported = state.reported};
    }
    const ArtifactId tree = index_.TreeOf(artifact.id);
    const bool of_subject =
        state.claim != kNone && set_.claims[state.claim].is_subject;
    if (set_.itemised[tree] || records_.has_database[tree] || of_subject) {
      state.claim = kNone;
    }
    if (set_.itemised[tree] || records_.has_database[tree]) {
      state.in_contradicted = false;  // its files are judged one by one
    }
    if (records_.has_database[tree]) {
      state.package = kNone;
      state.embedded = kNone;
    }
    return state;
  }

  [[nodiscard]] State StateOf(const Artifact& artifact) const {
    State state = Inherited(artifact);
    const ArtifactId id = artifact.id;
    if (set_.embedded[id] != kNone) {
      state.embedded = set_.embedded[id];
    }
    if (records_.listed_by[id] != kNone) {
      state.package = records_.listed_by[id];
      const std::size_t claim = records_.packages[state.package].declared_by;
      if (claim != kNone && !set_.claims[claim].has_files) {
        state.claim = claim;
      }
    } else if (records_.archive_of[id] != kNone && !state.in_contradicted) {
      state.package = records_.archive_of[id];
    }
    if (set_.vendor[id] != kNone) {
      state.claim = set_.vendor[id];
    }
    if (set_.contradicted[id]) {
      state.claim = kNone;
    }
    if (state.claim != kNone) {
      state.in_contradicted = false;
    }
    state.exempt = records_.exempt[id];
    return state;
  }

  [[nodiscard]] bool IsWatched(const Artifact& artifact) const {
    const ArtifactId tree = index_.TreeOf(artifact.id);
    return artifact.meta.type == FileType::kRegular && artifact.size > 0 &&
           artifact.id != tree && !artifact.inner_path.empty() &&
           (records_.has_database[tree] ||
            (set_.any_itemised && index_.IsFileTree(tree)));
  }

  // The package's own record lists a file that the SBOM, which lists the files
  // of that package, does not.
  [[nodiscard]] bool IsAddedToPackage(const State& state) const {
    if (state.package == kNone || state.claim != kNone || state.exempt) {
      return false;
    }
    const std::size_t claim = records_.packages[state.package].declared_by;
    return claim != kNone && set_.claims[claim].has_files;
  }

  void CheckExplained(const Artifact& artifact) {
    State& state = states_[artifact.id];
    if (state.reported || set_.contradicted[artifact.id] ||
        !IsWatched(artifact) ||
        (state.in_contradicted && !IsExecutable(artifact))) {
      return;
    }
    std::string found = "in no SBOM and no package record";
    if (const std::size_t lister = records_.undigested[artifact.id];
        lister != kNone) {
      found = fmt::format(
          "in the list of {}, which has no digest of it as of its other files",
          records_.packages[lister].display_name);
    }
    if (records_.listed_by[artifact.id] != kNone && IsAddedToPackage(state)) {
      found = fmt::format(
          "in the record of {}, but not among the files the SBOM lists for it",
          records_.packages[state.package].display_name);
    } else if (state.IsOwned()) {
      return;
    }
    state.reported = true;
    result_.unexplained.push_back({.kind = DiscrepancyKind::kUnexplainedFile,
                                   .component = artifact.inner_path,
                                   .artifact = artifact.id,
                                   .found = std::move(found)});
  }

  [[nodiscard]] Owner OwnerOf(const Artifact& artifact) const {
    const State& state = states_[artifact.id];
    if (state.claim != kNone) {
      return {artifact.id, Provenance::kSbom, set_.NameOf(state.claim)};
    }
    if (state.package != kNone) {
      return {artifact.id, Provenance::kRecord,
              records_.packages[state.package].display_name};
    }
    if (state.embedded != kNone) {
      return {artifact.id, Provenance::kRecord,
              fmt::format("{} (embedded SBOM)", set_.NameOf(state.embedded))};
    }
    if (state.exempt) {
      return {artifact.id, Provenance::kRecord, "package metadata"};
    }
    return {artifact.id, Provenance::kUnexplained, ""};
  }

  const ProductIndex& index_;
  const PackageRecords& records_;
  const ClaimSet& set_;
  std::vector<State> states_;
  Ownership result_;
};

}  // namespace

Ownership FindOwners(const ProductIndex& index, const PackageRecords& records,
                     const ClaimSet& set) {
  return Assigner(index, records, set).Run();
}

}  // namespace assay::sbom
