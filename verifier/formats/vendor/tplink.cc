// TP-Link firmware with a header of 512 bytes, versions 1 to 3.
// Layout: OpenWrt firmware-utils, mktplinkfw.c and mktplinkfw2.c (struct
// fw_header). Both know a version 2; the second is told by its 0x55aa.
//
// The MD5 covers the whole file, with a constant of the vendor's in its place;
// those constants are public (same sources).

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

using Md5 = std::array<std::uint8_t, 16>;

// Where both headers agree, from the checksum of version 1 or 2 on.
struct Places {
  Md5 md5 = {};
  Be32 unknown2;
  Md5 md5_second = {};
  Be32 unknown3, load, entry, size, kernel_at, kernel_size, rootfs_at,
      rootfs_size, boot_at, boot_size;
};
static_assert(sizeof(Places) == 76 && FileStruct<Places>);

constexpr std::uint64_t kHeader = 512;
constexpr Md5 kSalt1 = {0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
                        0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38};
constexpr Md5 kBootSalt1 = {0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa,
                            0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42};
constexpr Md5 kSalt2 = {0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
                        0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37};
constexpr Md5 kBootSalt2 = {0x8c, 0xef, 0x33, 0x5f, 0xd5, 0xc5, 0xce, 0xfa,
                            0xac, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42};

struct Image {
  Places places = {};
  std::uint64_t md5_at = 0;
  bool second = false;  // the header of mktplinkfw2
};

bool LieBehindHeader(const Places& places) {
  const auto lies = [&](std::uint64_t at, std::uint64_t size) {
    return size == 0 ||
           (at >= kHeader && at < (1U << 28U) && size < (1U << 28U));
  };
  return places.kernel_size > 0 && lies(places.kernel_at, places.kernel_size) &&
         lies(places.rootfs_at, places.rootfs_size) &&
         lies(places.boot_at, places.boot_size);
}

// The text must begin with a letter and fill its field with one value.
bool IsText(ByteView field) {
  const std::string_view text = UntilNul(field);
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7F; };
  return text.size() >= 3 && std::all_of(text.begin(), text.end(), printable) &&
         (text.size() == field.size() ||
          AllAre(field.subspan(text.size() + 1), field.back()));
}

std::optional<Image> ImageOf(ByteView bytes) {
  const auto header = Slice(bytes, 0, kHeader);
  const auto version = ReadAt<Be32>(bytes, 0);
  if (!header || (version != 0x01000000U && version != 0x02000000U &&
                  version != 0x03000000U)) {
    return std::nullopt;
  }
  Image image;
  image.second = (*header)[0x8c] == 0x55 && (*header)[0x8d] == 0xaa &&
                 (*header)[0x90] == 0xa5;
  const bool text = image.second ? IsText(header->subspan(4, 48))
                                 : IsText(header->subspan(4, 24)) &&
                                       IsText(header->subspan(28, 36));
  if (!text || (!image.second && version == 0x03000000U) ||
      (image.second && version == 0x01000000U)) {
    return std::nullopt;
  }
  image.md5_at = image.second ? 0x40 : 76;
  image.places = *ReadAt<Places>(bytes, image.md5_at);
  return LieBehindHeader(image.places) ? std::optional(image) : std::nullopt;
}

bool Matches(ByteView head) {
  return ImageOf(head).has_value();
}

std::string SaltedMd5(const Image& image, ByteView bytes) {
  const bool boot = image.places.boot_size > 0;
  const Md5& salt = image.second ? (boot ? kBootSalt2 : kSalt2)
                                 : (boot ? kBootSalt1 : kSalt1);
  Hasher hasher({DigestAlgorithm::kMd5});
  hasher.Update(bytes.first(static_cast<std::size_t>(image.md5_at)));
  hasher.Update(salt);
  hasher.Update(
      bytes.subspan(static_cast<std::size_t>(image.md5_at) + salt.size()));
  for (const Digest& digest : hasher.Finish()) {
    if (digest.algorithm == DigestAlgorithm::kMd5) {
      return digest.hex;
    }
  }
  return {};
}

// The file ends where the last part does, or is filled up to the stated size.
std::uint64_t EndOf(const Image& image, ByteView bytes) {
  if (image.places.size >= kHeader && image.places.size <= bytes.size()) {
    return image.places.size;
  }
  return bytes.size();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kNotThisFormat, "no TP-Link header");
  }
  const std::uint64_t end = EndOf(*image, bytes);
  const Places& places = image->places;
  if (std::uint64_t{places.kernel_at} + places.kernel_size > end) {
    return Fail(ErrorCode::kTruncated, "tplink: the kernel is cut short");
  }
  return end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kMalformed, "tplink: no header");
  }
  PartLayout layout(input, "tplink", sink);
  layout.Metadata({0, kHeader});
  const std::uint64_t end = EndOf(*image, bytes);
  layout.EndAt(end);
  const Places& places = image->places;
  // Images that only hold a kernel for the boot loader have no checksum.
  if (!AllAre(places.md5, 0)) {
    const std::string found =
        SaltedMd5(*image, bytes.first(static_cast<std::size_t>(end)));
    if (found != HexOf(places.md5)) {
      layout.Report("checksum-mismatch", {image->md5_at, places.md5.size()},
                    fmt::format("the header's MD5 is {}, the file gives {}",
                                HexOf(places.md5), found));
    }
  }
  struct Named {
    const char* name;
    Range range;
  };
  for (const auto& [name, range] :
       {Named{"kernel", {places.kernel_at, places.kernel_size}},
        Named{"rootfs", {places.rootfs_at, places.rootfs_size}},
        Named{"boot", {places.boot_at, places.boot_size}}}) {
    if (range.length > 0) {
      if (auto ok = layout.Add(name, range); !ok) {
        return ok;
      }
    }
  }
  return layout.Finish(end);
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("\x01\0\0\0", 4), 0},
                             {std::string_view("\x02\0\0\0", 4), 0},
                             {std::string_view("\x03\0\0\0", 4), 0}};

}  // namespace

extern const Format kTplink;
const Format kTplink = {
    .name = "tplink",
    .title = "TP-Link firmware image, versions 1 to 3",
    .reference = "OpenWrt firmware-utils, mktplinkfw.c and mktplinkfw2.c",
    .magics = kMagics,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
