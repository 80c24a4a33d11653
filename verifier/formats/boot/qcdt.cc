// Qualcomm's table of device trees ("QCDT"), as the bootloader picks one from
// by platform and board. Layout: LK (lk2nd) platform/msm_shared/dev_tree.h,
// struct dt_table and dt_entry; versions 1 to 3.

#include <cstdint>
#include <optional>

#include "verifier/formats/boot/tree_table.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 magic;
  Le32 version, entries;
};

// Entries end in the offset and the size of their tree.
std::uint64_t EntrySize(std::uint32_t version) {
  switch (version) {
    case 1:
      return 20;
    case 2:
      return 24;
    case 3:
      return 40;
    default:
      return 0;
  }
}

constexpr std::uint32_t kMostEntries = 4096;
constexpr std::uint32_t kTreeMagic = 0xd00dfeed;

// `bytes` may be only the head: trees beyond it count by their size.
std::optional<TreeTable> ReadTable(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  const std::uint64_t entry = header ? EntrySize(header->version) : 0;
  if (entry == 0 || header->magic != 0x51434454U || header->entries == 0 ||
      header->entries > kMostEntries) {
    return std::nullopt;
  }
  TreeTable table{.size = sizeof(Header) + entry * header->entries};
  for (std::uint64_t i = 1; i <= header->entries; ++i) {
    const std::uint64_t at = sizeof(Header) + entry * i - 2 * sizeof(Le32);
    const auto offset = ReadAt<Le32>(bytes, at);
    const auto size = ReadAt<Le32>(bytes, at + sizeof(Le32));
    if (!size || *size < sizeof(Be32) || *offset < table.size) {
      return std::nullopt;
    }
    const auto magic = ReadAt<Be32>(bytes, *offset);
    if (magic && *magic != kTreeMagic) {
      return std::nullopt;
    }
    table.trees.push_back({*offset, *size});
  }
  return table;
}

bool Matches(ByteView head) {
  return ReadTable(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto table = ReadTable(bytes);
  if (!table) {
    return Fail(ErrorCode::kNotThisFormat, "no QCDT table");
  }
  return EndOfTrees(*table, "qcdt", bytes);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto table = ReadTable(input.source().bytes());
  if (!table) {
    return Fail(ErrorCode::kMalformed, "no QCDT table");
  }
  return AddTrees(*table, "qcdt", input, sink);
}

constexpr Magic kMagics[] = {{"QCDT", 0}};  // NOLINT: a table

}  // namespace

extern const Format kQcdt;
const Format kQcdt = {
    .name = "qcdt",
    .title = "Qualcomm device tree table",
    .reference = "LK platform/msm_shared/include/dev_tree.h, struct dt_table",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
