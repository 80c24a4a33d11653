// Firmware Image Package of Trusted Firmware-A: boot stages and certificates,
// each under a UUID.
// Layout: TF-A documentation, "Firmware Design", "Firmware Image Package
// (FIP)"; include/tools_share/firmware_image_package.h.
//
// Members are named by the 16 bytes of their UUID in the order of the file.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 name, serial;
  Le64 flags;
};
static_assert(sizeof(Header) == 16 && FileStruct<Header>);

struct Entry {
  std::array<std::uint8_t, 16> uuid = {};  // zeros end the list
  Le64 offset, size, flags;
};
static_assert(sizeof(Entry) == 40 && FileStruct<Entry>);

constexpr std::uint32_t kName = 0xAA640001;
constexpr std::size_t kMostEntries = 256;

struct Toc {
  std::vector<Entry> entries = {};
  std::uint64_t end = 0;      // of the list
  std::uint64_t package = 0;  // where the end entry says that all ends
};

std::optional<Toc> TocOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->name != kName || header->serial == 0) {
    return std::nullopt;
  }
  Toc toc{.end = sizeof(Header)};
  while (toc.entries.size() <= kMostEntries) {
    const auto entry = ReadAt<Entry>(bytes, toc.end);
    if (!entry) {
      return std::nullopt;
    }
    toc.end += sizeof(Entry);
    if (AllAre(entry->uuid, 0)) {
      toc.package = entry->offset;
      break;
    }
    toc.entries.push_back(*entry);
  }
  const bool behind =
      std::all_of(toc.entries.begin(), toc.entries.end(),
                  [&](const Entry& entry) { return entry.offset >= toc.end; });
  return behind && toc.package >= toc.end ? std::optional(toc) : std::nullopt;
}

bool Matches(ByteView head) {
  return TocOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto toc = TocOf(bytes);
  if (!toc) {
    return Fail(ErrorCode::kNotThisFormat, "no FIP table of contents");
  }
  std::uint64_t end = toc->package;
  for (const Entry& entry : toc->entries) {
    if (!Slice(bytes, entry.offset, entry.size)) {
      return Fail(ErrorCode::kTruncated, "tf_fip: an image is cut short");
    }
    end = std::max<std::uint64_t>(end, entry.offset + entry.size);
  }
  if (end > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "tf_fip: the package is cut short");
  }
  return end;
}

std::string NameOf(const Entry& entry) {
  const std::string hex = HexOf(entry.uuid);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                     hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto toc = TocOf(bytes);
  if (!toc) {
    return Fail(ErrorCode::kMalformed, "tf_fip: no table of contents");
  }
  PartLayout layout(input, "tf_fip", sink);
  layout.Metadata({0, toc->end});
  for (const Entry& entry : toc->entries) {
    if (auto ok = layout.Add(NameOf(entry), {entry.offset, entry.size}); !ok) {
      return ok;
    }
  }
  const auto end = Measure(bytes);
  if (!end) {
    layout.Damage(end.error().code, end.error().what);
  }
  return layout.Finish(end.value_or(bytes.size()));
}

constexpr Magic kMagics[] = {
    {std::string_view("\x01\0\x64\xaa", 4), 0}};  // NOLINT: a table

}  // namespace

extern const Format kTfFip;
const Format kTfFip = {
    .name = "tf_fip",
    .title = "Trusted Firmware-A Firmware Image Package",
    .reference = "TF-A, \"Firmware Design\", Firmware Image Package (FIP)",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
