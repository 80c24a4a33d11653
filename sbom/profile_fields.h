// The fields that profiles can ask for, and how a document answers.
#pragma once

#include <span>
#include <string_view>
#include <unordered_set>

#include "sbom/profile.h"

namespace assay::sbom {

// A document with what is looked up again and again.
struct ProfileSubject {
  explicit ProfileSubject(const SbomDocument& of);

  const SbomDocument& document;
  std::unordered_set<std::string_view> listed = {};    // have a dependency list
  std::unordered_set<std::string_view> has_some = {};  // with something in it
  std::unordered_set<std::string_view> judged = {};    // and say how complete
  std::unordered_set<std::string_view> unsure = {};    // judged "unknown"
};

struct DocumentField {
  std::string_view name;
  FieldOutcome (*outcome)(const ProfileSubject& subject);
};
struct ComponentField {
  std::string_view name;
  FieldOutcome (*outcome)(const ProfileSubject& subject,
                          const Component& component);
};

[[nodiscard]] std::span<const DocumentField> DocumentFields();
[[nodiscard]] std::span<const ComponentField> ComponentFields();

// Whether the component is a file, or says which file it is.
[[nodiscard]] bool IsFileComponent(const Component& component);

}  // namespace assay::sbom
