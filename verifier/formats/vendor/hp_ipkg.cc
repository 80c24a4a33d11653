// HP IPKG: named files of a firmware part.
// Layout: unblob, handlers/archive/hp/ipkg.py (struct ipkg_header).

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

using Text = std::array<std::uint8_t, 256>;

struct Header {
  std::array<std::uint8_t, 4> magic = {};
  Le16 major, minor;
  Le32 table, unknown1, count;
  std::array<std::uint8_t, 8> unknown2 = {};
  Le32 zero;
  Text version = {}, product = {}, name = {}, signature = {};
};
static_assert(sizeof(Header) == 1056 && FileStruct<Header>);

struct Entry {
  Text name = {};
  Le64 offset, size;
  Le32 crc;  // of an unpublished kind
};
static_assert(sizeof(Entry) == 276 && FileStruct<Entry>);

constexpr std::uint32_t kMostEntries = 4096;

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || AsText(header->magic) != "ipkg" || header->major != 1 ||
      header->minor != 3 || header->table < sizeof(Header) ||
      header->zero != 0 || header->count == 0 || header->count > kMostEntries ||
      !IsPrintableField(header->version) ||
      !IsPrintableField(header->product) || !IsPrintableField(header->name)) {
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
    return Fail(ErrorCode::kNotThisFormat, "no IPKG header");
  }
  std::uint64_t end =
      header->table + std::uint64_t{header->count} * sizeof(Entry);
  for (std::uint64_t i = 0; i < header->count; ++i) {
    const auto entry = ReadAt<Entry>(bytes, header->table + i * sizeof(Entry));
    if (!entry || !Slice(bytes, entry->offset, entry->size)) {
      return Fail(ErrorCode::kTruncated, "hp_ipkg: a file is cut short");
    }
    end = std::max<std::uint64_t>(end, entry->offset + entry->size);
  }
  return end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "hp_ipkg: no header");
  }
  PartLayout layout(input, "hp_ipkg", sink);
  const ByteView bytes = input.source().bytes();
  layout.Metadata({0, sizeof(Header)});
  layout.Metadata(
      {header->table, std::uint64_t{header->count} * sizeof(Entry)});
  for (std::uint64_t i = 0; i < header->count; ++i) {
    const auto entry = ReadAt<Entry>(bytes, header->table + i * sizeof(Entry));
    if (!entry) {
      layout.Damage(ErrorCode::kTruncated, "hp_ipkg: the table is cut short");
      break;
    }
    if (auto ok = layout.Add(std::string(UntilNul(entry->name)),
                             {entry->offset, entry->size});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(Measure(bytes).value_or(bytes.size()));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("ipkg\x01\0\x03\0", 8), 0}};

}  // namespace

extern const Format kHpIpkg;
const Format kHpIpkg = {
    .name = "hp_ipkg",
    .title = "HP IPKG firmware part",
    .reference = "unblob, handlers/archive/hp/ipkg.py",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
