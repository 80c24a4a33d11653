// Boot images of Rockchip's boot ROMs: a header, the program that is loaded
// into SRAM ("init") and the one behind it ("boot").
// Layout: U-Boot tools/rkcommon.c (struct header0_info, version 1, which is
// scrambled by RC4 with a published key; struct header0_info_v2, "RKNS").
//
// In version 1 the programs may be scrambled as well, block by block; they are
// given out in the clear. Images for SPI flash, which use half of each sector,
// are not told apart. In version 2 each program has its SHA-256.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header1 {
  Le32 magic, reserved, plain;
  Le16 init_at;
  std::array<std::uint8_t, 492> reserved1 = {};
  Le16 init_size, both_size;
  std::array<std::uint8_t, 2> reserved2 = {};
};
constexpr std::uint64_t kBlock = 512;
static_assert(sizeof(Header1) == kBlock && FileStruct<Header1>);

struct Entry2 {
  Le16 offset, size;
  std::array<Le32, 3> places = {};
  std::array<std::uint8_t, 8> reserved = {};
  std::array<std::uint8_t, 64> hash = {};
};
static_assert(sizeof(Entry2) == 88 && FileStruct<Entry2>);

struct Header2 {
  Le32 magic, reserved;
  Le16 hash_at, entries;
  Le32 flags;
  std::array<std::uint8_t, 104> reserved1 = {};
  std::array<Entry2, 4> images = {};
  std::array<std::uint8_t, 1064> reserved2 = {};
  std::array<std::uint8_t, 512> hash = {};
};
static_assert(sizeof(Header2) == 2048 && FileStruct<Header2>);

constexpr std::uint32_t kMagic1 = 0x0ff0aa55;
constexpr std::uint32_t kMagic2 = 0x534e4b52;  // "RKNS"
constexpr std::uint64_t kUnknownBoot = 1024;   // blocks; U-Boot's placeholder
constexpr std::uint64_t kSha256 = 1;

// RC4 from its start on, with the key that all of these chips know.
void Descramble(std::span<std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 16> kKey = {
      124, 78, 3, 4, 85, 5, 9, 7, 45, 44, 123, 56, 23, 13, 23, 17};
  std::array<std::uint8_t, 256> state = {};
  std::iota(state.begin(), state.end(), std::uint8_t{0});
  unsigned j = 0;
  for (unsigned i = 0; i < 256; ++i) {
    j = (j + state.at(i) + kKey.at(i % kKey.size())) % 256;
    std::swap(state.at(i), state.at(j));
  }
  unsigned i = 0;
  j = 0;
  for (std::uint8_t& byte : bytes) {
    i = (i + 1) % 256;
    j = (j + state.at(i)) % 256;
    std::swap(state.at(i), state.at(j));
    const unsigned at = (state.at(i) + unsigned{state.at(j)}) % 256;
    byte = static_cast<std::uint8_t>(byte ^ state.at(at));
  }
}

class Descrambled : public ByteStream {
 public:
  explicit Descrambled(ByteView bytes) : bytes_(bytes) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t count = 0;
    while (count < into.size() && at_ < bytes_.size()) {
      if (at_ % kBlock == 0) {
        block_ = CopyOf(bytes_.subspan(
            at_, std::min<std::size_t>(kBlock, bytes_.size() - at_)));
        Descramble(block_);
      }
      into[count++] = block_.at(at_++ % kBlock);
    }
    return count;
  }

 private:
  ByteView bytes_;
  Bytes block_;
  std::size_t at_ = 0;
};

std::optional<Header1> Header1Of(ByteView bytes) {
  const auto block = Slice(bytes, 0, kBlock);
  if (!block) {
    return std::nullopt;
  }
  Bytes plain = CopyOf(*block);
  Descramble(plain);
  auto header = ReadAt<Header1>(plain, 0);
  if (!header || header->magic != kMagic1 || header->reserved != 0 ||
      header->plain > 1 || header->init_at == 0 || header->init_size == 0 ||
      header->both_size < header->init_size) {
    return std::nullopt;
  }
  return header;
}

std::optional<Header2> Header2Of(ByteView bytes) {
  auto header = ReadAt<Header2>(bytes, 0);
  if (!header || header->magic != kMagic2 || header->entries == 0 ||
      header->entries > 4 || header->images[0].offset == 0 ||
      header->images[0].size == 0) {
    return std::nullopt;
  }
  return header;
}

Range InitOf(const Header1& header) {
  return {header.init_at * kBlock, header.init_size * kBlock};
}

// Nothing when the header only holds U-Boot's placeholder.
std::optional<Range> BootOf(const Header1& header) {
  const std::uint64_t blocks =
      std::uint64_t{header.both_size} - header.init_size;
  if (blocks == 0 || blocks == kUnknownBoot) {
    return std::nullopt;
  }
  return Range{InitOf(header).end(), blocks * kBlock};
}

Range RangeOf(const Entry2& entry) {
  return {entry.offset * kBlock, entry.size * kBlock};
}

bool Matches(ByteView head) {
  return Header1Of(head) || Header2Of(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  std::uint64_t end = 0;
  if (const auto header = Header1Of(bytes)) {
    const auto boot = BootOf(*header);
    end = boot ? boot->end() : InitOf(*header).end();
  } else if (const auto second = Header2Of(bytes)) {
    for (std::size_t i = 0; i < second->entries; ++i) {
      end = std::max(end, RangeOf(second->images.at(i)).end());
    }
  } else {
    return Fail(ErrorCode::kNotThisFormat, "no Rockchip header");
  }
  if (end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                "rockchip_idblock: a program is cut short");
  }
  return end;
}

Result<void> AddProgram(const char* name, Range range, bool plain,
                        ByteView bytes, PartLayout& layout,
                        ArtifactSink& sink) {
  const auto scrambled = Slice(bytes, range.offset, range.length);
  if (plain || !scrambled) {
    return layout.Add(name, range);
  }
  layout.Claim(range, RegionUse::kMember);
  Descrambled content(*scrambled);
  return sink.AddStream({.name = name}, content);
}

Result<void> UnpackFirst(const Header1& header, ByteView bytes,
                         PartLayout& layout, ArtifactSink& sink) {
  layout.Metadata({0, kBlock});
  if (auto ok = AddProgram("init", InitOf(header), header.plain == 1, bytes,
                           layout, sink);
      !ok) {
    return ok;
  }
  const auto boot = BootOf(header);
  return boot
             ? AddProgram("boot", *boot, header.plain == 1, bytes, layout, sink)
             : Result<void>();
}

Result<void> UnpackSecond(const Header2& header, ByteView bytes,
                          PartLayout& layout) {
  layout.Metadata({0, sizeof(Header2)});
  const bool hashed = (header.flags & 0xFU) == kSha256;
  const ByteView covered =
      BytesOf(header).first(sizeof(Header2) - header.hash.size());
  if (hashed && Sha256Hex(covered) != HexOf(ByteView(header.hash).first(32))) {
    layout.Report("header-checksum-mismatch", {0, sizeof(Header2)},
                  "the header's SHA-256 is not the stored one");
  }
  for (std::size_t i = 0; i < header.entries; ++i) {
    const Entry2& entry = header.images.at(i);
    const Range range = RangeOf(entry);
    if (range.length == 0) {
      continue;
    }
    const auto program = Slice(bytes, range.offset, range.length);
    if (hashed && program &&
        Sha256Hex(*program) != HexOf(ByteView(entry.hash).first(32))) {
      layout.Report("checksum-mismatch", range,
                    fmt::format("the SHA-256 of image {} is not the stored "
                                "one",
                                i));
    }
    if (auto ok = layout.Add(fmt::format("image{}", i), range); !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  PartLayout layout(input, "rockchip_idblock", sink);
  Result<void> ok;
  if (const auto header = Header1Of(bytes)) {
    ok = UnpackFirst(*header, bytes, layout, sink);
  } else if (const auto second = Header2Of(bytes)) {
    ok = UnpackSecond(*second, bytes, layout);
  } else {
    return Fail(ErrorCode::kMalformed, "rockchip_idblock: no header");
  }
  if (!ok) {
    return ok;
  }
  return layout.Finish(Measure(bytes).value_or(bytes.size()));
}

// The first words of version 1, scrambled; 8 bytes are always the same.
// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"\x3b\x8c\xdc\xfc\xbe\x9f\x9d\x51", 0},
                             {"RKNS", 0}};

}  // namespace

extern const Format kRockchipIdblock;
const Format kRockchipIdblock = {
    .name = "rockchip_idblock",
    .title = "Rockchip boot image (ID block)",
    .reference = "U-Boot tools/rkcommon.c",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
