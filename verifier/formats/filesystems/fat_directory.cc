#include "verifier/formats/filesystems/fat_directory.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "verifier/formats/utf16_text.h"

namespace assay::formats::fat {
namespace {

constexpr std::uint8_t kDeleted = 0xE5;
constexpr std::uint8_t kLongName = 0x0F;
constexpr std::uint8_t kLastPart = 0x40;
constexpr unsigned kMostParts = 20;
constexpr std::size_t kPartBytes = 26;
// Windows NT keeps here which half of a short name is in lower case.
constexpr std::uint8_t kLowerBase = 0x08;
constexpr std::uint8_t kLowerExtension = 0x10;

std::string Part(ByteView field, bool lower) {
  std::string text(AsText(field));
  text.resize(text.find_last_not_of(' ') + 1);
  for (char& letter : text) {
    if (lower && letter >= 'A' && letter <= 'Z') {
      letter = static_cast<char>(letter - 'A' + 'a');
    }
  }
  return text;
}

// Microsoft FAT specification, section 7.2.
std::uint8_t ChecksumOf(ByteView name) {
  unsigned sum = 0;
  for (const std::uint8_t byte : name) {
    sum = (((sum & 1U) << 7U) + (sum >> 1U) + byte) & 0xFFU;
  }
  return static_cast<std::uint8_t>(sum);
}

}  // namespace

struct DirectoryReader::Record {
  std::array<std::uint8_t, 11> name = {};
  std::uint8_t attributes = 0, cases = 0, created_tenths = 0;
  Le16 created_time, created_date, read_date, cluster_high, time, date;
  Le16 cluster_low;
  Le32 size;
};

struct DirectoryReader::LongRecord {
  std::uint8_t order = 0;
  std::array<std::uint8_t, 10> first = {};
  std::uint8_t attributes = 0, type = 0, checksum = 0;
  std::array<std::uint8_t, 12> second = {};
  Le16 cluster;
  std::array<std::uint8_t, 4> third = {};
};

std::optional<std::int64_t> TimeOfDos(std::uint16_t date, std::uint16_t time) {
  using std::chrono::day;
  using std::chrono::month;
  using std::chrono::year;
  const std::chrono::year_month_day when(
      year(1980 + (date >> 9U)), month((date >> 5U) & 15U), day(date & 31U));
  if (!when.ok()) {
    return std::nullopt;
  }
  const std::int64_t days =
      std::chrono::sys_days(when).time_since_epoch().count();
  return ((days * 24 + (time >> 11U)) * 60 + ((time >> 5U) & 63U)) * 60 +
         2 * (time & 31U);
}

std::uint64_t DirectoryReader::Read(ByteView piece, std::vector<Entry>& into) {
  static_assert(sizeof(Record) == 32 && sizeof(LongRecord) == 32);
  for (std::uint64_t at = 0; !ended_; at += sizeof(Record)) {
    const auto record = ReadAt<Record>(piece, at);
    if (!record) {
      return at;
    }
    if (record->name[0] == 0) {
      Drop(at);
      ended_ = true;
      return at + sizeof(Record);
    }
    if (record->name[0] == kDeleted) {
      Drop(at);
    } else if ((record->attributes & 0x3FU) == kLongName) {
      ReadLong(*ReadAt<LongRecord>(piece, at), at);
    } else {
      into.push_back(ReadShort(*record, at));
    }
  }
  return 0;
}

// A long name without its short one belongs to nobody.
void DirectoryReader::Drop(std::uint64_t at) {
  if (!long_name_.empty()) {
    report_("a long name has no file", at);
  }
  long_name_.clear();
  expected_ = 0;
}

void DirectoryReader::ReadLong(const LongRecord& record, std::uint64_t at) {
  const unsigned number = record.order & 0x3FU;
  if ((record.order & kLastPart) != 0) {
    Drop(at);
    expected_ = number;
    checksum_ = record.checksum;
  }
  if (number == 0 || number > kMostParts || number != expected_ ||
      record.checksum != checksum_) {
    report_("a part of a long name is out of order", at);
    long_name_.clear();
    expected_ = 0;
    return;
  }
  Bytes part;
  part.reserve(kPartBytes + long_name_.size());
  part.insert(part.end(), record.first.begin(), record.first.end());
  part.insert(part.end(), record.second.begin(), record.second.end());
  part.insert(part.end(), record.third.begin(), record.third.end());
  part.insert(part.end(), long_name_.begin(), long_name_.end());
  long_name_ = std::move(part);
  --expected_;
}

Entry DirectoryReader::ReadShort(const Record& record, std::uint64_t at) {
  const ByteView name(record.name);
  Entry entry{.attributes = record.attributes,
              .mtime = TimeOfDos(record.date, record.time),
              .cluster = record.cluster_low,
              .size = record.size};
  if (wide_) {
    entry.cluster |= (record.cluster_high & 0x0FFFU) << 16U;
  }
  std::string base = Part(name.first(8), (record.cases & kLowerBase) != 0);
  if (!base.empty() && base[0] == 0x05) {  // stands for a first byte 0xE5
    base[0] = static_cast<char>(kDeleted);
  }
  const std::string extension =
      Part(name.subspan(8), (record.cases & kLowerExtension) != 0);
  entry.name = entry.Is(Entry::kLabel) ? std::string(AsText(name))
               : extension.empty()     ? base
                                       : base + "." + extension;
  if (!long_name_.empty() && expected_ == 0 && checksum_ == ChecksumOf(name)) {
    entry.short_name =
        std::exchange(entry.name, TextOfUtf16UntilNul(long_name_));
    long_name_.clear();
  }
  Drop(at);
  return entry;
}

}  // namespace assay::formats::fat
