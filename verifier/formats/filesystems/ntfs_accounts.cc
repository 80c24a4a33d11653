#include "verifier/formats/filesystems/ntfs_accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "verifier/formats/filesystems/ntfs_data.h"

namespace assay::formats::ntfs {
namespace {

constexpr std::uint64_t kMirrorRecord = 1;
constexpr std::uint64_t kBitmapRecord = 6;
// Clusters of several files are read again at most so often in all.
constexpr std::uint64_t kMostReadings = 4;

bool Bit(ByteView bits, std::uint64_t number) {
  const auto at = static_cast<std::size_t>(number / 8);
  return at < bits.size() && ((bits[at] >> (number % 8)) & 1U) != 0;
}

}  // namespace

Accounts::Accounts(ByteSource source, const Volume& volume, const Table& table,
                   ArtifactSink& sink)
    : source_(std::move(source)),
      volume_(volume),
      table_(table),
      sink_(sink),
      taken_(static_cast<std::size_t>(
          std::min(volume.clusters, source_.size() / volume.cluster))) {}

void Accounts::Report(std::string id, Range range, std::string detail) {
  sink_.Report(
      {.id = std::move(id), .range = range, .detail = std::move(detail)});
}

void Accounts::Claim(Range range) {
  if (Slice(source_.bytes(), range.offset, range.length)) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }
}

void Accounts::ClaimBoot() {
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

void Accounts::ClaimRecords() {
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

bool Accounts::Take(const Attribute& attribute, const std::string& name) {
  bool shares = false;
  for (const Run& run : attribute.runs) {
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

void Accounts::ClaimRuns(const Attribute& attribute, RegionUse use) {
  for (const Run& run : attribute.runs) {
    if (run.hole || run.lcn >= taken_.size()) {
      continue;
    }
    const std::uint64_t count =
        std::min<std::uint64_t>(run.count, taken_.size() - run.lcn);
    coverage_.ClaimFree({run.lcn * volume_.cluster, count * volume_.cluster},
                        use, sink_);
  }
}

void Accounts::ClaimOthers(const File& file, const std::string& name) {
  for (const Attribute& attribute : file.record.attributes) {
    if (!attribute.resident && attribute.type != kData &&
        Take(attribute, name)) {
      ClaimRuns(attribute, RegionUse::kMetadata);
    }
  }
}

void Accounts::ReportBad(const Attribute& attribute) {
  (void)Take(attribute, "$BadClus");
  for (const Run& run : attribute.runs) {
    const auto content = run.hole || run.lcn >= taken_.size()
                             ? std::nullopt
                             : Slice(source_.bytes(), run.lcn * volume_.cluster,
                                     std::min<std::uint64_t>(
                                         run.count, taken_.size() - run.lcn) *
                                         volume_.cluster);
    if (content && !IsZero(*content)) {
      Report("ntfs.hidden-bad-clusters",
             {run.lcn * volume_.cluster, content->size()},
             "clusters marked as bad hold data");
    }
  }
}

ByteSource Accounts::ContentOf(std::uint64_t number, std::uint32_t type) const {
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
        ExtentsOf(attribute, volume_, source_.size(), short_of);
    if (!extents) {
      break;
    }
    auto content = source_.Gather(*extents, sink_.limits().memory_per_member,
                                  source_.size());
    return content ? std::move(*content) : ByteSource();
  }
  return {};
}

void Accounts::CompareMirror() {
  const auto file = table_.FileAt(kMirrorRecord);
  for (const Attribute& attribute : file->record.attributes) {
    std::uint64_t short_of = 0;
    const auto extents =
        attribute.type == kData && !attribute.resident
            ? ExtentsOf(attribute, volume_, source_.size(), short_of)
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

void Accounts::CompareBitmaps() {
  const ByteSource clusters = ContentOf(kBitmapRecord, kData);
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
  const ByteSource records = ContentOf(0, kBitmap);
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

void Accounts::ClaimContent(const std::vector<Extent>& extents,
                            Member& member) {
  if (extents.size() == 1 && !extents.front().hole &&
      !coverage_.Touches(extents.front().range)) {
    member.origin = extents.front().range;
    member.stored = true;
    coverage_.Add(extents.front().range);
  }
  for (const Extent& extent : extents) {
    if (!extent.hole) {
      coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
    }
  }
}

Result<void> Accounts::Close() {
  coverage_.ClaimGaps(source_.bytes(), sink_);
  if (volume_.clusters > taken_.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("ntfs: the volume has {} bytes, the image {}",
                            volume_.size, source_.size()));
  }
  return {};
}

}  // namespace assay::formats::ntfs
