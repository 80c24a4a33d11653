// UF2: firmware in blocks of 512 bytes that each say where they belong.
// Layout: Microsoft, "USB Flashing Format (UF2)", sections "File format",
// "File containers", "MD5 checksum" and "Extension tags".
//
// A member is what the blocks of one family fill of one stretch of memory; in
// a file container it is what they fill of one file. Blocks that are not meant
// for the main flash become members of their own below "not-flashed".

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Block {
  Le32 magic1, magic2, flags, address, size, number, count, family;
  std::array<std::uint8_t, 476> data = {};
  Le32 magic3;
};
static_assert(sizeof(Block) == 512 && FileStruct<Block>);

struct Md5Note {
  Le32 address, length;
  std::array<std::uint8_t, 16> digest = {};
};
static_assert(sizeof(Md5Note) == 24 && FileStruct<Md5Note>);

constexpr std::uint64_t kHead = 32;
constexpr std::uint64_t kRoom = 476;
constexpr std::uint32_t kNotFlashed = 0x1;
constexpr std::uint32_t kContainer = 0x1000;
constexpr std::uint32_t kHasFamily = 0x2000;
constexpr std::uint32_t kHasMd5 = 0x4000;
constexpr std::uint32_t kHasTags = 0x8000;

std::optional<Block> BlockAt(ByteView bytes, std::uint64_t at) {
  auto block = ReadAt<Block>(bytes, at);
  if (!block || block->magic1 != 0x0A324655 || block->magic2 != 0x9E5D5157 ||
      block->magic3 != 0x0AB16F30 || block->size > kRoom) {
    return std::nullopt;
  }
  return block;
}

bool Matches(ByteView head) {
  return BlockAt(head, 0).has_value();
}

std::uint64_t SizeOfBlocks(ByteView bytes) {
  std::uint64_t at = 0;
  while (BlockAt(bytes, at)) {
    at += sizeof(Block);
  }
  return at;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (const std::uint64_t size = SizeOfBlocks(bytes); size > 0) {
    return size;
  }
  return Fail(ErrorCode::kNotThisFormat, "no UF2 block");
}

// The bytes that one block brings.
struct Piece {
  std::uint64_t address = 0;  // in memory, or in the file
  Range range = {};           // in the input
};

// What all blocks for one family, or for one file, bring.
struct Group {
  std::vector<Piece> pieces = {};
  std::map<std::uint32_t, std::uint64_t> counts = {};  // as the blocks state
};

class Reader {
 public:
  Reader(const ByteSource& source, ArtifactSink& sink)
      : source_(source), sink_(sink) {}

  void Take(const Block& block, std::uint64_t at) {
    sink_.Claim({at, kHead}, RegionUse::kMetadata);
    sink_.Claim({at + kHead, block.size}, RegionUse::kMember);
    sink_.Claim({at + kHead + kRoom, sizeof(Le32)}, RegionUse::kMetadata);
    TakeRest(block, at);
    Group& group = groups_[NameOf(block, at)];
    ++group.counts[block.count];
    if (block.number >= block.count) {
      Report("size-mismatch", at,
             fmt::format("block {} of {}", std::uint32_t{block.number},
                         std::uint32_t{block.count}));
    }
    if (block.size > 0) {
      group.pieces.push_back({block.address, {at + kHead, block.size}});
    }
  }

  Result<void> AddMembers() {
    for (auto& [name, group] : groups_) {
      for (const auto& [stated, found] : group.counts) {
        if (stated != found) {
          Report("size-mismatch", 0,
                 fmt::format("{}: {} blocks are stated, {} are there", name,
                             stated, found));
        }
      }
      std::stable_sort(
          group.pieces.begin(), group.pieces.end(),
          [](const Piece& a, const Piece& b) { return a.address < b.address; });
      if (auto ok = AddGroup(name, group.pieces); !ok) {
        return ok;
      }
    }
    return {};
  }

  void CheckDigests() {
    for (const auto& [name, address, length, digest, at] : notes_) {
      const auto& group = groups_[name];
      std::vector<Extent> extents;
      std::uint64_t reached = address;
      const std::uint64_t end = std::uint64_t{address} + length;
      for (auto piece = std::lower_bound(
               group.pieces.begin(), group.pieces.end(), address,
               [](const Piece&p, std::uint64_t a) { return p.address < a; });
           piece != group.pieces.end() && piece->address == reached &&
           reached < end;
           ++piece) {
        const std::uint64_t part = std::min(piece->range.length, end - reached);
        extents.push_back({.range = {piece->range.offset, part}});
        reached += part;
      }
      // A region that the file does not fill cannot be checked; and hostile
      // notes must not cost more than the file is worth.
      if (reached != end || length > budget_) {
        continue;
      }
      budget_ -= length;
      CheckDigest(extents, digest, at);
    }
  }

 private:
  struct Note {
    std::string name = {};
    std::uint32_t address = 0;
    std::uint32_t length = 0;
    std::string digest = {};  // in hexadecimal
    std::uint64_t at = 0;
    friend bool operator<(const Note& a, const Note& b) {
      return std::tie(a.name, a.address, a.length, a.digest) <
             std::tie(b.name, b.address, b.length, b.digest);
    }
  };

  // What follows the payload: tags, then filler, then the MD5 note.
  void TakeRest(const Block& block, std::uint64_t at) {
    std::uint64_t from = block.size;
    std::uint64_t to = kRoom;
    if ((block.flags & kHasMd5) != 0 && kRoom - from >= sizeof(Md5Note)) {
      to -= sizeof(Md5Note);
      const auto note = *ReadAt<Md5Note>(block.data, to);
      notes_.insert({NameOf(block, at), note.address, note.length,
                     HexOf(note.digest), at});
      sink_.Claim({at + kHead + to, sizeof(Md5Note)}, RegionUse::kMetadata);
    }
    if ((block.flags & kHasTags) != 0) {
      const std::uint64_t tags = TagsEnd(block, from + GapTo(4, from), to);
      sink_.Claim({at + kHead + from, tags - from}, RegionUse::kMetadata);
      from = tags;
    }
    const ByteView rest = ByteView(block.data)
                              .subspan(static_cast<std::size_t>(from),
                                       static_cast<std::size_t>(to - from));
    sink_.Claim({at + kHead + from, to - from},
                AllAre(rest, 0) ? RegionUse::kPadding : RegionUse::kSlack);
  }

  // Each tag is its size, 3 bytes of type, and data, padded to 4 bytes.
  static std::uint64_t TagsEnd(const Block& block, std::uint64_t from,
                               std::uint64_t to) {
    from = std::min(from, to);
    while (from < to) {
      const std::uint64_t size = block.data.at(static_cast<std::size_t>(from));
      const std::uint64_t whole = size + GapTo(4, size);
      if (size < 4 || whole > to - from) {
        return size == 0 ? std::min(from + 4, to) : from;
      }
      from += whole;
    }
    return from;
  }

  std::string NameOf(const Block& block, std::uint64_t at) {
    std::string name;
    if ((block.flags & kNotFlashed) != 0) {
      name = "not-flashed/";
    }
    if ((block.flags & kContainer) != 0) {
      const std::uint64_t from = block.size;
      const auto field = Slice(block.data, from, kRoom - from);
      const std::string_view text = AsText(field.value_or(ByteView()));
      return name + BoundedName(text.substr(0, text.find('\0')), "uf2",
                                {at + kHead + from, kRoom - from}, sink_);
    }
    return (block.flags & kHasFamily) != 0
               ? name +
                     fmt::format("family-{:08x}", std::uint32_t{block.family})
               : name + "no-family";
  }

  Result<void> AddGroup(const std::string& name,
                        const std::vector<Piece>& pieces) {
    std::uint64_t filled = 0;
    std::map<std::uint64_t, std::uint64_t> seen;
    for (std::size_t from = 0; from < pieces.size();) {
      const std::uint64_t start = pieces[from].address;
      if (from > 0 && start < filled) {
        Report("overlapping-data", pieces[from].range.offset - kHead,
               fmt::format("{}: 0x{:08x} is filled again", name, start));
      }
      std::vector<Extent> extents;
      std::uint64_t end = start;
      while (from < pieces.size() && pieces[from].address == end) {
        extents.push_back({.range = pieces[from].range});
        end += pieces[from++].range.length;
      }
      filled = std::max(filled, end);
      auto content = source_.Gather(extents, sink_.limits().memory_per_member,
                                    sink_.limits().member);
      if (!content) {
        return Fail(content.error());
      }
      const std::uint64_t number = ++seen[start];
      Member member{.name = fmt::format("{}/0x{:08x}", name, start)};
      if (number > 1) {
        member.name += fmt::format(".{}", number);
      }
      if (auto ok = sink_.Add(std::move(member), std::move(*content)); !ok) {
        return ok;
      }
    }
    return {};
  }

  void CheckDigest(const std::vector<Extent>& extents,
                   const std::string& digest, std::uint64_t at) {
    const auto region = source_.Gather(
        extents, sink_.limits().memory_per_member, sink_.limits().member);
    if (!region) {
      return;
    }
    const Digest found = DigestOf(DigestAlgorithm::kMd5, region->bytes());
    if (found.hex != digest) {
      Report("checksum-mismatch", at,
             fmt::format("the region's MD5 is stated as {}, its {} bytes give "
                         "{}",
                         digest, region->size(), found.hex));
    }
  }

  void Report(std::string_view what, std::uint64_t at, std::string detail) {
    if (++anomalies_ <= 64) {
      sink_.Report({.id = fmt::format("uf2.{}", what),
                    .range = {at, sizeof(Block)},
                    .detail = std::move(detail)});
    }
  }

  const ByteSource& source_;
  ArtifactSink& sink_;
  std::map<std::string, Group> groups_;
  std::set<Note> notes_;
  std::uint64_t budget_ = 4 * source_.size();  // bytes to digest
  std::uint64_t anomalies_ = 0;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const std::uint64_t end = SizeOfBlocks(source.bytes());
  if (end == 0) {
    return Fail(ErrorCode::kMalformed, "uf2: no block at the start");
  }
  Reader reader(source, sink);
  for (std::uint64_t at = 0; at < end; at += sizeof(Block)) {
    if (const auto block = BlockAt(source.bytes(), at)) {
      reader.Take(*block, at);
    }
  }
  if (auto ok = reader.AddMembers(); !ok) {
    return ok;
  }
  reader.CheckDigests();
  return input.Skip(end);
}

constexpr Magic kMagics[] = {{"UF2\n\x57\x51\x5d\x9e", 0}};  // NOLINT: a table

}  // namespace

extern const Format kUf2;
const Format kUf2 = {
    .name = "uf2",
    .title = "USB Flashing Format (UF2)",
    .reference = "Microsoft, USB Flashing Format (UF2), \"File format\"",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
