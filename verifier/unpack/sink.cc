#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/unpack/carve.h"
#include "verifier/unpack/walker.h"

namespace assay::unpack {
namespace {

Structure RoleOf(formats::RegionUse use) {
  switch (use) {
    case formats::RegionUse::kMember:
      return Structure::kMember;
    case formats::RegionUse::kContent:
      return Structure::kContent;
    case formats::RegionUse::kMetadata:
      return Structure::kMetadata;
    case formats::RegionUse::kPadding:
      return Structure::kPadding;
    case formats::RegionUse::kSlack:
      return Structure::kSlack;
    case formats::RegionUse::kUnknown:
      break;
  }
  return Structure::kUnknown;
}

}  // namespace

void Note(Artifact& artifact, std::string id, Range range, std::string detail) {
  artifact.anomalies.push_back({std::move(id), range, std::move(detail)});
}

void NoteProblem(Artifact& artifact, const Error& error, Range range) {
  std::string id = "unpack.damaged";
  if (error.code == ErrorCode::kLimit || error.code == ErrorCode::kUnwritable) {
    id = "unpack.limit";
  } else if (error.code == ErrorCode::kUnsupported) {
    id = "unpack.unsupported";
  } else if (error.code == ErrorCode::kUnreadable) {
    id = "unpack.unreadable";
  } else if (error.code == ErrorCode::kInternal) {
    id = "unpack.internal";
  }
  Note(artifact, std::move(id), range, error.what);
  artifact.examination = Examination::kOpaque;
  if (artifact.opaque_reason.empty()) {
    artifact.opaque_reason = error.what;
  }
}

std::string DecodedName(const Artifact& container) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14>
      kSuffixes = {{{".tgz", ".tar"},
                    {".txz", ".tar"},
                    {".tbz2", ".tar"},
                    {".tbz", ".tar"},
                    {".gz", ""},
                    {".xz", ""},
                    {".bz2", ""},
                    {".zst", ""},
                    {".lz4", ""},
                    {".lzma", ""},
                    {".lz", ""},
                    {".tlz", ".tar"},
                    {".lzo", ""},
                    {".z", ""}}};
  std::string_view name = container.inner_path;
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  const std::string lower = Lower(name);
  for (const auto& [suffix, instead] : kSuffixes) {
    if (lower.size() > suffix.size() &&
        std::string_view(lower).substr(lower.size() - suffix.size()) ==
            suffix) {
      return std::string(name.substr(0, name.size() - suffix.size()))
          .append(instead);
    }
  }
  return "content";
}

std::string ChildPath(const Artifact& parent, const std::string& name) {
  // Files of a delivery stand beside each other, not inside a container.
  if (parent.parent == kNoArtifact && parent.format == "directory") {
    return name;
  }
  return parent.path + "!/" + name;
}

Sink::Sink(Walker& walker, Branch& container, const Input& input,
           bool sequential)
    : walker_(walker),
      container_(container),
      input_(input),
      sequential_(sequential),
      digests_(container.digests) {}

const Limits& Sink::limits() const {
  return walker_.options().limits;
}

// What the container may still decode to: a multiple of its own bytes. Of a
// stream only the bytes that have already come count.
std::uint64_t Sink::Allowance() const {
  const Limits& limit = limits();
  const std::uint64_t encoded =
      input_.at_rest() ? input_.source().size() : input_.position();
  const std::uint64_t ratio = std::max<std::uint64_t>(limit.ratio, 1);
  const std::uint64_t allowed =
      encoded > limit.unpacked / ratio
          ? limit.unpacked
          : std::max(limit.ratio_floor, encoded * ratio);
  return allowed > decoded_ ? allowed - decoded_ : 0;
}

Branch* Sink::NewChild(const formats::Member& member, Error& problem) {
  Artifact& parent = container_.node.artifact;
  if (member.name.size() > limits().name) {
    problem = {ErrorCode::kLimit,
               fmt::format("a name of {} bytes", member.name.size())};
    return nullptr;
  }
  if (!walker_.account().ChargeEntry()) {
    problem = {ErrorCode::kLimit, walker_.account().reason()};
    return nullptr;
  }
  container_.children.push_back(std::make_unique<Branch>());
  Branch& branch = *container_.children.back();
  Artifact& child = branch.node.artifact;
  child.depth = parent.depth + 1;
  child.parent = 0;  // anything but kNoArtifact; final ids come at the end
  child.name = member.name.empty() ? DecodedName(parent) : member.name;
  child.inner_path = NormalPath(child.name);
  child.meta = member.meta;
  child.origin = member.origin;
  child.stored = member.stored;
  std::string name = Escaped(child.inner_path);
  if (name.empty()) {
    name = ".";
  }
  const unsigned times = ++container_.names[name];
  child.path =
      ChildPath(parent, times == 1 ? name : fmt::format("{}#{}", name, times));
  const Range place = member.origin.value_or(Range{});
  const bool folder = member.meta.type == FileType::kDirectory;
  if (times > 1 && !folder) {
    Note(child, "unpack.duplicate-name", {},
         fmt::format("{} stands {} times in its container", name, times));
  }
  if (IsHostileName(member.name)) {
    Note(child, "unpack.hostile-name", {},
         fmt::format("at {} of its container: \"{}\"", place.offset,
                     Escaped(member.name)));
  }
  if (walker_.options().plan) {
    walker_.options().plan(child.name, digests_);
  }
  branch.digests = digests_;
  branch.nameless = member.name.empty();
  branch.unclaimed = unclaimed_;
  return &branch;
}

Result<void> Sink::Add(formats::Member member, ByteSource content) {
  if (member.origin) {
    claims_.push_back({*member.origin, Structure::kMember});
  }
  return AddContent(std::move(member), {.content = std::move(content)});
}

Result<void> Sink::AddAlternative(formats::Member member, ByteSource content,
                                  const formats::Format& format) {
  return AddContent(std::move(member),
                    {.content = std::move(content), .as = &format});
}

Result<void> Sink::AddContent(formats::Member member, Pending pending) {
  Error problem;
  Branch* child = NewChild(member, problem);
  if (child == nullptr) {
    return Fail(problem);
  }
  Artifact& artifact = child->node.artifact;
  // Content that was put together is not held against the ratio, which would
  // refuse honest sparse images, but against the budget of the product.
  const std::uint64_t size = pending.content.size();
  if (!member.stored && !walker_.account().ChargeBytes(size)) {
    NoteProblem(artifact, {ErrorCode::kLimit, walker_.account().reason()},
                {0, size});
    walker_.Finish(*child, ByteSource());
    return {};
  }
  if (walker_.Wanted(artifact.path)) {
    walker_.Schedule(*child, std::move(pending));
  }
  return {};
}

Result<void> Sink::AddUnclaimed(formats::Member member, ByteSource content) {
  unclaimed_ = true;
  auto result = Add(std::move(member), std::move(content));
  unclaimed_ = false;
  return result;
}

Result<void> Sink::AddStream(formats::Member member, ByteStream& content) {
  const std::uint64_t start = input_.position();
  Error problem;
  Branch* child = NewChild(member, problem);
  if (child == nullptr) {
    return Fail(problem);
  }
  Artifact& artifact = child->node.artifact;
  if (!walker_.Wanted(artifact.path)) {
    return {};
  }
  GuardedStream guarded(content, limits(), walker_.account(),
                        [this] { return Allowance(); });
  auto spooled = walker_.ReadStream(*child, guarded);
  decoded_ += guarded.passed();
  if (sequential_ && !member.origin) {
    artifact.origin = Range{start, input_.position() - start};
  }
  if (artifact.origin) {
    claims_.push_back({*artifact.origin, Structure::kMember});
  }
  if (guarded.problem()) {
    NoteProblem(artifact, *guarded.problem(), {guarded.passed(), 0});
    if (artifact.origin) {
      undecoded_.push_back(*artifact.origin);
    }
  }
  walker_.Schedule(*child, std::move(spooled));
  return {};
}

Result<void> Sink::AddEmpty(formats::Member member) {
  if (member.origin) {
    claims_.push_back({*member.origin, Structure::kMember});
  }
  Error problem;
  Branch* child = NewChild(member, problem);
  if (child == nullptr) {
    return Fail(problem);
  }
  walker_.Finish(*child, ByteSource());
  return {};
}

Result<void> Sink::AddOpaque(formats::Member member, std::string why) {
  if (member.origin) {
    claims_.push_back({*member.origin, Structure::kMember});
    undecoded_.push_back(*member.origin);
  }
  Error problem;
  Branch* child = NewChild(member, problem);
  if (child == nullptr) {
    return Fail(problem);
  }
  NoteProblem(child->node.artifact, {ErrorCode::kUnsupported, std::move(why)},
              member.origin.value_or(Range{}));
  walker_.Finish(*child, ByteSource());
  return {};
}

void Sink::Claim(Range range, formats::RegionUse use) {
  if (range.length > 0) {
    claims_.push_back({range, RoleOf(use)});
  }
  if (use == formats::RegionUse::kSlack && !input_.at_rest()) {
    PassOver(range);
  }
}

// Bytes of a stream are gone by now: what may be in them stays unknown.
void Sink::PassOver(Range range) {
  if (input_.at_rest()) {
    undecoded_.push_back(range);
  } else if (range.length >= kSmallestCarved) {
    ReportProblem({ErrorCode::kUnsupported,
                   "bytes of a stream that every reader passes over"},
                  range);
  }
}

void Sink::Report(formats::Anomaly anomaly) {
  Note(container_.node.artifact, std::move(anomaly.id), anomaly.range,
       std::move(anomaly.detail));
}

void Sink::ReportProblem(const Error& error, Range range) {
  NoteProblem(container_.node.artifact, error, range);
}

const Secrets& Sink::secrets() const {
  return walker_.options().secrets;
}

}  // namespace assay::unpack
