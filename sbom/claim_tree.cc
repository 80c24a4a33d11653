#include "sbom/claim_tree.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace assay::sbom {
namespace {

void LinkParents(std::size_t first, ClaimSet& set) {
  std::unordered_map<std::string_view, std::size_t> by_ref;
  for (std::size_t i = first; i < set.claims.size(); ++i) {
    const Component& component = *set.claims[i].component;
    by_ref.emplace(component.ref.empty() ? component.pointer : component.ref,
                   i);
  }
  for (std::size_t i = first; i < set.claims.size(); ++i) {
    Claim& claim = set.claims[i];
    const auto found = by_ref.find(claim.component->parent);
    if (claim.component->parent.empty() || found == by_ref.end() ||
        found->second == i) {
      continue;
    }
    claim.parent = found->second;
    Claim& parent = set.claims[claim.parent];
    parent.has_files =
        parent.has_files || (claim.is_file && parent.lists_all_files);
  }
}

// The refs whose parts the document itself says it does not list all of.
std::unordered_set<std::string_view> Unlisted(const SbomDocument& document) {
  std::unordered_set<std::string_view> refs;
  for (const Composition& composition : document.compositions) {
    if (composition.aggregate != "complete") {
      refs.insert(composition.assemblies.begin(), composition.assemblies.end());
    }
  }
  return refs;
}

void InheritScope(std::size_t first, ClaimSet& set) {
  for (std::size_t i = first; i < set.claims.size(); ++i) {
    std::size_t up = set.claims[i].parent;
    for (int step = 0; step < kMaxNesting && up != kNone; ++step) {
      set.claims[i].in_scope =
          set.claims[i].in_scope && set.claims[up].in_scope;
      up = set.claims[up].parent;
    }
  }
}

}  // namespace

void AddClaims(const SbomDocument& document, std::size_t number,
               ClaimSet& set) {
  const std::size_t first = set.claims.size();
  const auto unlisted = Unlisted(document);
  const auto add = [&](const Component& component, bool subject) {
    const bool required =
        component.scope.empty() || component.scope == "required";
    set.claims.push_back({.component = &component,
                          .document = number,
                          .is_subject = subject,
                          .is_file = component.type == "file",
                          .lists_all_files = component.ref.empty() ||
                                             unlisted.count(component.ref) == 0,
                          .in_scope = required});
  };
  if (document.subject) {
    add(*document.subject, true);
  }
  for (const Component& component : document.components) {
    add(component, false);
  }
  LinkParents(first, set);
  InheritScope(first, set);
}

std::string ClaimSet::NameOf(std::size_t claim) const {
  std::size_t at = claim;
  for (int step = 0; step < kMaxNesting && claims[at].is_file; ++step) {
    const std::size_t parent = claims[at].parent;
    if (parent == kNone || claims[parent].is_subject) {
      break;
    }
    at = parent;
  }
  return claims[at].component->name;
}

}  // namespace assay::sbom
