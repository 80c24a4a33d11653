#include "sbom/diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "sbom/licence_expression.h"
#include "sbom/packages.h"
#include "sbom/versions.h"

namespace assay::sbom {
namespace {

using Key = std::pair<std::string, std::string>;  // type and name

struct Entry {
  const Component* component;
  std::string version;
};
using Entries = std::vector<Entry>;
using Groups = std::map<Key, Entries>;

Groups GroupsOf(const SbomDocument& document) {
  Groups groups;
  for (const Component& component : document.components) {
    Identity identity = IdentityOf(component);
    groups[{identity.type.empty() ? component.type : identity.type,
            identity.name}]
        .push_back({&component, std::move(identity.version)});
  }
  for (auto& [key, list] : groups) {
    const VersionOrder order = VersionOrderOf(key.first);
    std::stable_sort(list.begin(), list.end(),
                     [order](const Entry& a, const Entry& b) {
                       return CompareVersions(order, a.version, b.version) < 0;
                     });
  }
  return groups;
}

// Expressions in their canonical text: operands have no order.
std::string LicencesOf(const Component& component) {
  std::set<std::string> sorted;
  for (const std::string& licence : component.licences) {
    auto parsed = ParseLicenceExpression(licence);
    sorted.insert(parsed ? std::move(parsed->text) : licence);
  }
  return fmt::format("{}", fmt::join(sorted, ", "));
}

std::map<DigestAlgorithm, std::string> DigestsOf(const Component& component) {
  std::map<DigestAlgorithm, std::string> digests;
  for (const Digest& digest : component.digests) {
    digests.emplace(digest.algorithm, digest.hex);
  }
  return digests;
}

class Differ {
 public:
  std::vector<SbomChange> Run(const SbomDocument& before,
                              const SbomDocument& after) {
    Pair({std::string(kSubjectType), ""}, SubjectOf(before), SubjectOf(after));
    const Groups old_groups = GroupsOf(before);
    const Groups new_groups = GroupsOf(after);
    std::set<Key> keys;
    for (const Groups* groups : {&old_groups, &new_groups}) {
      for (const auto& [key, list] : *groups) {
        keys.insert(key);
      }
    }
    for (const Key& key : keys) {
      const auto was = old_groups.find(key);
      const auto is = new_groups.find(key);
      Pair(key, was == old_groups.end() ? Entries() : was->second,
           is == new_groups.end() ? Entries() : is->second);
    }
    return std::move(changes_);
  }

 private:
  static Entries SubjectOf(const SbomDocument& document) {
    Entries entries;
    if (document.subject) {
      entries.push_back(
          {&*document.subject, IdentityOf(*document.subject).version});
    }
    return entries;
  }

  // What both sides have in the same version pairs first, the rest in order.
  void Pair(const Key& key, const Entries& was, const Entries& is) {
    std::map<std::string_view, std::deque<const Entry*>> by_version;
    for (const Entry& entry : is) {
      by_version[entry.version].push_back(&entry);
    }
    std::vector<const Entry*> gone;
    for (const Entry& entry : was) {
      const auto same = by_version.find(entry.version);
      if (same == by_version.end() || same->second.empty()) {
        gone.push_back(&entry);
      } else {
        Compare(key, entry, *same->second.front());
        same->second.pop_front();
      }
    }
    std::set<const Entry*> left;
    for (const auto& [version, entries] : by_version) {
      left.insert(entries.begin(), entries.end());
    }
    PairInOrder(key, gone, left);
  }

  // `come` is in the order of its list, whose elements do not move.
  void PairInOrder(const Key& key, const std::vector<const Entry*>& gone,
                   const std::set<const Entry*>& come) {
    auto next = come.begin();
    for (const Entry* entry : gone) {
      if (next == come.end()) {
        Add(key, *entry, ChangeKind::kRemoved, "", entry->version, "");
      } else {
        Compare(key, *entry, **next++);
      }
    }
    for (; next != come.end(); ++next) {
      Add(key, **next, ChangeKind::kAdded, "", "", (*next)->version);
    }
  }

  void Compare(const Key& key, const Entry& was, const Entry& is) {
    const Component& before = *was.component;
    const Component& after = *is.component;
    if (key.first == kSubjectType) {
      AddIf(key, is, "name", before.name, after.name);
    }
    AddIf(key, is, "version", was.version, is.version);
    AddIf(key, is, "supplier", before.supplier, after.supplier);
    AddIf(key, is, "licences", LicencesOf(before), LicencesOf(after));
    if (was.version != is.version) {
      return;  // other bytes are what a version means
    }
    const auto old_digests = DigestsOf(before);
    for (const auto& [algorithm, hex] : DigestsOf(after)) {
      if (const auto old = old_digests.find(algorithm);
          old != old_digests.end()) {
        AddIf(key, is, NameOf(algorithm), old->second, hex);
      }
    }
  }

  void AddIf(const Key& key, const Entry& of, std::string_view field,
             const std::string& before, const std::string& after) {
    if (before != after) {
      Add(key, of, ChangeKind::kChanged, field, before, after);
    }
  }

  // The subject may change its very name: it is called by the new one.
  void Add(const Key& key, const Entry& of, ChangeKind kind,
           std::string_view field, std::string before, std::string after) {
    const bool subject = key.first == kSubjectType;
    changes_.push_back({kind, subject ? of.component->name : key.second,
                        key.first, std::string(field), std::move(before),
                        std::move(after)});
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
