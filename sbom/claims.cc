#include "sbom/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sbom/claim_tree.h"
#include "sbom/digest_comparison.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::size_t kMaxRoots = 64;

// Artifacts with one digest that are looked at for one with all of a claim's.
constexpr std::size_t kMaxAlike = 64;

// Matches the claims of one document against all artifacts.
class Matcher {
 public:
  Matcher(const std::vector<HeldDocument>& documents, std::size_t document,
          const ProductIndex& index, ClaimSet& set)
      : held_(documents[document]),
        document_(document),
        index_(index),
        set_(set),
        first_(set.claims.size()) {}

  void Run() {
    AddClaims(held_.document, document_, set_);
    LearnRoots();
    MatchPaths();
    MatchDigests();
    MatchSubject();
  }

 private:
  // Claims of the document that speak of the same path.
  struct Group {
    std::string path = {};
    std::vector<std::size_t> claims = {};
  };

  [[nodiscard]] bool Concerns(ArtifactId id) const {
    return !held_.embedded ||
           index_.TreeOf(id) == index_.TreeOf(held_.artifact);
  }

  // Where a tree lies below a folder of its container ("rootfs/bin/sh" for a
  // claimed "bin/sh"), as digests that agree show.
  void LearnRoots() {
    for (std::size_t i = first_; i < set_.claims.size(); ++i) {
      const Component& component = *set_.claims[i].component;
      if (!set_.claims[i].is_file || component.files.empty() ||
          roots_.size() >= kMaxRoots) {
        continue;
      }
      const std::string end = "/" + component.files.front();
      for (const Digest& digest : DigestsToCompare(component)) {
        const auto& artifacts = ArtifactsWithContent(index_, digest);
        for (std::size_t k = 0; k < artifacts.size() && k < 4; ++k) {
          const std::string& path = index_.At(artifacts[k]).inner_path;
          if (path.size() > end.size() && Concerns(artifacts[k]) &&
              path.compare(path.size() - end.size(), end.size(), end) == 0) {
            roots_.emplace(index_.TreeOf(artifacts[k]),
                           path.substr(0, path.size() - end.size()));
          }
        }
      }
    }
  }

  // The artifacts at a claimed path: as it stands, below a known root, or
  // without leading folders that only the vendor's build tree had.
  [[nodiscard]] std::vector<ArtifactId> Candidates(
      const std::string& path) const {
    std::vector<ArtifactId> found;
    const auto add = [&](const std::vector<ArtifactId>& ids) {
      std::copy_if(ids.begin(), ids.end(), std::back_inserter(found),
                   [&](ArtifactId id) { return Concerns(id); });
    };
    add(index_.AnywhereAt(MergedPath(path)));
    for (const auto& [tree, root] : roots_) {
      add(index_.InTree(tree, MergedPath(fmt::format("{}/{}", root, path))));
    }
    std::string_view rest = path;
    while (found.empty() && !rest.empty()) {
      rest.remove_prefix(std::min(rest.find('/'), rest.size() - 1) + 1);
      if (rest.find('/') == std::string_view::npos) {
        break;
      }
      add(index_.AnywhereAt(MergedPath(rest)));
    }
    return found;
  }

  void MatchPaths() {
    std::vector<Group> groups;
    std::unordered_map<std::string, std::size_t> group_of;
    for (std::size_t i = first_; i < set_.claims.size(); ++i) {
      if (set_.claims[i].is_subject) {
        continue;
      }
      for (const std::string& path : set_.claims[i].component->files) {
        const auto [entry, fresh] =
            group_of.emplace(MergedPath(path), groups.size());
        if (fresh) {
          groups.push_back({path, {}});
        }
        groups[entry->second].claims.push_back(i);
      }
    }
    for (const Group& group : groups) {
      MatchGroup(group, Candidates(group.path));
    }
  }

  void MatchGroup(const Group& group, const std::vector<ArtifactId>& found) {
    std::unordered_map<std::string, std::size_t> by_digest;
    for (const std::size_t claim : group.claims) {
      set_.claims[claim].has_path = !found.empty();
      for (const Digest& digest : set_.claims[claim].component->digests) {
        by_digest.emplace(KeyOf(digest), claim);
      }
    }
    std::vector<ArtifactId> left;
    for (const ArtifactId id : found) {
      const std::size_t claim = Agreeing(by_digest, index_.At(id));
      if (claim == kNone) {
        left.push_back(id);
      } else {
        SettleAlike(claim, id);
      }
    }
    MatchLeft(group, left);
  }

  static std::size_t Agreeing(
      const std::unordered_map<std::string, std::size_t>& by_digest,
      const Artifact& artifact) {
    for (const Digest& digest : artifact.digests) {
      if (const auto found = by_digest.find(KeyOf(digest));
          found != by_digest.end()) {
        return found->second;
      }
    }
    return kNone;
  }

  // Artifacts at the path with bytes that no claim of the group has. Claims
  // whose bytes were found at the path speak of that other place.
  void MatchLeft(const Group& group, const std::vector<ArtifactId>& left) {
    std::vector<std::size_t> open;
    for (const std::size_t claim : group.claims) {
      if (!set_.claims[claim].has_digest && !set_.claims[claim].contradicted) {
        open.push_back(claim);
      }
    }
    if (open.empty()) {
      return;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
      const std::size_t claim = open[std::min(i, open.size() - 1)];
      const Artifact& artifact = index_.At(left[i]);
      if (artifact.has_content) {
        Settle(claim, left[i]);
      } else if (artifact.meta.type == FileType::kSymlink) {
        CheckLink(claim, artifact);
      }
    }
  }

  // A vendor's tool may have digested what the link leads to; a link to bytes
  // that are nowhere in the product replaced the declared file.
  void CheckLink(std::size_t claim, const Artifact& link) {
    const Component& component = *set_.claims[claim].component;
    const auto& digests = component.digests;
    const bool somewhere =
        digests.empty() || !set_.claims[claim].is_file ||
        std::any_of(digests.begin(), digests.end(), [&](const Digest& digest) {
          return !index_.WithDigest(digest).empty();
        });
    if (!somewhere) {
      Contradict(claim, link.id,
                 {.claimed = KeyOf(digests.front()),
                  .found = fmt::format("a link to {}",
                                       Escaped(link.meta.link_target))});
    }
  }

  // Claim and artifact have a digest in common. Another one that differs shows
  // that the digest in common was copied or forged.
  void SettleAlike(std::size_t claim, ArtifactId id) {
    Claim& one = set_.claims[claim];
    const Artifact& artifact = index_.At(id);
    if (const auto result = CompareDigests(*one.component, artifact);
        result.differs) {
      Contradict(claim, id, result);
      return;
    }
    one.has_digest = one.has_digest || one.is_file || artifact.size > 0;
    Settle(claim, id);
  }

  // Claim and artifact are at one path: do all digests agree?
  void Settle(std::size_t claim, ArtifactId id) {
    const Claim& one = set_.claims[claim];
    const DigestComparison comparison =
        CompareDigests(*one.component, index_.At(id));
    // The digest of a component that is no file is that of its delivery.
    if (one.is_file && comparison.differs) {
      Contradict(claim, id, comparison);
      return;
    }
    Mark(claim, id);
    if (!held_.embedded && one.is_file) {
      set_.itemised[index_.TreeOf(id)] = true;
      set_.any_itemised = true;
    }
  }

  void Contradict(std::size_t claim, ArtifactId id,
                  const DigestComparison& comparison) {
    const Component& component = *set_.claims[claim].component;
    set_.claims[claim].contradicted = true;
    NotePart(claim, id);
    if (!held_.embedded && id != kNoArtifact) {
      set_.contradicted[id] = true;
      set_.itemised[index_.TreeOf(id)] = true;
      set_.any_itemised = true;
    }
    const bool subject = set_.claims[claim].is_subject;
    set_.mismatches.push_back({.kind = subject
                                           ? DiscrepancyKind::kWrongSubject
                                           : DiscrepancyKind::kDigestMismatch,
                               .component = component.name,
                               .purl = component.purl,
                               .artifact = id,
                               .claimed = comparison.claimed,
                               .found = comparison.found,
                               .document = held_.holder,
                               .pointer = component.pointer});
  }

  void NotePart(std::size_t claim, ArtifactId id) {
    if (id == 0 && !set_.claims[claim].is_subject && index_.At(0).has_content) {
      set_.part[document_] = claim;
    }
  }

  void Mark(std::size_t claim, ArtifactId id) {
    NotePart(claim, id);
    auto& owner = held_.embedded ? set_.embedded : set_.vendor;
    if (owner[id] == kNone) {
      owner[id] = claim;
    }
  }

  // Components that are no files, and files that lie nowhere near their path.
  // A file that is where the document says does not explain its copies.
  void MatchDigests() {
    std::unordered_set<std::string> seen;
    for (std::size_t i = first_; i < set_.claims.size(); ++i) {
      Claim& claim = set_.claims[i];
      if (claim.is_subject || (claim.is_file && claim.has_path)) {
        continue;
      }
      MatchDigestsOf(i);
      for (const Digest& digest : DigestsToCompare(*claim.component)) {
        if (!claim.has_digest || !seen.insert(KeyOf(digest)).second) {
          continue;
        }
        for (const ArtifactId id : ArtifactsWithContent(index_, digest)) {
          if (Concerns(id) &&
              !CompareDigests(*claim.component, index_.At(id)).differs) {
            Mark(i, id);
          }
        }
      }
    }
  }

  // Whether an artifact has all digests of a claim. One that has some and
  // others than the rest contradicts it, where none has all.
  void MatchDigestsOf(std::size_t i) {
    Claim& claim = set_.claims[i];
    DigestComparison differs;
    ArtifactId other = kNoArtifact;
    for (const Digest& digest : DigestsToCompare(*claim.component)) {
      const auto& artifacts = ArtifactsWithContent(index_, digest);
      const std::size_t count = std::min(artifacts.size(), kMaxAlike);
      for (std::size_t k = 0; k < count && !claim.has_digest; ++k) {
        auto result = CompareDigests(*claim.component, index_.At(artifacts[k]));
        if (!result.differs) {
          claim.has_digest = true;
        } else if (other == kNoArtifact && Concerns(artifacts[k])) {
          differs = std::move(result);
          other = artifacts[k];
        }
      }
    }
    if (!claim.has_digest && other != kNoArtifact) {
      Contradict(i, other, differs);
    }
  }

  // The subject is the product, unless the product is a part of it: then
  // another claim of the document has its name or its bytes.
  void MatchSubject() {
    if (first_ == set_.claims.size() || !set_.claims[first_].is_subject ||
        held_.embedded) {
      return;
    }
    Claim& subject = set_.claims[first_];
    MatchDigestsOf(first_);
    for (const Digest& digest : DigestsToCompare(*subject.component)) {
      for (const ArtifactId id : ArtifactsWithContent(index_, digest)) {
        if (!CompareDigests(*subject.component, index_.At(id)).differs) {
          Mark(first_, id);
        }
      }
    }
    if (subject.has_digest || subject.contradicted ||
        set_.part[document_] != kNone) {
      return;
    }
    if (!index_.At(0).has_content) {
      MatchSubjectOfFolder();
    } else if (const auto result =
                   CompareDigests(*subject.component, index_.At(0));
               result.differs) {
      Contradict(first_, 0, result);
    }
  }

  // A folder of deliveries holds the subject, but nothing says which it is.
  void MatchSubjectOfFolder() {
    for (const ArtifactId id : index_.Children(0)) {
      const DigestComparison result =
          CompareDigests(*set_.claims[first_].component, index_.At(id));
      if (result.differs) {
        Contradict(first_, kNoArtifact,
                   {.claimed = result.claimed,
                    .found = "no file of the delivery has this digest"});
        return;
      }
    }
  }

  const HeldDocument& held_;
  std::size_t document_;
  const ProductIndex& index_;
  ClaimSet& set_;
  std::size_t first_;  // the document's first claim
  std::set<std::pair<ArtifactId, std::string>> roots_;
};

}  // namespace

ClaimSet MatchClaims(const std::vector<HeldDocument>& documents,
                     const ProductIndex& index) {
  ClaimSet set;
  set.vendor.assign(index.size(), kNone);
  set.embedded.assign(index.size(), kNone);
  set.contradicted.assign(index.size(), false);
  set.itemised.assign(index.size(), false);
  set.part.assign(documents.size(), kNone);
  for (std::size_t i = 0; i < documents.size() && index.size() > 0; ++i) {
    Matcher(documents, i, index, set).Run();
  }
  return set;
}

}  // namespace assay::sbom
