#include "verifier/engine/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "signatures/anchor.h"
#include "signatures/apt_archive.h"
#include "signatures/listed_files.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

// A candidate, where it was found, and what it may sign.
struct Case {
  SignatureCandidate candidate = {};
  ArtifactId artifact = kNoArtifact;
  std::string holder = {};
  std::optional<ArtifactId> target = {};  // nothing: it encloses its message
  bool detached = false;
};

class Court {
 public:
  explicit Court(const JudgeRequest& request) : request_(request) {
    for (const Node& node : request.survey.nodes) {
      by_path_.emplace(node.artifact.path, node.artifact.id);
    }
  }

  Result<std::vector<SignatureCheck>> Sit() {
    GatherNamed();
    for (const Node& node : request_.survey.nodes) {
      for (const SignatureCandidate& candidate : node.seen.candidates) {
        Gather(candidate, node.artifact.id, node.artifact.path);
      }
    }
    if (const auto fetched = FetchMessages(); !fetched) {
      return Fail(fetched.error());
    }
    for (const Case& found : cases_) {
      if (found.candidate.listed.empty() || !IsList(found.candidate)) {
        JudgeCase(found);
      }
    }
    // Checksum lists last: a signature over the list vouches for its files.
    for (const Case& found : cases_) {
      if (!found.candidate.listed.empty() && IsList(found.candidate)) {
        JudgeList(found);
      }
    }
    JudgeByReleaseChain();
    return std::move(checks_);
  }

 private:
  static bool IsList(const SignatureCandidate& candidate) {
    return candidate.scheme == signatures::kChecksumList.name;
  }

  // The artifact that stands beside `path` under that name.
  [[nodiscard]] std::optional<ArtifactId> Sibling(
      const std::string& path, const std::string& name) const {
    const auto slash = path.rfind('/');
    const std::string prefix =
        slash == std::string::npos ? "" : path.substr(0, slash + 1);
    const auto found = by_path_.find(prefix + Escaped(NormalPath(name)));
    if (found == by_path_.end() ||
        !request_.survey.At(found->second).has_content) {
      return std::nullopt;
    }
    return found->second;
  }

  void Gather(SignatureCandidate candidate, ArtifactId artifact,
              const std::string& holder) {
    Case found{.candidate = std::move(candidate),
               .artifact = artifact,
               .holder = holder};
    found.detached =
        found.candidate.message.empty() && !found.candidate.targets.empty();
    for (const std::string& name : found.candidate.targets) {
      if (!found.target) {
        found.target = Sibling(holder, name);
      }
    }
    cases_.push_back(std::move(found));
  }

  // Signature files that the user named sign the product itself, or the file
  // of the delivery that their name points to.
  void GatherNamed() {
    for (const NamedFile& file : request_.signatures) {
      Artifact artifact;
      artifact.name = file.name;
      artifact.path = Escaped(file.name);
      artifact.inner_path = file.name;
      artifact.size = file.content.size();
      artifact.has_content = true;
      Observations seen;
      for (const auto* scheme : signatures::AllSchemes()) {
        scheme->find({artifact, file.content.bytes(), request_.plan.limits},
                     seen);
      }
      const bool single = request_.survey.At(0).has_content;
      for (SignatureCandidate& candidate : seen.candidates) {
        Gather(std::move(candidate), kNoArtifact, artifact.path);
        if (single && cases_.back().detached) {
          cases_.back().target = ArtifactId{0};
        }
      }
      if (seen.candidates.empty()) {
        checks_.push_back({.holder = artifact.path,
                           .indication = Indication::kUnsupported,
                           .detail = "no signature scheme that is read"});
      }
    }
  }

  Result<void> FetchMessages() {
    std::vector<std::string> paths;
    for (const Case& found : cases_) {
      if (found.target) {
        paths.push_back(request_.survey.At(*found.target).path);
      }
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    if (paths.empty()) {
      return {};
    }
    ExaminePlan plan = request_.plan;
    plan.analyse = false;
    plan.patterns = nullptr;
    plan.progress = nullptr;
    auto fetched = Fetch(request_.product, paths, plan);
    if (!fetched) {
      return Fail(fetched.error());
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (auto& found = (*fetched)[i]) {
        messages_[paths[i]] = std::move(found->content);
      }
    }
    return {};
  }

  [[nodiscard]] std::vector<TrustAnchor> AnchorsFor(
      std::string_view scheme, const std::string& subject) const {
    std::vector<TrustAnchor> anchors;
    for (const TrustAnchor& anchor : request_.policy.anchors) {
      if (signatures::AnchorApplies(anchor, scheme, subject, request_.at)) {
        anchors.push_back(anchor);
      }
    }
    return anchors;
  }

  SignatureCheck Check(const Case& found) const {
    const std::string target =
        found.target ? request_.survey.At(*found.target).path : found.holder;
    const signatures::SignatureScheme* scheme =
        signatures::FindScheme(found.candidate.scheme);
    const auto anchors = AnchorsFor(found.candidate.scheme, target);
    const signatures::Trust trust{anchors, request_.at,
                                  request_.policy.legacy_algorithms};
    SignatureCheck check;
    const auto message = messages_.find(target);
    if (found.detached && message == messages_.end()) {
      check.scheme = found.candidate.scheme;
      check.indication = Indication::kIndeterminate;
      check.sub_indication = "SIGNED_DATA_NOT_FOUND";
      check.detail = fmt::format("no file \"{}\" beside it",
                                 Escaped(found.candidate.targets.front()));
    } else {
      check = scheme->verify(
          found.candidate,
          found.detached ? message->second.bytes() : ByteView(), trust);
      check.target = target;
    }
    check.artifact = found.artifact;
    check.holder = found.holder;
    if (check.indication == Indication::kTotalPassed) {
      Cover(found, check);
    }
    return check;
  }

  void Cover(const Case& found, SignatureCheck& check) const {
    if (found.detached) {
      const ArtifactId target = *found.target;
      check.covers.push_back(
          {target, {0, request_.survey.At(target).size}, Coverage::kSigned});
    } else if (found.artifact != kNoArtifact) {
      check.covers.push_back(
          {found.artifact, found.candidate.place, Coverage::kSigned});
    }
  }

  void JudgeCase(const Case& found) {
    SignatureCheck check = Check(found);
    checks_.push_back(check);
    if (!found.candidate.listed.empty()) {
      AddListed(found, check);
    }
  }

  void JudgeList(const Case& found) {
    SignatureCheck outer = Check(found);
    for (const SignatureCheck& check : checks_) {
      if (check.target == found.holder &&
          check.indication == Indication::kTotalPassed) {
        outer = check;
        outer.steps.push_back(fmt::format("{} is signed", found.holder));
      }
    }
    AddListed(found, outer);
  }

  void AddListed(const Case& found, const SignatureCheck& outer) {
    const auto lookup =
        [&](const std::string& name) -> std::optional<signatures::PresentFile> {
      const auto id = Sibling(found.holder, name);
      if (!id) {
        return std::nullopt;
      }
      const Artifact& artifact = request_.survey.At(*id);
      return signatures::PresentFile{artifact.size, artifact.digests, *id,
                                     artifact.path};
    };
    for (SignatureCheck& check :
         signatures::CheckListed(found.candidate, outer, lookup,
                                 request_.policy.legacy_algorithms)) {
      check.artifact = found.artifact;
      check.holder = found.holder;
      checks_.push_back(std::move(check));
    }
  }

  void JudgeByReleaseChain();
  void JudgePackage(const signatures::AptContext& chain,
                    const Artifact& package);

  const JudgeRequest& request_;
  std::unordered_map<std::string, ArtifactId> by_path_;
  std::vector<Case> cases_;
  std::map<std::string, ByteSource> messages_;
  std::vector<SignatureCheck> checks_;
};

bool IsDeb(const Survey& survey, const Artifact& artifact) {
  if (artifact.format != "ar" || !artifact.has_content ||
      artifact.id + 1 >= survey.nodes.size()) {
    return false;
  }
  const Artifact& first = survey.At(artifact.id + 1);
  return first.parent == artifact.id && first.name == "debian-binary";
}

void Court::JudgeByReleaseChain() {
  if (request_.context.empty()) {
    return;
  }
  std::vector<signatures::ContextFile> files;
  for (const NamedFile& file : request_.context) {
    files.push_back({file.name, file.content});
  }
  // Whether an anchor may vouch for a package is asked below, package by
  // package; for the chain itself its subjects do not matter.
  std::vector<TrustAnchor> anchors = request_.policy.anchors;
  for (TrustAnchor& anchor : anchors) {
    anchor.subjects.clear();
  }
  std::erase_if(anchors, [&](const TrustAnchor& anchor) {
    return !signatures::AnchorApplies(
        anchor, signatures::kOpenpgpClearsigned.name, "", request_.at);
  });
  const auto chain = signatures::AptContext::Build(
      files, {anchors, request_.at, request_.policy.legacy_algorithms});
  checks_.insert(checks_.end(), chain.checks().begin(), chain.checks().end());
  if (chain.empty()) {
    return;
  }
  for (const Node& node : request_.survey.nodes) {
    if (node.artifact.depth <= 1 && IsDeb(request_.survey, node.artifact)) {
      JudgePackage(chain, node.artifact);
    }
  }
}

void Court::JudgePackage(const signatures::AptContext& chain,
                         const Artifact& package) {
  SignatureCheck check =
      chain.CheckFile(package.sha256(), package.size, package.path);
  const auto& anchors = request_.policy.anchors;
  const auto anchor = std::find_if(
      anchors.begin(), anchors.end(),
      [&](const TrustAnchor& known) { return known.name == check.anchor; });
  if (check.indication == Indication::kTotalPassed && anchor != anchors.end() &&
      !signatures::AnchorApplies(*anchor, signatures::kOpenpgpClearsigned.name,
                                 package.path, request_.at)) {
    check.indication = Indication::kIndeterminate;
    check.sub_indication = "NO_CERTIFICATE_CHAIN_FOUND";
    check.detail = fmt::format("the anchor {} may not vouch for {}",
                               anchor->name, package.path);
  }
  check.artifact = package.id;
  check.holder = package.path;
  if (check.indication == Indication::kTotalPassed) {
    check.covers.push_back(
        {package.id, {0, package.size}, Coverage::kByDigest});
  }
  checks_.push_back(std::move(check));
}

Result<void> ReadFolder(const std::string& folder,
                        std::vector<NamedFile>& into) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator at(folder, error);
       !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    std::error_code not_a_file;
    if (at->is_regular_file(not_a_file)) {
      paths.push_back(at->path());
    }
  }
  if (error) {
    return Fail(ErrorCode::kUnreadable,
                fmt::format("{}: {}", folder, error.message()));
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    auto content = ByteSource::MapFile(path.string());
    if (!content) {
      return Fail(content.error());
    }
    into.push_back(
        {path.lexically_relative(folder).string(), std::move(*content)});
  }
  return {};
}

}  // namespace

Result<std::vector<NamedFile>> ReadFiles(
    const std::vector<std::string>& paths) {
  std::vector<NamedFile> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      if (auto ok = ReadFolder(path, files); !ok) {
        return Fail(ok.error());
      }
      continue;
    }
    auto content = ByteSource::MapFile(path);
    if (!content) {
      return Fail(content.error());
    }
    files.push_back({fs::path(path).filename().string(), std::move(*content)});
  }
  return files;
}

Result<std::vector<SignatureCheck>> JudgeSignatures(
    const JudgeRequest& request) {
  return Court(request).Sit();
}

}  // namespace assay::engine
