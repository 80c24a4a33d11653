// Apple's disk image (UDIF, ".dmg"). Layout: newosxbook.com/DMG.html;
// libdmg-hfsplus, include/dmg/dmg.h.
//
// The data fork with the chunks of the disk, a property list that says where
// they go, perhaps a code signature, and a trailer. The chunks make up one
// disk, partition table included.
//
// Claims: trailer, property list, resource fork and code signature are
// metadata, the chunks the disk's.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/base/text.h"
#include "verifier/formats/codecs/adc_decoder.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/dmg_image.h"
#include "verifier/formats/disks/guest_disk.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using codecs::BlockCodec;
using codecs::Compression;
using disks::GuestDisk;
using dmg::Chunk;
using dmg::Table;
using dmg::Trailer;

bool MatchesEnd(ByteView bytes) {
  return dmg::ReadTrailer(bytes).has_value();
}

class Decoder {
 public:
  bool Decode(unsigned method, ByteView packed,
              std::span<std::uint8_t> out) const {
    const auto size = method == dmg::kAdc     ? codecs::DecodeAdc(packed, out)
                      : method == dmg::kZlib  ? zlib_.Decode(packed, out)
                      : method == dmg::kBzip2 ? bzip2_.Decode(packed, out)
                                              : xz_.Decode(packed, out);
    return size == out.size();
  }

 private:
  BlockCodec zlib_{Compression::kZlib};
  BlockCodec bzip2_{Compression::kBzip2};
  BlockCodec xz_{Compression::kXz};
};

// What the chunk type is called when it cannot be decoded; else empty.
std::string Unsupported(std::uint32_t type) {
  switch (type) {
    case dmg::kZero:
    case dmg::kRaw:
    case dmg::kIgnored:
    case dmg::kAdc:
    case dmg::kZlib:
    case dmg::kBzip2:
    case dmg::kLzma:
      return "";
    case dmg::kLzfse:
      return "LZFSE";
    default:
      return fmt::format("chunk type {:#x}", type);
  }
}

bool HasData(const Chunk& chunk) {
  return chunk.type != dmg::kZero && chunk.type != dmg::kIgnored;
}

// The CRC of each table over what its chunks hold, while the disk passes.
class Sums {
 public:
  explicit Sums(const std::vector<const Table*>& tables) {
    for (const Table* table : tables) {
      sums_.emplace_back(table, 0);
      for (const Chunk& chunk : table->chunks) {
        if (chunk.type != dmg::kIgnored && chunk.place.length > 0) {
          parts_.emplace_back(chunk.place, sums_.size() - 1);
        }
      }
    }
  }

  void Pass(ByteView bytes) {
    while (!bytes.empty()) {
      while (next_ < parts_.size() && parts_[next_].first.end() <= at_) {
        ++next_;
      }
      const bool last = next_ == parts_.size();
      const Range part = last ? Range{} : parts_[next_].first;
      const bool inside = !last && part.offset <= at_;
      const std::uint64_t until = inside ? part.end() : part.offset;
      const std::size_t count =
          last ? bytes.size()
               : static_cast<std::size_t>(
                     std::min<std::uint64_t>(bytes.size(), until - at_));
      if (inside) {
        std::uint32_t& crc = sums_[parts_[next_].second].second;
        crc = Crc32(bytes.first(count), crc);
      }
      at_ += count;
      bytes = bytes.subspan(count);
    }
  }

  [[nodiscard]] std::uint64_t passed() const { return at_; }
  // Tables and what their CRCs should be.
  [[nodiscard]] const auto& sums() const { return sums_; }

 private:
  std::vector<std::pair<const Table*, std::uint32_t>> sums_ = {};
  std::vector<std::pair<Range, std::size_t>> parts_ = {};  // by place
  std::size_t next_ = 0;
  std::uint64_t at_ = 0;
};

class Unpacker {
 public:
  Unpacker(const ByteSource& source, const Trailer& trailer, ArtifactSink& sink)
      : source_(source), trailer_(trailer), sink_(sink) {}

  Result<void> Run() {
    const std::uint64_t end = source_.size() - sizeof(Trailer);
    Claim({end, sizeof(Trailer)});
    Claim({trailer_.xml_offset, trailer_.xml_length});
    Claim({trailer_.resource_offset, trailer_.resource_length});
    Claim({trailer_.signature_offset, trailer_.signature_length});
    CheckDataFork();
    auto added = AddDisk();
    coverage_.ClaimGaps(source_.bytes(), sink_);
    return added;
  }

 private:
  void Claim(Range range) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }

  void Report(std::string_view what, std::string detail, Range range = {}) {
    sink_.Report({.id = fmt::format("dmg.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  void CheckDataFork() {
    const auto crc = trailer_.data_checksum.Crc();
    const Range fork{trailer_.data_offset, trailer_.data_length};
    const std::uint32_t found =
        Crc32(*Slice(source_.bytes(), fork.offset, fork.length));
    if (crc && *crc != found) {
      Report("checksum-mismatch",
             fmt::format("the data fork has CRC-32 {:08x}, the trailer says "
                         "{:08x}",
                         found, *crc),
             fork);
    }
  }

  // CRC-32 of the tables' own, in the order of the property list.
  void CheckMaster(const std::vector<Table>& tables) {
    const auto stated = trailer_.master_checksum.Crc();
    std::uint32_t found = 0;
    for (const Table& table : tables) {
      const std::uint32_t crc = table.crc.value_or(0);
      const std::array<std::uint8_t, 4> stored = {
          static_cast<std::uint8_t>(crc >> 24U),
          static_cast<std::uint8_t>(crc >> 16U),
          static_cast<std::uint8_t>(crc >> 8U), static_cast<std::uint8_t>(crc)};
      found = Crc32(stored, found);
    }
    if (stated && *stated != found) {
      Report("checksum-mismatch",
             fmt::format("the partitions' checksums have CRC-32 {:08x}, the "
                         "trailer says {:08x}",
                         found, *stated));
    }
  }

  // The rest is opaque: its data fork stays the disk's.
  Result<void> AddOpaque(std::string why) {
    Member member{.name = "disk"};
    const Range fork{trailer_.data_offset, trailer_.data_length};
    if (fork.length > 0 && !coverage_.Touches(fork)) {
      member.origin = fork;
      coverage_.Add(fork);
    } else {
      coverage_.ClaimFree(fork, RegionUse::kMember, sink_);
    }
    return sink_.AddOpaque(std::move(member), std::move(why));
  }

  Result<void> AddDisk() {
    if (trailer_.segments > 1) {
      return AddOpaque(fmt::format("segment {} of {}",
                                   std::uint32_t{trailer_.segment},
                                   std::uint32_t{trailer_.segments}));
    }
    auto tables = dmg::ReadTables(source_.bytes(), trailer_);
    if (!tables) {
      const Error& error = tables.error();
      auto added = AddOpaque(error.what);
      return added && error.code == ErrorCode::kMalformed ? Fail(error) : added;
    }
    CheckMaster(*tables);
    std::set<std::string> unsupported;
    for (const Table& table : *tables) {
      for (const Chunk& chunk : table.chunks) {
        unsupported.insert(Unsupported(chunk.type));
      }
    }
    unsupported.erase("");
    if (!unsupported.empty()) {
      return AddOpaque(
          fmt::format("not decoded: {}", fmt::join(unsupported, ", ")));
    }
    return Assemble(*tables);
  }

  Result<void> Assemble(std::vector<Table>& tables) {
    std::vector<const Table*> sorted;
    for (Table& table : tables) {
      std::stable_sort(table.chunks.begin(), table.chunks.end(),
                       [](const Chunk& a, const Chunk& b) {
                         return a.place.offset < b.place.offset;
                       });
      sorted.push_back(&table);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Table* a, const Table* b) {
                       return a->place.offset < b->place.offset;
                     });
    const std::uint64_t most = ~0ULL / dmg::kSector;
    GuestDisk disk(
        source_, "dmg",
        std::min<std::uint64_t>(trailer_.sectors, most) * dmg::kSector);
    for (const Table* table : sorted) {
      if (auto ok = Append(*table, disk); !ok) {
        Report("bad-table", Escaped(ok.error().what));
        return AddOpaque(Escaped(ok.error().what));
      }
    }
    Sums sums(sorted);
    const Decoder decoder;
    auto added = disk.Emit(
        {.name = "disk"},
        [&](unsigned method, ByteView packed, std::span<std::uint8_t> out) {
          return decoder.Decode(method, packed, out);
        },
        coverage_, sink_, [&](ByteView bytes) { sums.Pass(bytes); });
    if (sums.passed() == disk.size()) {
      CheckSums(sums);
    }
    if (added && disk.damage()) {
      return Fail(*disk.damage());
    }
    return added;
  }

  Result<void> Append(const Table& table, GuestDisk& disk) {
    for (const Chunk& chunk : table.chunks) {
      const auto& [type, place, data] = chunk;
      if (place.offset < disk.length() || place.end() > disk.size()) {
        return Fail(ErrorCode::kMalformed,
                    fmt::format("a chunk of \"{}\" lies outside of the disk or "
                                "over another one",
                                table.name));
      }
      if (type == dmg::kRaw && data.length > place.length) {
        return Fail(ErrorCode::kMalformed,
                    fmt::format("a stored chunk of \"{}\" is longer than its "
                                "place",
                                table.name));
      }
      if (HasData(chunk) && type != dmg::kRaw &&
          place.length > sink_.limits().memory_per_member) {
        return Fail(ErrorCode::kLimit,
                    fmt::format("a chunk of \"{}\" holds {} bytes at once",
                                table.name, place.length));
      }
      disk.AddHole(place.offset - disk.length());
      if (!HasData(chunk)) {
        disk.AddHole(place.length);
      } else if (type == dmg::kRaw) {
        disk.AddStored(data);
        disk.AddHole(place.length - data.length);
      } else {
        disk.AddPacked(data, place.length, type);
      }
    }
    return {};
  }

  void CheckSums(const Sums& sums) {
    for (const auto& [table, crc] : sums.sums()) {
      if (table->crc && *table->crc != crc) {
        Report("checksum-mismatch",
               fmt::format("\"{}\" has CRC-32 {:08x}, its table says {:08x}",
                           Escaped(table->name), crc, *table->crc));
      }
    }
  }

  const ByteSource& source_;
  const Trailer& trailer_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto trailer = dmg::ReadTrailer(source.bytes());
  if (!trailer) {
    return Fail(ErrorCode::kMalformed, "dmg: no trailer at the end");
  }
  if (auto ok = Unpacker(source, *trailer, sink).Run(); !ok) {
    return ok;
  }
  return input.Skip(source.size());
}

}  // namespace

extern const Format kDmg;
const Format kDmg = {
    .name = "dmg",
    .title = "Apple disk image (UDIF)",
    .reference = "newosxbook.com/DMG.html",
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
