#include "verifier/engine/cases.h"

#include <algorithm>
#include <utility>

#include "signatures/scheme.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

// How often lists that hold, and how often others, may have one file digested
// in their own ways: each time is a pass over it.
constexpr std::size_t kMaxPasses = 8;

using Wishes = std::map<std::string, DigestSet>;

bool Has(const std::vector<Digest>& digests, DigestAlgorithm algorithm) {
  return std::any_of(digests.begin(), digests.end(), [&](const Digest& one) {
    return one.algorithm == algorithm;
  });
}

// What of a listed file the walk has not computed: one digest is enough.
void Want(const Artifact& file, const ListedFile& listed, Wishes& wanted) {
  if (listed.part) {
    wanted[file.path];
    return;
  }
  const bool known = std::any_of(listed.digests.begin(), listed.digests.end(),
                                 [&](const Digest& digest) {
                                   return Has(file.digests, digest.algorithm);
                                 });
  for (const Digest& digest : listed.digests) {
    if (!known) {
      wanted[file.path].Insert(digest.algorithm);
    }
  }
}

}  // namespace

bool Case::SignsOwnRanges() const {
  const auto& ranges = candidate->ranges;
  return artifact != kNoArtifact && !detached &&
         !candidate->signature.empty() && candidate->message.empty() &&
         candidate->message_digests.empty() && candidate->problems.empty() &&
         std::any_of(ranges.begin(), ranges.end(), [](const auto& claim) {
           return claim.coverage == Coverage::kSigned;
         });
}

Cases::Cases(const JudgeRequest& request) : request_(request) {
  for (const Node& node : request.survey.nodes) {
    by_path_.emplace(node.artifact.path, node.artifact.id);
  }
  for (const NamedFile& file : request.signatures) {
    GatherNamed(file);
  }
  for (const Node& node : request.survey.nodes) {
    for (const SignatureCandidate& candidate : node.seen.candidates) {
      if (!IsNamedAlready(candidate, node.artifact)) {
        Gather(candidate, node.artifact.id, node.artifact.path);
      }
    }
  }
}

// Whether a detached signature without its file is one that the container
// around it was found to carry: a bundle's own, which is a member as well.
bool Cases::IsNamedAlready(const SignatureCandidate& candidate,
                           const Artifact& holder) const {
  if (candidate.targets.empty() || !candidate.listed.empty() ||
      holder.parent == kNoArtifact || !holder.origin) {
    return false;
  }
  const bool beside = std::any_of(
      candidate.targets.begin(), candidate.targets.end(),
      [&](const auto& name) { return Beside(holder.path, name).has_value(); });
  const auto& around = request_.survey.nodes[holder.parent].seen.candidates;
  return !beside && std::any_of(around.begin(), around.end(),
                                [&](const SignatureCandidate& other) {
                                  return !other.signature.empty() &&
                                         other.place == *holder.origin;
                                });
}

std::optional<ArtifactId> Cases::At(const std::string& path) const {
  const auto found = by_path_.find(path);
  if (found == by_path_.end() ||
      !request_.survey.At(found->second).has_content) {
    return std::nullopt;
  }
  return found->second;
}

std::optional<ArtifactId> Cases::Beside(const std::string& path,
                                        const std::string& name) const {
  const auto slash = path.rfind('/');
  const std::string prefix =
      slash == std::string::npos ? "" : path.substr(0, slash + 1);
  return At(prefix + Escaped(NormalPath(name)));
}

// Some lists name what an archive beside them holds as if it were unpacked
// there: "data/0000/x" is x in data/0000.tar.gz.
std::optional<ArtifactId> Cases::Unpacked(const std::string& path,
                                          const std::string& name) const {
  const std::string normal = NormalPath(name);
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  for (auto slash = normal.rfind('/'); slash != std::string::npos && slash != 0;
       slash = normal.rfind('/', slash - 1)) {
    const std::string stem = folder + Escaped(normal.substr(0, slash)) + ".tar";
    const std::string tail = "!/" + Escaped(normal.substr(slash + 1));
    for (auto at = by_path_.lower_bound(stem);
         at != by_path_.end() && at->first.starts_with(stem); ++at) {
      if (at->first.ends_with(tail) &&
          request_.survey.At(at->second).has_content) {
        return at->second;
      }
    }
  }
  return std::nullopt;
}

// A member of the artifact, or of the container that is its only or first
// part: a bundle holds its files in a file system in front of the signature.
std::optional<ArtifactId> Cases::Inside(ArtifactId holder,
                                        const std::string& name) const {
  const std::string tail = "!/" + Escaped(NormalPath(name));
  if (const auto found = At(request_.survey.At(holder).path + tail)) {
    return found;
  }
  const auto& nodes = request_.survey.nodes;
  for (std::size_t id = holder + 1; id < nodes.size(); ++id) {
    const Artifact& artifact = nodes[id].artifact;
    if (artifact.depth <= request_.survey.At(holder).depth) {
      break;
    }
    if (artifact.parent == holder) {
      if (const auto found = At(artifact.path + tail)) {
        return found;
      }
    }
  }
  return std::nullopt;
}

std::optional<ArtifactId> Cases::Named(const Case& one,
                                       const ListedFile& listed) const {
  if (one.candidate->listed_inside) {
    return one.artifact == kNoArtifact ? std::nullopt
                                       : Inside(one.artifact, listed.name);
  }
  auto found = Beside(one.holder, listed.name);
  for (const std::string& name : listed.also) {
    found = found ? found : Beside(one.holder, name);
  }
  return found ? found : Unpacked(one.holder, listed.name);
}

void Cases::Gather(const SignatureCandidate& candidate, ArtifactId artifact,
                   const std::string& holder) {
  Case found{.candidate = &candidate, .artifact = artifact, .holder = holder};
  found.detached = candidate.message.empty() && !candidate.targets.empty();
  for (const std::string& name : candidate.targets) {
    if (!found.target) {
      found.target = Beside(holder, name);
    }
  }
  if (candidate.signature.empty() && !candidate.age.scheme.empty()) {
    aged_lists_.emplace(artifact, &candidate);
  }
  cases_.push_back(std::move(found));
}

// Signature files that the user named sign the product itself, or the file of
// the delivery that their name points to.
void Cases::GatherNamed(const NamedFile& file) {
  Artifact artifact;
  artifact.name = file.name;
  artifact.path = Escaped(file.name);
  artifact.inner_path = file.name;
  artifact.size = file.content.size();
  artifact.has_content = true;
  Observations& seen = named_.emplace_back();
  for (const auto* scheme : signatures::AllSchemes()) {
    scheme->find({artifact, file.content.bytes(), request_.plan.limits}, seen);
  }
  const bool single = request_.survey.At(0).has_content;
  for (const SignatureCandidate& candidate : seen.candidates) {
    Gather(candidate, kNoArtifact, artifact.path);
    if (single && cases_.back().detached) {
      cases_.back().target = ArtifactId{0};
    }
  }
  if (seen.candidates.empty()) {
    SignatureCheck& check = unread_.emplace_back();
    check.holder = artifact.path;
    check.indication = Indication::kUnsupported;
    check.detail = "no signature scheme that is read";
  }
}

// By path, for the walk knows artifacts by their addresses.
std::map<std::string, DigestSet> Cases::Wanted() const {
  Wishes wanted;
  for (const Case& one : cases_) {
    if (one.detached && one.target && !one.IsBareList()) {
      wanted[request_.survey.At(*one.target).path];
    }
    if (one.SignsOwnRanges()) {
      wanted[one.holder];
    }
    for (const ListedFile& listed : one.candidate->listed) {
      if (const auto id = Named(one, listed)) {
        Want(request_.survey.At(*id), listed, wanted);
      }
    }
  }
  return wanted;
}

void Cases::JoinRanges() {
  for (const Case& one : cases_) {
    const auto content =
        one.SignsOwnRanges() ? contents_.find(one.artifact) : contents_.end();
    if (content == contents_.end()) {
      continue;
    }
    Bytes& joined = joined_[one.candidate];
    for (const ClaimedRange& claim : one.candidate->ranges) {
      const auto part = claim.coverage == Coverage::kSigned
                            ? Slice(content->second.bytes(), claim.range.offset,
                                    claim.range.length)
                            : std::nullopt;
      if (part) {
        joined.insert(joined.end(), part->begin(), part->end());
      }
    }
  }
}

Result<void> Cases::FetchWhatTheySign() {
  const auto wanted = Wanted();
  if (wanted.empty()) {
    return {};
  }
  std::vector<std::string> paths;
  paths.reserve(wanted.size());
  for (const auto& [path, digests] : wanted) {
    paths.push_back(path);
  }
  ExaminePlan plan = request_.plan;
  plan.scope = Scope::kTree;
  plan.rules = nullptr;
  plan.progress = nullptr;
  auto fetched = Fetch(request_.product, paths, plan);
  if (!fetched) {
    return Fail(fetched.error());
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (auto& found = (*fetched)[i]) {
      const ArtifactId id = by_path_.at(paths[i]);
      const DigestSet digests = wanted.at(paths[i]);
      if (digests != DigestSet{}) {
        Hasher hasher(digests);
        hasher.Update(found->content.bytes());
        digests_[id] = hasher.Finish();
      }
      contents_[id] = std::move(found->content);
    }
  }
  JoinRanges();
  return {};
}

void Cases::ReadParts(const Case& one, bool holds) {
  for (const ListedFile& listed : one.candidate->listed) {
    const bool wanted = listed.part && parts_.count(&listed) == 0;
    const auto id = wanted ? Named(one, listed) : std::nullopt;
    const auto content = id ? contents_.find(*id) : contents_.end();
    if (content == contents_.end() || passes_[{*id, holds}] == kMaxPasses) {
      continue;
    }
    ++passes_[{*id, holds}];
    signatures::PresentFile& file = parts_[&listed];
    file.artifact = *id;
    signatures::ReadListedPart(listed, content->second.bytes(), file);
  }
}

const SignatureCandidate* Cases::AgedListSignedBy(const Case& one) const {
  const auto list = one.detached && one.target ? aged_lists_.find(*one.target)
                                               : aged_lists_.end();
  return list == aged_lists_.end() ? nullptr : list->second;
}

std::string Cases::TargetOf(const Case& one) const {
  return one.target ? request_.survey.At(*one.target).path : one.holder;
}

std::optional<ByteView> Cases::MessageOf(const Case& one) const {
  if (const auto joined = joined_.find(one.candidate);
      joined != joined_.end()) {
    return ByteView(joined->second);
  }
  const auto found = one.target ? contents_.find(*one.target) : contents_.end();
  return found == contents_.end() ? std::nullopt
                                  : std::optional(found->second.bytes());
}

std::optional<signatures::PresentFile> Cases::ListedIn(
    const Case& one, const ListedFile& listed) const {
  const auto id = Named(one, listed);
  if (!id) {
    return std::nullopt;
  }
  const Artifact& artifact = request_.survey.At(*id);
  if (listed.part) {
    const auto read = parts_.find(&listed);
    signatures::PresentFile part =
        read == parts_.end() ? signatures::PresentFile{} : read->second;
    part.size = artifact.size;
    part.artifact = *id;
    part.path = artifact.path;
    return part;
  }
  signatures::PresentFile file{artifact.size, artifact.digests, *id,
                               artifact.path};
  if (const auto more = digests_.find(*id); more != digests_.end()) {
    file.digests.insert(file.digests.end(), more->second.begin(),
                        more->second.end());
  }
  return file;
}

}  // namespace assay::engine
