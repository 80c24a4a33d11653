#include "verifier/unpack/walker.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/unpack/carve.h"
#include "verifier/unpack/partition.h"
#include "verifier/unpack/region.h"

namespace assay::unpack {
namespace {

// Threads of a process, for oneTBB; CLI options stay below it.
constexpr std::size_t kMostThreads = 257;
// Content that waits for a thread is held in memory; beyond this much of it
// the thread that made it processes it itself.
constexpr std::uint64_t kWaiting = 24ULL << 20U;
// Smaller content holds no format worth looking for.
constexpr std::uint64_t kSmallestCarved = 64;

// Whether it can be shown as it is: no control character but those of layout.
bool IsText(ByteView bytes) {
  constexpr std::uint32_t kLayout =
      1U << '\t' | 1U << '\n' | 1U << '\v' | 1U << '\f' | 1U << '\r';
  return !bytes.empty() &&
         std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) {
           return byte >= 0x20 ? byte != 0x7F : (kLayout >> byte & 1U) != 0;
         });
}

bool IsInside(const std::string& path, const std::string& container) {
  return path.size() > container.size() &&
         path.compare(0, container.size(), container) == 0 &&
         path.compare(container.size(), 2, "!/") == 0;
}

// Whether more than this format and filler lies in the content.
bool HoldsMore(const formats::Format& format, const ByteSource& content) {
  const auto size = format.measure(content.bytes());
  return size && *size < content.size() &&
         !IsFiller(content.From(*size).bytes());
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
      crew_(std::make_unique<Crew>(options.jobs)) {}

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
      if (pending.digests.empty()) {
        Hasher hasher(branch.digests);
        hasher.Update(pending.content.bytes());
        pending.digests = hasher.Finish();
      }
      artifact.digests = std::move(pending.digests);
      ProcessAtRest(branch, pending.content);
    }
    Finish(branch, pending.content);
  } catch (const std::exception& error) {
    NoteProblem(artifact, {ErrorCode::kInternal, error.what()},
                {0, artifact.size});
  }
}

void Walker::ProcessAtRest(Branch& branch, const ByteSource& content) {
  Artifact& artifact = branch.node.artifact;
  if (options_.progress != nullptr) {
    options_.progress->fetch_add(content.size());
  }
  Input input(content);
  const auto head = input.Peek(Input::kPeekLimit);
  const bool closed = !examiner_.Begin(artifact);
  const formats::Format* format = closed ? nullptr : formats::Detect(*head);
  if (closed || artifact.depth >= options_.limits.depth) {
    if (format != nullptr && format->depth != "structure only") {
      NoteProblem(artifact,
                  {ErrorCode::kLimit, fmt::format("nested more than {} deep",
                                                  options_.limits.depth)},
                  {0, content.size()});
    }
  } else if (format != nullptr && format->unpack != nullptr &&
             !(branch.unclaimed && format->carvable &&
               HoldsMore(*format, content))) {
    UnpackWith(*format, branch, input);
  } else {
    CarveInto(branch, content);
  }
  if (artifact.structure.empty()) {
    artifact.structure = Partition({}, content.size(),
                                   branch.unclaimed && artifact.format.empty()
                                       ? Structure::kUnknown
                                       : Structure::kContent);
  }
}

void Walker::UnpackWith(const formats::Format& format, Branch& branch,
                        Input& input) {
  Artifact& artifact = branch.node.artifact;
  artifact.format = format.name;
  Sink sink(*this, branch, input, !format.random_access);
  const auto result = format.unpack(input, sink);
  if (!result) {
    NoteProblem(artifact, result.error(), {input.position(), 0});
  }
  // Of a container without a gap-free plan the rest is slack; of a leaf that
  // only marks its structure (ELF) it is the content.
  const Structure rest_role = !branch.children.empty() || !result
                                  ? Structure::kSlack
                                  : Structure::kContent;
  std::uint64_t end = input.position();
  if (input.at_rest()) {
    const ByteSource& content = input.source();
    if (format.random_access) {
      const auto size = format.measure != nullptr
                            ? format.measure(content.bytes())
                            : Result<std::uint64_t>(content.size());
      end = size ? std::min(*size, content.size()) : content.size();
    }
    NoteTrailing(artifact, format, content.From(end).bytes(), end);
    RegionFiller(sink, content, RegionFiller::Rest::kArtifacts)
        .Fill({end, content.size() - end}, Carve(content.From(end).bytes()));
  } else if (auto rest = input.TakeRest(); !rest) {
    NoteProblem(artifact, rest.error(), {input.position(), 0});
  } else {
    NoteTrailing(artifact, format, rest->bytes(), end);
    AddTrailing(sink, *rest, end);
  }
  artifact.structure = Partition(
      sink.TakeClaims(),
      input.at_rest() ? input.source().size() : input.position(), rest_role);
}

void Walker::CarveInto(Branch& branch, const ByteSource& content) {
  Artifact& artifact = branch.node.artifact;
  const std::vector<CarvedChunk> chunks = content.size() < kSmallestCarved
                                              ? std::vector<CarvedChunk>()
                                              : Carve(content.bytes());
  if (chunks.empty()) {
    artifact.format = IsText(content.bytes()) ? "text" : "";
    return;
  }
  artifact.format = "flat-image";
  const Input input(content);
  Sink sink(*this, branch, input, false);
  // Inside somebody's file, what no format claims is that file's content.
  RegionFiller(sink, content,
               branch.unclaimed ? RegionFiller::Rest::kArtifacts
                                : RegionFiller::Rest::kStays)
      .Fill({0, content.size()}, chunks);
  artifact.structure =
      Partition(sink.TakeClaims(), content.size(),
                branch.unclaimed ? Structure::kUnknown : Structure::kContent);
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
  auto content = file.open();
  if (!content) {
    NoteProblem(artifact, content.error(), {});
    Finish(branch, ByteSource());
    return;
  }
  Schedule(branch, {.content = std::move(*content)});
}

Survey Walker::Run(const Product& product) {
  auto root = std::make_unique<Branch>();
  Artifact& artifact = root->node.artifact;
  artifact.name = product.name;
  artifact.path = product.directory ? "." : Escaped(product.name);
  artifact.inner_path = product.directory ? "" : NormalPath(product.name);
  root->digests = options_.digests;
  root->unclaimed = true;
  crew_->arena.execute([&] {
    if (!product.directory) {
      Open(*root, product.files.front());
    } else {
      artifact.format = "directory";
      artifact.meta.type = FileType::kDirectory;
      for (const ProductFile& file : product.files) {
        root->children.push_back(std::make_unique<Branch>());
        Branch& child = *root->children.back();
        child.digests = options_.digests;
        child.unclaimed = true;
        Artifact& entry = child.node.artifact;
        entry.depth = 1;
        entry.parent = 0;
        entry.name = file.name;
        entry.inner_path = NormalPath(file.name);
        entry.path = Escaped(entry.inner_path);
        if (Wanted(entry.path)) {
          Open(child, file);
        }
      }
      Finish(*root, ByteSource());
    }
    crew_->group.wait();
  });
  return Flatten(std::move(root));
}

Survey Walker::Flatten(std::unique_ptr<Branch> root) const {
  Survey survey;
  survey.decoded_bytes = account_.bytes();
  survey.stopped = account_.reason();
  struct Step {
    std::unique_ptr<Branch> branch;
    ArtifactId parent;
  };
  std::vector<Step> stack;
  stack.push_back({std::move(root), kNoArtifact});
  while (!stack.empty()) {
    Step step = std::move(stack.back());
    stack.pop_back();
    const auto id = static_cast<ArtifactId>(survey.nodes.size());
    step.branch->node.artifact.id = id;
    step.branch->node.artifact.parent = step.parent;
    survey.nodes.push_back(std::move(step.branch->node));
    auto& children = step.branch->children;
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
      stack.push_back({std::move(*child), id});
    }
  }
  return survey;
}

Survey Walk(const Product& product, const Examiner& examiner,
            const WalkOptions& options) {
  Survey survey = Walker(examiner, options).Run(product);
  const bool interrupted =
      options.interrupted != nullptr && options.interrupted->load();
  if (!survey.stopped.empty() && options.jobs > 1 && !interrupted) {
    // Which artifact met the limit depended on the schedule: once more, in
    // order, so that every machine stops at the same place.
    WalkOptions alone = options;
    alone.jobs = 1;
    survey = Walker(examiner, alone).Run(product);
  }
  return survey;
}

}  // namespace assay::unpack
