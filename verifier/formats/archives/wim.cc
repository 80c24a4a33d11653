// Windows imaging files (WIM): trees of files whose contents are kept once.
// Stored, XPRESS and LZX streams are read; of LZMS it is said. With several
// images, members are below the image's number ("1/Windows"). Named streams are
// members "a:stream", link targets are those of the reparse points.
//
// Claims: streams belong to the first file that has them; the header, tables,
// XML data and what describes the images are metadata. Streams that no image
// names are members "#<SHA-1>", with an anomaly.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/wim_header.h"
#include "verifier/formats/archives/wim_image.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using wim::Resource;
using wim::ResourceOf;
using wim::Tables;

constexpr std::uint64_t kLargestImage = 1ULL << 30U;
constexpr std::uint32_t kBeingWritten = 0x40;

class Archive {
 public:
  Archive(const ByteSource& source, const Tables& tables, ArtifactSink& sink)
      : source_(source),
        tables_(tables),
        sink_(sink),
        streams_(source, tables, coverage_, sink) {}

  Result<void> Run() {
    Metadata({0, sizeof(wim::Header)});
    for (const auto& stored :
         {tables_.header.blobs, tables_.header.xml, tables_.header.integrity}) {
      Metadata(ResourceOf(stored).place);
    }
    if ((tables_.header.flags & kBeingWritten) != 0) {
      Report("unfinished", {}, "the header says that it is being written");
    }
    CheckIntegrity();
    if (auto ok = Images(); !ok) {
      return ok;
    }
    if (auto ok = Unlisted(); !ok) {
      return ok;
    }
    for (const wim::SolidResource& solid : tables_.solids) {
      if (Slice(source_.bytes(), solid.place.offset, solid.place.length)) {
        coverage_.ClaimFree(solid.place, RegionUse::kMember, sink_);
      }
    }
    coverage_.ClaimGaps(source_.bytes(), sink_);
    return damage_ ? Result<void>(Fail(*damage_)) : Result<void>();
  }

 private:
  void Metadata(Range range) {
    if (range.length > 0 &&
        Slice(source_.bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("wim.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  // SHA-1 of pieces of everything between the header and the integrity table
  // that is not XML: up to the end of the table of streams.
  void CheckIntegrity() {
    struct Table {
      Le32 size, entries, piece;
    };
    const Range place = ResourceOf(tables_.header.integrity).place;
    const Range blobs = ResourceOf(tables_.header.blobs).place;
    if (place.length == 0) {
      return;
    }
    const auto bytes = *Slice(source_.bytes(), place.offset, place.length);
    const auto table = ReadAt<Table>(bytes, 0);
    constexpr std::uint64_t kFirst = sizeof(wim::Header);
    const std::uint64_t covered = blobs.end() - std::min(kFirst, blobs.end());
    if (!table || table->piece == 0 ||
        table->entries != (covered + table->piece - 1) / table->piece) {
      Report("integrity-mismatch", place, "the table fits no such file");
      return;
    }
    for (std::uint64_t i = 0; i < table->entries; ++i) {
      const std::uint64_t at = i * table->piece;
      const Range piece{kFirst + at,
                        std::min<std::uint64_t>(table->piece, covered - at)};
      const auto stated =
          ReadAt<wim::Sha1>(bytes, sizeof(Table) + i * sizeof(wim::Sha1));
      const auto content = Slice(source_.bytes(), piece.offset, piece.length);
      if (!stated || !content ||
          DigestOf(DigestAlgorithm::kSha1, *content).hex != HexOf(*stated)) {
        Report("integrity-mismatch", piece,
               "the integrity table states another SHA-1");
        return;
      }
    }
  }

  Result<void> Images() {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < tables_.resources.size(); ++i) {
      const Resource& resource = tables_.resources[i];
      if (!resource.metadata) {
        continue;
      }
      ++number;
      streams_.Note(i);
      if (!resource.elsewhere) {
        Metadata(resource.place);
      }
      if (auto ok = OneImage(resource, number); !ok) {
        return ok;
      }
    }
    if (number != tables_.header.images) {
      Report("image-count", {},
             fmt::format("{} images are stated, {} are there",
                         std::uint32_t{tables_.header.images}, number));
    }
    return {};
  }

  Result<void> OneImage(const Resource& resource, std::uint32_t number) {
    const auto metadata = streams_.ReadWhole(
        resource, std::min(kLargestImage, sink_.limits().member));
    if (!metadata) {
      Note(metadata.error());
      return {};
    }
    wim::Image image(*metadata, streams_, sink_);
    const auto root = image.Open();
    if (!root) {
      Note(root.error());
      return {};
    }
    TreeWalk walk(image, "wim", sink_);
    const bool alone = tables_.header.images == 1;
    if (auto ok = alone ? walk.Run(*root)
                        : walk.RunUnlisted(*root, fmt::format("{}", number));
        !ok) {
      return ok;
    }
    if (walk.damage()) {
      Note(*walk.damage());
    }
    return {};
  }

  Result<void> Unlisted() {
    for (std::size_t i = 0; i < tables_.resources.size(); ++i) {
      const Resource& resource = tables_.resources[i];
      if (streams_.IsGiven(i) || resource.elsewhere) {
        continue;
      }
      if (!damage_) {
        Report("unlisted-stream", resource.place,
               "a stream that no file of the images has");
      }
      if (auto ok = streams_.Give(i, {.name = "#" + HexOf(resource.digest)});
          !ok) {
        return ok;
      }
    }
    return {};
  }

  void Note(const Error& error) {
    if (!damage_) {
      damage_ = error;
    }
  }

  const ByteSource& source_;
  const Tables& tables_;
  ArtifactSink& sink_;
  Coverage coverage_;
  wim::Streams streams_;
  std::optional<Error> damage_;
};

bool Matches(ByteView head) {
  return wim::Recognize(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto tables =
      wim::ReadTables(ByteSource::Borrow(bytes), Limits{}.entries);
  if (!tables) {
    return Fail(tables.error());
  }
  return tables->end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto tables = wim::ReadTables(input.source(), sink.limits().entries);
  if (!tables) {
    return Fail(tables.error());
  }
  const auto file = input.source().Slice({0, tables->end});
  if (!file) {
    return Fail(file.error());
  }
  if (auto ok = Archive(*file, *tables, sink).Run(); !ok) {
    return ok;
  }
  return input.Skip(tables->end);
}

constexpr Magic kMagics[] = {{std::string_view("MSWIM\0\0\0", 8)}};  // NOLINT

}  // namespace

extern const Format kWim;
const Format kWim = {
    .name = "wim",
    .title = "Windows imaging file",
    .reference = "Microsoft, Windows Imaging File Format (WIM), 2007",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kStructure,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
