#include "verifier/formats/flash/yaffs_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace assay::formats::yaffs {
namespace {

// Of two chunks of version 1 with one number: whether `later` replaces it.
bool Replaces(const Chunk& later, const Chunk& earlier) {
  return ((earlier.serial + 1U) & 3U) == later.serial;
}

}  // namespace

Objects::Objects(const ByteSource& source, const Log& log, ArtifactSink& sink)
    : source_(source), log_(log), sink_(sink), live_(log.chunks.size(), false) {
  if (log.geometry.version == 1) {
    SortOld();
  } else {
    SortNew();
  }
  FindChildren();
}

void Objects::Report(std::string_view what, Range range, std::string detail) {
  sink_.Report({.id = fmt::format("yaffs.{}", what),
                .range = range,
                .detail = std::move(detail)});
}

std::optional<Header> Objects::HeaderOf(const Chunk& chunk) const {
  const auto page = Slice(source_.bytes(), chunk.offset, log_.geometry.page);
  return page ? ReadHeader(log_.geometry, *page) : std::nullopt;
}

void Objects::Describe(Object& object, const Chunk& chunk,
                       const Header& header) {
  object.header = &chunk;
  object.type = header.type;
  object.parent = header.parent;
  object.equivalent = header.equivalent;
  object.stated = header.size;
  object.odd_mode = header.odd_mode;
}

// Chunks count in their order; one with the next serial replaces another.
void Objects::SortOld() {
  for (const Chunk& chunk : log_.chunks) {
    Object& object = objects_[chunk.object];
    if (chunk.number > 0) {
      const Chunk*& known = object.data[chunk.number];
      const bool wins =
          !chunk.deleted && (known == nullptr || Replaces(chunk, *known));
      const Chunk* loser = wins ? known : &chunk;
      known = wins ? &chunk : known;
      if (loser != nullptr) {
        object.outdated.push_back(loser);
      }
      if (known == nullptr) {
        object.data.erase(chunk.number);
      }
      continue;
    }
    const auto header = HeaderOf(chunk);
    if (!header || chunk.deleted ||
        (object.header != nullptr && !Replaces(chunk, *object.header))) {
      continue;
    }
    Describe(object, chunk, *header);
    if (header->shadows != 0 && header->shadows != chunk.object) {
      objects_[header->shadows].shadowed = true;
    }
  }
  for (auto& [number, object] : objects_) {
    if (!object.data.empty()) {
      const auto& [last, chunk] = *object.data.rbegin();
      object.size = (last - 1) * log_.geometry.page + chunk->bytes;
    }
  }
}

// From the newest chunk to the oldest: blocks by their sequence numbers.
void Objects::SortNew() {
  std::vector<const Chunk*> order;
  order.reserve(log_.chunks.size());
  for (const Chunk& chunk : log_.chunks) {
    order.push_back(&chunk);
    fresh_ = fresh_ && chunk.sequence == kLowestSequence;
  }
  std::sort(order.begin(), order.end(), [](const Chunk* a, const Chunk* b) {
    return std::tie(a->sequence, a->offset) > std::tie(b->sequence, b->offset);
  });
  for (const Chunk* chunk : order) {
    if (IsReserved(*chunk)) {
      MarkLive(*chunk);
    } else if (chunk->number > 0) {
      AddNewData(*chunk);
    } else {
      AddNewHeader(*chunk);
    }
  }
}

void Objects::AddNewData(const Chunk& chunk) {
  Object& object = objects_[chunk.object];
  const std::uint64_t base = (chunk.number - 1) * log_.geometry.page;
  if (object.shadowed || base >= object.limit ||
      !object.data.emplace(chunk.number, &chunk).second) {
    object.outdated.push_back(&chunk);
    return;
  }
  if (object.header == nullptr) {
    object.size = std::max(object.size, base + chunk.bytes);
  }
}

void Objects::AddNewHeader(const Chunk& chunk) {
  const auto header = HeaderOf(chunk);
  if (!header) {
    Report("bad-header", PageOf(chunk),
           fmt::format("object {} has no header where its tags have one",
                       chunk.object));
    return;
  }
  const bool known = objects_.count(chunk.object) != 0;
  Object& object = objects_[chunk.object];
  if (object.shadowed) {
    return;
  }
  if (object.header != nullptr) {
    const bool gone = header->parent == kUnlinked || header->parent == kDeleted;
    if (header->type == ObjectType::kFile && (header->shrinks || gone)) {
      object.limit = std::min(object.limit, gone ? 0 : header->size);
    }
    return;
  }
  Describe(object, chunk, *header);
  if (header->type == ObjectType::kFile) {
    object.size = std::max(object.size, header->size);
    object.limit = std::min(object.limit, header->size);
  } else if (known && !object.data.empty()) {
    for (const auto& [number, data] : object.data) {
      object.outdated.push_back(data);
    }
    object.data.clear();
  }
  if (header->shadows != 0 && objects_.count(header->shadows) == 0) {
    objects_[header->shadows].shadowed = true;
  }
}

void Objects::FindChildren() {
  for (const auto& [number, object] : objects_) {
    if (object.header != nullptr && !object.shadowed && number != kRoot) {
      children_[object.parent].push_back(number);
    }
  }
}

// Whether the object was deleted, or a directory above it was.
bool Objects::IsGone(std::uint32_t number) const {
  constexpr int kMostLevels = 256;
  for (int level = 0; level < kMostLevels && number != kRoot; ++level) {
    const auto found = objects_.find(number);
    if (number == kUnlinked || number == kDeleted ||
        (found != objects_.end() && found->second.shadowed)) {
      return true;
    }
    if (found == objects_.end() || found->second.header == nullptr) {
      return false;
    }
    number = found->second.parent;
  }
  return false;
}

Result<TreeNode> Objects::Load(std::uint64_t number) {
  const auto found = objects_.find(static_cast<std::uint32_t>(number));
  if (found == objects_.end() || found->second.header == nullptr) {
    if (number == kRoot || number == kLostAndFound) {  // need not be written
      return TreeNode{.meta = {.type = FileType::kDirectory}};
    }
    return Fail(ErrorCode::kMalformed,
                fmt::format("yaffs: object {} is not there", number));
  }
  Object& object = found->second;
  auto header = HeaderOf(*object.header);
  if (!header || object.type == ObjectType::kHardLink) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("yaffs: object {} is no file", number));
  }
  object.reached = true;
  MarkLive(*object.header);
  if (object.odd_mode) {
    Report("type-mismatch", PageOf(*object.header),
           fmt::format("object {} has another type than its mode", number));
  }
  if (number == kRoot) {
    header->meta.type = FileType::kDirectory;
  }
  return TreeNode{.meta = std::move(header->meta)};
}

Result<void> Objects::List(std::uint64_t number, std::uint64_t most,
                           std::vector<TreeEntry>& entries) {
  const auto add = [&](std::string name, std::uint64_t target) {
    entries.push_back({.name = std::move(name), .inode = target});
    return entries.size() <= most;
  };
  const auto found = children_.find(static_cast<std::uint32_t>(number));
  for (const std::uint32_t child : found == children_.end()
                                       ? std::vector<std::uint32_t>()
                                       : found->second) {
    Object& object = objects_[child];
    const auto header = HeaderOf(*object.header);
    const bool link = object.type == ObjectType::kHardLink;
    if (link) {
      object.reached = true;
      MarkLive(*object.header);
    }
    if (header && !add(header->name, link ? object.equivalent : child)) {
      return Fail(ErrorCode::kLimit, "yaffs: too many entries");
    }
  }
  const auto lost = objects_.find(kLostAndFound);
  const bool named = lost != objects_.end() && lost->second.header != nullptr;
  if (number == kRoot && !named && children_.count(kLostAndFound) != 0) {
    (void)add("lost+found", kLostAndFound);
  }
  return {};
}

void Objects::CheckFile(std::uint32_t number, const Object& object) {
  const std::uint64_t page = log_.geometry.page;
  const Range place = PageOf(*object.header);
  if (log_.geometry.version == 1 && object.size != object.stated) {
    Report("size-mismatch", place,
           fmt::format("object {} states {} bytes and has {}", number,
                       object.stated, object.size));
  }
  const std::uint64_t expected = (object.size + page - 1) / page;
  if (fresh_ && log_.geometry.version == 2 && object.data.size() != expected) {
    Report("missing-chunks", place,
           fmt::format("object {} has {} of {} chunks", number,
                       object.data.size(), expected));
  }
  for (const auto& [index, chunk] : object.data) {
    const std::uint64_t base = (index - 1) * page;
    if (base < object.size &&
        chunk->bytes < std::min(page, object.size - base)) {
      Report("short-chunk", PageOf(*chunk),
             fmt::format("chunk {} of object {} states {} bytes", index, number,
                         chunk->bytes));
      return;
    }
  }
}

Result<void> Objects::AddFile(std::uint64_t number, Member member) {
  const Object& object = objects_[static_cast<std::uint32_t>(number)];
  CheckFile(static_cast<std::uint32_t>(number), object);
  std::vector<Extent> extents;
  std::uint64_t at = 0;
  for (const auto& [index, chunk] : object.data) {
    const std::uint64_t base = (index - 1) * log_.geometry.page;
    if (base >= object.size) {
      break;
    }
    if (base > at) {
      extents.push_back({.range = {0, base - at}, .hole = true});
    }
    const std::uint64_t length =
        std::min(log_.geometry.page, object.size - base);
    extents.push_back({.range = {chunk->offset, length}});
    at = base + length;
    MarkLive(*chunk);
  }
  FitExtents(extents, object.size);
  if (extents.empty()) {
    return sink_.Add(std::move(member), ByteSource());
  }
  return AddExtents(source_, extents, std::move(member), "yaffs",
                    Sharing::kAnomalous, coverage_, sink_);
}

Result<void> Objects::WalkUnlisted(TreeWalk& walk) {
  // Those first that have nothing above them.
  for (const bool topmost : {true, false}) {
    for (const auto& [number, object] : objects_) {
      const auto parent = objects_.find(object.parent);
      const bool top = parent == objects_.end() ||
                       parent->second.header == nullptr ||
                       parent->second.type != ObjectType::kDirectory;
      if (object.header == nullptr || object.reached || IsGone(number) ||
          object.type == ObjectType::kHardLink || (topmost && !top)) {
        continue;
      }
      Report("unlisted-object", PageOf(*object.header),
             fmt::format("object {} is in no directory", number));
      if (auto ok = walk.RunUnlisted(number, fmt::format("#{}", number)); !ok) {
        return ok;
      }
    }
  }
  return {};
}

}  // namespace assay::formats::yaffs
