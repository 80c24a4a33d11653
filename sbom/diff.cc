#include "sbom/diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sbom/packages.h"
#include "sbom/versions.h"

namespace assay::sbom {
namespace {

using Key = std::pair<std::string, std::string>;  // type and name
using Groups = std::map<Key, std::vector<const Component*>>;

Groups GroupsOf(const SbomDocument& document) {
  Groups groups;
  for (const Component& component : document.components) {
    const Identity identity = IdentityOf(component);
    groups[{identity.type.empty() ? component.type : identity.type,
            identity.name}]
        .push_back(&component);
  }
  for (auto& [key, list] : groups) {
    const VersionOrder order = VersionOrderOf(key.first);
    std::stable_sort(list.begin(), list.end(),
                     [&](const Component* a, const Component* b) {
                       return CompareVersions(order, IdentityOf(*a).version,
                                              IdentityOf(*b).version) < 0;
                     });
  }
  return groups;
}

std::string LicencesOf(const Component& component) {
  const std::set<std::string> sorted(component.licences.begin(),
                                     component.licences.end());
  return fmt::format("{}", fmt::join(sorted, ", "));
}

class Differ {
 public:
  std::vector<SbomChange> Run(const SbomDocument& before,
                              const SbomDocument& after) {
    const Groups old_groups = GroupsOf(before);
    const Groups new_groups = GroupsOf(after);
    std::set<Key> keys;
    for (const Groups* groups : {&old_groups, &new_groups}) {
      for (const auto& [key, list] : *groups) {
        keys.insert(key);
      }
    }
    static const std::vector<const Component*> kNone;
    for (const Key& key : keys) {
      const auto was = old_groups.find(key);
      const auto is = new_groups.find(key);
      Pair(key, was == old_groups.end() ? kNone : was->second,
           is == new_groups.end() ? kNone : is->second);
    }
    return std::move(changes_);
  }

 private:
  // What both sides have in the same version pairs first, the rest in order.
  void Pair(const Key& key, std::vector<const Component*> was,
            std::vector<const Component*> is) {
    for (auto one = was.begin(); one != was.end();) {
      const auto same =
          std::find_if(is.begin(), is.end(), [&](const Component* other) {
            return IdentityOf(*other).version == IdentityOf(**one).version;
          });
      if (same == is.end()) {
        ++one;
        continue;
      }
      Compare(key, **one, **same);
      is.erase(same);
      one = was.erase(one);
    }
    const std::size_t both = std::min(was.size(), is.size());
    for (std::size_t i = 0; i < both; ++i) {
      Compare(key, *was[i], *is[i]);
    }
    for (std::size_t i = both; i < was.size(); ++i) {
      Add(key, ChangeKind::kRemoved, "", IdentityOf(*was[i]).version, "");
    }
    for (std::size_t i = both; i < is.size(); ++i) {
      Add(key, ChangeKind::kAdded, "", "", IdentityOf(*is[i]).version);
    }
  }

  void Compare(const Key& key, const Component& was, const Component& is) {
    AddIf(key, "version", IdentityOf(was).version, IdentityOf(is).version);
    AddIf(key, "supplier", was.supplier, is.supplier);
    AddIf(key, "licences", LicencesOf(was), LicencesOf(is));
    if (IdentityOf(was).version != IdentityOf(is).version) {
      return;  // other bytes are what a version means
    }
    for (const Digest& digest : was.digests) {
      for (const Digest& other : is.digests) {
        if (digest.algorithm == other.algorithm) {
          AddIf(key, NameOf(digest.algorithm), digest.hex, other.hex);
        }
      }
    }
  }

  void AddIf(const Key& key, std::string_view field, const std::string& before,
             const std::string& after) {
    if (before != after) {
      Add(key, ChangeKind::kChanged, field, before, after);
    }
  }

  void Add(const Key& key, ChangeKind kind, std::string_view field,
           std::string before, std::string after) {
    changes_.push_back({kind, key.second, key.first, std::string(field),
                        std::move(before), std::move(after)});
  }

  std::vector<SbomChange> changes_ = {};
};

}  // namespace

std::string_view NameOf(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kChanged:
      return "changed";
  }
  return "";
}

std::vector<SbomChange> DiffSboms(const SbomDocument& before,
                                  const SbomDocument& after) {
  return Differ().Run(before, after);
}

}  // namespace assay::sbom
