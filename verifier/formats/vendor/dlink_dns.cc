// D-Link DNS-320 and its relatives: a header of 128 bytes in front of kernel
// and initial RAM disk.
// Layout: the dns323-fw-tools project; checked against Debian's
// debian-installer (kirkwood, dns-320/netboot.img).
//
// Each part has the XOR of its whole little-endian words.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Place {
  Le32 offset, size;
};

struct Header {
  std::array<Place, 4> parts = {};
  std::array<Le32, 4> checksums = {};
  std::array<std::uint8_t, 12> magic = {};
  std::array<std::uint8_t, 68> rest = {};  // product numbers
};
static_assert(sizeof(Header) == 128 && FileStruct<Header>);

constexpr std::string_view kDns(
    "\x55\xaa"
    "DNS323D1\x55\xaa",
    12);
constexpr std::string_view kFrodo(
    "\x55\xaa"
    "FrodoII\0\x55\xaa",
    12);

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header ||
      (AsText(header->magic) != kDns && AsText(header->magic) != kFrodo) ||
      header->parts[0].size == 0) {
    return std::nullopt;
  }
  std::uint64_t last = sizeof(Header);
  for (const Place& part : header->parts) {
    if (part.size > 0 && part.offset < last) {
      return std::nullopt;
    }
    last = part.size > 0 ? std::uint64_t{part.offset} + part.size : last;
  }
  return header;
}

std::uint64_t SizeOf(const Header& header) {
  std::uint64_t end = sizeof(Header);
  for (const Place& part : header.parts) {
    end = part.size > 0 ? std::uint64_t{part.offset} + part.size : end;
  }
  return end;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no DNS header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "dlink_dns: the image is cut short");
  }
  return SizeOf(*header);
}

std::uint32_t XorOf(ByteView bytes) {
  std::uint32_t words = 0;
  ByteReader reader(bytes);
  while (const auto word = reader.Take<Le32>()) {
    words ^= *word;
  }
  return words;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kMalformed, "dlink_dns: no header");
  }
  PartLayout layout(input, "dlink_dns", sink);
  layout.Metadata({0, sizeof(Header)});
  constexpr std::array kNames = {"kernel", "initrd", "part2", "part3"};
  for (std::size_t i = 0; i < header->parts.size(); ++i) {
    const Range range{header->parts.at(i).offset, header->parts.at(i).size};
    if (range.length == 0) {
      continue;
    }
    const std::uint32_t stored = header->checksums.at(i);
    const auto part = Slice(bytes, range.offset, range.length);
    if (part && XorOf(*part) != stored) {
      layout.Report("checksum-mismatch", range,
                    fmt::format("the header says {:08x} of the {}, it gives "
                                "{:08x}",
                                stored, kNames.at(i), XorOf(*part)));
    }
    if (auto ok = layout.Add(kNames.at(i), range); !ok) {
      return ok;
    }
  }
  return layout.Finish(SizeOf(*header));
}

constexpr Magic kMagics[] = {{kDns, 48}, {kFrodo, 48}};  // NOLINT: a table

}  // namespace

extern const Format kDlinkDns;
const Format kDlinkDns = {
    .name = "dlink_dns",
    .title = "D-Link DNS boot image",
    .reference = "the dns323-fw-tools project",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
