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

namespace assay::unpack {
namespace {

// Content that waits for a thread is held in memory; beyond this much of it
// the thread that made it processes it itself.
constexpr std::uint64_t kWaiting = 24ULL << 20U;
// A smaller gap is only named in the ledger, a larger one becomes an artifact.
constexpr std::uint64_t kSmallestGap = 32;
// Smaller content holds no format worth looking for.
constexpr std::uint64_t kSmallestCarved = 64;

bool IsInside(const std::string& path, const std::string& container) {
  return path.size() > container.size() &&
         path.compare(0, container.size(), container) == 0 &&
         path.compare(container.size(), 2, "!/") == 0;
}

// What stands in `content` between the claimed chunks: filler, or a gap that
// is examined as an artifact of its own.
class GapFiller {
 public:
  GapFiller(Sink& sink, const ByteSource& content, std::string suffix)
      : sink_(sink), content_(content), suffix_(std::move(suffix)) {}

  void Fill(Range gap) {
    const auto view = Slice(content_.bytes(), gap.offset, gap.length);
    if (!view || view->empty()) {
      return;
    }
    if (IsFiller(*view)) {
      sink_.Claim(gap, formats::RegionUse::kPadding);
      return;
    }
    const std::uint64_t before = FillerPrefix(*view);
    const std::uint64_t after = FillerSuffix(*view);
    sink_.Claim({gap.offset, before}, formats::RegionUse::kPadding);
    sink_.Claim({gap.end() - after, after}, formats::RegionUse::kPadding);
    const Range rest{gap.offset + before, gap.length - before - after};
    const auto part = content_.Slice(rest);
    if (rest.length < kSmallestGap || !part) {
      sink_.Claim(rest, formats::RegionUse::kUnknown);
      return;
    }
    AddPart(sink_, *part, rest, suffix_);
  }

  // A part of a flat image is named by its offset.
  static void AddPart(Sink& sink, const ByteSource& part, Range range,
                      std::string_view suffix) {
    // A refusal is a product-wide limit, which the survey reports.
    const auto ok =
        sink.Add({.name = fmt::format("@{:#x}.{}", range.offset, suffix),
                  .origin = range,
                  .stored = true},
                 part);
    if (!ok) {
      sink.Claim(range, formats::RegionUse::kUnknown);
    }
  }

 private:
  Sink& sink_;
  const ByteSource& content_;
  std::string suffix_;
};

}  // namespace

struct Walker::Crew {
  explicit Crew(unsigned jobs) : arena(static_cast<int>(std::max(jobs, 1U))) {}
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
  const formats::Format* format = formats::Detect(*head);
  if (artifact.depth >= options_.limits.depth) {
    if (format != nullptr && format->depth == "members") {
      NoteProblem(artifact,
                  {ErrorCode::kLimit, fmt::format("nested more than {} deep",
                                                  options_.limits.depth)},
                  {0, content.size()});
    }
  } else if (format != nullptr && format->unpack != nullptr) {
    UnpackWith(*format, branch, input);
  } else {
    artifact.format = format != nullptr ? format->name : "";
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
    if (end < content.size() && !account_.stopped()) {
      if (!IsFiller(content.From(end).bytes())) {
        Note(artifact, "unpack.trailing-data", {end, content.size() - end},
             fmt::format("{} bytes after the end of the {}",
                         content.size() - end, format.title));
      }
      GapFiller(sink, content, "trailing").Fill({end, content.size() - end});
    }
  } else if (auto rest = input.TakeRest(); !rest) {
    NoteProblem(artifact, rest.error(), {input.position(), 0});
  } else if (rest->size() > 0) {
    const Range range{end, rest->size()};
    if (IsFiller(rest->bytes())) {
      sink.Claim(range, formats::RegionUse::kPadding);
    } else {
      Note(artifact, "unpack.trailing-data", range,
           fmt::format("{} bytes after the end of the {}", range.length,
                       format.title));
      GapFiller::AddPart(sink, *rest, range, "trailing");
    }
  }
  artifact.structure = Partition(
      sink.TakeClaims(),
      input.at_rest() ? input.source().size() : input.position(), rest_role);
}

void Walker::CarveInto(Branch& branch, const ByteSource& content) {
  if (content.size() < kSmallestCarved) {
    return;
  }
  const std::vector<CarvedChunk> chunks = Carve(content.bytes());
  if (chunks.empty()) {
    return;
  }
  Artifact& artifact = branch.node.artifact;
  artifact.format = "flat-image";
  const Input input(content);
  Sink sink(*this, branch, input, false);
  GapFiller gaps(sink, content, "unknown");
  std::uint64_t at = 0;
  const auto fill = [&](std::uint64_t until) {
    // Inside somebody's file the rest is that file's content.
    if (branch.unclaimed) {
      gaps.Fill({at, until - at});
    }
  };
  for (const CarvedChunk& chunk : chunks) {
    fill(chunk.range.offset);
    if (const auto part = content.Slice(chunk.range)) {
      GapFiller::AddPart(sink, *part, chunk.range, chunk.format->name);
    }
    at = chunk.range.end();
  }
  fill(content.size());
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
