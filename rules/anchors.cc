#include "rules/anchors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "rules/declared.h"

namespace assay::rules {
namespace {

bool Passed(const SignatureCheck& check) {
  return check.indication == Indication::kTotalPassed && !check.anchor.empty();
}

bool AreSigned(const Dossier& dossier) {
  const auto& documents = dossier.reconciliation.documents;
  const auto is_signed = [&](const HeldDocument& document) {
    return std::any_of(dossier.checks.begin(), dossier.checks.end(),
                       [&](const SignatureCheck& check) {
                         return Passed(check) &&
                                check.target == document.holder;
                       });
  };
  return !documents.empty() &&
         std::all_of(documents.begin(), documents.end(), is_signed);
}

bool Covers(const std::vector<Range>& ranges, Range wanted) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return range.offset <= wanted.offset && wanted.end() <= range.end();
  });
}

}  // namespace

Anchors::Anchors(const Index& index)
    : index_(index),
      sboms_are_signed_(AreSigned(index.dossier())),
      listed_(index.size()) {
  for (const SignatureCheck& check : index.dossier().checks) {
    if (!Passed(check)) {
      continue;
    }
    for (const CoveredRange& covered : check.covers) {
      if (covered.coverage == Coverage::kByDigest &&
          covered.artifact < listed_.size()) {
        listed_[covered.artifact].push_back(covered.range);
      }
    }
  }
}

std::string Anchors::Explain(const std::vector<Anchor>& unless,
                             const Group& witnesses) const {
  if (witnesses.empty()) {
    return {};
  }
  for (const Anchor anchor : unless) {
    if (anchor == Anchor::kDeclared && IsDeclared(witnesses)) {
      return fmt::format("declared functions: {}",
                         index_.dossier().declarations.holder);
    }
    if (anchor == Anchor::kSbom && IsInSignedSbom(witnesses)) {
      return "component of a signed SBOM";
    }
    if (anchor == Anchor::kSignedOriginal && IsSignedOriginal(witnesses)) {
      return "signed original: digest in a signed list";
    }
  }
  return {};
}

bool Anchors::IsDeclared(const Group& witnesses) const {
  const Declarations& declarations = index_.dossier().declarations;
  if (!declarations.authentic) {
    return false;
  }
  bool some = false;
  for (const Witness& witness : witnesses) {
    const auto* fact = std::get_if<const Fact*>(&witness.thing);
    if (fact == nullptr || !IsDeclarable(**fact)) {
      continue;
    }
    some = true;
    if (!Declares(declarations, **fact, index_.At(witness.artifact).artifact)) {
      return false;
    }
  }
  return some;
}

bool Anchors::IsInSignedSbom(const Group& witnesses) const {
  const auto claimed = [this](const Witness& witness) {
    const auto discrepancies = index_.DiscrepanciesOf(witness.artifact);
    return index_.ProvenanceOf(witness.artifact) == Provenance::kSbom &&
           std::none_of(discrepancies.begin(), discrepancies.end(),
                        [](const Discrepancy* one) {
                          return one->kind == DiscrepancyKind::kDigestMismatch;
                        });
  };
  return sboms_are_signed_ &&
         std::all_of(witnesses.begin(), witnesses.end(), claimed);
}

bool Anchors::IsSignedOriginal(const Group& witnesses) const {
  return std::all_of(
      witnesses.begin(), witnesses.end(),
      [this](const Witness& witness) { return IsListed(witness.artifact); });
}

// Walks up: what lies inside of a listed file is listed with it.
bool Anchors::IsListed(ArtifactId id) const {
  std::optional<Range> wanted;
  while (id < index_.size()) {
    const Artifact& artifact = index_.At(id).artifact;
    if (Covers(listed_[id], wanted.value_or(Range{0, artifact.size}))) {
      return true;
    }
    if (artifact.parent >= id) {
      return false;  // the root, or no tree at all
    }
    wanted = artifact.origin;
    id = artifact.parent;
  }
  return false;
}

}  // namespace assay::rules
