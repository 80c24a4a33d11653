#include "verifier/engine/compare.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "verifier/engine/blindness.h"
#include "verifier/engine/compare_marks.h"
#include "verifier/engine/release_pairs.h"
#include "verifier/model/leaf.h"
#include "verifier/model/programs.h"

namespace assay::engine {
namespace {

constexpr std::uint32_t kNewProgram = 4;
constexpr std::uint32_t kNewFile = 2;

ComparedProduct InANutshell(const Report& report) {
  return {
      .product = report.product,
      .sha256 = report.product_sha256,
      .size = report.product_size,
      .tool_version = report.tool_version,
      .rules_sha256 = report.rules_sha256,
      .at = report.at,
      .verdict = report.verdict,
      .leaf_bytes = report.ledger.leaf_bytes,
      .signed_bytes = SignedBytesOf(report.ledger),
      .opaque_bytes = BytesOf(report.ledger, "examination", {"opaque"}),
      .unknown_bytes = BytesOf(report.ledger, "structure", {"unknown"}),
  };
}

class Comparer {
 public:
  Comparer(const Report& before, const Report& now)
      : before_(before),
        now_(now),
        old_places_(before),
        new_places_(now),
        pairs_(PairReleases(before.artifacts, now.artifacts)),
        moved_(PairMoved(before.artifacts, now.artifacts, pairs_)) {}

  Comparison Run() {
    result_.tlp = std::min(before_.tlp, now_.tlp);
    result_.before = InANutshell(before_);
    result_.now = InANutshell(now_);
    result_.product = ChangesOf(old_places_.all(), new_places_.all());
    for (const Artifact& artifact : now_.artifacts) {
      CompareNew(artifact);
    }
    const std::set<ArtifactId> met(pairs_.begin(), pairs_.end());
    for (const Artifact& artifact : before_.artifacts) {
      if (met.count(artifact.id) == 0) {
        AddGone(artifact);
      }
    }
    std::sort(result_.places.begin(), result_.places.end(),
              [](const ChangedPlace& a, const ChangedPlace& b) {
                return std::tie(b.weight, a.path) < std::tie(a.weight, b.path);
              });
    NoteLimits();
    return std::move(result_);
  }

 private:
  void CompareNew(const Artifact& artifact) {
    const ArtifactId old = pairs_.at(artifact.id);
    const bool there = old != kNoArtifact;
    const Marks none;
    const Marks& had = there ? old_places_.At(old) : none;
    Marks has = new_places_.At(artifact.id);
    if (!there) {
      // Nothing to compare the rights of a new file with.
      std::erase_if(has, [](const auto& mark) {
        return mark.first.first == "rights" &&
               mark.second.weight == kPlainChange;
      });
    }
    ChangedPlace place{.path = artifact.path,
                       .changes = ChangesOf(had, has),
                       .new_sha256 = artifact.sha256()};
    if (IsLeaf(artifact)) {
      place.file = ChangeOf(artifact, old);
      result_.same += place.file || !there ? 0U : 1U;
    }
    if (there) {
      place.old_path = before_.artifacts.at(old).path;
      place.old_sha256 = before_.artifacts.at(old).sha256();
    }
    Add(std::move(place), artifact);
  }

  [[nodiscard]] std::optional<FileChange> ChangeOf(const Artifact& artifact,
                                                   ArtifactId old) const {
    if (old == kNoArtifact) {
      return FileChange::kAdded;
    }
    if (moved_[artifact.id]) {
      return FileChange::kMoved;
    }
    if (before_.artifacts.at(old).sha256() == artifact.sha256()) {
      return std::nullopt;
    }
    return IsProgram(artifact) && old_places_.TraitsAt(old) ==
                                      new_places_.TraitsAt(artifact.id)
               ? FileChange::kRebuilt
               : FileChange::kChanged;
  }

  void AddGone(const Artifact& artifact) {
    Marks had = old_places_.At(artifact.id);
    std::erase_if(
        had, [](const auto& mark) { return mark.first.first == "rights"; });
    ChangedPlace place{.path = artifact.path,
                       .changes = ChangesOf(had, {}),
                       .old_path = artifact.path,
                       .old_sha256 = artifact.sha256()};
    if (IsLeaf(artifact)) {
      place.file = FileChange::kRemoved;
    }
    Add(std::move(place), artifact);
  }

  void Add(ChangedPlace place, const Artifact& artifact) {
    if (!place.file && place.changes.empty()) {
      return;
    }
    place.weight = kPlainChange;
    if (place.file == FileChange::kAdded) {
      place.weight = IsProgram(artifact) ? kNewProgram : kNewFile;
    }
    if (!place.changes.empty()) {
      place.weight = std::max(place.weight, place.changes.front().weight);
    }
    result_.places.push_back(std::move(place));
  }

  void NoteLimits() {
    for (const Report* report : {&before_, &now_}) {
      std::vector<std::string> whys = Blindness(report->artifacts);
      if (!report->reproducible) {
        whys.emplace_back("its examination was broken off");
      }
      if (report->redaction) {
        whys.emplace_back("parts of its report were taken out");
      }
      for (const std::string& why : whys) {
        result_.incomplete.push_back(report->product + ": " + why);
      }
    }
    if (before_.tool_version != now_.tool_version ||
        before_.rules_sha256 != now_.rules_sha256) {
      result_.incomplete.emplace_back(
          "the two were verified with different versions or rules: what only "
          "one of them looks for seems to differ");
    }
  }

  const Report& before_;
  const Report& now_;
  Places old_places_;
  Places new_places_;
  std::vector<ArtifactId> pairs_;  // old ones, by new one
  std::vector<bool> moved_;        // of the new ones
  Comparison result_;
};

}  // namespace

Comparison CompareReports(const Report& before, const Report& now) {
  return Comparer(before, now).Run();
}

}  // namespace assay::engine
