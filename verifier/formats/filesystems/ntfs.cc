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

#include "verifier/formats/filesystems/ntfs_accounts.h"
#include "verifier/formats/filesystems/ntfs_data.h"
#include "verifier/formats/filesystems/ntfs_record.h"
#include "verifier/formats/filesystems/ntfs_reparse.h"
#include "verifier/formats/filesystems/ntfs_table.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using ntfs::Attribute;
using ntfs::File;
using ntfs::Volume;

constexpr std::uint64_t kMirrorRecord = 1;
constexpr std::uint64_t kVolumeRecord = 3;
constexpr std::uint64_t kBadRecord = 8;
constexpr std::uint64_t kExtendRecord = 11;
constexpr std::uint64_t kLargestUnit = 1ULL << 20U;

class Walk {
 public:
  Walk(ByteSource source, const Volume& volume, const ntfs::Table& table,
       ArtifactSink& sink)
      : source_(std::move(source)),
        volume_(volume),
        table_(table),
        sink_(sink),
        accounts_(source_, volume, table, sink) {}

  Result<void> Run() {
    accounts_.ClaimBoot();
    accounts_.ClaimRecords();
    for (std::uint64_t i = 0; i < table_.count(); ++i) {
      const auto file = table_.FileAt(i);
      if (!file) {
        continue;
      }
      ReportRecord(*file);
      if (auto ok = i < ntfs::kSystemRecords && i != ntfs::kRootRecord &&
                            i != kExtendRecord
                        ? VisitSystem(*file)
                        : Visit(*file);
          !ok) {
        return ok;
      }
    }
    accounts_.CompareBitmaps();
    return accounts_.Close();
  }

 private:
  void ReportRecord(const File& file) {
    if (!file.record.problem.empty()) {
      accounts_.Report(
          "ntfs.bad-record", {},
          fmt::format("record {}: {}", file.number, file.record.problem));
    }
    if (file.list_differs) {
      accounts_.Report(
          "ntfs.ambiguous-attributes", {},
          fmt::format("record {}: its list of attributes names other "
                      "records than those that are its own",
                      file.number));
    }
    if (file.record.links != file.names.size()) {
      accounts_.Report(
          "ntfs.ambiguous-links", {},
          fmt::format("record {}: {} links are stated, {} names are there",
                      file.number, file.record.links, file.names.size()));
    }
  }

  Result<void> VisitSystem(const File& file) {
    const std::string name = file.names.empty()
                                 ? fmt::format("record {}", file.number)
                                 : file.names.front().name;
    accounts_.ClaimOthers(file, name);
    for (const Attribute& attribute : file.record.attributes) {
      if (attribute.type != ntfs::kData) {
        continue;
      }
      const bool known = attribute.name.empty() || attribute.name == "$SDS" ||
                         attribute.name == "$Info" ||
                         attribute.name == "$Bad" ||
                         attribute.name == "$Config";
      if (!known) {
        accounts_.Report("ntfs.hidden-stream", {},
                         fmt::format("the system file {} has a stream {}", name,
                                     attribute.name));
        Member member{.name = name + ":" + attribute.name};
        if (auto ok = AddContent(std::move(member), attribute); !ok) {
          return ok;
        }
      } else if (file.number == kBadRecord) {
        accounts_.ReportBad(attribute);
      } else if (file.number == 0) {
        // Its records are claimed one by one.
        (void)accounts_.Take(attribute, name);
      } else if (accounts_.Take(attribute, name)) {
        accounts_.ClaimRuns(attribute, RegionUse::kMetadata);
      }
    }
    if (file.number == kMirrorRecord) {
      accounts_.CompareMirror();
    }
    return {};
  }

  Result<void> Visit(const File& file) {
    const std::vector<std::string> paths = PathsOf(file);
    if (paths.empty()) {
      if (file.number >= ntfs::kReservedRecords) {
        accounts_.Report("ntfs.unlisted-file", {},
                         fmt::format("record {} has no name", file.number));
        return VisitNamed(file, fmt::format("$record{}", file.number));
      }
      accounts_.ClaimOthers(file, fmt::format("record {}", file.number));
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
        accounts_.Report("ntfs.odd-name", {},
                         fmt::format("record {} has a name that is a path: {}",
                                     file.number, name.name));
      }
      const auto folder = table_.PathOf(name.parent, sink_.limits().name);
      if (!folder) {
        accounts_.Report(
            "ntfs.unlisted-file", {},
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
    accounts_.ClaimOthers(file, path);
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
    if (!accounts_.Take(attribute, member.name)) {
      return sink_.AddOpaque(std::move(member),
                             "shares its clusters with too many others");
    }
    if (attribute.damaged || attribute.first_vcn != 0) {
      accounts_.ClaimRuns(attribute, RegionUse::kMember);
      return sink_.AddOpaque(std::move(member), "its runs are damaged");
    }
    if ((attribute.flags & Attribute::kEncrypted) != 0) {
      accounts_.ClaimRuns(attribute, RegionUse::kMember);
      return sink_.AddOpaque(std::move(member), "encrypted (EFS)");
    }
    if ((attribute.flags & Attribute::kCompressed) != 0) {
      accounts_.ClaimRuns(attribute, RegionUse::kMember);
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
      accounts_.ClaimRuns(attribute, RegionUse::kMember);
      return sink_.AddOpaque(std::move(member), "a run leaves the volume");
    }
    if (short_of > 0) {
      accounts_.Report("ntfs.size-mismatch", {},
                       fmt::format("{} has {} bytes, its runs {} less",
                                   member.name, attribute.size, short_of));
    }
    accounts_.ClaimContent(*extents, member);
    auto content = source_.Gather(*extents, sink_.limits().memory_per_member,
                                  sink_.limits().member);
    return content ? sink_.Add(std::move(member), std::move(*content))
                   : sink_.AddOpaque(std::move(member), content.error().what);
  }

  ByteSource source_;
  const Volume& volume_;
  const ntfs::Table& table_;
  ArtifactSink& sink_;
  ntfs::Accounts accounts_;
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
