// Android's table of device trees or overlays (dtbo and dtb partitions).
// Layout: AOSP system/libufdt/utils/src/dt_table.h; versions 0 and 1. Trees of
// version 1 may be compressed (zlib, gzip); they are given as they are.

#include <cstdint>
#include <optional>

#include "verifier/formats/boot/tree_table.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 magic, total_size, header_size, entry_size, entries, entries_at;
  Be32 page_size, version;
};
static_assert(sizeof(Header) == 32);

struct Entry {
  Be32 size, offset, id, revision;
  Be32 custom0, custom1, custom2, custom3;
};
static_assert(sizeof(Entry) == 32);

constexpr std::uint32_t kMostEntries = 4096;

std::optional<TreeTable> ReadTable(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != 0xd7b7ab1eU || header->version > 1 ||
      header->header_size < sizeof(Header) ||
      header->entry_size < sizeof(Entry) || header->entries > kMostEntries ||
      header->entries_at < header->header_size) {
    return std::nullopt;
  }
  TreeTable table{.size = std::uint64_t{header->entries_at} +
                          std::uint64_t{header->entry_size} * header->entries,
                  .extent = header->total_size};
  if (table.size > table.extent) {
    return std::nullopt;
  }
  for (std::uint64_t i = 0; i < header->entries; ++i) {
    const auto entry =
        ReadAt<Entry>(bytes, header->entries_at + i * header->entry_size);
    if (!entry || entry->offset < table.size ||
        std::uint64_t{entry->offset} + entry->size > table.extent) {
      return std::nullopt;
    }
    table.trees.push_back({entry->offset, entry->size});
  }
  return table;
}

bool Matches(ByteView head) {
  return ReadTable(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto table = ReadTable(bytes);
  if (!table) {
    return Fail(ErrorCode::kNotThisFormat, "no Android device tree table");
  }
  return EndOfTrees(*table, "dtbo", bytes);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto table = ReadTable(input.source().bytes());
  if (!table) {
    return Fail(ErrorCode::kMalformed, "no Android device tree table");
  }
  return AddTrees(*table, "dtbo", input, sink);
}

constexpr Magic kMagics[] = {{"\xd7\xb7\xab\x1e", 0}};  // NOLINT: a table

}  // namespace

extern const Format kDtbo;
const Format kDtbo = {
    .name = "dtbo",
    .title = "Android device tree table",
    .reference = "AOSP system/libufdt/utils/src/dt_table.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
