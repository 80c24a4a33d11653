// zip and what is one: jar, apk, whl, nupkg, ipa, OOXML. Every member is
// described twice, by a local header before its data and by the central
// directory at the end; readers differ in which one they believe, so both are
// read and compared, and what neither describes is shown.
//
// Reference: PKWARE APPNOTE.TXT 6.3.10; the Info-ZIP extra fields
// 0x5455 and 0x7875 (Info-ZIP's proginfo/extrafld.txt).

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/zip_content.h"
#include "verifier/formats/archives/zip_metadata.h"
#include "verifier/formats/archives/zip_records.h"
#include "verifier/formats/archives/zip_segments.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

class Walk {
 public:
  Walk(ByteSource zip, ArtifactSink& sink)
      : source_(std::move(zip)),
        zip_(source_.bytes()),
        sink_(sink),
        decoder_(sink) {}

  // Returns where the archive ends.
  Result<std::uint64_t> Run() {
    const auto found = FindZipDirectory(zip_);
    if (!found) {
      // What local headers describe is still worth having.
      if (auto ok = Gap(0, zip_.size()); !ok) {
        return Fail(ok.error());
      }
      return Fail(found.error());
    }
    directory_ = *found;
    Announce();
    auto entries = ReadDirectory();
    if (!entries) {
      return Fail(entries.error());
    }
    if (auto ok = Members(*entries); !ok) {
      return Fail(ok.error());
    }
    ClaimEnd();
    return directory_.end.end();
  }

 private:
  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("zip.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  void Announce() {
    if (directory_.rival) {
      Report("ambiguous-end-record",
             {*directory_.rival, directory_.end.end() - *directory_.rival},
             "two end records: one lies in the comment of the other");
    }
    if (directory_.prefix != 0) {
      Report(
          "prefix", {0, directory_.prefix},
          fmt::format("{} bytes stand before the archive", directory_.prefix));
    }
  }

  // Central headers as far as they go, whatever the end record counts.
  Result<std::vector<ZipEntry>> ReadDirectory() {
    std::vector<ZipEntry> entries;
    std::uint64_t at = directory_.directory.offset;
    const std::uint64_t stop = FirstOfEnd();
    while (const auto entry = ReadZipCentral(zip_.first(stop), at)) {
      if (entries.size() >= sink_.limits().entries) {
        return Fail(ErrorCode::kLimit, fmt::format("more than {} zip members",
                                                   sink_.limits().entries));
      }
      entries.push_back(*entry);
      at = entry->end();
    }
    const Range walked{directory_.directory.offset,
                       at - directory_.directory.offset};
    // Before ZIP64, writers let the count of 16 bits overflow.
    const bool count_ok = entries.size() == directory_.entries ||
                          (!directory_.zip64_end &&
                           (entries.size() & 0xFFFFU) == directory_.entries);
    if (!count_ok || walked.length != directory_.directory.length) {
      Report("directory-mismatch", walked,
             fmt::format("the end record says {} members in {} bytes, the "
                         "directory holds {} in {}",
                         directory_.entries, directory_.directory.length,
                         entries.size(), walked.length));
    }
    directory_.directory = walked;
    return entries;
  }

  // Where the first record behind the directory begins.
  [[nodiscard]] std::size_t FirstOfEnd() const {
    const Range& first = directory_.zip64_end ? *directory_.zip64_end
                         : directory_.locator ? *directory_.locator
                                              : directory_.end;
    return static_cast<std::size_t>(first.offset);
  }

  // In the order of their data, so that what lies between comes to light.
  Result<void> Members(std::vector<ZipEntry>& entries) {
    JoinZipSegments(zip_, entries);
    for (ZipEntry& entry : entries) {
      const std::uint64_t room = UINT64_MAX - directory_.prefix;
      entry.local_at = entry.local_at > room
                           ? UINT64_MAX
                           : entry.local_at + directory_.prefix;
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const ZipEntry& a, const ZipEntry& b) {
                       return a.local_at < b.local_at;
                     });
    std::uint64_t at = ZipStart(zip_);
    if (at > 0) {
      sink_.Claim({0, at}, RegionUse::kMetadata);
    }
    for (const ZipEntry& entry : entries) {
      if (auto ok = OneMember(entry, at); !ok) {
        return ok;
      }
    }
    if (overlaps_ > 0) {
      Report("overlap", first_overlap_,
             fmt::format("{} members share their bytes with the one before "
                         "them; these are not decoded",
                         overlaps_));
    }
    return Gap(at, directory_.directory.offset);
  }

  // `at`: the first byte that no member has claimed; moved on.
  Result<void> OneMember(const ZipEntry& entry, std::uint64_t& at) {
    const std::uint64_t stop = directory_.directory.offset;
    Member member{.name = BoundedName(entry.name, "zip",
                                      {entry.at, entry.header_size}, sink_)};
    member.meta = ZipMetadata(entry, nullptr);
    if (entry.local_at < at) {
      if (overlaps_++ == 0) {
        first_overlap_ = {entry.local_at, at - entry.local_at};
      }
      return sink_.AddOpaque(std::move(member),
                             "shares its bytes with another member");
    }
    const auto local =
        entry.local_at < stop
            ? ReadZipLocal(zip_.first(static_cast<std::size_t>(stop)),
                           entry.local_at)
            : std::nullopt;
    if (!local || entry.packed > stop - local->end()) {
      Report("no-local-data", {entry.at, entry.header_size},
             fmt::format("\"{}\": no local header and {} bytes at offset {}",
                         Escaped(entry.name), entry.packed, entry.local_at));
      return sink_.AddOpaque(std::move(member), "its data are not there");
    }
    if (auto ok = Gap(at, local->at); !ok) {
      return ok;
    }
    if (std::string differences = ZipDifferences(entry, *local);
        !differences.empty()) {
      Report("local-central-mismatch", {local->at, local->header_size},
             std::move(differences));
    }
    member.meta = ZipMetadata(entry, &*local);
    return Data(std::move(member), *local, entry, at);
  }

  // Claims and delivers what belongs to one local header.
  Result<void> Data(Member member, const ZipEntry& local, const ZipEntry& entry,
                    std::uint64_t& at) {
    sink_.Claim({local.at, local.header_size}, RegionUse::kMetadata);
    const Range origin{local.end(), entry.packed};
    at = origin.end();
    if (((local.flags | entry.flags) & kZipHasDescriptor) != 0) {
      const std::uint64_t length = ZipDescriptorSize(zip_, at, entry);
      sink_.Claim({at, length}, RegionUse::kMetadata);
      at += length;
    }
    if (member.meta.type == FileType::kDirectory && origin.length == 0) {
      return sink_.AddEmpty(std::move(member));
    }
    member.origin = origin;
    auto packed = source_.Slice(origin);
    if (!packed) {
      return Fail(packed.error());
    }
    return decoder_.Deliver(std::move(member), entry, std::move(*packed));
  }

  // Bytes that no central header leads to.
  Result<void> Gap(std::uint64_t at, std::uint64_t end) {
    const ByteView zip = zip_.first(static_cast<std::size_t>(end));
    const auto signing = end == directory_.directory.offset
                             ? FindApkSigningBlock(zip, end)
                             : std::nullopt;
    if (signing && signing->offset >= at) {
      sink_.Claim(*signing, RegionUse::kMetadata);
      end = signing->offset;
    }
    std::uint64_t start = at;  // of what no header explains
    while (at < end) {
      const std::size_t found =
          AsText(zip).find(kZipLocal, static_cast<std::size_t>(at));
      const auto hidden =
          found < end
              ? MeasureZipLocal(zip.first(static_cast<std::size_t>(end)), found)
              : std::nullopt;
      if (!hidden) {
        at = found < end ? found + 1 : end;
        continue;
      }
      Unexplained(start, found);
      if (auto ok = Hidden(*hidden); !ok) {
        return ok;
      }
      at = hidden->end;
      start = at;
    }
    Unexplained(start, end);
    return {};
  }

  void Unexplained(std::uint64_t at, std::uint64_t end) {
    if (at >= end) {
      return;
    }
    const Range range{at, end - at};
    const bool zeros = AllAre(*Slice(zip_, at, range.length), 0);
    sink_.Claim(range, zeros ? RegionUse::kPadding : RegionUse::kSlack);
    if (!zeros) {
      Report("unclaimed-bytes", range,
             fmt::format("{} bytes belong to no member", range.length));
    }
  }

  Result<void> Hidden(const ZipLocalExtent& hidden) {
    const ZipEntry& entry = hidden.entry;
    std::uint64_t at = 0;
    if (entry.name.empty() && entry.packed == 0) {
      // Android's build tools fill gaps with headers that name nothing.
      sink_.Claim({entry.at, hidden.end - entry.at}, RegionUse::kMetadata);
      return {};
    }
    Report("hidden-entry", {entry.at, hidden.end - entry.at},
           fmt::format("\"{}\" is not in the central directory",
                       Escaped(entry.name)));
    Member member{.name = BoundedName(entry.name, "zip",
                                      {entry.at, entry.header_size}, sink_)};
    member.meta = ZipMetadata(entry, nullptr);
    return Data(std::move(member), entry, entry, at);
  }

  void ClaimEnd() {
    std::uint64_t at = directory_.directory.offset;
    const auto claim = [&](const Range& range) {
      if (range.offset >= at) {
        Unexplained(at, range.offset);
        sink_.Claim(range, RegionUse::kMetadata);
        at = range.end();
      }
    };
    claim(directory_.directory);
    if (directory_.zip64_end) {
      claim(*directory_.zip64_end);
    }
    if (directory_.locator) {
      claim(*directory_.locator);
    }
    claim(directory_.end);
    const std::uint64_t comment = directory_.end.offset + kZipEndSize;
    if (comment < directory_.end.end()) {
      sink_.PassOver({comment, directory_.end.end() - comment});
    }
  }

  ByteSource source_;
  ByteView zip_;
  ArtifactSink& sink_;
  ZipDecoder decoder_;
  ZipDirectory directory_;
  std::uint64_t overlaps_ = 0;
  Range first_overlap_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  if (!input.at_rest()) {
    return Fail(ErrorCode::kInternal, "zip needs its bytes at rest");
  }
  const auto end = Walk(input.source(), sink).Run();
  return end ? input.Skip(*end) : Result<void>(Fail(end.error()));
}

// A local header with a method that exists, or the end record of an empty
// archive.
bool Matches(ByteView head) {
  constexpr std::uint16_t kLastMethod = 99;
  constexpr unsigned kLastVersion = 100;
  head = head.subspan(static_cast<std::size_t>(ZipStart(head)));
  const auto version = ReadAt<Le16>(head, 4);
  if (HasZipSignature(head, 0, kZipLocal)) {
    const auto method = ReadAt<Le16>(head, 8);
    const auto name_size = ReadAt<Le16>(head, 26);
    return version && method && name_size &&
           (*version & 0xFFU) <= kLastVersion && *method <= kLastMethod &&
           *name_size <= 4096;
  }
  const auto end =
      HasZipSignature(head, 0, kZipEnd) ? ReadZipEnd(head, 0) : std::nullopt;
  return end && end->entries == 0 && end->directory.length == 0;
}

// Every local header, then the directory and an end record that leads to it.
Result<std::uint64_t> Measure(ByteView bytes) {
  std::uint64_t at = ZipStart(bytes);
  while (const auto local = MeasureZipLocal(bytes, at)) {
    at = local->end;
  }
  if (const auto size = ReadAt<Le64>(bytes, at);
      size && *size < bytes.size() - at - 8) {
    const auto signing = FindApkSigningBlock(bytes, at + 8 + *size);
    at = signing && signing->offset == at ? signing->end() : at;
  }
  const std::uint64_t directory_at = at;
  while (const auto entry = ReadZipCentral(bytes, at)) {
    at = entry->end();
  }
  const Range directory{directory_at, at - directory_at};
  if (HasZipSignature(bytes, at, kZip64End)) {
    const auto size = ReadAt<Le64>(bytes, at + 4);
    constexpr std::uint64_t kBefore = 12;
    constexpr std::uint64_t kLocator = 20;
    at += size && *size < bytes.size() ? kBefore + *size + kLocator : 0;
  }
  const auto end = HasZipSignature(bytes, at, kZipEnd) ? ReadZipEnd(bytes, at)
                                                       : std::nullopt;
  if (!end || end->directory != directory || end->prefix != 0) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("no end of the zip archive at offset {}", at));
  }
  if (directory.length == 0 && directory_at == 0) {
    // Files that only speak of zip archives hold such records.
    return Fail(ErrorCode::kNotThisFormat, "an archive without members");
  }
  return end->end.end();
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {
    {kZipLocal, 0}, {kZipEnd, 0}, {"PK\x07\x08PK\x03\x04", 0}};

}  // namespace

extern const Format kZip;
const Format kZip = {
    .name = "zip",
    .title = "zip archive (jar, apk, whl, nupkg, OOXML)",
    .reference = "PKWARE APPNOTE.TXT 6.3.10",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = true,
};

}  // namespace assay::formats
