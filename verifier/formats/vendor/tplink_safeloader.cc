// TP-Link SafeLoader images: a salted MD5, vendor information, and a table in
// text of what follows.
// Layout: OpenWrt firmware-utils, tplink-safeloader.c, "Image format" and
// "Example image partition table"; the MD5's salt is public (same source).

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 size;  // of the image, with this
  std::array<std::uint8_t, 16> md5 = {};
  Be32 vendor_size;
};
static_assert(sizeof(Header) == 24 && FileStruct<Header>);

constexpr std::uint64_t kCovered = 0x14;  // the MD5 covers what is from here on
constexpr std::uint64_t kTableAt = 0x1014;
constexpr std::uint64_t kTableSize = 0x800;
constexpr std::array<std::uint8_t, 16> kSalt = {
    0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
    0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e};

struct Row {
  std::string name = {};
  Range range = {};  // from the start of the image
};

struct Table {
  std::vector<Row> rows = {};
  std::uint64_t size = 0;  // of the text, with the NUL behind it
};

// "fwup-ptn NAME base 0x00800 size 0x00800\t\r\n", ended by a NUL.
std::optional<Row> RowOf(std::string_view line) {
  const auto words = Split(line, ' ');
  if (words.size() != 6 || words[0] != "fwup-ptn" || words[1].empty() ||
      words[2] != "base" || words[4] != "size" ||
      words[3].substr(0, 2) != "0x" || words[5].substr(0, 2) != "0x") {
    return std::nullopt;
  }
  const auto base = FieldNumber(words[3].substr(2), 16);
  const auto size = FieldNumber(words[5].substr(2), 16);
  if (!base || !size || *base > 0xFFFF'FFFF || *size > 0xFFFF'FFFF) {
    return std::nullopt;
  }
  return Row{std::string(words[1]), {kTableAt + *base, *size}};
}

std::optional<Table> TableOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  const auto area = Slice(bytes, kTableAt, kTableSize);
  if (!header || !area || header->size < kTableAt + kTableSize) {
    return std::nullopt;
  }
  const std::string_view text = UntilNul(*area);
  Table table{.size = text.size() + 1};
  if (text.size() == kTableSize) {
    return std::nullopt;
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find("\t\r\n");
    const auto row = end == std::string_view::npos ? std::nullopt
                                                   : RowOf(rest.substr(0, end));
    if (!row) {
      return std::nullopt;
    }
    table.rows.push_back(*row);
    rest.remove_prefix(end + 3);
  }
  return table.rows.empty() ? std::nullopt : std::optional(table);
}

bool Matches(ByteView head) {
  return TableOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!TableOf(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no SafeLoader table");
  }
  const std::uint64_t size = ReadAt<Header>(bytes, 0)->size;
  if (size > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                "tplink_safeloader: the image is cut short");
  }
  return size;
}

void CheckDigest(const Header& header, ByteView image, PartLayout& layout) {
  Hasher hasher({DigestAlgorithm::kMd5});
  hasher.Update(kSalt);
  hasher.Update(image.subspan(kCovered));
  for (const Digest& digest : hasher.Finish()) {
    if (digest.algorithm == DigestAlgorithm::kMd5 &&
        digest.hex != HexOf(header.md5)) {
      layout.Report("checksum-mismatch", {4, header.md5.size()},
                    fmt::format("the header's MD5 is {}, the image gives {}",
                                HexOf(header.md5), digest.hex));
    }
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto table = TableOf(bytes);
  if (!table) {
    return Fail(ErrorCode::kMalformed, "tplink_safeloader: no table");
  }
  PartLayout layout(input, "tplink_safeloader", sink);
  const auto header = *ReadAt<Header>(bytes, 0);
  layout.EndAt(header.size);
  layout.Metadata({0, sizeof(Header)});
  layout.Metadata({kTableAt, table->size});
  if (const auto image = Slice(bytes, 0, header.size)) {
    CheckDigest(header, *image, layout);
  } else {
    layout.Damage(ErrorCode::kTruncated,
                  fmt::format("tplink_safeloader: {} bytes are stated, {} are "
                              "there",
                              std::uint32_t{header.size}, bytes.size()));
  }
  if (header.vendor_size > 0 &&
      header.vendor_size <= kTableAt - sizeof(Header)) {
    if (auto ok = layout.Add("vendor", {sizeof(Header), header.vendor_size});
        !ok) {
      return ok;
    }
  }
  for (const Row& row : table->rows) {
    if (auto ok = layout.Add(row.name, row.range); !ok) {
      return ok;
    }
  }
  return layout.Finish(header.size);
}

constexpr Magic kMagics[] = {{"fwup-ptn ", kTableAt}};  // NOLINT: a table

}  // namespace

extern const Format kTplinkSafeloader;
const Format kTplinkSafeloader = {
    .name = "tplink_safeloader",
    .title = "TP-Link SafeLoader firmware image",
    .reference = "OpenWrt firmware-utils, tplink-safeloader.c",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
