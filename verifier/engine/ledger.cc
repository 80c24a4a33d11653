#include "verifier/engine/ledger.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace assay::engine {
namespace {

using Amounts = std::vector<LedgerEntry>;

void Book(Amounts& axis, std::string_view category, std::uint64_t bytes) {
  if (bytes == 0) {
    return;
  }
  const auto entry = std::find_if(
      axis.begin(), axis.end(),
      [&](const LedgerEntry& known) { return known.category == category; });
  if (entry != axis.end()) {
    entry->bytes += bytes;
  } else {
    axis.push_back({std::string(category), bytes});
  }
}

bool IsHandedOn(Structure role) {
  return role == Structure::kMember;
}

// Ranges of one kind of coverage that overlap `range`, cut to it; what no
// signature reaches is live, unless the structure says that nobody reads it.
void BookAuthenticity(Amounts& axis, const StructureRange& part,
                      const std::vector<CoveredRange>& covered) {
  std::uint64_t left = part.range.length;
  for (const CoveredRange& cover : covered) {
    const std::uint64_t start = std::max(cover.range.offset, part.range.offset);
    const std::uint64_t end = std::min(cover.range.end(), part.range.end());
    if (start < end) {
      Book(axis, NameOf(cover.coverage), end - start);
      left -= end - start;
    }
  }
  Book(axis,
       NameOf(part.role == Structure::kPadding ? Coverage::kUncoveredInert
                                               : Coverage::kUncoveredLive),
       left);
}

struct Axes {
  Amounts structure, authenticity, provenance, examination;

  void Book(const Artifact& artifact, const StructureRange& part,
            const std::vector<CoveredRange>& covered, Provenance owner) {
    const std::uint64_t bytes = part.range.length;
    engine::Book(structure, NameOf(part.role), bytes);
    BookAuthenticity(authenticity, part, covered);
    const bool filler = part.role == Structure::kPadding;
    const bool frame = filler || part.role == Structure::kMetadata;
    engine::Book(provenance,
                 owner == Provenance::kUnexplained && frame
                     ? std::string_view("container-structure")
                     : CategoryOf(owner),
                 bytes);
    engine::Book(examination,
                 frame || IsHandedOn(part.role) ? NameOf(Examination::kParsed)
                                                : NameOf(artifact.examination),
                 bytes);
  }

  void BookOpaque(std::uint64_t bytes, Provenance owner) {
    engine::Book(structure, "not-decoded", bytes);
    engine::Book(authenticity, NameOf(Coverage::kUncoveredLive), bytes);
    engine::Book(provenance, CategoryOf(owner), bytes);
    engine::Book(examination, NameOf(Examination::kOpaque), bytes);
  }

  [[nodiscard]] std::vector<LedgerAxis> Release() {
    std::vector<LedgerAxis> axes;
    axes.push_back({"structure", std::move(structure)});
    axes.push_back({"authenticity", std::move(authenticity)});
    axes.push_back({"provenance", std::move(provenance)});
    axes.push_back({"examination", std::move(examination)});
    for (LedgerAxis& axis : axes) {
      std::sort(axis.entries.begin(), axis.entries.end(),
                [](const LedgerEntry& a, const LedgerEntry& b) {
                  return a.category < b.category;
                });
    }
    return axes;
  }
};

}  // namespace

std::vector<std::vector<CoveredRange>> SpreadCoverage(
    const Survey& survey, const std::vector<SignatureCheck>& checks) {
  std::vector<std::vector<CoveredRange>> covered(survey.nodes.size());
  for (const SignatureCheck& check : checks) {
    if (check.indication == Indication::kTotalPassed) {
      for (const CoveredRange& cover : check.covers) {
        covered.at(cover.artifact).push_back(cover);
      }
    }
  }
  for (const Node& node : survey.nodes) {  // parents come before children
    const Artifact& artifact = node.artifact;
    auto& own = covered[artifact.id];
    if (artifact.parent != kNoArtifact && artifact.has_content) {
      const Artifact& parent = survey.At(artifact.parent);
      const auto& above = covered[artifact.parent];
      const Range whole{0, parent.size};
      const auto inherited = CoverageOf(above, artifact.origin.value_or(whole));
      if (inherited && artifact.size > 0) {
        own.push_back({artifact.id, {0, artifact.size}, *inherited});
      }
    }
    own = Normalised(std::move(own));
  }
  return covered;
}

std::vector<CoveredRange> Normalised(std::vector<CoveredRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const CoveredRange& a, const CoveredRange& b) {
              return std::tie(a.range.offset, a.coverage, a.range.length) <
                     std::tie(b.range.offset, b.coverage, b.range.length);
            });
  std::vector<CoveredRange> apart;
  std::uint64_t at = 0;
  for (CoveredRange range : ranges) {
    const std::uint64_t end = range.range.end();
    const std::uint64_t start = std::max(at, range.range.offset);
    if (start < end) {
      range.range = {start, end - start};
      apart.push_back(range);
      at = end;
    }
  }
  return apart;
}

std::optional<Coverage> CoverageOf(const std::vector<CoveredRange>& covered,
                                   const Range& place) {
  std::optional<Coverage> worst;
  std::uint64_t at = place.offset;
  for (const CoveredRange& cover : covered) {
    if (cover.coverage <= Coverage::kByDerivedKey && cover.range.offset <= at &&
        at < cover.range.end()) {
      at = std::min(cover.range.end(), place.end());
      worst = std::max(worst.value_or(cover.coverage), cover.coverage);
    }
  }
  return at == place.end() && place.length > 0 ? worst : std::nullopt;
}

Ledger BuildLedger(const Survey& survey,
                   const std::vector<SignatureCheck>& checks,
                   const Reconciliation& reconciliation) {
  const auto covered = SpreadCoverage(survey, checks);
  std::vector<Provenance> owners(survey.nodes.size(), Provenance::kUnexplained);
  for (const Owner& owner : reconciliation.owners) {
    owners.at(owner.artifact) = owner.provenance;
  }
  Ledger ledger;
  Axes headline;
  std::unordered_set<std::string> counted;
  for (const Node& node : survey.nodes) {
    const Artifact& artifact = node.artifact;
    const Provenance owner = owners[artifact.id];
    if (!artifact.has_content) {
      const std::uint64_t undecoded =
          artifact.examination == Examination::kOpaque && artifact.origin
              ? artifact.origin->length
              : 0;
      headline.BookOpaque(undecoded, owner);
      ledger.leaf_bytes += undecoded;
      continue;
    }
    Axes account;
    const bool first = counted.insert(artifact.sha256()).second;
    for (const StructureRange& part : artifact.structure) {
      account.Book(artifact, part, covered[artifact.id], owner);
      if (first && !IsHandedOn(part.role)) {
        headline.Book(artifact, part, covered[artifact.id], owner);
        ledger.leaf_bytes += part.range.length;
      }
    }
    ledger.accounts.push_back({artifact.id, account.Release()});
  }
  ledger.headline = headline.Release();
  return ledger;
}

}  // namespace assay::engine
