#include "verifier/formats/flash/littlefs_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "verifier/base/crc32.h"

namespace assay::formats::littlefs {
namespace {

constexpr std::uint64_t kTagSize = 4;
constexpr std::uint32_t kNoFile = 0x3ff;
constexpr std::uint32_t kGone = 0x3ff;  // as a length
constexpr std::uint32_t kSeed = 0xffffffff;
constexpr std::size_t kMostEntries = 0x3ff;
constexpr std::uint64_t kLeastBlock = 128, kMostBlock = 1ULL << 31U;

// 1 bit: whether it is none; 3 of type, 8 of chunk, 10 of id, 10 of length.
struct Tag {
  std::uint32_t value = 0;

  [[nodiscard]] bool valid() const { return value >> 31U == 0; }
  [[nodiscard]] unsigned type() const { return value >> 28U & 7U; }
  [[nodiscard]] unsigned chunk() const { return value >> 20U & 0xffU; }
  [[nodiscard]] std::uint32_t id() const { return value >> 10U & 0x3ffU; }
  [[nodiscard]] bool deletes() const { return (value & 0x3ffU) == kGone; }
  [[nodiscard]] std::uint64_t length() const {
    return deletes() ? 0 : value & 0x3ffU;
  }
  [[nodiscard]] bool commits() const { return type() == 5 && chunk() < 0x80; }
};

struct Item {
  Tag tag = {};
  Range data = {};  // in the block
};

// The tags of a block, commit by commit.
class Reader {
 public:
  explicit Reader(ByteView block) : block_(block) {}

  // The tags of the next commit, its CRC's at the end; nothing when there is
  // none that holds.
  std::optional<std::vector<Item>> Next() {
    std::vector<Item> items;
    std::uint64_t at = end_ == 0 ? kTagSize : end_;
    std::uint32_t crc =
        end_ == 0 ? Crc32Raw(kSeed, block_.first(kTagSize)) : kSeed;
    while (const auto stored = ReadAt<Be32>(block_, at)) {
      const Tag tag{*stored ^ previous_};
      const auto data = Slice(block_, at + kTagSize, tag.length());
      if (!tag.valid() || !data) {
        break;
      }
      crc = Crc32Raw(crc, *Slice(block_, at, kTagSize));
      previous_ = tag.value;
      items.push_back({.tag = tag, .data = {at + kTagSize, tag.length()}});
      at += kTagSize + tag.length();
      if (tag.commits()) {
        const auto expected = ReadAt<Le32>(*data, 0);
        if (!expected || *expected != crc) {
          break;
        }
        previous_ ^= (tag.chunk() & 1U) << 31U;
        end_ = at;
        return items;
      }
      crc = Crc32Raw(crc, *data);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t end() const { return end_; }

 private:
  ByteView block_;
  std::uint64_t end_ = 0;
  std::uint32_t previous_ = kSeed;
};

std::optional<Super> SuperAt(ByteView bytes, Range place) {
  constexpr unsigned kMajor = 2;
  struct Stored {
    Le32 version, block_size, blocks, name_max, file_max, attribute_max;
  };
  const auto stored = ReadAt<Stored>(bytes, place.offset);
  if (!stored || place.length < sizeof(Stored) ||
      stored->version >> 16U != kMajor || stored->block_size < kLeastBlock ||
      stored->block_size > kMostBlock || stored->blocks < 2) {
    return std::nullopt;
  }
  return Super{.version = stored->version,
               .block_size = stored->block_size,
               .blocks = stored->blocks};
}

std::optional<Super> SuperOf(ByteView block, const std::vector<Item>& items) {
  constexpr std::string_view kMagic = "littlefs";
  constexpr std::uint32_t kName = 0x0ff00008;
  if (items.size() < 3 || items[0].tag.value != kName ||
      items[1].tag.type() != 2 || items[1].tag.chunk() != 1 ||
      items[1].tag.id() != 0 ||
      AsText(*Slice(block, items[0].data.offset, kMagic.size())) != kMagic) {
    return std::nullopt;
  }
  return SuperAt(block, items[1].data);
}

// Applies commits to what is known of a block.
class Builder {
 public:
  Builder(ByteView block, std::uint64_t base) : block_(block), base_(base) {}

  // False when a tag means nothing that can be.
  bool Apply(const std::vector<Item>& items) {
    return std::all_of(items.begin(), items.end(),
                       [this](const Item& item) { return Apply(item); });
  }

  // Whether what follows the last commit is as it promises.
  [[nodiscard]] bool StillErased(std::uint64_t end) const {
    const auto next = promised_ ? Slice(block_, end, promised_->first)
                                : std::optional<ByteView>();
    return !next || Crc32Raw(kSeed, *next) == promised_->second;
  }

  Block Finish() {
    for (const std::size_t index : order_) {
      built_.entries.push_back(std::move(entries_[index]));
    }
    return std::move(built_);
  }

 private:
  bool Apply(const Item& item) {
    const Tag tag = item.tag;
    switch (tag.type()) {
      case 0:
        return SetName(item);
      case 2:
        return SetForm(item);
      case 3:
        return SetAttribute(item);
      case 4:
        return Splice(tag);
      case 5:
        return SetChecksum(item);
      case 6:
        built_.tail = ReadPointer(block_, item.data).value_or(Pair{});
        built_.hard = (tag.chunk() & 1U) != 0;
        return true;
      case 7:
        return SetState(item);
      default:
        return true;
    }
  }

  [[nodiscard]] Range InImage(Range place) const {
    return {base_ + place.offset, place.length};
  }

  Entry* Find(std::uint32_t id) {
    return id < order_.size() ? &entries_[order_[id]] : nullptr;
  }

  bool Insert(std::uint32_t id) {
    if (id > order_.size() || order_.size() >= kMostEntries) {
      return false;
    }
    order_.insert(order_.begin() + id,
                  static_cast<std::uint32_t>(entries_.size()));
    entries_.emplace_back();
    return true;
  }

  bool Splice(Tag tag) {
    if (tag.chunk() < 0x80) {
      return Insert(tag.id());
    }
    Entry* entry = Find(tag.id());
    if (entry == nullptr) {
      return false;
    }
    Replace(*entry, built_.deleted);
    built_.deleted.insert(built_.deleted.end(), entry->older.begin(),
                          entry->older.end());
    order_.erase(order_.begin() + tag.id());
    return true;
  }

  // A file's content may still be there when the file holds another.
  static void Replace(const Entry& entry, std::vector<Range>& into) {
    if (entry.form == Form::kInline && entry.kind != Kind::kSuper &&
        entry.data.length > 0) {
      into.push_back(entry.data);
    }
  }

  bool SetName(const Item& item) {
    while (item.tag.id() >= order_.size()) {
      if (!Insert(static_cast<std::uint32_t>(order_.size()))) {
        return false;
      }
    }
    Entry& entry = *Find(item.tag.id());
    entry.kind = static_cast<Kind>(item.tag.chunk());
    entry.name = InImage(item.data);
    return true;
  }

  bool SetForm(const Item& item) {
    Entry* entry = Find(item.tag.id());
    if (entry == nullptr) {
      return false;
    }
    Replace(*entry, entry->older);
    const unsigned chunk = item.tag.chunk();
    entry->form = chunk == 0   ? Form::kDirectory
                  : chunk == 1 ? Form::kInline
                  : chunk == 2 ? Form::kSkipList
                               : Form::kUnknown;
    entry->data = InImage(item.data);
    return true;
  }

  bool SetAttribute(const Item& item) {
    Entry* entry = Find(item.tag.id());
    if (entry == nullptr) {
      return item.tag.id() == kNoFile;
    }
    const auto type = static_cast<std::uint8_t>(item.tag.chunk());
    auto& all = entry->attributes;
    std::erase_if(all, [&](const auto& known) { return known.first == type; });
    if (!item.tag.deletes()) {
      all.emplace_back(type, InImage(item.data));
    }
    return true;
  }

  bool SetChecksum(const Item& item) {
    constexpr unsigned kForward = 0xff;
    if (item.tag.commits()) {
      const Range rest{item.data.offset + sizeof(Le32),
                       item.data.length - sizeof(Le32)};
      built_.padding.push_back(InImage(rest));
      promised_ = std::exchange(pending_, std::nullopt);
    } else if (item.tag.chunk() == kForward) {
      const auto size = ReadAt<Le32>(block_, item.data.offset);
      const auto crc = ReadAt<Le32>(block_, item.data.offset + sizeof(Le32));
      if (item.data.length >= 2 * sizeof(Le32) && size && crc) {
        pending_ = {*size, *crc};
      }
    }
    return true;
  }

  bool SetState(const Item& item) {
    if (item.data.length >= sizeof(Le32) * built_.state.size()) {
      for (std::size_t i = 0; i < built_.state.size(); ++i) {
        built_.state.at(i) =
            *ReadAt<Le32>(block_, item.data.offset + i * sizeof(Le32));
      }
    }
    return true;
  }

  ByteView block_;
  std::uint64_t base_;
  Block built_;
  std::vector<Entry> entries_;        // as they came
  std::vector<std::uint32_t> order_;  // by id
  std::optional<std::pair<std::uint32_t, std::uint32_t>> pending_, promised_;
};

}  // namespace

std::optional<Pair> ReadPointer(ByteView image, Range place) {
  const auto first = ReadAt<Le32>(image, place.offset);
  const auto second = ReadAt<Le32>(image, place.offset + sizeof(Le32));
  if (place.length < 2 * sizeof(Le32) || !first || !second) {
    return std::nullopt;
  }
  return Pair{*first, *second};
}

std::optional<Super> ReadSuper(ByteView bytes) {
  if (bytes.size() < kTagSize) {
    return std::nullopt;
  }
  const auto items = Reader(bytes).Next();
  return items ? SuperOf(bytes, *items) : std::nullopt;
}

std::optional<Super> Recognize(ByteView head) {
  constexpr std::uint64_t kMostUsual = 64ULL << 10U;
  if (const auto super = ReadSuper(head)) {
    return super;
  }
  for (std::uint64_t size = kLeastBlock; size <= kMostUsual; size *= 2) {
    const auto rest = Slice(
        head, size, head.size() - std::min<std::uint64_t>(head.size(), size));
    const auto super = rest ? ReadSuper(*rest) : std::nullopt;
    if (super && super->block_size == size) {
      return super;
    }
  }
  return std::nullopt;
}

Super NewestSuper(ByteView image, const Super& first) {
  constexpr int kMostPairs = 64;
  Super newest = first;
  Pair pair{0, 1};
  for (int i = 0; i < kMostPairs && !pair.null(); ++i) {
    const auto block = ReadPair(image, first, pair);
    if (!block || block->entries.empty() ||
        block->entries.front().kind != Kind::kSuper) {
      break;
    }
    const auto super = SuperAt(image, block->entries.front().data);
    if (super && super->block_size == first.block_size) {
      newest = *super;
    }
    pair = block->tail;
  }
  return newest;
}

std::optional<Block> ReadBlock(ByteView image, const Super& super,
                               std::uint32_t number) {
  const std::uint64_t base = number * super.block_size;
  const auto bytes = Slice(image, base, super.block_size);
  if (number >= super.blocks || !bytes) {
    return std::nullopt;
  }
  Reader reader(*bytes);
  Builder builder(*bytes, base);
  std::uint64_t end = 0;
  while (const auto items = reader.Next()) {
    if (!builder.Apply(*items)) {
      return std::nullopt;
    }
    end = reader.end();
  }
  if (end == 0) {
    return std::nullopt;
  }
  const bool erased = builder.StillErased(end);
  Block block = builder.Finish();
  block.number = number;
  block.revision = *ReadAt<Le32>(*bytes, 0);
  block.end = end;
  block.interrupted = !erased;
  return block;
}

Result<Block> ReadPair(ByteView image, const Super& super, Pair pair) {
  auto first = ReadBlock(image, super, pair.first);
  auto second = ReadBlock(image, super, pair.second);
  if (!first && !second) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("littlefs: no commit holds in blocks {} and {}",
                            pair.first, pair.second));
  }
  // Sequence numbers wrap around.
  const bool later =
      first && second &&
      static_cast<std::int32_t>(second->revision - first->revision) > 0;
  return first && !later ? std::move(*first) : std::move(*second);
}

}  // namespace assay::formats::littlefs
