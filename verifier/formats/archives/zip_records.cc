#include "verifier/formats/archives/zip_records.h"

#include <algorithm>
#include <array>

namespace assay::formats {
namespace {

constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  // the value is in ZIP64 fields
constexpr std::uint16_t kIn64Short = 0xFFFF;
constexpr std::uint16_t kZip64Extra = 0x0001;
constexpr std::uint64_t kMaxComment = 0xFFFF;
// How many strange signatures a search for a descriptor passes before it gives
// up: compressed data hold none by chance, so that many mean bad intent.
constexpr int kMaxDescriptorCandidates = 64;

using Signature = std::array<std::uint8_t, 4>;

struct LocalHeader {
  Signature signature = {};
  Le16 version, flags, method, time, date;
  Le32 crc, packed, size;
  Le16 name_size, extra_size;
};
static_assert(sizeof(LocalHeader) == 30 && FileStruct<LocalHeader>);

struct CentralHeader {
  Signature signature = {};
  Le16 made_by, version, flags, method, time, date;
  Le32 crc, packed, size;
  Le16 name_size, extra_size, comment_size, disk, internal;
  Le32 external, local_at;
};
static_assert(sizeof(CentralHeader) == 46 && FileStruct<CentralHeader>);

struct EndRecord {
  Signature signature = {};
  Le16 disk, directory_disk, disk_entries, entries;
  Le32 directory_size, directory_at;
  Le16 comment_size;
};
static_assert(sizeof(EndRecord) == 22 && FileStruct<EndRecord>);

struct Locator {
  Signature signature = {};
  Le32 disk;
  Le64 end_at;
  Le32 disks;
};
static_assert(sizeof(Locator) == 20 && FileStruct<Locator>);

struct End64Record {
  Signature signature = {};
  Le64 record_size;
  Le16 made_by, version;
  Le32 disk, directory_disk;
  Le64 disk_entries, entries, directory_size, directory_at;
};
static_assert(sizeof(End64Record) == 56 && FileStruct<End64Record>);

struct ExtraHeader {
  Le16 id, size;
};
static_assert(sizeof(ExtraHeader) == 4 && FileStruct<ExtraHeader>);

// Replaces the values that say "see ZIP64", in the order of APPNOTE 4.5.3.
void ApplyZip64(ZipEntry& entry, bool central) {
  const auto extra = FindZipExtra(entry.extra, kZip64Extra);
  if (!extra) {
    return;
  }
  ByteReader reader(*extra);
  const auto apply = [&](std::uint64_t& value) {
    if (value == kIn64) {
      value = reader.Take<Le64>().value_or(Le64{{255, 255, 255, 255}});
    }
  };
  apply(entry.size);
  apply(entry.packed);
  if (central) {
    apply(entry.local_at);
    if (entry.disk == kIn64Short) {
      entry.disk = reader.Take<Le32>().value_or(Le32{});
    }
  }
}

bool IsFollowed(ByteView zip, std::uint64_t at) {
  return at == zip.size() || HasZipSignature(zip, at, "PK");
}

}  // namespace

bool HasZipSignature(ByteView zip, std::uint64_t at,
                     std::string_view signature) {
  const auto bytes = Slice(zip, at, signature.size());
  return bytes && AsText(*bytes) == signature;
}

std::optional<ByteView> FindZipExtra(ByteView extra, std::uint16_t id) {
  ByteReader reader(extra);
  while (const auto header = reader.Take<ExtraHeader>()) {
    const auto content = reader.TakeBytes(header->size);
    if (!content) {
      return std::nullopt;
    }
    if (header->id == id) {
      return content;
    }
  }
  return std::nullopt;
}

std::optional<ZipEntry> ReadZipLocal(ByteView zip, std::uint64_t at) {
  const auto header = ReadAt<LocalHeader>(zip, at);
  if (!header || AsText(header->signature) != kZipLocal) {
    return std::nullopt;
  }
  const auto name = Slice(zip, at + sizeof(LocalHeader), header->name_size);
  const auto extra = Slice(zip, at + sizeof(LocalHeader) + header->name_size,
                           header->extra_size);
  if (!name || !extra) {
    return std::nullopt;
  }
  ZipEntry entry{
      .at = at,
      .header_size = sizeof(LocalHeader) + name->size() + extra->size(),
      .flags = header->flags,
      .method = header->method,
      .dos_time = header->time,
      .dos_date = header->date,
      .crc = header->crc,
      .packed = header->packed,
      .size = header->size,
      .name = AsText(*name),
      .extra = *extra,
  };
  ApplyZip64(entry, false);
  return entry;
}

std::optional<ZipEntry> ReadZipCentral(ByteView zip, std::uint64_t at) {
  const auto header = ReadAt<CentralHeader>(zip, at);
  if (!header || AsText(header->signature) != kZipCentral) {
    return std::nullopt;
  }
  ByteReader reader(*Slice(zip, at + sizeof(CentralHeader),
                           zip.size() - at - sizeof(CentralHeader)));
  const auto name = reader.TakeBytes(header->name_size);
  const auto extra = reader.TakeBytes(name ? header->extra_size : 0);
  if (!name || !extra || !reader.Skip(header->comment_size)) {
    return std::nullopt;
  }
  ZipEntry entry{
      .at = at,
      .header_size = sizeof(CentralHeader) + reader.consumed(),
      .made_by = header->made_by,
      .flags = header->flags,
      .method = header->method,
      .dos_time = header->time,
      .dos_date = header->date,
      .crc = header->crc,
      .packed = header->packed,
      .size = header->size,
      .external = header->external,
      .local_at = header->local_at,
      .disk = header->disk,
      .name = AsText(*name),
      .extra = *extra,
  };
  ApplyZip64(entry, true);
  return entry;
}

std::uint64_t ZipDescriptorSize(ByteView zip, std::uint64_t at,
                                const ZipEntry& entry) {
  const std::uint64_t signature =
      HasZipSignature(zip, at, kZipDescriptor) ? kZipDescriptor.size() : 0;
  for (const std::uint64_t start : {at + signature, at}) {
    const auto crc = ReadAt<Le32>(zip, start);
    if (!crc || *crc != entry.crc) {
      continue;
    }
    const auto packed64 = ReadAt<Le64>(zip, start + 4);
    const auto size64 = ReadAt<Le64>(zip, start + 12);
    if (packed64 && size64 && *packed64 == entry.packed &&
        *size64 == entry.size) {
      return start + 20 - at;
    }
    const auto packed = ReadAt<Le32>(zip, start + 4);
    const auto size = ReadAt<Le32>(zip, start + 8);
    if (packed && size && *packed == entry.packed && *size == entry.size) {
      return start + 12 - at;
    }
  }
  return 0;
}

namespace {

// The end of the descriptor at `at` that says that `entry.packed` bytes came
// before it; sets the size. Both widths of sizes may fit: then the one that
// another record follows.
std::optional<std::uint64_t> DescriptorEnd(ByteView zip, std::uint64_t at,
                                           ZipEntry& entry) {
  const std::uint64_t short_size = ReadAt<Le32>(zip, at + 12).value_or(Le32{});
  const std::uint64_t long_size = ReadAt<Le64>(zip, at + 16).value_or(Le64{});
  for (const bool strict : {true, false}) {
    for (const std::uint64_t size : {long_size, short_size}) {
      entry.size = size;
      const std::uint64_t length = ZipDescriptorSize(zip, at, entry);
      if (length != 0 && (!strict || IsFollowed(zip, at + length))) {
        return at + length;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<ZipLocalExtent> MeasureZipLocal(ByteView zip, std::uint64_t at) {
  auto entry = ReadZipLocal(zip, at);
  if (!entry) {
    return std::nullopt;
  }
  const std::uint64_t data = entry->end();
  if ((entry->flags & kZipHasDescriptor) == 0 || entry->packed != 0) {
    if (entry->packed > zip.size() - data) {
      return std::nullopt;
    }
    const std::uint64_t end = data + entry->packed;
    if ((entry->flags & kZipHasDescriptor) == 0) {
      return ZipLocalExtent{*entry, end};
    }
    // The sizes were known to the writer, the CRC perhaps not yet.
    if (entry->crc == 0 && HasZipSignature(zip, end, kZipDescriptor)) {
      entry->crc = ReadAt<Le32>(zip, end + 4).value_or(Le32{});
    }
    return ZipLocalExtent{*entry, end + ZipDescriptorSize(zip, end, *entry)};
  }
  // A stream: sizes come behind the data, so look for a descriptor that says
  // how far back the data began.
  const std::string_view text = AsText(zip);
  std::uint64_t found = data;
  for (int i = 0; i < kMaxDescriptorCandidates; ++i) {
    found = text.find(kZipDescriptor, static_cast<std::size_t>(found));
    const auto crc = found == std::string_view::npos
                         ? std::nullopt
                         : ReadAt<Le32>(zip, found + 4);
    if (!crc) {
      return std::nullopt;
    }
    entry->crc = *crc;
    entry->packed = found - data;
    if (const auto end = DescriptorEnd(zip, found, *entry)) {
      return ZipLocalExtent{*entry, *end};
    }
    ++found;
  }
  return std::nullopt;
}

namespace {

// Applies the ZIP64 end record, where the plain one says so.
void Apply64(ByteView zip, const EndRecord& end, ZipDirectory& found,
             std::uint64_t& directory_at) {
  if (found.end.offset < sizeof(Locator)) {
    return;
  }
  const std::uint64_t locator_at = found.end.offset - sizeof(Locator);
  const auto locator = ReadAt<Locator>(zip, locator_at);
  if (!locator || AsText(locator->signature) != kZip64Locator) {
    return;
  }
  found.locator = Range{locator_at, sizeof(Locator)};
  // With a prefix the offset is wrong, but the record lies just before.
  std::uint64_t at = locator->end_at;
  if (!HasZipSignature(zip, at, kZip64End) &&
      locator_at >= sizeof(End64Record)) {
    at = locator_at - sizeof(End64Record);
  }
  const auto record = ReadAt<End64Record>(zip, at);
  if (!record || AsText(record->signature) != kZip64End ||
      at + sizeof(End64Record) > locator_at ||
      record->record_size < sizeof(End64Record) - 12 ||
      record->record_size > locator_at - at - 12) {
    return;
  }
  found.zip64_end = Range{at, 12 + record->record_size};
  if (end.entries == kIn64Short) {
    found.entries = record->entries;
  }
  if (end.directory_size == kIn64) {
    found.directory.length = record->directory_size;
  }
  if (end.directory_at == kIn64) {
    directory_at = record->directory_at;
  }
}

}  // namespace

std::optional<ZipDirectory> ReadZipEnd(ByteView zip, std::uint64_t at) {
  const auto end = ReadAt<EndRecord>(zip, at);
  if (!end || end->comment_size > zip.size() - at - sizeof(EndRecord)) {
    return std::nullopt;
  }
  ZipDirectory found{
      .directory = {0, end->directory_size},
      .end = {at, sizeof(EndRecord) + std::uint64_t{end->comment_size}},
      .entries = end->entries,
  };
  std::uint64_t directory_at = end->directory_at;
  Apply64(zip, *end, found, directory_at);
  const std::uint64_t stop = found.zip64_end ? found.zip64_end->offset
                             : found.locator ? found.locator->offset
                                             : at;
  const std::uint64_t size = found.directory.length;
  if (size > stop) {
    return std::nullopt;
  }
  // A prefix moves the directory away from where it says it is, but not from
  // the end record; only if none lies there is the stated place believed.
  const auto leads_to = [&](std::uint64_t place) {
    return found.entries == 0 ? place == stop
                              : HasZipSignature(zip, place, kZipCentral);
  };
  found.directory.offset = stop - size;
  if (leads_to(stop - size) && directory_at <= stop - size) {
    // In a segment of its own, the directory's offset says nothing here.
    found.prefix = end->disk == 0 ? stop - size - directory_at : 0;
    return found;
  }
  if (directory_at <= stop - size && leads_to(directory_at)) {
    found.directory.offset = directory_at;
    return found;
  }
  return std::nullopt;
}

Result<ZipDirectory> FindZipDirectory(ByteView zip) {
  const std::string_view text = AsText(zip);
  const std::uint64_t window = sizeof(EndRecord) + kMaxComment;
  const std::uint64_t first = zip.size() - std::min(zip.size(), window);
  std::optional<ZipDirectory> found;
  for (std::size_t at = text.rfind(kZipEnd);
       at != std::string_view::npos && at >= first;
       at = at == 0 ? std::string_view::npos : text.rfind(kZipEnd, at - 1)) {
    auto candidate = ReadZipEnd(zip, at);
    if (!candidate) {
      continue;
    }
    if (!found) {
      found = candidate;
    } else if (candidate->end.end() > found->end.offset) {
      found->rival = candidate->end.offset;
    }
  }
  if (!found) {
    return Fail(ErrorCode::kTruncated,
                "no end record that leads to a zip directory");
  }
  return *found;
}

std::optional<Range> FindApkSigningBlock(ByteView zip, std::uint64_t end) {
  constexpr std::string_view kMagic = "APK Sig Block 42";
  constexpr std::uint64_t kFooter = 8 + kMagic.size();
  if (end > zip.size() || end < kFooter + 8 ||
      AsText(*Slice(zip, end - kMagic.size(), kMagic.size())) != kMagic) {
    return std::nullopt;
  }
  const std::uint64_t size = *ReadAt<Le64>(zip, end - kFooter);
  if (size < kFooter || size > end - 8) {
    return std::nullopt;
  }
  const std::uint64_t start = end - 8 - size;
  if (*ReadAt<Le64>(zip, start) != size) {
    return std::nullopt;
  }
  return Range{start, end - start};
}

}  // namespace assay::formats
