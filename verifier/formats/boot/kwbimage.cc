// Boot images of Marvell's Kirkwood and Armada boot ROMs.
// Layout: U-Boot tools/kwbimage.h (struct main_hdr_v0, main_hdr_v1,
// opt_hdr_v1).
//
// The header has a sum of its bytes, the image a sum of its words in its last
// four bytes. Optional headers of version 1 hold code that runs first.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::uint8_t block_id = 0;
  std::uint8_t flags = 0;
  Le16 page_size;
  Le32 block_size;  // of the image, with its sum
  std::uint8_t version = 0;
  std::uint8_t header_size_high = 0;
  Le16 header_size_low;
  Le32 source, destination, entry;
  std::array<std::uint8_t, 2> options = {};
  std::uint8_t bad_block = 0;
  std::array<std::uint8_t, 3> reserved = {};
  std::uint8_t extended = 0;
  std::uint8_t checksum = 0;
};
static_assert(sizeof(Header) == 32 && FileStruct<Header>);

struct Optional {
  std::uint8_t type = 0;
  std::uint8_t size_high = 0;
  Le16 size_low;
};
static_assert(sizeof(Optional) == 4 && FileStruct<Optional>);

constexpr std::uint64_t kExtended0 = 480;  // of version 0, behind the header
constexpr std::uint8_t kSata = 0x78;
constexpr std::uint8_t kSdio = 0xAE;
constexpr std::uint8_t kPex = 0x9C;
constexpr std::uint8_t kBinary = 2;
constexpr std::array<std::uint8_t, 7> kBlockIds = {0x4D, 0x5A, 0x8B, 0x78,
                                                   0x9C, 0x69, 0xAE};

struct Image {
  Header header = {};
  std::uint64_t headers = 0;  // their size
  Range data = {};            // with its sum
};

// The sum over `bytes`, without the byte that holds it.
std::uint8_t HeaderSum(ByteView bytes) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i == sizeof(Header) - 1 ? 0U : bytes[i];
  }
  return static_cast<std::uint8_t>(sum & 0xFFU);
}

std::optional<Image> ImageOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header ||
      std::find(kBlockIds.begin(), kBlockIds.end(), header->block_id) ==
          kBlockIds.end() ||
      header->version > 1 || header->block_size < 8 ||
      header->block_size % 4 != 0 || header->extended > 1) {
    return std::nullopt;
  }
  Image image{.header = *header};
  std::uint64_t summed = sizeof(Header);
  if (header->version == 0) {
    image.headers = sizeof(Header) + (header->extended == 1 ? kExtended0 : 0);
    if (header->header_size_high != 0 || header->header_size_low != 0) {
      return std::nullopt;
    }
  } else {
    image.headers =
        header->header_size_high * 65536ULL + header->header_size_low;
    summed = image.headers;
  }
  const auto covered = Slice(bytes, 0, summed);
  if (image.headers < sizeof(Header) || !covered ||
      HeaderSum(*covered) != header->checksum) {
    return std::nullopt;
  }
  std::uint64_t source = header->source;
  // On disks and cards it counts sectors; a disk has the header in number 1.
  if (header->block_id == kSata) {
    source = source > 0 ? (source - 1) * 512 : 0;
  } else if (header->block_id == kSdio) {
    source *= 512;
  } else if (header->block_id == kPex && header->source == 0xFFFFFFFF) {
    source = image.headers;
  }
  image.data = {source, header->block_size};
  return source >= image.headers && source < (1U << 30U) ? std::optional(image)
                                                         : std::nullopt;
}

bool Matches(ByteView head) {
  return ImageOf(head).has_value();
}

std::uint32_t WordSum(ByteView bytes) {
  std::uint32_t sum = 0;
  ByteReader reader(bytes);
  while (const auto word = reader.Take<Le32>()) {
    sum += *word;
  }
  return sum;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kNotThisFormat, "no kwbimage header");
  }
  if (image->data.end() > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "kwbimage: the image is cut short");
  }
  return image->data.end();
}

// What stands behind a header of version 1; the last byte but three of each
// says whether another follows.
Result<void> AddOptional(const Image& image, ByteView bytes,
                         PartLayout& layout) {
  bool more = image.header.extended == 1;
  std::uint64_t at = sizeof(Header);
  for (unsigned i = 0; more; ++i) {
    const auto header = ReadAt<Optional>(bytes, at);
    const std::uint64_t size =
        header ? header->size_high * 65536ULL + header->size_low : 0;
    if (size < 2 * sizeof(Optional) || size > image.headers - at) {
      layout.Report("size-mismatch", {at, sizeof(Optional)},
                    fmt::format("optional header {} does not fit", i));
      break;
    }
    const auto next = ReadAt<std::uint8_t>(bytes, at + size - 4);
    more = next && (*next & 1U) != 0 && at + size < image.headers;
    if (header->type == kBinary) {
      if (auto ok = layout.Add(fmt::format("header{}", i),
                               {at + sizeof(Optional), size - 8});
          !ok) {
        return ok;
      }
    }
    at += size;
  }
  layout.Metadata({0, image.headers});
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kMalformed, "kwbimage: no header");
  }
  PartLayout layout(input, "kwbimage", sink);
  if (image->header.version == 0) {
    layout.Metadata({0, image->headers});
  } else if (auto ok = AddOptional(*image, bytes, layout); !ok) {
    return ok;
  }
  const Range sum_at{image->data.end() - sizeof(Le32), sizeof(Le32)};
  const Range data{image->data.offset, image->data.length - sizeof(Le32)};
  if (const auto covered = Slice(bytes, data.offset, data.length)) {
    const auto stored = ReadAt<Le32>(bytes, sum_at.offset);
    const std::uint32_t sum = WordSum(*covered);
    if (stored && *stored != sum) {
      layout.Report("checksum-mismatch", sum_at,
                    fmt::format("{:08x} is stored, the image gives {:08x}",
                                std::uint32_t{*stored}, sum));
    }
  }
  if (auto ok = layout.Add("payload", data); !ok) {
    return ok;
  }
  layout.Metadata(sum_at);
  if (image->data.end() > bytes.size()) {
    layout.Damage(ErrorCode::kTruncated, "kwbimage: the sum is cut short");
  }
  return layout.Finish(image->data.end());
}

}  // namespace

extern const Format kKwbimage;
const Format kKwbimage = {
    .name = "kwbimage",
    .title = "Marvell Kirkwood or Armada boot image",
    .reference = "U-Boot tools/kwbimage.h",
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
