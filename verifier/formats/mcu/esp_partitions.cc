// The partition table of ESP-IDF, alone or at 0x8000 of a flash dump.
// Layout: ESP-IDF Programming Guide, "Partition Tables"; components/
// bootloader_support/include/esp_flash_partitions.h.
//
// In a dump each partition is a member; a table of its own lists them without
// content. The MD5 in the row behind the last entry covers the entries.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Entry {
  Le16 magic;
  std::uint8_t type = 0;
  std::uint8_t subtype = 0;
  Le32 offset, size;
  std::array<std::uint8_t, 16> label = {};
  Le32 flags;
};
static_assert(sizeof(Entry) == 32 && FileStruct<Entry>);

struct Md5Row {
  std::array<std::uint8_t, 2> magic = {};
  std::array<std::uint8_t, 14> filler = {};
  std::array<std::uint8_t, 16> digest = {};
};
static_assert(sizeof(Md5Row) == sizeof(Entry) && FileStruct<Md5Row>);

constexpr std::uint16_t kEntryMagic = 0x50AA;
constexpr std::uint64_t kInDump = 0x8000;
constexpr std::uint64_t kTableSize = 0xC00;
constexpr std::size_t kMaxEntries = kTableSize / sizeof(Entry) - 1;

struct Table {
  std::uint64_t at = 0;
  std::vector<Entry> entries = {};
  std::optional<Md5Row> md5 = {};
  std::uint64_t end = 0;  // of the rows
};

bool IsPlausible(const Entry& entry) {
  return entry.magic == kEntryMagic && entry.label[0] != 0 &&
         IsPrintableField(entry.label) && entry.offset % 0x1000 == 0 &&
         entry.size > 0 && entry.offset < 0x8000'0000 &&
         entry.size < 0x8000'0000 && (entry.flags & ~3U) == 0;
}

std::optional<Table> TableAt(ByteView bytes, std::uint64_t at) {
  Table table{.at = at, .end = at};
  while (table.entries.size() < kMaxEntries) {
    const auto entry = ReadAt<Entry>(bytes, table.end);
    if (!entry || entry->magic != kEntryMagic) {
      break;
    }
    if (!IsPlausible(*entry)) {
      return std::nullopt;
    }
    table.entries.push_back(*entry);
    table.end += sizeof(Entry);
  }
  const auto md5 = ReadAt<Md5Row>(bytes, table.end);
  if (md5 && md5->magic == std::array<std::uint8_t, 2>{0xEB, 0xEB} &&
      AllAre(md5->filler, 0xFF)) {
    table.md5 = md5;
    table.end += sizeof(Md5Row);
  }
  // Erased flash ends the table.
  const auto after = Slice(bytes, table.end, sizeof(Entry));
  if (table.entries.empty() || !after || !AllAre(*after, 0xFF)) {
    return std::nullopt;
  }
  return table;
}

std::optional<Table> TableOf(ByteView bytes) {
  auto table = TableAt(bytes, 0);
  return table ? table : TableAt(bytes, kInDump);
}

bool Matches(ByteView head) {
  return TableOf(head).has_value();
}

std::uint64_t EndOf(const Table& table, ByteView bytes) {
  std::uint64_t end = table.at + kTableSize;
  if (table.at == kInDump) {
    for (const Entry& entry : table.entries) {
      end = std::max(end, std::uint64_t{entry.offset} + entry.size);
    }
  }
  return std::min<std::uint64_t>(end, bytes.size());
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto table = TableOf(bytes);
  if (!table) {
    return Fail(ErrorCode::kNotThisFormat, "no ESP-IDF partition table");
  }
  return EndOf(*table, bytes);
}

void CheckDigest(const Table& table, ByteView bytes, PartLayout& layout) {
  if (!table.md5) {
    return;
  }
  const std::uint64_t size = table.entries.size() * sizeof(Entry);
  const Digest found =
      DigestOf(DigestAlgorithm::kMd5, *Slice(bytes, table.at, size));
  if (found.hex != HexOf(table.md5->digest)) {
    layout.Report("checksum-mismatch", {table.at + size, sizeof(Md5Row)},
                  fmt::format("the table's MD5 is stated as {}, it gives {}",
                              HexOf(table.md5->digest), found.hex));
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto table = TableOf(bytes);
  if (!table) {
    return Fail(ErrorCode::kMalformed, "esp_partitions: no table");
  }
  PartLayout layout(input, "esp_partitions", sink);
  layout.Metadata({table->at, table->end - table->at});
  CheckDigest(*table, bytes, layout);
  for (const Entry& entry : table->entries) {
    Member member{.name = std::string(UntilNul(entry.label))};
    const Range range{entry.offset, entry.size};
    auto ok = table->at == kInDump ? layout.Add(std::move(member), range)
                                   : sink.AddEmpty(std::move(member));
    if (!ok) {
      return ok;
    }
  }
  if (table->at == kInDump) {
    // What lies in front of the table is the boot loader: at 0x1000 in the
    // first chips, at 0 in the others.
    const auto first = Slice(bytes, 0, 0x1000);
    const std::uint64_t start = first && AllAre(*first, 0xFF) ? 0x1000 : 0;
    if (auto ok = layout.Add("bootloader", {start, kInDump - start}); !ok) {
      return ok;
    }
  }
  return layout.Finish(EndOf(*table, bytes));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"\xaa\x50", 0}, {"\xaa\x50", kInDump}};

}  // namespace

extern const Format kEspPartitions;
const Format kEspPartitions = {
    .name = "esp_partitions",
    .title = "ESP-IDF partition table or flash dump",
    .reference = "ESP-IDF Programming Guide, \"Partition Tables\"",
    .magics = kMagics,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
