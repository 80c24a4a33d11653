#include "verifier/formats/flash/littlefs_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

namespace assay::formats::littlefs {
namespace {

constexpr std::uint64_t kPointer = 4;

// How many pointers the block at that place of a skip list begins with.
std::uint64_t PointersOf(std::uint64_t index) {
  return index == 0 ? 0
                    : static_cast<std::uint64_t>(std::countr_zero(index)) + 1;
}

tl::unexpected<Error> Malformed(std::string what) {
  return Fail(ErrorCode::kMalformed, "littlefs: " + std::move(what));
}

}  // namespace

Tree::Tree(const ByteSource& source, const Super& super, ArtifactSink& sink)
    : source_(source),
      bytes_(source.bytes()),
      super_(super),
      sink_(sink),
      spare_blocks_(std::min(super.blocks, bytes_.size() / super.block_size)) {
  nodes_.push_back({.pair = {0, 1}});
}

void Tree::Report(std::string_view what, Range range, std::string detail) {
  sink_.Report({.id = fmt::format("littlefs.{}", what),
                .range = range,
                .detail = std::move(detail)});
}

std::string Tree::TextAt(Range range) const {
  const auto bytes = Slice(bytes_, range.offset, range.length);
  return bytes ? std::string(AsText(*bytes)) : std::string();
}

Result<void> Tree::FollowList() {
  std::array<std::uint32_t, 3> state = {};
  Pair pair{0, 1};
  while (!pair.null() && listed_.emplace(pair.key(), pair).second) {
    const auto block = ReadPair(bytes_, super_, pair);
    if (!block && listed_.size() == 1) {
      return Fail(block.error());
    }
    if (!block) {
      Report("bad-pair", RangeOf(pair.first), block.error().what);
      listed_.erase(pair.key());
      break;
    }
    for (std::size_t i = 0; i < state.size(); ++i) {
      state.at(i) ^= block->state.at(i);
    }
    // The last pair with a super block begins the root.
    if (!block->entries.empty() &&
        block->entries.front().kind == Kind::kSuper) {
      nodes_[kRoot].pair = pair;
      nodes_[kRoot].attributes = block->entries.front().attributes;
      Account(pair, *block);
    }
    pair = block->tail;
  }
  if (!pair.null() && listed_.count(pair.key()) != 0) {
    Report("list-loop", RangeOf(pair.first),
           "the list of metadata pairs leads back to itself");
  }
  directories_.emplace(nodes_[kRoot].pair.key(), kRoot);
  if ((state[0] >> 28U & 7U) != 0) {
    const Pair from{state[1], state[2]};
    moved_ = {from.key(), state[0] >> 10U & 0x3ffU};
    Report("unfinished-move", {},
           fmt::format("file {} of blocks {} and {} was being moved",
                       moved_->second, from.first, from.second));
  }
  return {};
}

Result<TreeNode> Tree::Load(std::uint64_t number) {
  const Node& node = nodes_.at(static_cast<std::size_t>(number));
  TreeNode loaded;
  loaded.meta.type =
      node.kind == Kind::kDirectory ? FileType::kDirectory : FileType::kRegular;
  for (const auto& [type, place] : node.attributes) {
    loaded.meta.xattrs.emplace_back(fmt::format("0x{:02x}", type),
                                    TextAt(place));
  }
  loaded.links = 1;
  return loaded;
}

// Metadata but for what files hold, what later contents took over, and what
// fills commits up.
void Tree::Account(Pair pair, const Block& block) {
  if (!used_.emplace(pair.key(), true).second) {
    return;
  }
  std::vector<Range> others = block.deleted;
  others.insert(others.end(), block.padding.begin(), block.padding.end());
  for (const Entry& entry : block.entries) {
    others.insert(others.end(), entry.older.begin(), entry.older.end());
    if (entry.form == Form::kInline && entry.kind == Kind::kFile) {
      others.push_back(entry.data);
    }
  }
  std::sort(others.begin(), others.end());
  std::uint64_t at = RangeOf(block.number).offset;
  const std::uint64_t end = at + block.end;
  for (const Range& other : others) {
    if (other.length > 0) {
      coverage_.ClaimFree({at, other.offset - std::min(at, other.offset)},
                          RegionUse::kMetadata, sink_);
      at = std::max(at, other.end());
    }
  }
  coverage_.ClaimFree({at, end - std::min(at, end)}, RegionUse::kMetadata,
                      sink_);
  if (block.interrupted) {
    Report("interrupted-commit", RangeOf(block.number),
           fmt::format("what follows the commits of block {} is not erased",
                       block.number));
  }
  ReportDeleted(block);
}

// A renamed file is a new one with the same content.
void Tree::ReportDeleted(const Block& block) {
  std::set<std::string> shown;
  for (const Entry& entry : block.entries) {
    if (entry.form == Form::kInline && !block.deleted.empty()) {
      shown.insert(TextAt(entry.data));
    }
  }
  const auto hidden = std::find_if(
      block.deleted.begin(), block.deleted.end(),
      [&](Range range) { return shown.count(TextAt(range)) == 0; });
  if (hidden != block.deleted.end()) {
    Report("hidden-file", *hidden,
           fmt::format("{} bytes of a file in block {} that was deleted",
                       hidden->length, block.number));
  }
}

// What a file that grew held before is how it begins.
void Tree::ReportOlder(const Node& node, const std::string& name,
                       std::span<const Extent> extents) {
  constexpr std::size_t kMostInline = 1024;
  Bytes begin(kMostInline);
  ExtentStream content(source_, extents);
  begin.resize(content.Read(begin).value_or(0));
  const auto hidden =
      std::find_if(node.older.begin(), node.older.end(), [&](Range range) {
        return AsText(begin).substr(
                   0, static_cast<std::size_t>(range.length)) != TextAt(range);
      });
  if (hidden != node.older.end()) {
    Report("hidden-version", *hidden,
           fmt::format("{} held {} other bytes before", name, hidden->length));
  }
}

bool Tree::IsMoved(const Block& block, std::size_t id) const {
  return moved_ && moved_->second == id &&
         (static_cast<std::uint32_t>(moved_->first) == block.number ||
          static_cast<std::uint32_t>(moved_->first >> 32U) == block.number);
}

std::optional<std::uint64_t> Tree::NodeOf(const Entry& entry) {
  Node node{.kind = entry.kind,
            .form = entry.form,
            .data = entry.data,
            .attributes = entry.attributes,
            .older = entry.older};
  if (entry.kind == Kind::kDirectory && entry.form == Form::kDirectory) {
    node.pair = ReadPointer(bytes_, entry.data).value_or(Pair{});
    const auto known = directories_.find(node.pair.key());
    if (known != directories_.end()) {
      return known->second;
    }
    directories_.emplace(node.pair.key(), nodes_.size());
  }
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

Result<void> Tree::ListPair(const Block& block, std::uint64_t most,
                            std::vector<TreeEntry>& entries) {
  for (std::size_t id = 0; id < block.entries.size(); ++id) {
    const Entry& entry = block.entries[id];
    if (entry.kind == Kind::kSuper || IsMoved(block, id)) {
      continue;
    }
    if (entry.kind != Kind::kFile && entry.kind != Kind::kDirectory) {
      Report("bad-entry", RangeOf(block.number),
             fmt::format("entry {} of block {} is no file", id, block.number));
      continue;
    }
    if (entries.size() >= most) {
      return Fail(ErrorCode::kLimit, "littlefs: too many entries");
    }
    entries.push_back({.name = TextAt(entry.name), .inode = *NodeOf(entry)});
  }
  return {};
}

Result<void> Tree::List(std::uint64_t number, std::uint64_t most,
                        std::vector<TreeEntry>& entries) {
  Pair pair = nodes_.at(static_cast<std::size_t>(number)).pair;
  const std::uint64_t first = pair.key();
  for (bool begins = true; !pair.null(); begins = false) {
    if (!begins && (pair.key() == first || used_.count(pair.key()) != 0)) {
      return Malformed(fmt::format("blocks {} and {} continue two directories",
                                   pair.first, pair.second));
    }
    const auto block = ReadPair(bytes_, super_, pair);
    if (!block) {
      return Fail(block.error());
    }
    Account(pair, *block);
    if (listed_.count(pair.key()) == 0) {
      Report("unlisted-pair", RangeOf(block->number),
             fmt::format("block {} is in the tree, but not in the list of all",
                         block->number));
    }
    if (auto ok = ListPair(*block, most, entries); !ok) {
      return ok;
    }
    pair = block->hard ? block->tail : Pair{};
  }
  return {};
}

// How many blocks the skip list of so many bytes has; never more, for all
// files together, than there are.
Result<std::uint64_t> Tree::CountBlocks(std::uint64_t size) {
  std::uint64_t count = 0;
  if (size / super_.block_size <= spare_blocks_) {
    for (std::uint64_t held = 0; held < size && count <= spare_blocks_;
         ++count) {
      held += super_.block_size - PointersOf(count) * kPointer;
    }
  }
  if (count == 0 || count > spare_blocks_) {
    spare_blocks_ -= std::min(count, spare_blocks_);
    return Malformed(
        fmt::format("there is no room for a file of {} bytes", size));
  }
  spare_blocks_ -= count;
  return count;
}

// The first pointer of a block leads to the one before it, the next ones twice
// as far each time.
Result<void> Tree::MapSkipList(const Node& node, std::vector<Extent>& extents) {
  const auto stored = ReadPointer(bytes_, node.data);
  if (!stored) {
    return Malformed("a skip list has no head");
  }
  const std::uint64_t size = stored->second;
  if (size == 0) {
    return {};
  }
  const auto counted = CountBlocks(size);
  if (!counted) {
    return Fail(counted.error());
  }
  const std::uint64_t count = *counted;
  std::vector<std::uint32_t> blocks(static_cast<std::size_t>(count));
  std::uint32_t at = stored->first;
  for (std::uint64_t index = count; index-- > 0;) {
    const Range range = RangeOf(at);
    if (at >= super_.blocks || !Slice(bytes_, range.offset, range.length) ||
        coverage_.Touches(range)) {
      return Malformed(fmt::format(
          "block {} of a file is not there or belongs to something else", at));
    }
    blocks[static_cast<std::size_t>(index)] = at;
    coverage_.ClaimFree({range.offset, PointersOf(index) * kPointer},
                        RegionUse::kMetadata, sink_);
    at = ReadAt<Le32>(bytes_, range.offset).value_or(Le32{});
  }
  for (std::uint64_t index = 0; index < count; ++index) {
    const Range range = RangeOf(blocks[static_cast<std::size_t>(index)]);
    const std::uint64_t pointers = PointersOf(index) * kPointer;
    extents.push_back(
        {.range = {range.offset + pointers, super_.block_size - pointers}});
  }
  FitExtents(extents, size);
  if (!CheckSkips(blocks)) {
    Report("bad-skip-list", RangeOf(stored->first),
           "pointers of a file differ from the way they shorten");
  }
  return {};
}

bool Tree::CheckSkips(const std::vector<std::uint32_t>& blocks) const {
  for (std::size_t index = 1; index < blocks.size(); ++index) {
    const std::uint64_t start = RangeOf(blocks[index]).offset;
    for (std::uint64_t i = 0; i < PointersOf(index); ++i) {
      const auto pointer = ReadAt<Le32>(bytes_, start + i * kPointer);
      if (!pointer || *pointer != blocks[index - (std::size_t{1} << i)]) {
        return false;
      }
    }
  }
  return true;
}

Result<void> Tree::AddFile(std::uint64_t number, Member member) {
  const Node& node = nodes_.at(static_cast<std::size_t>(number));
  std::vector<Extent> extents;
  Result<void> mapped;
  if (node.form == Form::kInline) {
    AppendExtent(extents, {.range = node.data});
  } else if (node.form == Form::kSkipList) {
    mapped = MapSkipList(node, extents);
  } else if (node.form != Form::kNone) {
    mapped = Malformed("a file has the structure of something else");
  }
  if (!mapped) {
    Report("bad-file", node.data, member.name + ": " + mapped.error().what);
    return sink_.AddOpaque(std::move(member), mapped.error().what);
  }
  ReportOlder(node, member.name, extents);
  if (extents.empty() || extents.front().range.length == 0) {
    return sink_.Add(std::move(member), ByteSource());
  }
  return AddExtents(source_, extents, std::move(member), "littlefs",
                    Sharing::kAnomalous, coverage_, sink_);
}

void Tree::ReportOrphans() {
  for (const auto& [key, pair] : listed_) {
    if (used_.count(key) == 0) {
      Report("orphaned-directory", RangeOf(pair.first),
             fmt::format("no directory leads to blocks {} and {}", pair.first,
                         pair.second));
    }
  }
}

void Tree::ClaimRest() {
  coverage_.ClaimGaps(bytes_, sink_);
}

}  // namespace assay::formats::littlefs
