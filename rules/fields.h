// What a condition can name of the thing it tests, and a rule's title show.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "rules/rule.h"
#include "verifier/model/dossier.h"

namespace assay::rules {

// Something of a dossier that a leaf of a condition can be about. Borrowed.
using Thing = std::variant<const Artifact*, const Fact*, const HitRecord*,
                           const SignatureCheck*, const Discrepancy*,
                           const AnomalyRecord*, const StructureRange*>;

// The fields of what a leaf tests; for kFact those that every fact has (its
// attributes come on top).
[[nodiscard]] std::span<const std::string_view> FieldsOf(Condition::Kind kind);

// The field as text, "" when the thing has none of that name. Every thing has
// the "path", "name" and "address" of `artifact`, which holds it. An artifact's
// "provenance" is no field of it: the matcher knows it from the dossier.
[[nodiscard]] std::string FieldOf(const Thing& thing, const Artifact& artifact,
                                  std::string_view field);

[[nodiscard]] std::string_view NameOf(Provenance provenance);

}  // namespace assay::rules
