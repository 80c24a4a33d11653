// What the bytes of one artifact are: which format begins or ends there, what
// it holds, what else the same bytes can be read as, and what lies in the
// places that no format reads.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "verifier/unpack/carve.h"
#include "verifier/unpack/partition.h"
#include "verifier/unpack/region.h"
#include "verifier/unpack/walker.h"

namespace assay::unpack {
namespace {

// Whether it can be shown as it is: no control character but those of layout.
bool IsText(ByteView bytes) {
  constexpr std::uint32_t kLayout =
      1U << '\t' | 1U << '\n' | 1U << '\v' | 1U << '\f' | 1U << '\r';
  return !bytes.empty() &&
         std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) {
           return byte >= 0x20 ? byte != 0x7F : (kLayout >> byte & 1U) != 0;
         });
}

// Whether more than this format and filler lies in the content.
bool HoldsMore(const formats::Format& format, const ByteSource& content) {
  const auto size = format.measure(content.bytes());
  return size && *size < content.size() &&
         !IsFiller(content.From(*size).bytes());
}

// The format of the content: a footer speaks for all bytes before it, so it
// is asked first.
const formats::Format* FormatOf(ByteView bytes, ByteView head) {
  const formats::Format* format = formats::DetectEnd(bytes);
  return format != nullptr ? format : formats::Detect(head);
}

// Whether a reader of another format would be content with the same bytes.
bool AlsoReadsAs(const formats::Format& format, ByteView bytes, ByteView head) {
  return format.matches != nullptr && format.measure != nullptr &&
         format.unpack != nullptr && formats::HasMagic(format, head) &&
         format.matches(head) && format.measure(bytes).has_value();
}

// Whether one of the formats is made to be read as the other as well.
bool Coexist(const formats::Format& one, const formats::Format& other) {
  const auto names = [](const formats::Format& a, const formats::Format& b) {
    return std::find(a.also.begin(), a.also.end(), b.name) != a.also.end();
  };
  return names(one, other) || names(other, one);
}

// Whether content may hide in bytes of this role.
bool IsUnread(Structure role) {
  return role == Structure::kContent || role == Structure::kSlack ||
         role == Structure::kUnknown;
}

// What the bytes are that no reader has divided.
Structure RoleOfWhole(const Artifact& artifact, bool unclaimed) {
  return unclaimed && artifact.format.empty() ? Structure::kUnknown
                                              : Structure::kContent;
}

}  // namespace

void Walker::ProcessAtRest(Branch& branch, const Pending& pending) {
  Artifact& artifact = branch.node.artifact;
  const ByteSource& content = pending.content;
  if (options_.progress != nullptr) {
    options_.progress->fetch_add(content.size());
  }
  Input input(content);
  const ByteView head = *input.Peek(Input::kPeekLimit);
  const bool closed = !examiner_.Begin(artifact);
  branch.again = pending.as != nullptr;
  const formats::Format* format = pending.as;
  if (!closed && format == nullptr) {
    format = FormatOf(content.bytes(), head);
  }
  if (closed) {
    artifact.format.clear();
  } else if (artifact.depth >= options_.limits.depth) {
    NoteDepth(artifact, format, content);
  } else if (format != nullptr && format->unpack != nullptr &&
             !(branch.unclaimed && format->carvable &&
               HoldsMore(*format, content))) {
    UnpackWith(*format, branch, input);
    // What stands before a footer is its first member, and no other reading.
    if (pending.as == nullptr && format->matches_end == nullptr) {
      AddAlternatives(*format, branch, content, head);
    }
  } else {
    CarveInto(branch, content);
  }
  if (artifact.structure.empty()) {
    artifact.structure =
        Partition({}, content.size(), RoleOfWhole(artifact, branch.unclaimed));
  }
}

// Whatever could still be inside is named as not examined.
void Walker::NoteDepth(Artifact& artifact, const formats::Format* format,
                       const ByteSource& content) const {
  const bool holds = format != nullptr
                         ? format->depth != "structure only"
                         : content.size() >= kSmallestCarved &&
                               !Carve(content.bytes()).chunks.empty();
  if (holds) {
    NoteProblem(artifact,
                {ErrorCode::kLimit, fmt::format("nested more than {} deep",
                                                options_.limits.depth)},
                {0, content.size()});
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
  if (!input.at_rest()) {
    if (auto rest = input.TakeRest(); !rest) {
      NoteProblem(artifact, rest.error(), {input.position(), 0});
    } else {
      NoteTrailing(artifact, format, rest->bytes(), end);
      AddTrailing(sink, *rest, end);
    }
    artifact.structure = Partition(sink.claims(), input.position(), rest_role);
    return;
  }
  const ByteSource& content = input.source();
  if (format.random_access) {
    const auto size = format.measure != nullptr
                          ? format.measure(content.bytes())
                          : Result<std::uint64_t>(content.size());
    end = size ? std::min(*size, content.size()) : content.size();
  }
  NoteTrailing(artifact, format, content.From(end).bytes(), end);
  RegionFiller(sink, content, RegionFiller::Rest::kArtifacts)
      .Fill({end, content.size() - end});
  artifact.structure = Partition(sink.claims(), content.size(), rest_role);
  if (!branch.again) {
    SearchUnread(branch, content, sink);
  }
}

void Walker::SearchUnread(Branch& branch, const ByteSource& content,
                          Sink& sink) {
  Artifact& artifact = branch.node.artifact;
  std::vector<StructureRange> places;
  for (const Range range : sink.undecoded()) {
    places.push_back({range, Structure::kSlack});
  }
  std::copy_if(artifact.structure.begin(), artifact.structure.end(),
               std::back_inserter(places),
               [](const StructureRange& part) { return IsUnread(part.role); });
  const std::size_t before = sink.claims().size();
  for (auto [place, role] : places) {
    if (place.offset == 0) {  // what begins there is this artifact itself
      place = {1, std::max<std::uint64_t>(place.length, 1) - 1};
    }
    const auto bytes = Slice(content.bytes(), place.offset, place.length);
    if (!bytes || bytes->size() < kSmallestCarved || IsFiller(*bytes)) {
      continue;
    }
    const std::size_t known = branch.children.size();
    RegionFiller(sink, content, RegionFiller::Rest::kStays).Fill(place);
    // What a program carries in its data is no secret.
    if (branch.children.size() > known && role != Structure::kContent) {
      Note(artifact, "unpack.content-in-slack", place,
           fmt::format("content in bytes that the {} does not read",
                       artifact.format));
    }
  }
  const std::vector<StructureRange> found(
      sink.claims().begin() + static_cast<std::ptrdiff_t>(before),
      sink.claims().end());
  artifact.structure = Overlaid(artifact.structure, found);
}

void Walker::AddAlternatives(const formats::Format& format, Branch& branch,
                             const ByteSource& content, ByteView head) {
  for (const formats::Format* other : formats::AllFormats()) {
    if (other == &format || !AlsoReadsAs(*other, content.bytes(), head)) {
      continue;
    }
    const auto size = other->measure(content.bytes());
    const Range range{0, size ? *size : content.size()};
    if (!Coexist(format, *other)) {
      Note(branch.node.artifact, "unpack.polyglot", range,
           fmt::format("reads as {} and as {}", format.title, other->title));
    }
    const Input input(content);
    Sink sink(*this, branch, input, false);
    const auto part = content.Slice(range);
    if (part) {
      // A refusal is a product-wide limit, which the survey reports.
      (void)sink.AddAlternative(
          {.name = fmt::format("@0x0.{}", other->name), .stored = true}, *part,
          *other);
    }
  }
}

void Walker::CarveInto(Branch& branch, const ByteSource& content) {
  Artifact& artifact = branch.node.artifact;
  const Input input(content);
  Sink sink(*this, branch, input, false);
  if (content.size() >= kSmallestCarved) {
    // Inside somebody's file, what no format claims is that file's content.
    RegionFiller(sink, content,
                 branch.unclaimed ? RegionFiller::Rest::kArtifacts
                                  : RegionFiller::Rest::kStays,
                 RegionFiller::When::kChunks)
        .Fill({0, content.size()});
  }
  if (branch.children.empty()) {
    artifact.format = IsText(content.bytes()) ? "text" : "";
    return;
  }
  artifact.format = "flat-image";
  artifact.structure =
      Partition(sink.claims(), content.size(),
                branch.unclaimed ? Structure::kUnknown : Structure::kContent);
}

}  // namespace assay::unpack
