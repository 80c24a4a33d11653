#include "verifier/formats/firmware/uefi_file.h"

#include <algorithm>
#include <numeric>

namespace assay::formats {
namespace {

constexpr std::uint8_t kLargeFile = 0x01;  // FFS_ATTRIB_*
constexpr std::uint8_t kChecksum = 0x40;
constexpr std::uint8_t kTypeRaw = 0x01;  // EFI_FV_FILETYPE_*
constexpr std::uint8_t kTypeLast = 0x0f;
constexpr std::uint8_t kTypePad = 0xf0;
constexpr std::uint8_t kDataValid = 0x04;  // EFI_FILE_*, in State
constexpr std::uint8_t kMarkedForUpdate = 0x08;
constexpr std::uint8_t kKnownStates = 0x3f;
constexpr std::uint8_t kFixedChecksum = 0xaa;
constexpr std::uint8_t kFixedChecksumFfs1 = 0x5a;

std::uint8_t Sum(ByteView bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), std::uint8_t{0},
                         [](std::uint8_t sum, std::uint8_t byte) {
                           return static_cast<std::uint8_t>(sum + byte);
                         });
}

}  // namespace

std::optional<UefiFile> UefiFile::At(ByteView bytes) {
  const auto raw = ReadAt<UefiFileHeader>(bytes, 0);
  if (!raw) {
    return std::nullopt;
  }
  UefiFile file{
      .raw = *raw,
      .header = sizeof(UefiFileHeader),
      .size = std::uint64_t{raw->size} | std::uint64_t{raw->size_high} << 16U};
  const auto extended = ReadAt<Le64>(bytes, sizeof(UefiFileHeader));
  if ((raw->attributes & kLargeFile) != 0 && file.size == 0 && extended) {
    file.header += sizeof(Le64);
    file.size = *extended;
  }
  return file.size >= file.header && file.size <= bytes.size()
             ? std::optional(file)
             : std::nullopt;
}

// The sum leaves out State and the data's check sum, which change later.
bool UefiFile::HasIntactHeader(ByteView bytes) const {
  const ByteView whole = bytes.first(static_cast<std::size_t>(header));
  const auto left_out = raw.state + raw.data_checksum;
  return Sum(whole) == static_cast<std::uint8_t>(left_out);
}

std::uint8_t UefiFile::DataChecksum(ByteView bytes, bool first_revision) const {
  if ((raw.attributes & kChecksum) == 0) {
    return first_revision ? kFixedChecksumFfs1 : kFixedChecksum;
  }
  // FFS1 sums the header as well.
  const ByteView data = bytes.subspan(static_cast<std::size_t>(header),
                                      static_cast<std::size_t>(size - header));
  return static_cast<std::uint8_t>(-Sum(data));
}

bool UefiFile::IsLive(bool erased_ones) const {
  const auto state = static_cast<std::uint8_t>(
      (erased_ones ? ~raw.state : raw.state) & kKnownStates);
  return state >= kDataValid && state < 2 * kMarkedForUpdate;
}

bool UefiFile::IsPad() const {
  return raw.type == kTypePad;
}

bool UefiFile::HasSections() const {
  return raw.type > kTypeRaw && raw.type <= kTypeLast;
}

}  // namespace assay::formats
