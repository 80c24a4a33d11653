#include "verifier/formats/filesystems/exfat_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/filesystems/fat_directory.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::exfat {
namespace {

constexpr std::uint64_t kRecord = 32;
constexpr std::uint8_t kInUse = 0x80;
constexpr std::uint8_t kFile = 0x85;
constexpr std::uint8_t kStream = 0xC0;
constexpr std::uint8_t kName = 0xC1;
constexpr std::size_t kNameBytes = 30;  // in one record

struct FileRecord {  // section 7.4
  std::uint8_t type = 0, secondary = 0;
  Le16 checksum, attributes, reserved;
  Le32 created, modified, accessed;
  std::uint8_t created_tens = 0, modified_tens = 0;
  std::uint8_t created_zone = 0, modified_zone = 0, accessed_zone = 0;
  std::array<std::uint8_t, 7> reserved2 = {};
};
struct StreamRecord {  // section 7.6
  std::uint8_t type = 0, flags = 0, reserved = 0, name_length = 0;
  Le16 name_hash, reserved2;
  Le64 valid;
  Le32 reserved3, cluster;
  Le64 size;
};
struct SpecialRecord {  // sections 7.1 and 7.2
  std::uint8_t type = 0, flags = 0;
  Le16 reserved;
  Le32 checksum;
  std::array<std::uint8_t, 12> reserved2 = {};
  Le32 cluster;
  Le64 size;
};
static_assert(sizeof(FileRecord) == kRecord &&
              sizeof(StreamRecord) == kRecord &&
              sizeof(SpecialRecord) == kRecord);

std::uint16_t Rotated(std::uint16_t sum, std::uint8_t byte) {
  const unsigned turned = static_cast<unsigned>(sum) << 15U | sum >> 1U;
  return static_cast<std::uint16_t>(turned + byte);
}

std::uint16_t SetChecksum(ByteView set) {
  std::uint16_t sum = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i != 2 && i != 3) {
      sum = Rotated(sum, set[i]);
    }
  }
  return sum;
}

std::uint16_t NameHash(ByteView name, const UpCase& upper) {
  std::uint16_t hash = 0;
  ByteReader reader(name);
  while (const auto unit = reader.Take<Le16>()) {
    const std::uint16_t large = upper[*unit];
    hash = Rotated(hash, static_cast<std::uint8_t>(large & 0xFFU));
    hash = Rotated(hash, static_cast<std::uint8_t>(large >> 8U));
  }
  return hash;
}

// The zone is in quarters of an hour, as a signed number of 7 bits; without
// one the time is taken as UTC.
std::optional<std::int64_t> TimeOf(std::uint32_t stamp, std::uint8_t zone) {
  auto time = fat::TimeOfDos(static_cast<std::uint16_t>(stamp >> 16U),
                             static_cast<std::uint16_t>(stamp & 0xFFFFU));
  if (time && (zone & 0x80U) != 0) {
    const int quarters = (zone & 0x7FU) - ((zone & 0x40U) != 0 ? 128 : 0);
    *time -= quarters * 15 * 60;
  }
  return time;
}

// The set of records that begins at `at`: a file's, its stream's, its name's.
std::optional<Entry> ReadSet(ByteView set, const UpCase& upper,
                             std::uint64_t at, const ReportRecord& report) {
  const auto file = ReadAt<FileRecord>(set, 0);
  const auto stream = ReadAt<StreamRecord>(set, kRecord);
  if (!file || !stream || stream->type != kStream) {
    report("bad-record", "a file has no stream record", at);
    return std::nullopt;
  }
  if (SetChecksum(set) != file->checksum) {
    report("checksum-mismatch", "a file's records do not have their checksum",
           at);
  }
  Bytes name;
  for (std::uint64_t i = 2 * kRecord; i < set.size(); i += kRecord) {
    if (set[static_cast<std::size_t>(i)] == kName) {
      const auto part = Slice(set, i + 2, kNameBytes);
      name.insert(name.end(), part->begin(), part->end());
    }
  }
  const std::size_t length = stream->name_length * sizeof(Le16);
  if (length == 0 || length > name.size()) {
    report("bad-record", "a file's name is missing or cut short", at);
  }
  name.resize(std::min(length, name.size()));
  if (!upper.empty() && NameHash(name, upper) != stream->name_hash) {
    report("name-mismatch", "a file's name does not have its hash", at);
  }
  return Entry{.name = TextOfUtf16(name),
               .attributes = file->attributes,
               .mtime = TimeOf(file->modified, file->modified_zone),
               .contiguous = (stream->flags & 2U) != 0,
               .cluster = stream->cluster,
               .size = stream->size,
               .valid = stream->valid};
}

Special ReadSpecial(ByteView record) {
  constexpr std::size_t kLongestLabel = 11;
  const SpecialRecord fields = *ReadAt<SpecialRecord>(record, 0);
  Special special{.type = fields.type,
                  .flags = fields.flags,
                  .checksum = fields.checksum,
                  .cluster = fields.cluster,
                  .size = fields.size};
  if (special.type == Special::kLabel) {
    const std::size_t units = std::min<std::size_t>(record[1], kLongestLabel);
    special.label = TextOfUtf16(record.subspan(2, units * sizeof(Le16)));
  }
  return special;
}

}  // namespace

Listing ReadDirectory(ByteView directory, const UpCase& upper,
                      const ReportRecord& report) {
  Listing listing;
  std::uint64_t at = 0;
  while (const auto record = Slice(directory, at, kRecord)) {
    const std::uint8_t type = record->front();
    std::uint64_t length = kRecord;
    if (type == 0) {
      listing.used = at + kRecord;
      return listing;
    }
    if (type == kFile) {
      length += (*record)[1] * kRecord;
      const auto set = Slice(directory, at, length);
      if (!set) {
        report("bad-record", "a file's records leave the directory", at);
        break;
      }
      if (auto entry = ReadSet(*set, upper, at, report)) {
        listing.entries.push_back(std::move(*entry));
      }
    } else if (type == Special::kBitmap || type == Special::kUpCase ||
               type == Special::kLabel) {
      listing.specials.push_back(ReadSpecial(*record));
    } else if ((type & kInUse) != 0 && (type & 0x20U) == 0) {
      // Unknown, in use and critical: nobody may touch it (section 6.2).
      report("unknown-record", fmt::format("a record of type {:#x}", type), at);
    }
    at += length;
  }
  listing.used = std::min<std::uint64_t>(directory.size(), at);
  return listing;
}

}  // namespace assay::formats::exfat
