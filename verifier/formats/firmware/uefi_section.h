// Numbers and layouts of firmware file sections (PI Specification 1.8, volume
// 3, section 3.2.4; GUIDs of encodings: EDK II, MdeModulePkg.dec).
#pragma once

#include <cstddef>
#include <cstdint>

#include "verifier/formats/firmware/uefi_guid.h"

namespace assay::formats::uefi {

inline constexpr std::uint64_t kAlignment = 4;  // of sections in their stream

// EFI_SECTION_*
inline constexpr std::uint8_t kCompression = 0x01;
inline constexpr std::uint8_t kGuidDefined = 0x02;
inline constexpr std::uint8_t kDisposable = 0x03;
inline constexpr std::uint8_t kPe32 = 0x10;
inline constexpr std::uint8_t kPic = 0x11;
inline constexpr std::uint8_t kTe = 0x12;
inline constexpr std::uint8_t kDxeDepex = 0x13;
inline constexpr std::uint8_t kVersion = 0x14;
inline constexpr std::uint8_t kUserInterface = 0x15;
inline constexpr std::uint8_t kCompatibility16 = 0x16;
inline constexpr std::uint8_t kVolumeImage = 0x17;
inline constexpr std::uint8_t kFreeform = 0x18;
inline constexpr std::uint8_t kRaw = 0x19;
inline constexpr std::uint8_t kPeiDepex = 0x1b;
inline constexpr std::uint8_t kMmDepex = 0x1c;

// After the common header of a compression section.
struct CompressionHeader {
  Le32 original_size;
  std::uint8_t type = 0;
};
static_assert(sizeof(CompressionHeader) == 5 && FileStruct<CompressionHeader>);
inline constexpr std::uint8_t kNotCompressed = 0;
inline constexpr std::uint8_t kStandardCompression = 1;
inline constexpr std::uint8_t kCustomizedCompression = 2;

// After the common header of a GUID-defined section.
struct GuidedHeader {
  Guid guid;
  Le16 data_offset, attributes;
};
static_assert(sizeof(GuidedHeader) == 20 && FileStruct<GuidedHeader>);
inline constexpr std::uint16_t kProcessingRequired = 1;

inline constexpr std::size_t kBrotliHeader = 16;
inline constexpr std::uint64_t kBuildNumber = 2;

inline constexpr Guid kTianoGuid =
    GuidOf(0xa31280ad, 0x481e, 0x41b6,
           {0x95, 0xe8, 0x12, 0x7f, 0x4c, 0x98, 0x47, 0x79});
inline constexpr Guid kLzmaGuid =
    GuidOf(0xee4e5898, 0x3914, 0x4259,
           {0x9d, 0x6e, 0xdc, 0x7b, 0xd7, 0x94, 0x03, 0xcf});
inline constexpr Guid kLzmaF86Guid =
    GuidOf(0xd42ae6bd, 0x1352, 0x4bfb,
           {0x90, 0x9a, 0xca, 0x72, 0xa6, 0xea, 0xe8, 0x89});
inline constexpr Guid kLzmaHpGuid =
    GuidOf(0x0ed85e23, 0xf253, 0x413f,
           {0xa0, 0x3c, 0x90, 0x19, 0x87, 0xb0, 0x43, 0x97});
inline constexpr Guid kLzmaMsGuid =
    GuidOf(0xbd9921ea, 0xed91, 0x404a,
           {0x8b, 0x2f, 0xb4, 0xd7, 0x24, 0x74, 0x7c, 0x8c});
inline constexpr Guid kBrotliGuid =
    GuidOf(0x3d532050, 0x5cda, 0x4fd0,
           {0x87, 0x9e, 0x0f, 0x7f, 0x63, 0x0d, 0x5a, 0xfb});
inline constexpr Guid kCrc32Guid =
    GuidOf(0xfc1bcdb0, 0x7d31, 0x49aa,
           {0x93, 0x6a, 0xa4, 0x60, 0x0d, 0x9d, 0xd0, 0x83});
inline constexpr Guid kSignedContents =
    GuidOf(0x0f9d89e8, 0x9259, 0x4f76,
           {0xa5, 0xaf, 0x0c, 0x89, 0xe3, 0x40, 0x23, 0xdf});

}  // namespace assay::formats::uefi
