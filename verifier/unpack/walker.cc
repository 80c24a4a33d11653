#include "verifier/unpack/walker.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/unpack/partition.h"
#include "verifier/unpack/reuse.h"

namespace assay::unpack {
namespace {

// Threads of a process, for oneTBB; CLI options stay below it.
constexpr std::size_t kMostThreads = 257;
// Content that waits for a thread is held in memory; beyond this much of it
// the thread that made it processes it itself.
constexpr std::uint64_t kWaiting = 24ULL << 20U;
// Smaller content is quicker processed than remembered.
constexpr std::uint64_t kSmallestReused = 16ULL << 10U;
// What is as large as this was digested as a whole and is read in pieces.
constexpr std::uint64_t kGivenBack = 16ULL << 20U;

bool IsInside(const std::string& path, const std::string& container) {
  return path.size() > container.size() &&
         path.compare(0, container.size(), container) == 0 &&
         path.compare(container.size(), 2, "!/") == 0;
}

}  // namespace

struct Walker::Crew {
  explicit Crew(unsigned jobs) : arena(static_cast<int>(std::max(jobs, 1U))) {
    // The arena bounds the threads of one walk; oneTBB's own bound, which is
    // for the process, must not come below it.
    static const tbb::global_control kThreads(
        tbb::global_control::max_allowed_parallelism, kMostThreads);
  }
  tbb::task_arena arena;
  tbb::task_group group;
  std::atomic<std::uint64_t> waiting = 0;
};

Walker::Walker(const Examiner& examiner, const WalkOptions& options)
    : examiner_(examiner),
      options_(options),
      account_(options_.limits, options.interrupted),
      crew_(std::make_unique<Crew>(options.jobs)),
      reuse_(std::make_unique<Reuse>()) {}

Walker::~Walker() = default;

bool Walker::IsExactlyWanted(const std::string& path) const {
  return options_.only != nullptr &&
         std::find(options_.only->begin(), options_.only->end(), path) !=
             options_.only->end();
}

bool Walker::Wanted(const std::string& path) const {
  return options_.only == nullptr ||
         std::any_of(options_.only->begin(), options_.only->end(),
                     [&](const std::string& wanted) {
                       return wanted == path || IsInside(wanted, path);
                     });
}

void Walker::Schedule(Branch& branch, Pending pending) {
  const std::uint64_t size = pending.content.size();
  const bool wait = options_.jobs > 1 && !pending.streamed &&
                    crew_->waiting.fetch_add(size) + size <= kWaiting;
  if (!wait) {
    if (options_.jobs > 1 && !pending.streamed) {
      crew_->waiting.fetch_sub(size);
    }
    Process(branch, std::move(pending));
    return;
  }
  crew_->group.run([this, &branch, size,
                    task = std::make_shared<Pending>(std::move(pending))] {
    Process(branch, std::move(*task));
    crew_->waiting.fetch_sub(size);
  });
}

Pending Walker::ReadStream(Branch& branch, ByteStream& stream) {
  Artifact& artifact = branch.node.artifact;
  if (!examiner_.Begin(artifact)) {
    return {.streamed = true};
  }
  Hasher hasher(branch.digests);
  Input input(stream, hasher, options_.limits);
  const auto head = input.Peek(Input::kPeekLimit);
  const formats::Format* format = head ? formats::Detect(*head) : nullptr;
  const bool streams = format != nullptr && format->unpack != nullptr &&
                       !format->random_access &&
                       artifact.depth < options_.limits.depth &&
                       !IsExactlyWanted(artifact.path);
  if (!streams) {
    auto rest = input.TakeRest();
    if (!rest) {
      NoteProblem(artifact, rest.error(), {input.position(), 0});
    }
    Pending pending{.content = rest ? std::move(*rest) : ByteSource()};
    if (rest) {
      pending.digests = hasher.Finish();
    }
    return pending;
  }
  UnpackWith(*format, branch, input);
  artifact.size = input.position();
  artifact.has_content = true;
  artifact.digests = hasher.Finish();
  return {.streamed = true};
}

void Walker::Process(Branch& branch, Pending pending) {
  Artifact& artifact = branch.node.artifact;
  try {
    if (!pending.streamed) {
      artifact.size = pending.content.size();
      artifact.has_content = true;
      artifact.digests =
          pending.digests.empty()
              ? reuse_->DigestsOf(pending.content, branch.digests)
              : std::move(pending.digests);
      if (artifact.size >= kGivenBack) {
        pending.content.Release();
      }
      if (Waits(branch, pending)) {
        return;
      }
      ProcessAtRest(branch, pending);
    }
    Finish(branch, pending.content);
    pending.content.Release();
  } catch (const std::exception& error) {
    NoteProblem(artifact, {ErrorCode::kInternal, error.what()},
                {0, artifact.size});
  }
}

bool Walker::Waits(Branch& branch, const Pending& pending) {
  const Artifact& artifact = branch.node.artifact;
  if (!options_.reuse || pending.as != nullptr || options_.only != nullptr ||
      artifact.size < kSmallestReused) {
    return false;
  }
  return !reuse_->IsFirst(
      branch,
      {.digest = artifact.sha256(),
       .context = options_.context ? options_.context(artifact.path) : "",
       .depth = artifact.depth,
       .digests = branch.digests,
       .unclaimed = branch.unclaimed},
      pending.content);
}

void Walker::ServeCopies() {
  std::vector<Reuse::Copy> copies = reuse_->TakeCopies();
  for (const Reuse::Copy& copy : copies) {
    if (!CanTakeOver(copy)) {
      ProcessAtRest(*copy.copy.branch, {.content = copy.content});
      crew_->group.wait();
    } else {
      TakeOver(copy, account_);
    }
    Finish(*copy.copy.branch, copy.content);
  }
}

void Walker::Finish(Branch& branch, const ByteSource& content) {
  examiner_.Examine(branch.node.artifact, content, branch.node.seen);
}

void Walker::Open(Branch& branch, const ProductFile& file) {
  Artifact& artifact = branch.node.artifact;
  artifact.meta = file.meta;
  if (file.meta.type != FileType::kRegular) {
    Finish(branch, ByteSource());
    return;
  }
  OpenContent(branch, file.open());
}

void Walker::OpenContent(Branch& branch, Result<ByteSource> content) {
  if (!content) {
    NoteProblem(branch.node.artifact, content.error(), {});
    Finish(branch, ByteSource());
    return;
  }
  Schedule(branch, {.content = std::move(*content)});
}

Branch& Walker::AddFile(Branch& root, const std::string& name) {
  root.children.push_back(std::make_unique<Branch>());
  Branch& child = *root.children.back();
  child.digests = options_.digests;
  child.unclaimed = true;
  Artifact& entry = child.node.artifact;
  entry.depth = 1;
  entry.parent = 0;
  entry.name = name;
  entry.inner_path = NormalPath(name);
  entry.path = Escaped(entry.inner_path);
  return child;
}

void Walker::OpenFolder(Branch& root, const Product& product) {
  root.node.artifact.format = "directory";
  root.node.artifact.meta.type = FileType::kDirectory;
  const std::vector<VolumeSet> sets = FindVolumes(product);
  std::unordered_set<std::size_t> pieces;
  for (const VolumeSet& volumes : sets) {
    pieces.insert(volumes.files.begin(), volumes.files.end());
  }
  for (std::size_t i = 0; i < product.files.size(); ++i) {
    const ProductFile& file = product.files[i];
    if (pieces.count(i) == 0) {
      Branch& child = AddFile(root, file.name);
      if (Wanted(child.node.artifact.path)) {
        Open(child, file);
      }
    }
  }
  for (const VolumeSet& volumes : sets) {
    OpenVolumes(root, product, volumes);
  }
  Finish(root, ByteSource());
}

void Walker::OpenVolumes(Branch& root, const Product& product,
                         const VolumeSet& volumes) {
  Spool spool(options_.limits.memory_per_member, options_.limits.member);
  std::vector<Result<ByteSource>> contents;
  std::vector<ByteSource> pieces;
  std::optional<Error> problem;
  for (const std::size_t index : volumes.files) {
    contents.push_back(product.files[index].open());
    if (const auto& content = contents.back()) {
      pieces.push_back(*content);
      if (auto ok = spool.Append(content->bytes()); !ok && !problem) {
        problem = ok.error();
      }
    }
  }
  Result<ByteSource> whole = problem ? Fail(*problem) : spool.Finish();
  const bool joined = pieces.size() == contents.size() &&
                      (!whole || BelongTogether(volumes, pieces, *whole));
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const ProductFile& file = product.files[volumes.files[i]];
    if (joined) {
      AddPiece(root, file, *contents[i]);
    } else {
      AddAlone(root, file, std::move(contents[i]));
    }
  }
  if (joined) {
    Branch& child = AddFile(root, volumes.name);
    if (!whole || Wanted(child.node.artifact.path)) {
      OpenContent(child, std::move(whole));
    }
  }
}

void Walker::AddAlone(Branch& root, const ProductFile& file,
                      Result<ByteSource> content) {
  Branch& child = AddFile(root, file.name);
  child.node.artifact.meta = file.meta;
  if (Wanted(child.node.artifact.path)) {
    OpenContent(child, std::move(content));
  }
}

void Walker::AddPiece(Branch& root, const ProductFile& file,
                      const ByteSource& content) {
  Branch& piece = AddFile(root, file.name);
  Artifact& artifact = piece.node.artifact;
  artifact.meta = file.meta;
  Hasher hasher(piece.digests);
  hasher.Update(content.bytes());
  artifact.digests = hasher.Finish();
  artifact.size = content.size();
  artifact.has_content = true;
  artifact.format = "volume";
  artifact.structure = Partition({}, artifact.size, Structure::kMember);
  Finish(piece, content);
}

FoldedSurvey Walker::Run(const Product& product) {
  Branch root;
  Artifact& artifact = root.node.artifact;
  artifact.name = product.name;
  artifact.path = product.directory ? "." : Escaped(product.name);
  artifact.inner_path = product.directory ? "" : NormalPath(product.name);
  root.digests = options_.digests;
  root.unclaimed = true;
  crew_->arena.execute([&] {
    if (product.directory) {
      OpenFolder(root, product);
    } else {
      Open(root, product.files.front());
    }
    crew_->group.wait();
    reuse_->Close();
    ServeCopies();
  });
  return Flatten(root);
}

FoldedSurvey Walker::Flatten(Branch& root) const {
  FoldedSurvey folded;
  folded.survey.decoded_bytes = account_.bytes();
  folded.survey.stopped = account_.reason();
  auto& nodes = folded.survey.nodes;
  std::vector<const Branch*> copies;
  std::vector<std::pair<Branch*, ArtifactId>> waiting = {{&root, kNoArtifact}};
  while (!waiting.empty()) {
    const auto [branch, parent] = waiting.back();
    waiting.pop_back();
    branch->id = static_cast<ArtifactId>(nodes.size());
    if (branch->nameless) {
      folded.nameless.push_back(branch->id);
    }
    if (branch->same != nullptr) {
      copies.push_back(branch);
    }
    nodes.push_back(std::move(branch->node));
    nodes.back().artifact.id = branch->id;
    nodes.back().artifact.parent = parent;
    auto& children = branch->children;
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
      waiting.emplace_back(child->get(), branch->id);
    }
  }
  for (const Branch* copy : copies) {
    folded.copies.push_back({copy->id, copy->same->id});
  }
  return folded;
}

FoldedSurvey WalkFolded(const Product& product, const Examiner& examiner,
                        const WalkOptions& options) {
  FoldedSurvey folded = Walker(examiner, options).Run(product);
  const bool interrupted =
      options.interrupted != nullptr && options.interrupted->load();
  if (!folded.survey.stopped.empty() && options.jobs > 1 && !interrupted) {
    // Which artifact met the limit depended on the schedule: once more, in
    // order, so that every machine stops at the same place.
    WalkOptions alone = options;
    alone.jobs = 1;
    folded = Walker(examiner, alone).Run(product);
  }
  return folded;
}

Survey Walk(const Product& product, const Examiner& examiner,
            const WalkOptions& options) {
  // Ids have no more than that; nothing else can be wrong with our own.
  auto whole = Unfolded(WalkFolded(product, examiner, options), kNoArtifact);
  return std::move(whole).value();
}

}  // namespace assay::unpack
