// Expansion ROMs of PCI devices: legacy BIOS code, EFI drivers, or both in a
// row. Layout: PCI Firmware Specification 3.3, section 5.1 "PCI Expansion ROM
// Contents"; EFI images: UEFI Specification 2.10, section 14.4.2 "PCI Option
// ROMs".
//
// Each image is a member without its header: "image0.x86", "image1.efi". A
// compressed EFI driver is decoded.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/tiano.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::size_t kMostImages = 256;

struct RomHeader {
  Be16 signature;  // 55 AA
  std::array<std::uint8_t, 22> own = {};
  Le16 data;  // where the data structure is
};
static_assert(sizeof(RomHeader) == 26 && FileStruct<RomHeader>);

struct EfiHeader {
  Be16 signature;
  Le16 blocks;
  Le32 efi_signature;
  Le16 subsystem, machine, compression;
  std::array<std::uint8_t, 8> reserved = {};
  Le16 image, data;
};
static_assert(sizeof(EfiHeader) == 26 && FileStruct<EfiHeader>);
constexpr std::uint32_t kEfiSignature = 0x0ef1;

struct DataStructure {
  Be32 signature;  // "PCIR"
  Le16 vendor, device, device_list, length;
  std::uint8_t revision = 0;
  std::array<std::uint8_t, 3> class_code = {};
  Le16 blocks, code_revision;
  std::uint8_t type = 0, indicator = 0;
};
static_assert(sizeof(DataStructure) == 22 && FileStruct<DataStructure>);
constexpr std::uint8_t kLegacy = 0;  // Code Type
constexpr std::uint8_t kEfi = 3;
constexpr std::uint8_t kLast = 0x80;  // Indicator

struct Image {
  Range range = {};  // in the ROM; may reach past its end
  std::uint8_t type = 0;
  bool last = false;
};

std::optional<Image> ImageAt(ByteView rom, std::uint64_t at) {
  const auto header = ReadAt<RomHeader>(rom, at);
  if (!header || header->signature != 0x55aa || header->data % 4 != 0 ||
      header->data < sizeof(RomHeader)) {
    return std::nullopt;
  }
  const auto data = ReadAt<DataStructure>(rom, at + header->data);
  if (!data || data->signature != 0x50434952 || data->blocks == 0 ||
      data->length < sizeof(DataStructure) ||
      header->data + data->length > data->blocks * kBlock ||
      (data->indicator & ~kLast) != 0) {
    return std::nullopt;
  }
  return Image{.range = {at, data->blocks * kBlock},
               .type = data->type,
               .last = (data->indicator & kLast) != 0};
}

// The images that lie wholly in the ROM.
std::vector<Image> ImagesOf(ByteView rom) {
  std::vector<Image> images;
  std::uint64_t at = 0;
  while (images.size() < kMostImages) {
    const auto image = ImageAt(rom, at);
    if (!image || image->range.length > rom.size() - at) {
      break;
    }
    images.push_back(*image);
    at = image->range.end();
    if (image->last) {
      break;
    }
  }
  return images;
}

// The driver in an EFI image, if its header says where it is.
struct Driver {
  Range range = {};
  std::uint16_t compression = 0;
};

std::optional<Driver> DriverIn(ByteView rom, const Image& image) {
  const auto header = ReadAt<EfiHeader>(rom, image.range.offset);
  if (!header || header->efi_signature != kEfiSignature ||
      header->image < sizeof(EfiHeader) ||
      header->image >= image.range.length) {
    return std::nullopt;
  }
  return Driver{.range = {image.range.offset + header->image,
                          image.range.length - header->image},
                .compression = header->compression};
}

class Rom {
 public:
  Rom(const ByteSource& source, ArtifactSink& sink)
      : source_(source), bytes_(source.bytes()), sink_(sink) {}

  Result<void> AddImage(std::size_t index, const Image& image) {
    const std::string name = fmt::format("image{}", index);
    if (image.type == kEfi) {
      if (const auto driver = DriverIn(bytes_, image)) {
        return AddDriver(name + ".efi", image, *driver);
      }
    }
    if (image.type == kLegacy) {
      CheckSum(name, image.range);
    }
    const Range header{image.range.offset, sizeof(RomHeader)};
    sink_.Claim(header, RegionUse::kMetadata);
    return Add(name + (image.type == kLegacy ? ".x86" : ".bin"),
               {header.end(), image.range.length - header.length});
  }

 private:
  // BIOSes refuse a legacy image whose bytes do not add up to 0.
  void CheckSum(const std::string& name, Range range) {
    const ByteView bytes = *Slice(bytes_, range.offset, range.length);
    const unsigned sum =
        std::accumulate(bytes.begin(), bytes.end(), 0U) & 0xffU;
    if (sum != 0) {
      sink_.Report({.id = "option_rom.checksum-mismatch",
                    .range = range,
                    .detail = fmt::format("{} adds up to {:#04x}", name, sum)});
    }
  }

  Result<void> Add(std::string name, Range range) {
    const auto content = source_.Slice(range);
    if (!content) {
      return Fail(content.error());
    }
    return sink_.Add({.name = std::move(name), .origin = range, .stored = true},
                     *content);
  }

  Result<void> AddDriver(const std::string& name, const Image& image,
                         const Driver& driver) {
    sink_.Claim({image.range.offset, image.range.length - driver.range.length},
                RegionUse::kMetadata);
    const ByteView bytes =
        *Slice(bytes_, driver.range.offset, driver.range.length);
    const auto packed = TianoStream::PackedSize(bytes);
    switch (driver.compression) {
      case 0:
        return Add(name, driver.range);
      case 1:
        break;
      default:
        return sink_.AddOpaque(
            {.name = name, .origin = driver.range},
            fmt::format("compression type {} is not read", driver.compression));
    }
    const std::uint64_t used = packed.value_or(bytes.size());
    const std::uint64_t memory = sink_.limits().memory_per_member;
    TianoStream stream(bytes, TianoVariantOf(bytes, TianoVariant::kEfi, memory),
                       memory);
    ClaimFiller(bytes_,
                {driver.range.offset + used, driver.range.length - used},
                sink_);
    return sink_.AddStream(
        {.name = name, .origin = Range{driver.range.offset, used}}, stream);
  }

  const ByteSource& source_;
  const ByteView bytes_;
  ArtifactSink& sink_;
};

bool Matches(ByteView head) {
  return ImageAt(head, 0).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto first = ImageAt(bytes, 0);
  if (!first) {
    return Fail(ErrorCode::kNotThisFormat, "no option ROM");
  }
  const std::vector<Image> images = ImagesOf(bytes);
  if (images.empty()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("option_rom: an image of {} bytes, but {} are "
                            "there",
                            first->range.length, bytes.size()));
  }
  return images.back().range.end();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const std::vector<Image> images = ImagesOf(bytes);
  Rom rom(input.source(), sink);
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (auto ok = rom.AddImage(i, images[i]); !ok) {
      return ok;
    }
    end = images[i].range.end();
  }
  if (images.empty() || !images.back().last) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("no image at {}, where one must follow", end));
  }
  return input.Skip(end);
}

constexpr Magic kMagics[] = {{"\x55\xaa", 0}};  // NOLINT: a table

}  // namespace

extern const Format kOptionRom;
const Format kOptionRom = {
    .name = "option_rom",
    .title = "PCI expansion ROM",
    .reference = "PCI Firmware Specification 3.3, section 5.1",
    .magics = kMagics,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
