// Every signature that was found or named, with what it may sign at hand.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/listed_files.h"
#include "verifier/base/result.h"
#include "verifier/engine/judge.h"

namespace assay::engine {

// A candidate, where it was found, and what it may sign. Borrows the
// candidate from the survey or from the Cases that made it.
struct Case {
  const SignatureCandidate* candidate = nullptr;
  ArtifactId artifact = kNoArtifact;
  std::string holder = {};
  std::optional<ArtifactId> target = {};  // nothing: it is about its holder
  bool detached = false;

  // A list of digests without a signature of its own: it is worth what a
  // signature over its holder is worth.
  [[nodiscard]] bool IsBareList() const {
    return candidate->signature.empty() && !candidate->listed.empty();
  }
  // Whether it signs ranges of its own artifact that were too large to keep
  // and whose scheme needs the bytes themselves.
  [[nodiscard]] bool SignsOwnRanges() const;
};

class Cases {
 public:
  explicit Cases(const JudgeRequest& request);
  Cases(const Cases&) = delete;
  Cases& operator=(const Cases&) = delete;

  // Reads what detached signatures are over, and computes the digests that
  // lists give and the walk did not: one walk to those artifacts. Fails as
  // engine::Fetch does.
  [[nodiscard]] Result<void> FetchWhatTheySign();

  // Named signatures first, then in tree order.
  [[nodiscard]] const std::vector<Case>& all() const { return cases_; }
  // One check for each named file that no scheme reads.
  [[nodiscard]] const std::vector<SignatureCheck>& unread() const {
    return unread_;
  }
  [[nodiscard]] std::string TargetOf(const Case& one) const;
  // The bytes that it signs and does not enclose. Nothing when the signed file
  // is not there.
  [[nodiscard]] std::optional<ByteView> MessageOf(const Case& one) const;
  // The list without a signature of its own, but with an age, that a detached
  // signature is over.
  [[nodiscard]] const SignatureCandidate* AgedListSignedBy(
      const Case& one) const;
  // Computes, once, the digests in ways of their own that the case's list
  // gives. Lists whose signature `holds` have passes over a file for
  // themselves: what anybody can add must not use them up.
  void ReadParts(const Case& one, bool holds);
  // The file that a name in the case's list means.
  [[nodiscard]] std::optional<signatures::PresentFile> ListedIn(
      const Case& one, const ListedFile& listed) const;

 private:
  void Gather(const SignatureCandidate& candidate, ArtifactId artifact,
              const std::string& holder);
  void GatherNamed(const NamedFile& file);
  [[nodiscard]] std::optional<ArtifactId> At(const std::string& path) const;
  [[nodiscard]] std::optional<ArtifactId> Beside(const std::string& path,
                                                 const std::string& name) const;
  [[nodiscard]] std::optional<ArtifactId> Unpacked(
      const std::string& path, const std::string& name) const;
  [[nodiscard]] std::optional<ArtifactId> Inside(ArtifactId holder,
                                                 const std::string& name) const;
  [[nodiscard]] std::optional<ArtifactId> Named(const Case& one,
                                                const ListedFile& listed) const;
  [[nodiscard]] bool IsNamedAlready(const SignatureCandidate& candidate,
                                    const Artifact& holder) const;
  [[nodiscard]] std::map<std::string, DigestSet> Wanted() const;
  void JoinRanges();

  const JudgeRequest& request_;
  std::map<std::string, ArtifactId, std::less<>> by_path_;
  std::deque<Observations> named_;  // their candidates are borrowed
  std::vector<Case> cases_;
  std::vector<SignatureCheck> unread_;
  std::map<ArtifactId, ByteSource> contents_;
  std::map<const SignatureCandidate*, Bytes> joined_;
  std::map<ArtifactId, std::vector<Digest>> digests_;
  std::map<const ListedFile*, signatures::PresentFile> parts_;
  std::map<std::pair<ArtifactId, bool>, std::size_t> passes_;
  std::map<ArtifactId, const SignatureCandidate*> aged_lists_;
};

}  // namespace assay::engine
