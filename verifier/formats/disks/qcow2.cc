// QEMU copy-on-write disk image, versions 2 and 3.
// Layout: QEMU docs/interop/qcow2.txt.
//
// Members: "disk" (the guest's disk) and "snapshot.<id>.<name>" (the disk at
// an internal snapshot, which no guest sees: said). What lies in a backing or
// an external data file is not there: an opaque member names it.
//
// Claims: header, mapping tables, reference counts and the snapshot table are
// metadata, data clusters are member bytes; what nothing refers to is padding
// or slack.

#include <fmt/format.h>
#include <zstd.h>

#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/qcow2_image.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using codecs::BlockCodec;
using codecs::Compression;
using disks::GuestDisk;
using qcow2::Header;
using qcow2::Image;

constexpr std::size_t kMostSnapshotsRead = 64;
constexpr std::uint64_t kLargestName = 1023;  // of a backing file
constexpr std::uint64_t kKnown = qcow2::kDirty | qcow2::kCorrupt |
                                 qcow2::kExternalData |
                                 qcow2::kOtherCompression | qcow2::kSubclusters;

class Walk {
 public:
  Walk(const Image& image, ArtifactSink& sink)
      : image_(image),
        sink_(sink),
        codec_(image.uses_zstd() ? Compression::kZstd : Compression::kDeflate) {
  }

  Result<void> Run() {
    ClaimTables();
    ReportState();
    auto ok = AddBacking();
    if (ok) {
      ok = AddDisk();
    }
    if (ok) {
      ok = AddSnapshots();
    }
    if (ok) {
      coverage_.ClaimGaps(image_.source().bytes(), sink_);
    }
    if (ok && damage_) {
      return Fail(*damage_);
    }
    return ok;
  }

 private:
  [[nodiscard]] ByteView bytes() const { return image_.source().bytes(); }
  [[nodiscard]] const Header& header() const { return image_.header(); }

  void Claim(Range range) {
    if (Slice(bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void Report(std::string id, std::string detail) {
    sink_.Report({.id = std::move(id),
                  .range = {0, header().header_length},
                  .detail = std::move(detail)});
  }

  void ClaimTables() {
    Claim({0, header().header_length});
    // Header extensions: type and length, data padded to 8, until type 0.
    ByteReader reader(bytes());
    bool more = reader.Seek(header().header_length);
    while (more && reader.consumed() < image_.cluster()) {
      const std::uint64_t start = reader.consumed();
      const auto type = reader.Take<Be32>();
      const auto length = reader.Take<Be32>();
      if (!type || !length || !reader.Skip(*length)) {
        break;
      }
      Claim({start, reader.consumed() - start});
      more = *type != 0 && reader.Align(8);
    }
    for (const Range& range : image_.RefcountRanges()) {
      Claim(range);
    }
  }

  void ReportState() {
    if ((header().incompatible & qcow2::kCorrupt) != 0) {
      Report("qcow2.marked-corrupt", "the image says that it is corrupt");
    }
    if ((header().incompatible & qcow2::kDirty) != 0) {
      Report("qcow2.marked-dirty", "the image was not closed");
    }
  }

  Result<void> AddBacking() {
    const Range place{header().backing_offset, header().backing_size};
    const auto name = Slice(bytes(), place.offset, place.length);
    if (place.offset == 0 || place.length == 0) {
      return {};
    }
    if (!name || place.length > kLargestName) {
      Report("qcow2.bad-backing-name",
             "the name of the backing file is "
             "nowhere");
      return {};
    }
    Claim(place);
    return sink_.AddOpaque(
        {.name = "backing-file"},
        fmt::format("external backing file \"{}\", zeros stand for it",
                    AsText(*name)));
  }

  // Why the clusters cannot be read, if so.
  [[nodiscard]] std::string Obstacle() const {
    const std::uint64_t flags = header().incompatible;
    if (header().crypt_method != 0) {
      return header().crypt_method == 1 ? "encrypted with AES"
                                        : "encrypted with LUKS";
    }
    if ((flags & qcow2::kExternalData) != 0) {
      return "the data are in an external file";
    }
    if ((flags & ~kKnown) != 0) {
      return fmt::format("unknown incompatible features {:#x}",
                         flags & ~kKnown);
    }
    if ((flags & qcow2::kOtherCompression) != 0 && !image_.uses_zstd()) {
      return fmt::format("unknown compression {}", header().compression);
    }
    return {};
  }

  Result<void> AddMapped(std::string name, std::uint64_t l1_offset,
                         std::uint64_t l1_size, std::uint64_t size) {
    const std::string obstacle = Obstacle();
    std::vector<Range> tables;
    GuestDisk disk = image_.Map(l1_offset, l1_size, size, tables);
    for (const Range& table : tables) {
      Claim(table);
    }
    if (!obstacle.empty()) {
      return sink_.AddOpaque({.name = std::move(name)}, obstacle);
    }
    auto added = disk.Emit(
        {.name = std::move(name)},
        [this](unsigned /*method*/, ByteView packed,
               std::span<std::uint8_t> out) { return Decode(packed, out); },
        coverage_, sink_);
    if (disk.damage() && !damage_) {
      damage_ = disk.damage();
    }
    return added;
  }

  // A cluster is stored in whole sectors: its end is known to the codec only.
  bool Decode(ByteView packed, std::span<std::uint8_t> out) const {
    if (image_.uses_zstd()) {
      const std::size_t size =
          ZSTD_findFrameCompressedSize(packed.data(), packed.size());
      if (ZSTD_isError(size) != 0) {
        return false;
      }
      packed = packed.first(size);
    }
    return codec_.Decode(packed, out) == out.size();
  }

  Result<void> AddDisk() {
    return AddMapped("disk", header().l1_offset, header().l1_size,
                     header().size);
  }

  Result<void> AddSnapshots() {
    if (header().snapshot_count == 0) {
      return {};
    }
    std::uint64_t end = 0;
    const auto snapshots = image_.Snapshots(end);
    Claim({header().snapshots, end - header().snapshots});
    if (snapshots.size() < header().snapshot_count) {
      Report("qcow2.bad-snapshots",
             fmt::format("{} snapshots are stated, {} found",
                         std::uint32_t{header().snapshot_count},
                         snapshots.size()));
    }
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
      const qcow2::Snapshot& snapshot = snapshots[i];
      const std::string name =
          fmt::format("snapshot.{}.{}", snapshot.id, snapshot.name);
      Report("qcow2.hidden-snapshot",
             fmt::format("an older state of the disk: {}", name));
      if (i >= kMostSnapshotsRead) {
        if (auto ok = sink_.AddOpaque({.name = name}, "too many snapshots");
            !ok) {
          return ok;
        }
      } else if (auto ok = AddMapped(name, snapshot.l1_offset, snapshot.l1_size,
                                     snapshot.size);
                 !ok) {
        return ok;
      }
    }
    return {};
  }

  const Image& image_;
  ArtifactSink& sink_;
  BlockCodec codec_;
  Coverage coverage_;
  std::optional<Error> damage_;
};

bool Matches(ByteView head) {
  // The tables of a large image lie far behind its header, so only the
  // header's own fields count here.
  struct Start {
    Be32 magic, version;
    Be64 backing_offset;
    Be32 backing_size, cluster_bits;
    Be64 size;
    Be32 crypt_method, l1_size;
    Be64 l1_offset, refcount_offset;
  };
  const auto start = ReadAt<Start>(head, 0);
  if (!start || (start->version != 2 && start->version != 3) ||
      start->cluster_bits < 9 || start->cluster_bits > 21 ||
      start->crypt_method > 2) {
    return false;
  }
  const std::uint64_t mask = (1ULL << start->cluster_bits) - 1;
  return (start->l1_offset & mask) == 0 &&
         (start->refcount_offset & mask) == 0 && start->refcount_offset != 0;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = Image::Open(ByteSource::Borrow(bytes));
  if (!image) {
    return Fail(image.error());
  }
  return image->Extent();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  auto image = Image::Open(input.source());
  if (image) {
    image = Image::Open(*input.source().Slice({0, image->Extent()}));
  }
  if (!image) {
    return Fail(ErrorCode::kMalformed, image.error().what);
  }
  return Walk(*image, sink).Run();
}

constexpr Magic kMagics[] = {{"QFI\xFB", 0}};  // NOLINT: a table

}  // namespace

extern const Format kQcow2;
const Format kQcow2 = {
    .name = "qcow2",
    .title = "QEMU copy-on-write disk image",
    .reference = "QEMU docs/interop/qcow2.txt",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
