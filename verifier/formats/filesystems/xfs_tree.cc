#include "verifier/formats/filesystems/xfs_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::xfs {
namespace {

constexpr std::uint64_t kMostTarget = 4096;         // Linux PATH_MAX
constexpr std::uint64_t kLeafOffset = 1ULL << 35U;  // of a directory, bytes
constexpr std::uint32_t kBlock4 = 0x58443242;       // "XD2B": entries, index
constexpr std::uint32_t kBlock5 = 0x58444233;       // "XDB3"
constexpr std::uint32_t kData4 = 0x58443244;        // "XD2D": entries
constexpr std::uint32_t kData5 = 0x58444433;        // "XDD3"
constexpr std::uint32_t kFree5 = 0x58444633;        // "XDF3"
constexpr std::uint32_t kLink5 = 0x58534c4d;        // "XSLM"
constexpr std::uint64_t kLinkHeader = 56;

constexpr std::array kTypes = {FileType::kRegular,     FileType::kRegular,
                               FileType::kDirectory,   FileType::kCharDevice,
                               FileType::kBlockDevice, FileType::kFifo,
                               FileType::kSocket,      FileType::kSymlink};

void SetType(std::uint8_t stored, TreeEntry& entry) {
  if (stored > 0 && stored < kTypes.size()) {
    entry.type = kTypes.at(stored);
  }
}

}  // namespace

Result<ByteView> BlockOf(const Volume& volume, const std::vector<Piece>& pieces,
                         std::uint64_t at) {
  const auto after = std::upper_bound(
      pieces.begin(), pieces.end(), at,
      [](std::uint64_t value, const Piece& piece) { return value < piece.at; });
  if (after == pieces.begin()) {
    return Malformed(fmt::format("a fork has no block {}", at));
  }
  const Piece& piece = *std::prev(after);
  if (at - piece.at >= piece.count || piece.unwritten) {
    return Malformed(fmt::format("a fork has no block {}", at));
  }
  return volume.BlocksAt(piece.offset + (at - piece.at) * volume.block_size(),
                         1);
}

Tree::Tree(const Volume& volume, Coverage& coverage, ArtifactSink& sink)
    : volume_(volume),
      coverage_(coverage),
      sink_(sink),
      xattr_bytes_left_((16ULL << 20U) + 4 * volume.source().size()) {}

void Tree::Report(std::string_view what, Range range, std::string detail) {
  sink_.Report({.id = fmt::format("xfs.{}", what),
                .range = range,
                .detail = std::move(detail)});
}

bool Tree::Own(Range range) {
  if (!Slice(volume_.source().bytes(), range.offset, range.length) ||
      coverage_.Touches(range)) {
    return false;
  }
  coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  return true;
}

Result<std::vector<Piece>> Tree::Map(const Inode& inode, const Fork& fork) {
  return MapFork(volume_, inode, fork, [&](std::uint64_t offset, bool intact) {
    const Range range{offset, volume_.block_size()};
    if (!intact) {
      Report("checksum-mismatch", range,
             fmt::format("extents of inode {}", inode.number));
    }
    return Own(range);
  });
}

Result<void> Tree::OwnPieces(const std::vector<Piece>& pieces) {
  for (const Piece& piece : pieces) {
    const Range range{piece.offset, piece.count * volume_.block_size()};
    if (!piece.unwritten && !Own(range)) {
      Report("overlapping-blocks", range,
             fmt::format("inode {} has blocks of something else or none",
                         current_.number));
      return Malformed(
          fmt::format("inode {} does not own its blocks", current_.number));
    }
  }
  return {};
}

void Tree::ClaimSpecial(std::uint64_t number) {
  auto inode = volume_.ReadInode(number);
  if (!inode || !special_.insert(number).second) {
    return;
  }
  current_ = std::move(*inode);
  if (!current_.intact) {
    Report("checksum-mismatch", current_.place,
           fmt::format("inode {}", number));
  }
  if (current_.data.format == kExtents || current_.data.format == kTree) {
    const auto pieces = Map(current_, current_.data);
    const auto owned =
        pieces ? OwnPieces(*pieces) : Result<void>(Fail(pieces.error()));
    if (!owned) {
      Report("bad-special-inode", current_.place, owned.error().what);
    }
  }
}

Result<TreeNode> Tree::Load(std::uint64_t number) {
  auto inode = volume_.ReadInode(number);
  if (!inode) {
    return Fail(inode.error());
  }
  current_ = *inode;
  const std::uint32_t mode = inode->mode;
  if (TypeOfMode(mode) == FileType::kRegular && (mode & 0170000U) != 0100000U) {
    return Malformed(
        fmt::format("inode {} is in no use (mode {:o})", number, mode));
  }
  if (!inode->intact) {
    Report("checksum-mismatch", inode->place, fmt::format("inode {}", number));
  }
  TreeNode node{.links = inode->links};
  node.meta.type = TypeOfMode(mode);
  node.meta.mode = mode & 07777U;
  node.meta.uid = inode->uid;
  node.meta.gid = inode->gid;
  node.meta.mtime = inode->mtime;
  if (const auto ok = ReadXattrs(*inode, node.meta.xattrs); !ok) {
    Report("bad-xattrs", inode->place, ok.error().what);
  }
  if (node.meta.type == FileType::kSymlink) {
    auto target = Target(*inode);
    if (!target) {
      return Fail(target.error());
    }
    node.meta.link_target = std::move(*target);
  } else if (inode->data.format == kDevice) {
    // As in System V: 14 bits of major, 18 of minor number.
    const std::uint32_t device =
        ReadAt<Be32>(inode->data.bytes, 0).value_or(Be32{});
    if (node.meta.type == FileType::kCharDevice ||
        node.meta.type == FileType::kBlockDevice) {
      node.meta.device_major = device >> 18U & 0x3fffU;
      node.meta.device_minor = device & 0x3ffffU;
    }
  }
  return node;
}

Result<std::string> Tree::Target(const Inode& inode) {
  if (inode.size > kMostTarget) {
    return Malformed(
        fmt::format("inode {}: a link of {} bytes", inode.number, inode.size));
  }
  if (inode.data.format == kLocal) {
    const auto text = Slice(inode.data.bytes, 0, inode.size);
    return text ? Result<std::string>(std::string(AsText(*text)))
                : Malformed(fmt::format("inode {}: its link is cut short",
                                        inode.number));
  }
  const auto pieces = Map(inode, inode.data);
  if (!pieces) {
    return Fail(pieces.error());
  }
  if (auto ok = OwnPieces(*pieces); !ok) {
    return Fail(ok.error());
  }
  const bool fifth = volume_.has_checksums();
  std::string target;
  for (std::uint64_t at = 0; target.size() < inode.size; ++at) {
    const auto block = BlockOf(volume_, *pieces, at);
    if (!block) {
      return Fail(block.error());
    }
    const bool headed = fifth && *ReadAt<Be32>(*block, 0) == kLink5;
    if (fifth && (!headed || !HasChecksum(*block, 12))) {
      Report("checksum-mismatch", inode.place,
             fmt::format("link of inode {}", inode.number));
    }
    const ByteView text = block->subspan(headed ? kLinkHeader : 0);
    target += AsText(text.first(
        std::min<std::size_t>(text.size(), inode.size - target.size())));
  }
  return target;
}

Result<void> Tree::AddFile(std::uint64_t /*inode*/, Member member) {
  const Inode& inode = current_;
  if (inode.realtime) {
    return sink_.AddOpaque(std::move(member), "on the real-time device");
  }
  constexpr std::uint64_t kMostSize = 1ULL << 60U;
  auto pieces = inode.size <= kMostSize
                    ? Map(inode, inode.data)
                    : Malformed(fmt::format("inode {} states {} bytes",
                                            inode.number, inode.size));
  if (!pieces) {
    Report("bad-map", inode.place, member.name + ": " + pieces.error().what);
    return sink_.AddOpaque(std::move(member), pieces.error().what);
  }
  const std::uint64_t block = volume_.block_size();
  const std::uint64_t end = (inode.size + block - 1) / block;
  std::vector<Extent> extents;
  std::uint64_t at = 0;
  for (const Piece& piece : *pieces) {
    if (piece.at >= end) {
      break;  // reserved beyond the end
    }
    AppendExtent(extents, {{0, (piece.at - at) * block}, true});
    const std::uint64_t count = std::min(piece.count, end - piece.at);
    AppendExtent(extents, {{piece.unwritten ? 0 : piece.offset, count * block},
                           piece.unwritten});
    at = piece.at + count;
  }
  FitExtents(extents, inode.size);
  const bool shares = (volume_.super().read_only & kReflink) != 0;
  return AddExtents(volume_.source(), extents, std::move(member), "xfs",
                    shares ? Sharing::kAllowed : Sharing::kAnomalous, coverage_,
                    sink_);
}

Result<void> Tree::List(std::uint64_t /*number*/, std::uint64_t most,
                        std::vector<TreeEntry>& entries) {
  const Inode inode = current_;
  if (inode.data.format == kLocal) {
    return ListShort(inode, entries);
  }
  const auto pieces = Map(inode, inode.data);
  if (!pieces) {
    return Fail(pieces.error());
  }
  if (auto ok = OwnPieces(*pieces); !ok) {
    return ok;
  }
  return ListPieces(*pieces, most, entries);
}

Result<void> Tree::ListShort(const Inode& inode,
                             std::vector<TreeEntry>& entries) const {
  struct Header {
    std::uint8_t count, wide;
  };
  ByteReader reader(inode.data.bytes);
  const auto header = reader.Take<Header>();
  const bool wide = header && header->wide > 0;
  bool whole = header && reader.Skip(wide ? 8 : 4);  // the parent
  for (unsigned i = 0; whole && i < header->count; ++i) {
    const auto length = reader.Take<std::uint8_t>();
    constexpr std::uint64_t kOffset = 2;
    const auto name = length && reader.Skip(kOffset) ? reader.TakeBytes(*length)
                                                     : std::nullopt;
    if (!name) {
      whole = false;
      break;
    }
    TreeEntry entry{.name = std::string(AsText(*name))};
    if (volume_.has_file_types()) {
      SetType(reader.Take<std::uint8_t>().value_or(0), entry);
    }
    const auto long_number = wide ? reader.Take<Be64>() : std::nullopt;
    const auto number = wide ? std::nullopt : reader.Take<Be32>();
    whole = long_number || number;
    entry.inode = wide ? std::uint64_t{long_number.value_or(Be64{})}
                       : std::uint64_t{number.value_or(Be32{})};
    if (whole) {
      entries.push_back(std::move(entry));
    }
  }
  return whole ? Result<void>()
               : Malformed(
                     fmt::format("directory {} is cut short", inode.number));
}

Result<Bytes> Tree::Gathered(const std::vector<Piece>& pieces, std::uint64_t at,
                             std::uint64_t count) {
  Bytes all;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto block = BlockOf(volume_, pieces, at + i);
    if (!block) {
      return Fail(block.error());
    }
    all.insert(all.end(), block->begin(), block->end());
  }
  return all;
}

Result<void> Tree::ListPieces(const std::vector<Piece>& pieces,
                              std::uint64_t most,
                              std::vector<TreeEntry>& entries) {
  const std::uint64_t size = volume_.block_size();
  const std::uint64_t step = 1ULL << volume_.super().log_directory;
  std::uint64_t next = 0;
  for (const Piece& piece : pieces) {
    for (std::uint64_t at = std::max(piece.at, next);
         at < piece.at + piece.count; at += step) {
      const auto block = Gathered(pieces, at, step);
      if (!block) {
        return Fail(block.error());
      }
      next = at + step;
      const std::uint64_t offset = piece.offset + (at - piece.at) * size;
      if (at >= kLeafOffset / size) {
        CheckIndexBlock(*block, offset);
      } else if (auto ok = ListBlock(*block, offset, entries); !ok) {
        return ok;
      }
      if (entries.size() > most) {
        return Fail(ErrorCode::kLimit, "xfs: too many entries");
      }
    }
  }
  return {};
}

Result<void> Tree::ListBlock(ByteView block, std::uint64_t offset,
                             std::vector<TreeEntry>& entries) {
  struct Tail {
    Be32 count, stale;
  };
  const std::uint32_t magic = *ReadAt<Be32>(block, 0);
  const bool fifth = volume_.has_checksums();
  const bool indexed = magic == (fifth ? kBlock5 : kBlock4);
  if (!indexed && magic != (fifth ? kData5 : kData4)) {
    return Malformed(
        fmt::format("there is no directory block at offset {}", offset));
  }
  if (fifth && !HasChecksum(block, 4)) {
    Report("checksum-mismatch", {offset, block.size()},
           fmt::format("directory {}", current_.number));
  }
  std::uint64_t end = block.size();
  if (indexed) {
    const auto tail = *ReadAt<Tail>(block, end - sizeof(Tail));
    const std::uint64_t index = std::uint64_t{tail.count} * 8 + sizeof(Tail);
    if (index > end) {
      return Malformed(
          fmt::format("the index at offset {} is damaged", offset));
    }
    end -= index;
  }
  std::uint64_t at = fifth ? 64 : 16;
  const std::uint64_t typed = volume_.has_file_types() ? 1 : 0;
  while (at < end) {
    constexpr std::uint16_t kUnused = 0xffff;
    const auto tag = ReadAt<Be16>(block, at);
    if (tag && *tag == kUnused) {
      const auto length = ReadAt<Be16>(block, at + 2);
      if (!length || *length == 0 || *length % 8 != 0) {
        return Malformed(
            fmt::format("the block at offset {} has a gap of no "
                        "length",
                        offset));
      }
      at += *length;
      continue;
    }
    const auto number = ReadAt<Be64>(block, at);
    const auto length = ReadAt<std::uint8_t>(block, at + 8);
    const auto name =
        length ? Slice(block, at + 9, *length + typed) : std::nullopt;
    if (!number || !name) {
      return Malformed(
          fmt::format("an entry at offset {} is cut short", offset + at));
    }
    TreeEntry entry{.name = std::string(AsText(name->first(*length))),
                    .inode = *number};
    if (typed != 0) {
      SetType(name->back(), entry);
    }
    if (entry.name != "." && entry.name != "..") {
      entries.push_back(std::move(entry));
    }
    at += (9 + name->size() + 2 + 7) / 8 * 8;
  }
  return at == end ? Result<void>()
                   : Malformed(fmt::format("the entries at offset {} do not "
                                           "end with their block",
                                           offset));
}

void Tree::CheckIndexBlock(ByteView block, std::uint64_t offset) {
  const bool free = *ReadAt<Be32>(block, 0) == kFree5;
  if (volume_.has_checksums() && !HasChecksum(block, free ? 4 : 12)) {
    Report("checksum-mismatch", {offset, block.size()},
           fmt::format("index of directory {}", current_.number));
  }
}

}  // namespace assay::formats::xfs
