// The machinery behind Walk: shared by walker.cc and sink.cc only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "verifier/formats/format.h"
#include "verifier/unpack/guard.h"
#include "verifier/unpack/volumes.h"
#include "verifier/unpack/walk.h"

namespace assay::unpack {

// A node of the tree while it grows. Only the thread that unpacks a container
// adds to its children.
struct Branch {
  Node node = {};
  std::vector<std::unique_ptr<Branch>> children = {};
  DigestSet digests = {};  // to compute for this artifact and all inside it
  // Whether no container vouches for these bytes as somebody's content: the
  // product itself, gaps and slack. What no format claims in them is unknown.
  bool unclaimed = false;
  // Whether this is a second reading: the first one looks for what lies in
  // bytes that no format reads.
  bool again = false;
  // Whether its container has no name for it.
  bool nameless = false;
  // It has the same content, and so this one's children instead of its own.
  const Branch* same = nullptr;
  ArtifactId id = kNoArtifact;  // once the walk is over
  // How often each name stands among the children.
  std::unordered_map<std::string, unsigned> names = {};
};

// The content of a child, ready to be processed.
struct Pending {
  ByteSource content = {};
  std::vector<Digest> digests = {};  // already computed while it was read
  // It was a container that passed as a stream: unpacked already, never held.
  bool streamed = false;
  // Read as this format, whatever else the bytes look like; null: detect it.
  const formats::Format* as = nullptr;
};

class Reuse;
class Sink;

class Walker {
 public:
  Walker(const Examiner& examiner, const WalkOptions& options);
  ~Walker();
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;

  [[nodiscard]] FoldedSurvey Run(const Product& product);

  // --- for the sink ---
  // Processes a child, now or on another thread.
  void Schedule(Branch& branch, Pending pending);
  // Reads `stream` to its end as the child's content; a container that can be
  // read as a stream is unpacked on the way.
  [[nodiscard]] Pending ReadStream(Branch& branch, ByteStream& stream);
  // Has a complete child examined.
  void Finish(Branch& branch, const ByteSource& content);
  // Whether this address, or something inside it, is wanted.
  [[nodiscard]] bool Wanted(const std::string& path) const;
  [[nodiscard]] Account& account() { return account_; }
  [[nodiscard]] const WalkOptions& options() const { return options_; }

 private:
  struct Crew;  // the thread arena and its tasks

  void Process(Branch& branch, Pending pending);
  // Whether the same content is being unpacked elsewhere and this branch will
  // take the result over.
  [[nodiscard]] bool Waits(Branch& branch, const Pending& pending);
  void ServeCopies();
  // content.cc
  void ProcessAtRest(Branch& branch, const Pending& pending);
  void NoteDepth(Artifact& artifact, const formats::Format* format,
                 const ByteSource& content) const;
  void UnpackWith(const formats::Format& format, Branch& branch, Input& input);
  // Content is looked for in what the container's format does not read, and
  // in members that could not be decoded.
  void SearchUnread(Branch& branch, const ByteSource& content, Sink& sink);
  // What else the same bytes are, to another reader.
  void AddAlternatives(const formats::Format& format, Branch& branch,
                       const ByteSource& content, ByteView head);
  void CarveInto(Branch& branch, const ByteSource& content);
  [[nodiscard]] bool IsExactlyWanted(const std::string& path) const;
  void Open(Branch& branch, const ProductFile& file);
  void OpenContent(Branch& branch, Result<ByteSource> content);
  void OpenFolder(Branch& root, const Product& product);
  // The pieces of a cut file, and the whole as an artifact beside them; or the
  // files for themselves, where they are not pieces of one.
  void OpenVolumes(Branch& root, const Product& product,
                   const VolumeSet& volumes);
  void AddAlone(Branch& root, const ProductFile& file,
                Result<ByteSource> content);
  void AddPiece(Branch& root, const ProductFile& file,
                const ByteSource& content);
  Branch& AddFile(Branch& root, const std::string& name);
  [[nodiscard]] FoldedSurvey Flatten(Branch& root) const;

  const Examiner& examiner_;
  const WalkOptions& options_;
  Account account_;
  std::unique_ptr<Crew> crew_;
  std::unique_ptr<Reuse> reuse_;
};

// Creates the children of one container.
class Sink : public formats::ArtifactSink {
 public:
  // `input` is what the format reads; its position tells how far a stream has
  // come and where a decoded member ended.
  Sink(Walker& walker, Branch& container, const Input& input, bool sequential);

  Result<void> Add(formats::Member member, ByteSource content) override;
  // The same for bytes that no format claims: a gap, slack, what trails.
  Result<void> AddUnclaimed(formats::Member member, ByteSource content);
  // A second reading of bytes that others own already: claims nothing.
  Result<void> AddAlternative(formats::Member member, ByteSource content,
                              const formats::Format& format);
  Result<void> AddStream(formats::Member member, ByteStream& content) override;
  Result<void> AddEmpty(formats::Member member) override;
  Result<void> AddOpaque(formats::Member member, std::string why) override;
  void Claim(Range range, formats::RegionUse use) override;
  void PassOver(Range range) override;
  void Report(formats::Anomaly anomaly) override;
  [[nodiscard]] const Limits& limits() const override;

  void ReportProblem(const Error& error, Range range);
  [[nodiscard]] const Secrets& secrets() const override;

  // The claims so far, for Partition.
  [[nodiscard]] const std::vector<StructureRange>& claims() const {
    return claims_;
  }
  // Where members lie whose bytes could not be decoded to the end.
  [[nodiscard]] const std::vector<Range>& undecoded() const {
    return undecoded_;
  }

 private:
  // Null when a budget refuses it; then `problem` says which.
  Branch* NewChild(const formats::Member& member, Error& problem);
  Result<void> AddContent(formats::Member member, Pending pending);
  [[nodiscard]] std::uint64_t Allowance() const;

  Walker& walker_;
  Branch& container_;
  const Input& input_;
  bool sequential_;
  std::uint64_t decoded_ = 0;
  bool unclaimed_ = false;  // of the next child
  std::vector<StructureRange> claims_;
  std::vector<Range> undecoded_;
  DigestSet digests_;
};

// Adds an anomaly of the engine's own; marks the artifact's content opaque
// when part of it could not be read.
void Note(Artifact& artifact, std::string id, Range range, std::string detail);
void NoteProblem(Artifact& artifact, const Error& error, Range range);

// The child's address. `name` is escaped and made unique by `names`.
[[nodiscard]] std::string ChildPath(const Artifact& parent,
                                    const std::string& name);

// "data.tar.xz" -> "data.tar": the name of what a compressor without names
// holds.
[[nodiscard]] std::string DecodedName(const Artifact& container);

}  // namespace assay::unpack
