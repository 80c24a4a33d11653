// ISO 9660 (ECMA-119) with Rock Ridge, Joliet and El Torito.
//
// Members come from the primary hierarchy, with Rock Ridge's names, modes,
// owners, devices and links where it is used; without it from Joliet's, whose
// names are longer. Files that only the other hierarchy lists are members
// below "joliet/", with an anomaly. Boot images that no file covers are
// members "boot/N". The system area in front, where isohybrid images keep a
// partition table, is slack: nothing in ISO 9660 reads it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/iso9660_record.h"
#include "verifier/formats/filesystems/iso9660_tree.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using namespace iso9660;  // NOLINT(google-build-using-namespace): its parts

constexpr std::uint64_t kSystemArea = 16 * kSector;
constexpr std::size_t kMostDescriptors = 64;
constexpr std::size_t kMostBootEntries = 256;
constexpr std::uint64_t kRootRecord = 156;

struct Descriptor {
  std::uint8_t type = 0;
  std::array<char, 5> id = {};
  std::uint8_t version = 0, flags = 0;
  std::array<std::uint8_t, 72> names = {};
  Both32 blocks;
  std::array<char, 32> escapes = {};
  Both16 set_size, sequence, block_size;
  Both32 path_table_size;
  Le32 path_table, optional_path_table;
  Be32 big_path_table, optional_big_path_table;
};
static_assert(sizeof(Descriptor) == kRootRecord && FileStruct<Descriptor>);

constexpr std::uint8_t kBootRecord = 0;
constexpr std::uint8_t kPrimary = 1;
constexpr std::uint8_t kSupplementary = 2;
constexpr std::uint8_t kTerminator = 255;

// El Torito 1.0, section 2.
struct BootEntry {
  std::uint8_t indicator = 0, media = 0;
  Le16 segment;
  std::uint8_t system = 0, unused = 0;
  Le16 sectors;  // of 512 bytes
  Le32 block;
  std::array<std::uint8_t, 20> rest = {};
};
static_assert(sizeof(BootEntry) == 32 && FileStruct<BootEntry>);

bool HasId(const Descriptor& descriptor) {
  return descriptor.id == std::array<char, 5>{'C', 'D', '0', '0', '1'};
}

std::optional<Descriptor> PrimaryOf(ByteView bytes) {
  const auto primary = ReadAt<Descriptor>(bytes, kSystemArea);
  const auto root = RecordAt(bytes, kSystemArea + kRootRecord);
  const bool sound =
      primary && root && HasId(*primary) && primary->type == kPrimary &&
      primary->version == 1 && primary->blocks.agrees() &&
      primary->block_size.agrees() &&
      std::uint16_t{primary->block_size.little} == kSector &&
      std::uint32_t{primary->blocks.little} > kSystemArea / kSector &&
      root->header.length == 34 && (root->header.flags & kDirectory) != 0;
  return sound ? primary : std::nullopt;
}

bool IsJoliet(const Descriptor& descriptor) {
  const std::string_view escapes(descriptor.escapes.data(), 3);
  return descriptor.type == kSupplementary &&
         (escapes == "%/@" || escapes == "%/C" || escapes == "%/E");
}

bool Matches(ByteView head) {
  return PrimaryOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto primary = PrimaryOf(bytes);
  if (!primary) {
    return Fail(ErrorCode::kNotThisFormat, "no ISO 9660 volume");
  }
  const std::uint64_t size = std::uint64_t{primary->blocks.little} * kSector;
  if (size > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("ISO 9660: {} bytes stated, {} are there", size,
                            bytes.size()));
  }
  return size;
}

class Volume {
 public:
  Volume(const ByteSource& source, ArtifactSink& sink)
      : source_(source), sink_(sink) {}

  Result<void> Run() {
    ReadDescriptors();
    const auto root = RecordAt(source_.bytes(), kSystemArea + kRootRecord);
    IsoTree primary(source_, *root, false, coverage_, sink_);
    std::optional<IsoTree> joliet;
    if (joliet_at_) {
      if (const auto other =
              RecordAt(source_.bytes(), *joliet_at_ + kRootRecord)) {
        joliet.emplace(source_, *other, true, coverage_, sink_);
      }
    }
    const bool by_joliet = joliet && !primary.rock_ridge();
    IsoTree& shown = by_joliet ? *joliet : primary;
    TreeWalk walk(shown, "iso9660", sink_);
    if (auto ok = walk.Run(shown.root()); !ok) {
      return ok;
    }
    if (joliet) {
      IsoTree& other = by_joliet ? primary : *joliet;
      other.SkipKnown(shown.places());
      if (auto ok = AddUnlisted(other, by_joliet ? "iso9660" : "joliet"); !ok) {
        return ok;
      }
    }
    if (auto ok = BootImages(shown.places()); !ok) {
      return ok;
    }
    coverage_.ClaimGaps(source_.bytes(), sink_);
    return walk.damage() ? Result<void>(Fail(*walk.damage())) : Result<void>();
  }

 private:
  void Metadata(Range range) {
    const Range whole{0, source_.size()};
    if (range.offset < whole.length) {
      range.length = std::min(range.length, whole.length - range.offset);
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void ReadDescriptors() {
    std::uint64_t at = kSystemArea;
    for (std::size_t i = 0; i < kMostDescriptors; ++i, at += kSector) {
      const auto found = ReadAt<Descriptor>(source_.bytes(), at);
      if (!found || !HasId(*found)) {
        return;
      }
      Metadata({at, kSector});
      if (found->type == kPrimary || found->type == kSupplementary) {
        PathTables(*found);
      }
      if (IsJoliet(*found) && !joliet_at_) {
        joliet_at_ = at;
      } else if (found->type == kBootRecord) {
        if (const auto block = ReadAt<Le32>(source_.bytes(), at + 0x47)) {
          catalog_ = std::uint64_t{*block} * kSector;
        }
      } else if (found->type == kTerminator) {
        return;
      }
    }
  }

  void PathTables(const Descriptor& descriptor) {
    const std::uint64_t size = descriptor.path_table_size.little;
    for (const std::uint32_t block :
         {std::uint32_t{descriptor.path_table},
          std::uint32_t{descriptor.optional_path_table},
          std::uint32_t{descriptor.big_path_table},
          std::uint32_t{descriptor.optional_big_path_table}}) {
      if (block != 0) {
        Metadata({std::uint64_t{block} * kSector, size});
      }
    }
  }

  // Files of the other hierarchy; its directories are the same ones again.
  Result<void> AddUnlisted(IsoTree& tree, const std::string& folder) {
    std::vector<std::pair<std::string, std::uint64_t>> work = {
        {folder, tree.root()}};
    std::set<std::uint64_t> seen = {tree.root()};
    std::uint64_t entries = 0;
    while (!work.empty()) {
      const auto [path, inode] = std::move(work.back());
      work.pop_back();
      std::vector<TreeEntry> listed;
      const std::uint64_t left = sink_.limits().entries - entries;
      if (const auto ok = tree.List(inode, left, listed);
          !ok && ok.error().code == ErrorCode::kLimit) {
        return ok;
      }
      entries += listed.size();
      for (const TreeEntry& entry : listed) {
        std::string name = path + "/" + entry.name;
        if (name.size() > sink_.limits().name) {
          continue;
        }
        if (entry.type == FileType::kDirectory) {
          if (seen.insert(entry.inode).second) {
            work.emplace_back(std::move(name), entry.inode);
          }
          continue;
        }
        const auto node = tree.Load(entry.inode);
        if (!node) {
          continue;
        }
        if (auto ok = tree.AddFile(
                entry.inode, {.name = std::move(name), .meta = node->meta});
            !ok) {
          return ok;
        }
      }
    }
    return {};
  }

  // The validation entry's words sum to 0 (El Torito 2.1).
  [[nodiscard]] bool IsCatalog(ByteView first) const {
    std::uint16_t sum = 0;
    for (std::size_t i = 0; i < first.size(); i += 2) {
      sum = static_cast<std::uint16_t>(sum + *ReadAt<Le16>(first, i));
    }
    return sum == 0 && first[0] == 1 && first[30] == 0x55 && first[31] == 0xAA;
  }

  Result<void> BootImages(const std::set<FilePlace>& files) {
    const auto first =
        catalog_ ? Slice(source_.bytes(), *catalog_, sizeof(BootEntry))
                 : std::nullopt;
    if (!first) {
      return {};
    }
    if (!IsCatalog(*first)) {
      sink_.Report(
          {.id = "iso9660.boot-catalog-checksum-mismatch",
           .range = {*catalog_, sizeof(BootEntry)},
           .detail = "the boot catalog's first entry does not sum up"});
      return {};
    }
    Metadata({*catalog_, kSector});
    std::size_t number = 0;
    for (std::size_t i = 1; i < kMostBootEntries; ++i) {
      const auto entry =
          ReadAt<BootEntry>(source_.bytes(), *catalog_ + i * sizeof(BootEntry));
      if (!entry || (i > 1 && entry->indicator == 0)) {
        return {};
      }
      const bool image = entry->indicator == 0x88 || entry->indicator == 0;
      if (!image || std::uint32_t{entry->block} == 0) {
        continue;  // a section header or an extension
      }
      if (auto ok = BootImage(*entry, number++, files); !ok) {
        return ok;
      }
    }
    return {};
  }

  Result<void> BootImage(const BootEntry& entry, std::size_t number,
                         const std::set<FilePlace>& files) {
    const std::uint32_t block = entry.block;
    const auto file = files.lower_bound({block, 0});
    if (file != files.end() && file->first == block) {
      return {};  // one of the files
    }
    // El Torito 2.2: floppies of 1.2, 1.44 and 2.88 MB; else sectors as loaded.
    constexpr std::array<std::uint64_t, 4> kFloppies = {0, 1228800, 1474560,
                                                        2949120};
    const std::uint8_t media = entry.media & 0x0FU;
    std::uint64_t size = media < kFloppies.size() ? kFloppies.at(media) : 0;
    if (size == 0) {
      size = std::uint64_t{std::max<std::uint16_t>(entry.sectors, 1)} * 512;
    }
    const Range range{std::uint64_t{block} * kSector, size};
    const auto image = source_.Slice(range);
    Member member{.name = fmt::format("boot/{}", number)};
    if (!image) {
      return sink_.AddOpaque(std::move(member), image.error().what);
    }
    if (!coverage_.Touches(range)) {
      member.origin = range;
      member.stored = true;
      coverage_.Add(range);
    }
    return sink_.Add(std::move(member), *image);
  }

  ByteSource source_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::optional<std::uint64_t> joliet_at_;
  std::optional<std::uint64_t> catalog_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto size = Measure(source.bytes());
  const std::uint64_t end =
      size ? *size
           : source.size();  // a truncated volume is read as far as it is
  if (!size && size.error().code == ErrorCode::kNotThisFormat) {
    return Fail(ErrorCode::kMalformed, "no ISO 9660 volume");
  }
  if (auto ok = Volume(*source.Slice({0, end}), sink).Run(); !ok) {
    return ok;
  }
  if (!size) {
    return Fail(size.error());
  }
  return input.Skip(end);
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {"\x01"
     "CD001\x01",
     kSystemArea}};
// Isohybrid images are a disk as well, for whoever starts from a USB stick.
constexpr std::string_view kAlso[] = {"mbr", "gpt", "apm", "udf"};  // NOLINT

}  // namespace

extern const Format kIso9660;
const Format kIso9660 = {
    .name = "iso9660",
    .title = "ISO 9660 image (Rock Ridge, Joliet, El Torito)",
    .reference = "ECMA-119; IEEE P1282; El Torito 1.0",
    .magics = kMagics,
    .also = kAlso,
    .carvable = true,
    .proof = Proof::kStructure,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
