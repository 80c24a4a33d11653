// NTFS, versions 1.2 to 3.1.
// Layout: Linux fs/ntfs3/ntfs.h; LZNT1 as in MS-XCA; reparse points as in
// MS-FSCC, section 2.1.2.
//
// Members: every name of a file ("a/b"; further ones are hard links), its
// alternate data streams ("a/b:stream"), directories, reparse points that are
// links. Short names are an xattr. Times are those of $STANDARD_INFORMATION.
//
// Claims: records in use, the system files (records 0 to 15) and all that is
// no data (indexes, lists, descriptors) are metadata; a stream in one piece
// gets its place as origin, others claim their clusters. Content inside a
// record stays metadata. Unused records, free clusters and the ends of files'
// last clusters are padding when zero, else slack.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/ntfs_data.h"
#include "verifier/formats/filesystems/ntfs_record.h"
#include "verifier/formats/filesystems/ntfs_reparse.h"
#include "verifier/formats/filesystems/ntfs_table.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using ntfs::Attribute;
using ntfs::File;
using ntfs::Run;
using ntfs::Volume;

constexpr std::uint64_t kMirrorRecord = 1;
constexpr std::uint64_t kVolumeRecord = 3;
constexpr std::uint64_t kBitmapRecord = 6;
constexpr std::uint64_t kBootRecord = 7;
constexpr std::uint64_t kBadRecord = 8;
constexpr std::uint64_t kExtendRecord = 11;
constexpr std::uint64_t kSystemRecords = 16;
constexpr std::uint64_t kReservedRecords = 24;
constexpr std::uint64_t kLargestUnit = 1ULL << 20U;
// Clusters of several files are read again at most so often in all.
constexpr std::uint64_t kMostReadings = 4;

class Walk {
 public:
  Walk(ByteSource source, const Volume& volume, const ntfs::Table& table,
       ArtifactSink& sink)
      : source_(std::move(source)),
        volume_(volume),
        table_(table),
        sink_(sink),
        taken_(static_cast<std::size_t>(
            std::min(volume.clusters, source_.size() / volume.cluster))) {}

  Result<void> Run() {
    ClaimBoot();
    ClaimRecords();
    for (std::uint64_t i = 0; i < table_.count(); ++i) {
      const auto file = table_.FileAt(i);
      if (!file) {
        continue;
      }
      ReportRecord(*file);
      if (auto ok =
              i < kSystemRecords && i != ntfs::kRootRecord && i != kExtendRecord
                  ? VisitSystem(*file)
                  : Visit(*file);
          !ok) {
        return ok;
      }
    }
    CompareBitmaps();
    coverage_.ClaimGaps(source_.bytes(), sink_);
    if (volume_.clusters > taken_.size()) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("ntfs: the volume has {} bytes, the image {}",
                              volume_.size, source_.size()));
    }
    return {};
  }

 private:
  void Report(std::string id, Range range, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = range, .detail = std::move(detail)});
  }

  void Claim(Range range) {
    if (Slice(source_.bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void ClaimBoot() {
    constexpr std::uint64_t kBootBytes = 512;
    Claim({0, kBootBytes});
    const Range backup{volume_.size - volume_.sector, kBootBytes};
    const auto first = Slice(source_.bytes(), 0, kBootBytes);
    const auto second = Slice(source_.bytes(), backup.offset, backup.length);
    if (!second) {
      return;
    }
    if (AsText(*first) != AsText(*second)) {
      Report("ntfs.ambiguous-boot-sector", backup,
             "the backup of the boot sector differs");
    }
    Claim(backup);
  }

  void ClaimRecords() {
    for (std::uint64_t i = 0; i < table_.count(); ++i) {
      if (table_.IsInUse(i)) {
        for (const Range& place : table_.PlacesOf(i)) {
          Claim(place);
        }
      }
    }
    if (!table_.torn().empty()) {
      Report("ntfs.bad-records", {},
             fmt::format("{} records are torn, the first is {}",
                         table_.torn().size(), table_.torn().front()));
    }
  }

  void ReportRecord(const File& file) {
    if (!file.record.problem.empty()) {
      Report("ntfs.bad-record", {},
             fmt::format("record {}: {}", file.number, file.record.problem));
    }
    if (file.list_differs) {
      Report("ntfs.ambiguous-attributes", {},
             fmt::format("record {}: its list of attributes names other "
                         "records than those that are its own",
                         file.number));
    }
    if (file.record.links != file.names.size()) {
      Report("ntfs.ambiguous-links", {},
             fmt::format("record {}: {} links are stated, {} names are there",
                         file.number, file.record.links, file.names.size()));
    }
  }

  // Marks an attribute's clusters; false when it shares too many with others.
  bool Take(const Attribute& attribute, const std::string& name) {
    bool shares = false;
    for (const ntfs::Run& run : attribute.runs) {
      if (run.hole) {
        continue;
      }
      const std::uint64_t end =
          std::min<std::uint64_t>(run.lcn + run.count, taken_.size());
      for (std::uint64_t i = run.lcn; i < end; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (taken_[at]) {
          shares = true;
          if (++shared_ / kMostReadings > taken_.size()) {
            return false;
          }
        }
        taken_[at] = true;
      }
    }
    if (shares) {
      Report("ntfs.overlapping-clusters", {},
             name + " shares clusters with another stream");
    }
    return true;
  }

  // Claims all clusters of an attribute, as far as they are there.
  void ClaimRuns(const Attribute& attribute, RegionUse use) {
    for (const ntfs::Run& run : attribute.runs) {
      if (run.hole || run.lcn >= taken_.size()) {
        continue;
      }
      const std::uint64_t count =
          std::min<std::uint64_t>(run.count, taken_.size() - run.lcn);
      coverage_.ClaimFree({run.lcn * volume_.cluster, count * volume_.cluster},
                          use, sink_);
    }
  }

  // What is no data: indexes, descriptors, lists.
  void ClaimOthers(const File& file, const std::string& name) {
    for (const Attribute& attribute : file.record.attributes) {
      if (!attribute.resident && attribute.type != ntfs::kData &&
          Take(attribute, name)) {
        ClaimRuns(attribute, RegionUse::kMetadata);
      }
    }
  }

  Result<void> VisitSystem(const File& file) {
    const std::string name = file.names.empty()
                                 ? fmt::format("record {}", file.number)
                                 : file.names.front().name;
    ClaimOthers(file, name);
    for (const Attribute& attribute : file.record.attributes) {
      if (attribute.type != ntfs::kData) {
        continue;
      }
      const bool known = attribute.name.empty() || attribute.name == "$SDS" ||
                         attribute.name == "$Info" ||
                         attribute.name == "$Bad" ||
                         attribute.name == "$Config";
      if (!known) {
        Report("ntfs.hidden-stream", {},
               fmt::format("the system file {} has a stream {}", name,
                           attribute.name));
        Member member{.name = name + ":" + attribute.name};
        if (auto ok = AddContent(std::move(member), attribute); !ok) {
          return ok;
        }
      } else if (file.number == kBadRecord) {
        ReportBad(attribute);
      } else if (file.number == 0) {
        (void)Take(attribute, name);  // its records are claimed one by one
      } else if (Take(attribute, name)) {
        ClaimRuns(attribute, RegionUse::kMetadata);
      }
    }
    if (file.number == kMirrorRecord) {
      CompareMirror();
    }
    return {};
  }

  // What runs it has are bad clusters; they stay slack.
  void ReportBad(const Attribute& attribute) {
    (void)Take(attribute, "$BadClus");
    for (const ntfs::Run& run : attribute.runs) {
      const auto content =
          run.hole || run.lcn >= taken_.size()
              ? std::nullopt
              : Slice(source_.bytes(), run.lcn * volume_.cluster,
                      std::min<std::uint64_t>(run.count,
                                              taken_.size() - run.lcn) *
                          volume_.cluster);
      if (content && !IsZero(*content)) {
        Report("ntfs.hidden-bad-clusters",
               {run.lcn * volume_.cluster, content->size()},
               "clusters marked as bad hold data");
      }
    }
  }

  // The first records are kept twice.
  void CompareMirror() {
    const auto file = table_.FileAt(kMirrorRecord);
    for (const Attribute& attribute : file->record.attributes) {
      std::uint64_t short_of = 0;
      const auto extents =
          attribute.type == ntfs::kData && !attribute.resident
              ? ntfs::ExtentsOf(attribute, volume_, source_.size(), short_of)
              : std::nullopt;
      const auto mirror =
          extents ? source_.Gather(*extents, sink_.limits().memory_per_member,
                                   source_.size())
                  : Result<ByteSource>(ByteSource());
      for (std::uint64_t i = 0; mirror && i < 4; ++i) {
        const auto copy =
            Slice(mirror->bytes(), i * volume_.record, volume_.record);
        if (copy && AsText(*copy) != AsText(table_.RecordBytes(i))) {
          Report("ntfs.ambiguous-records", {},
                 fmt::format("the mirror of record {} differs", i));
        }
      }
    }
  }

  Result<void> Visit(const File& file) {
    const std::vector<std::string> paths = PathsOf(file);
    if (paths.empty()) {
      if (file.number >= kReservedRecords) {
        Report("ntfs.unlisted-file", {},
               fmt::format("record {} has no name", file.number));
        return VisitNamed(file, fmt::format("$record{}", file.number));
      }
      ClaimOthers(file, fmt::format("record {}", file.number));
      return {};
    }
    if (auto ok = VisitNamed(file, paths.front()); !ok) {
      return ok;
    }
    for (std::size_t i = 1; i < paths.size(); ++i) {
      Member link{.name = paths[i]};
      link.meta = MetadataOf(file);
      link.meta.type = FileType::kHardLink;
      link.meta.link_target = paths.front();
      if (auto ok = CountEntry(link.name); !ok) {
        return ok;
      }
      if (auto ok = sink_.AddEmpty(std::move(link)); !ok) {
        return ok;
      }
    }
    return {};
  }

  // Every name but short ones; these alone where there are no others.
  std::vector<std::string> PathsOf(const File& file) {
    if (file.number == ntfs::kRootRecord) {
      return {"."};
    }
    const bool only_dos =
        std::all_of(file.names.begin(), file.names.end(),
                    [](const ntfs::Name& name) { return name.dos; });
    std::vector<std::string> paths;
    for (const ntfs::Name& name : file.names) {
      if (name.dos && !only_dos) {
        continue;
      }
      if (name.name.empty() || name.name == "." || name.name == ".." ||
          name.name.find_first_of(std::string_view("/\0", 2)) !=
              std::string::npos) {
        Report("ntfs.odd-name", {},
               fmt::format("record {} has a name that is a path: {}",
                           file.number, name.name));
      }
      const auto folder = table_.PathOf(name.parent, sink_.limits().name);
      if (!folder) {
        Report("ntfs.unlisted-file", {},
               fmt::format("record {} lies in no directory", file.number));
        paths.push_back(
            fmt::format("$record{}/{}", name.parent.number, name.name));
      } else {
        paths.push_back(folder->empty() ? name.name
                                        : *folder + "/" + name.name);
      }
    }
    return paths;
  }

  Result<void> CountEntry(const std::string& name) {
    if (++entries_ > sink_.limits().entries ||
        name.size() > sink_.limits().name) {
      return Fail(ErrorCode::kLimit,
                  "ntfs: too many entries or too long a path");
    }
    return {};
  }

  FileMetadata MetadataOf(const File& file) const {
    FileMetadata meta;
    if (file.record.directory) {
      meta.type = FileType::kDirectory;
    }
    for (const Attribute& attribute : file.record.attributes) {
      if (attribute.type == ntfs::kStandardInformation) {
        ntfs::PutStandardInformation(attribute.value, meta);
      } else if (attribute.type == ntfs::kReparsePoint && attribute.resident) {
        ntfs::PutReparsePoint(attribute.value, meta);
      }
    }
    for (const ntfs::Name& name : file.names) {
      if (name.dos) {
        meta.xattrs.emplace_back("ntfs.short-name", name.name);
      }
    }
    return meta;
  }

  Result<void> VisitNamed(const File& file, const std::string& path) {
    Member member{.name = path};
    member.meta = MetadataOf(file);
    if (file.number == ntfs::kRootRecord) {
      PutLabel(member.meta);
    }
    ClaimOthers(file, path);
    const bool packed = ntfs::IsPackedByOverlay(member.meta);
    const bool file_like = member.meta.type == FileType::kRegular;
    bool added_main = false;
    if (auto ok = CountEntry(path); !ok) {
      return ok;
    }
    if (!file_like) {
      if (auto ok = sink_.AddEmpty(member); !ok) {
        return ok;
      }
      added_main = true;
    }
    for (const Attribute& attribute : file.record.attributes) {
      if (attribute.type != ntfs::kData) {
        continue;
      }
      Member stream{.name = path};
      if (!attribute.name.empty()) {
        stream.name += ":" + attribute.name;
        if (auto ok = CountEntry(stream.name); !ok) {
          return ok;
        }
      } else if (!added_main) {
        stream.meta = member.meta;
        added_main = true;
      } else if (attribute.size == 0) {
        continue;  // a link has an empty stream
      }
      auto ok =
          packed && attribute.name.empty()
              ? sink_.AddOpaque(std::move(stream),
                                "compressed by the Windows Overlay Filter")
              : AddContent(std::move(stream), attribute);
      if (!ok) {
        return ok;
      }
    }
    return added_main ? Result<void>() : sink_.AddEmpty(std::move(member));
  }

  void PutLabel(FileMetadata& meta) const {
    const auto file = table_.FileAt(kVolumeRecord);
    for (const Attribute& attribute :
         file ? file->record.attributes : std::vector<Attribute>()) {
      if (attribute.type == ntfs::kVolumeName && !attribute.value.empty()) {
        meta.xattrs.emplace_back("ntfs.label", ntfs::LabelOf(attribute.value));
      }
    }
  }

  Result<void> AddContent(Member member, const Attribute& attribute) {
    if (attribute.resident) {
      return sink_.Add(std::move(member), ByteSource::Own(attribute.value));
    }
    if (!Take(attribute, member.name)) {
      return sink_.AddOpaque(std::move(member),
                             "shares its clusters with too many others");
    }
    if (attribute.damaged || attribute.first_vcn != 0) {
      ClaimRuns(attribute, RegionUse::kMember);
      return sink_.AddOpaque(std::move(member), "its runs are damaged");
    }
    if ((attribute.flags & Attribute::kEncrypted) != 0) {
      ClaimRuns(attribute, RegionUse::kMember);
      return sink_.AddOpaque(std::move(member), "encrypted (EFS)");
    }
    if ((attribute.flags & Attribute::kCompressed) != 0) {
      ClaimRuns(attribute, RegionUse::kMember);
      if (volume_.cluster << attribute.unit_shift > kLargestUnit ||
          attribute.unit_shift == 0) {
        return sink_.AddOpaque(std::move(member), "odd compression units");
      }
      ntfs::CompressedStream content(source_, volume_, attribute);
      return sink_.AddStream(std::move(member), content);
    }
    return AddPlain(std::move(member), attribute);
  }

  Result<void> AddPlain(Member member, const Attribute& attribute) {
    std::uint64_t short_of = 0;
    const auto extents =
        ntfs::ExtentsOf(attribute, volume_, source_.size(), short_of);
    if (!extents) {
      ClaimRuns(attribute, RegionUse::kMember);
      return sink_.AddOpaque(std::move(member), "a run leaves the volume");
    }
    if (short_of > 0) {
      Report("ntfs.size-mismatch", {},
             fmt::format("{} has {} bytes, its runs {} less", member.name,
                         attribute.size, short_of));
    }
    if (extents->size() == 1 && !extents->front().hole &&
        !coverage_.Touches(extents->front().range)) {
      member.origin = extents->front().range;
      member.stored = true;
      coverage_.Add(extents->front().range);
    }
    for (const Extent& extent : *extents) {
      if (!extent.hole) {
        coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
      }
    }
    auto content = source_.Gather(*extents, sink_.limits().memory_per_member,
                                  sink_.limits().member);
    return content ? sink_.Add(std::move(member), std::move(*content))
                   : sink_.AddOpaque(std::move(member), content.error().what);
  }

  [[nodiscard]] ByteSource ContentOf(std::uint64_t number,
                                     std::uint32_t type) const {
    const auto file = table_.FileAt(number);
    for (const Attribute& attribute :
         file ? file->record.attributes : std::vector<Attribute>()) {
      if (attribute.type != type || !attribute.name.empty()) {
        continue;
      }
      if (attribute.resident) {
        return ByteSource::Own(attribute.value);
      }
      std::uint64_t short_of = 0;
      const auto extents =
          ntfs::ExtentsOf(attribute, volume_, source_.size(), short_of);
      if (!extents) {
        break;
      }
      auto content = source_.Gather(*extents, sink_.limits().memory_per_member,
                                    source_.size());
      return content ? std::move(*content) : ByteSource();
    }
    return {};
  }

  static bool Bit(ByteView bits, std::uint64_t number) {
    const auto at = static_cast<std::size_t>(number / 8);
    return at < bits.size() && ((bits[at] >> (number % 8)) & 1U) != 0;
  }

  // The bitmaps of clusters and of records repeat what files say.
  void CompareBitmaps() {
    const ByteSource clusters = ContentOf(kBitmapRecord, ntfs::kData);
    std::uint64_t lost = 0;
    std::uint64_t unmarked = 0;
    for (std::size_t i = 0; clusters.size() > 0 && i < taken_.size(); ++i) {
      const bool marked = Bit(clusters.bytes(), i);
      lost += marked && !taken_[i] ? 1U : 0U;
      unmarked += !marked && taken_[i] ? 1U : 0U;
    }
    if (lost > 0) {
      Report("ntfs.unlisted-clusters", {},
             fmt::format("{} clusters are in use by no file", lost));
    }
    if (unmarked > 0) {
      Report("ntfs.ambiguous-clusters", {},
             fmt::format("{} clusters of files are marked as free", unmarked));
    }
    const ByteSource records = ContentOf(0, ntfs::kBitmap);
    std::uint64_t differ = 0;
    for (std::uint64_t i = 0; records.size() > 0 && i < table_.count(); ++i) {
      differ += Bit(records.bytes(), i) != table_.IsInUse(i) &&
                        !(i >= kSystemRecords && i < kReservedRecords)
                    ? 1U
                    : 0U;
    }
    if (differ > 0) {
      Report("ntfs.ambiguous-record-use", {},
             fmt::format("{} records and their bitmap differ", differ));
    }
  }

  ByteSource source_;
  const Volume& volume_;
  const ntfs::Table& table_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::vector<bool> taken_;   // clusters that some attribute has
  std::uint64_t shared_ = 0;  // times that one was another's already
  std::uint64_t entries_ = 0;
};

bool Matches(ByteView head) {
  return ntfs::ReadVolume(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = ntfs::ReadVolume(bytes);
  if (!volume) {
    return Fail(ErrorCode::kNotThisFormat, "no NTFS volume");
  }
  const std::uint64_t without_backup = volume->size - volume->sector;
  if (without_backup > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "the NTFS volume ends past the input");
  }
  const std::uint64_t record = volume->boot.mft * volume->cluster;
  const auto table = Slice(bytes, record, volume->record);
  if (!table || !ntfs::ReadRecord(*table, *volume)) {
    return Fail(ErrorCode::kMalformed, "no NTFS master file table");
  }
  return std::min<std::uint64_t>(volume->size, bytes.size());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& whole = input.source();
  const auto volume = ntfs::ReadVolume(whole.bytes());
  if (!volume) {
    return Fail(ErrorCode::kMalformed, "no NTFS volume");
  }
  const ByteSource source =
      *whole.Slice({0, std::min(volume->size, whole.size())});
  const auto table = ntfs::Table::Open(source, *volume);
  if (!table) {
    return Fail(table.error());
  }
  return Walk(source, *volume, *table, sink).Run();
}

constexpr Magic kMagics[] = {{"NTFS    ", 3}};  // NOLINT: a table

}  // namespace

extern const Format kNtfs;
const Format kNtfs = {
    .name = "ntfs",
    .title = "NTFS file system",
    .reference = "Linux fs/ntfs3/ntfs.h; MS-XCA; MS-FSCC",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
