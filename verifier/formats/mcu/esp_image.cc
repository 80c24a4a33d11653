// Application and boot loader images of the ESP8266 and ESP32 families.
// Layout: Espressif esptool documentation, "Firmware Image Format"; ESP-IDF
// components/bootloader_support/include/esp_app_format.h; for the signature
// block ESP-IDF, "Secure Boot V2", "Signature Block Format".
//
// The checksum covers the segments' data alone and the appended SHA-256 all in
// front of it; neither is a signature. A signature block covers the image,
// padded to 4096 bytes, by the digest that it states.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::uint8_t magic = 0;
  std::uint8_t segments = 0;
  std::uint8_t spi_mode = 0;
  std::uint8_t spi_speed_size = 0;
  Le32 entry;
};
static_assert(sizeof(Header) == 8 && FileStruct<Header>);

// Follows in images for the ESP32 and later.
struct Extended {
  std::uint8_t wp_pin = 0;
  std::array<std::uint8_t, 3> drive = {};
  Le16 chip;
  std::uint8_t min_revision = 0;
  Le16 min_revision_full, max_revision_full;
  std::array<std::uint8_t, 4> reserved = {};
  std::uint8_t hash_appended = 0;
};
static_assert(sizeof(Extended) == 16 && FileStruct<Extended>);

struct SegmentHeader {
  Le32 address, size;
};
static_assert(sizeof(SegmentHeader) == 8 && FileStruct<SegmentHeader>);

struct SignatureBlock {
  std::uint8_t magic = 0;
  std::uint8_t version = 0;
  std::array<std::uint8_t, 2> reserved = {};
  std::array<std::uint8_t, 32> image_digest = {};
  std::array<std::uint8_t, 1160> key_and_signature = {};
  Le32 crc;
  std::array<std::uint8_t, 16> padding = {};
};
static_assert(sizeof(SignatureBlock) == 1216 && FileStruct<SignatureBlock>);

constexpr std::uint8_t kImageMagic = 0xE9;
constexpr std::uint8_t kSignatureMagic = 0xE7;
constexpr std::uint8_t kChecksumSeed = 0xEF;
constexpr std::uint8_t kMaxSegments = 16;
constexpr std::uint32_t kMaxSegment = 16U << 20U;
constexpr std::uint64_t kSector = 4096;
constexpr std::uint64_t kMaxSignatures = 3;
// ESP32, S2, C3, S3, C2, C6, H2, P4, C61, C5 as in esp_chip_id_t.
constexpr std::array<std::uint16_t, 10> kChips = {0,  2,  5,  9,  12,
                                                  13, 16, 18, 20, 23};

struct Segment {
  std::uint32_t address = 0;
  Range range = {};
};

struct Image {
  Header header = {};
  std::optional<Extended> extended = {};
  std::uint64_t headers = 0;  // their size
  std::vector<Segment> segments = {};
  std::uint64_t checksum = 0;  // where it is
  std::uint64_t end = 0;       // with the digest
};

bool IsPlausible(const Extended& extended) {
  return std::find(kChips.begin(), kChips.end(), extended.chip) !=
             kChips.end() &&
         AllAre(extended.reserved, 0) && extended.hash_appended <= 1 &&
         extended.min_revision_full <= 9999;
}

// The ESP8266 maps RAM and flash here.
bool IsPlausible8266(const Header& header, const SegmentHeader& first) {
  const auto lies = [](std::uint32_t address, std::uint32_t from,
                       std::uint32_t to) {
    return address >= from && address < to;
  };
  return lies(header.entry, 0x40100000, 0x40110000) &&
         (lies(first.address, 0x40100000, 0x40110000) ||
          lies(first.address, 0x3FFE8000, 0x40000000)) &&
         first.size <= 0x18000;
}

// The headers alone; nothing unless they are those of an image.
std::optional<Image> HeadersOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != kImageMagic || header->segments == 0 ||
      header->segments > kMaxSegments ||
      (header->spi_mode > 5 && header->spi_mode != 0xFF)) {
    return std::nullopt;
  }
  Image image{.header = *header, .headers = sizeof(Header)};
  const auto extended = ReadAt<Extended>(bytes, sizeof(Header));
  const auto first = ReadAt<SegmentHeader>(bytes, sizeof(Header));
  if (extended && IsPlausible(*extended)) {
    image.extended = extended;
    image.headers += sizeof(Extended);
  } else if (!first || !IsPlausible8266(*header, *first)) {
    return std::nullopt;
  }
  return image;
}

bool IsPlausibleSegment(const SegmentHeader& segment) {
  return segment.size <= kMaxSegment && segment.size % 4 == 0;
}

Result<Image> ImageOf(ByteView bytes) {
  auto image = HeadersOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kNotThisFormat, "no ESP image header");
  }
  std::uint64_t at = image->headers;
  for (unsigned i = 0; i < image->header.segments; ++i) {
    const auto segment = ReadAt<SegmentHeader>(bytes, at);
    if (segment && !IsPlausibleSegment(*segment)) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("esp_image: segment {} at {} has {} bytes", i, at,
                              std::uint32_t{segment->size}));
    }
    if (!segment || segment->size > bytes.size() - at - sizeof(*segment)) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("esp_image: segment {} at {} ends past the input",
                              i, at));
    }
    at += sizeof(SegmentHeader);
    image->segments.push_back({segment->address, {at, segment->size}});
    at += segment->size;
  }
  image->checksum = at + GapTo(16, at + 1);
  image->end = image->checksum + 1;
  if (image->extended && image->extended->hash_appended == 1) {
    image->end += 32;
  }
  if (image->end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                "esp_image: the checksum lies past the input");
  }
  return *image;
}

// Signature blocks behind the image, at the next sector.
std::vector<SignatureBlock> SignaturesOf(ByteView bytes, const Image& image) {
  std::vector<SignatureBlock> blocks;
  const std::uint64_t sector = image.end + GapTo(kSector, image.end);
  while (image.extended && blocks.size() < kMaxSignatures) {
    const auto block = ReadAt<SignatureBlock>(
        bytes, sector + blocks.size() * sizeof(SignatureBlock));
    if (!block || block->magic != kSignatureMagic || block->version < 2 ||
        block->version > 3) {
      break;
    }
    blocks.push_back(*block);
  }
  return blocks;
}

bool Matches(ByteView head) {
  const auto image = HeadersOf(head);
  if (!image) {
    return false;
  }
  // The segment headers that lie in the head must hold as well.
  std::uint64_t at = image->headers;
  for (unsigned i = 0; i < image->header.segments; ++i) {
    const auto segment = ReadAt<SegmentHeader>(head, at);
    if (!segment) {
      break;
    }
    if (!IsPlausibleSegment(*segment)) {
      return false;
    }
    at += sizeof(SegmentHeader) + segment->size;
  }
  return true;
}

std::uint64_t EndOf(ByteView bytes, const Image& image) {
  const std::size_t signatures = SignaturesOf(bytes, image).size();
  return signatures == 0 ? image.end
                         : image.end + GapTo(kSector, image.end) +
                               signatures * sizeof(SignatureBlock);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(image.error());
  }
  return EndOf(bytes, *image);
}

Result<void> AddSegments(ByteView bytes, const Image& image,
                         PartLayout& layout) {
  std::uint8_t sum = kChecksumSeed;
  for (std::size_t i = 0; i < image.segments.size(); ++i) {
    const Segment& segment = image.segments[i];
    layout.Metadata(
        {segment.range.offset - sizeof(SegmentHeader), sizeof(SegmentHeader)});
    const ByteView data =
        bytes.subspan(static_cast<std::size_t>(segment.range.offset),
                      static_cast<std::size_t>(segment.range.length));
    for (const std::uint8_t byte : data) {
      sum = static_cast<std::uint8_t>(sum ^ byte);
    }
    if (auto ok =
            layout.Add(fmt::format("segment{}-0x{:08x}", i, segment.address),
                       segment.range);
        !ok) {
      return ok;
    }
  }
  layout.Metadata({image.checksum, 1});
  const auto stored = ReadAt<std::uint8_t>(bytes, image.checksum);
  if (stored != sum) {
    layout.Report("checksum-mismatch", {image.checksum, 1},
                  fmt::format("{:02x} is stored, the segments give {:02x}",
                              stored.value_or(0), sum));
  }
  return {};
}

void CheckDigest(ByteView bytes, const Image& image, PartLayout& layout) {
  const std::uint64_t at = image.checksum + 1;
  if (image.end == at) {
    return;
  }
  layout.Metadata({at, 32});
  const std::string stored = HexOf(*Slice(bytes, at, 32));
  const std::string found = Sha256Hex(*Slice(bytes, 0, at));
  if (stored != found) {
    layout.Report("digest-checksum-mismatch", {at, 32},
                  fmt::format("the appended SHA-256 is {}, the image gives {}",
                              stored, found));
  }
}

Result<void> AddSignatures(ByteView bytes, const Image& image,
                           PartLayout& layout) {
  const std::uint64_t sector = image.end + GapTo(kSector, image.end);
  std::uint64_t at = sector;
  std::size_t number = 0;
  for (const SignatureBlock& block : SignaturesOf(bytes, image)) {
    const Range range{at, sizeof(SignatureBlock)};
    // The CRC covers all but itself and the padding behind it.
    const std::uint32_t crc = Crc32(BytesOf(block).first(1196));
    if (crc != block.crc) {
      layout.Report("signature-crc-mismatch", range,
                    fmt::format("{:08x} is stored, the block gives {:08x}",
                                std::uint32_t{block.crc}, crc));
    }
    const std::string digest = Sha256Hex(*Slice(bytes, 0, sector));
    if (digest != HexOf(block.image_digest)) {
      layout.Report("signed-checksum-mismatch", range,
                    fmt::format("the signed SHA-256 is {}, the image gives {}",
                                HexOf(block.image_digest), digest));
    }
    if (auto ok = layout.Add(fmt::format("signature{}", number++), range);
        !ok) {
      return ok;
    }
    at += sizeof(SignatureBlock);
  }
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(image.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : image.error().code,
                image.error().what);
  }
  PartLayout layout(input, "esp_image", sink);
  layout.Metadata({0, image->headers});
  if (auto ok = AddSegments(bytes, *image, layout); !ok) {
    return ok;
  }
  CheckDigest(bytes, *image, layout);
  if (auto ok = AddSignatures(bytes, *image, layout); !ok) {
    return ok;
  }
  return layout.Finish(EndOf(bytes, *image));
}

}  // namespace

extern const Format kEspImage;
const Format kEspImage = {
    .name = "esp_image",
    .title = "Espressif ESP8266 or ESP32 image",
    .reference = "Espressif esptool documentation, \"Firmware Image Format\"",
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
