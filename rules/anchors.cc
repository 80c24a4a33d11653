#include "rules/anchors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "rules/capa_rules.h"
#include "rules/declared.h"
#include "rules/fields.h"
#include "rules/yara_rules.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"

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

// What an imported rule finds is in the original's bytes as well.
bool IsOfContent(const Rule& rule) {
  return rule.family.substr(0, 3) == "HF-" || rule.family == kYaraFamily ||
         rule.family == kCapaFamily;
}

// What an artifact needs to have in common with an original so that the
// original shows the same: its bytes for what is found in bytes alone; facts
// are read out of bytes because of the place, and the rest are the rights.
// Nothing, where a claim is contradicted: a file of another version, and a
// signature that does not hold, are no less so for being an original.
std::optional<OriginalMatch> Needed(const Thing& thing) {
  if (std::holds_alternative<const HitRecord*>(thing)) {
    return OriginalMatch::kContent;
  }
  if (const auto* fact = std::get_if<const Fact*>(&thing)) {
    return (*fact)->place ? OriginalMatch::kPlace : OriginalMatch::kFile;
  }
  const auto* gap = std::get_if<const Discrepancy*>(&thing);
  if (std::holds_alternative<const SignatureCheck*>(thing) ||
      (gap != nullptr && (*gap)->kind != DiscrepancyKind::kUnexplainedFile &&
       (*gap)->kind != DiscrepancyKind::kUndeclared)) {
    return std::nullopt;
  }
  return OriginalMatch::kFile;
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

std::string Anchors::ExplainedByRule(const Rule& rule,
                                     const Group& witnesses) const {
  for (const Anchor anchor : rule.unless) {
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

std::string Anchors::Explain(const Rule& rule, const Group& witnesses) const {
  if (witnesses.empty()) {
    return {};
  }
  if (std::string why = ExplainedByRule(rule, witnesses); !why.empty()) {
    return why;
  }
  if (IsOfContent(rule)) {
    if (const Publication* one = OriginalOf(witnesses)) {
      return fmt::format("distribution original: {}{}", Escaped(one->name),
                         one->anchor.empty()
                             ? ", unsigned"
                             : ", signed, " + Escaped(one->anchor));
    }
  }
  if (const ReviewedException* one = ExceptionFor(rule, witnesses)) {
    return fmt::format("reviewed exception: {} ({}, until {})",
                       Escaped(one->reason), Escaped(one->reviewer),
                       FormatTime(one->expires));
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
    const auto discrepancies =
        index_.DiscrepanciesOf(index_.HolderOf(witness.artifact));
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
  return std::all_of(witnesses.begin(), witnesses.end(),
                     [this](const Witness& witness) {
                       return IsListed(index_.HolderOf(witness.artifact));
                     });
}

const Publication* Anchors::OriginalOf(const Group& witnesses) const {
  const Publication* first = nullptr;
  for (const Witness& witness : witnesses) {
    const Publication* one = OriginalOf(witness);
    if (one == nullptr) {
      return nullptr;
    }
    first = first == nullptr ? one : first;
  }
  return first;
}

// Walks up: of what an artifact lies in, the bytes are enough.
const Publication* Anchors::OriginalOf(const Witness& witness) const {
  std::optional<OriginalMatch> needed = Needed(witness.thing);
  ArtifactId id = index_.HolderOf(witness.artifact);
  while (needed && id < index_.size()) {
    const Artifact& artifact = index_.At(id).artifact;
    for (const ReferenceSet& set : index_.dossier().references) {
      const ReferenceSet::Found found = set.Find(artifact);
      if (found.match >= *needed) {
        return found.publication;
      }
    }
    if (artifact.parent >= id) {
      break;  // the root, or no tree at all
    }
    needed = OriginalMatch::kContent;
    id = artifact.parent;
  }
  return nullptr;
}

const ReviewedException* Anchors::ExceptionFor(const Rule& rule,
                                               const Group& witnesses) const {
  for (const ReviewedException& one : index_.dossier().exceptions) {
    const bool all = std::all_of(
        witnesses.begin(), witnesses.end(), [&](const Witness& witness) {
          return index_.At(witness.artifact).artifact.sha256() == one.sha256;
        });
    if (one.rule == rule.id && all) {
      return &one;
    }
  }
  return nullptr;
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
