// HP BDL: printer and controller firmware, a list of parts (IPKG).
// Layout: unblob, handlers/archive/hp/bdl.py (struct bdl_header); the hpbdl
// project.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

using Text = std::array<std::uint8_t, 256>;

struct Header {
  std::array<std::uint8_t, 4> magic = {};
  Le16 major, minor;
  Le32 table;
  std::array<std::uint8_t, 4> unknown1 = {};
  Le32 count;
  std::array<std::uint8_t, 12> unknown2 = {};
  Text release = {}, brand = {}, device = {};
  std::array<std::uint8_t, 9> unknown3 = {};
  Text version = {}, revision = {};
};
static_assert(sizeof(Header) == 1321 && FileStruct<Header>);

struct Entry {
  Le64 offset, size;
};
static_assert(sizeof(Entry) == 16 && FileStruct<Entry>);

constexpr std::uint32_t kMostEntries = 4096;

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || AsText(header->magic) != "ibdl" || header->major != 1 ||
      header->minor != 1 || header->table < sizeof(Header) ||
      header->count == 0 || header->count > kMostEntries ||
      !IsPrintableField(header->release) || !IsPrintableField(header->brand) ||
      !IsPrintableField(header->device) || !IsPrintableField(header->version)) {
    return std::nullopt;
  }
  return header;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no BDL header");
  }
  std::uint64_t end =
      header->table + std::uint64_t{header->count} * sizeof(Entry);
  for (std::uint64_t i = 0; i < header->count; ++i) {
    const auto entry = ReadAt<Entry>(bytes, header->table + i * sizeof(Entry));
    if (!entry || !Slice(bytes, entry->offset, entry->size)) {
      return Fail(ErrorCode::kTruncated, "hp_bdl: a part is cut short");
    }
    end = std::max<std::uint64_t>(end, entry->offset + entry->size);
  }
  return end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "hp_bdl: no header");
  }
  PartLayout layout(input, "hp_bdl", sink);
  const ByteView bytes = input.source().bytes();
  layout.Metadata({0, sizeof(Header)});
  layout.Metadata(
      {header->table, std::uint64_t{header->count} * sizeof(Entry)});
  for (std::uint64_t i = 0; i < header->count; ++i) {
    const auto entry = ReadAt<Entry>(bytes, header->table + i * sizeof(Entry));
    if (!entry) {
      layout.Damage(ErrorCode::kTruncated, "hp_bdl: the table is cut short");
      break;
    }
    if (auto ok = layout.Add(fmt::format("ipkg{:03}", i),
                             {entry->offset, entry->size});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(Measure(bytes).value_or(bytes.size()));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("ibdl\x01\0\x01\0", 8), 0}};

}  // namespace

extern const Format kHpBdl;
const Format kHpBdl = {
    .name = "hp_bdl",
    .title = "HP BDL firmware",
    .reference = "unblob, handlers/archive/hp/bdl.py",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
