// D-Link FPKG and CPKG: files of a firewall's firmware.
// Layout: unblob, handlers/archive/dlink/fpkg.py (struct cpkg_header, struct
// file_header).

#include <array>
#include <cstdint>
#include <string>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::array<std::uint8_t, 4> magic = {};
  Be32 unknown, first;
};
static_assert(sizeof(Header) == 12 && FileStruct<Header>);

struct Entry {
  Be32 header_size;
  Be16 type, unknown;
  Be32 size;
  std::array<std::uint8_t, 16> name = {};
};
static_assert(sizeof(Entry) == 28 && FileStruct<Entry>);

std::optional<Entry> EntryAt(ByteView bytes, std::uint64_t at) {
  auto entry = ReadAt<Entry>(bytes, at);
  if (!entry || entry->header_size != sizeof(Entry) || entry->type < 0x100 ||
      entry->type > 0x103 || !IsPrintableField(entry->name)) {
    return std::nullopt;
  }
  return entry;
}

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->unknown != 0x01000000 ||
      (AsText(header->magic) != "FPKG" && AsText(header->magic) != "CPKG") ||
      header->first < sizeof(Header) || header->first > 4096 ||
      !EntryAt(bytes, header->first)) {
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
    return Fail(ErrorCode::kNotThisFormat, "no FPKG header");
  }
  std::uint64_t at = header->first;
  while (const auto entry = EntryAt(bytes, at)) {
    at += sizeof(Entry);
    if (entry->size > bytes.size() - at) {
      return Fail(ErrorCode::kTruncated, "dlink_fpkg: a file is cut short");
    }
    at += entry->size;
  }
  return at;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "dlink_fpkg: no header");
  }
  PartLayout layout(input, "dlink_fpkg", sink);
  const ByteView bytes = input.source().bytes();
  std::uint64_t at = header->first;
  layout.Metadata({0, at});
  std::uint64_t count = 0;
  while (const auto entry = EntryAt(bytes, at)) {
    if (++count > sink.limits().entries) {
      return Fail(ErrorCode::kLimit, "dlink_fpkg: too many files");
    }
    layout.Metadata({at, sizeof(Entry)});
    at += sizeof(Entry);
    if (auto ok =
            layout.Add(std::string(UntilNul(entry->name)), {at, entry->size});
        !ok) {
      return ok;
    }
    if (entry->size > bytes.size() - at) {
      at = bytes.size();
      break;
    }
    at += entry->size;
  }
  // The last file ends the input, or something else follows it.
  if (const auto size = ReadAt<Be32>(bytes, at);
      size ? *size == sizeof(Entry) && bytes.size() - at < sizeof(Entry)
           : at < bytes.size() &&
                 AllAre(bytes.subspan(static_cast<std::size_t>(at)), 0)) {
    layout.Damage(ErrorCode::kTruncated, "dlink_fpkg: an entry is cut short");
  }
  return layout.Finish(at);
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("FPKG\x01\0\0\0", 8), 0},
                             {std::string_view("CPKG\x01\0\0\0", 8), 0}};

}  // namespace

extern const Format kDlinkFpkg;
const Format kDlinkFpkg = {
    .name = "dlink_fpkg",
    .title = "D-Link FPKG firmware",
    .reference = "unblob, handlers/archive/dlink/fpkg.py",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
