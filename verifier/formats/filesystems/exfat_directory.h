// The entries of an exFAT directory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/filesystems/exfat_volume.h"

namespace assay::formats::exfat {

struct Entry {
  std::string name = {};
  std::uint16_t attributes = 0;
  std::optional<std::int64_t> mtime = {};
  bool contiguous = false;  // its clusters follow each other, without a chain
  std::uint32_t cluster = 0;
  std::uint64_t size = 0;
  std::uint64_t valid = 0;  // what follows it reads as zeros

  static constexpr std::uint16_t kReadOnly = 0x01;
  static constexpr std::uint16_t kHidden = 0x02;
  static constexpr std::uint16_t kSystem = 0x04;
  static constexpr std::uint16_t kDirectory = 0x10;

  [[nodiscard]] bool Is(std::uint16_t attribute) const {
    return (attributes & attribute) != 0;
  }
};

// What the root directory tells of the volume itself.
struct Special {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t checksum = 0;  // of the up-case table
  std::uint32_t cluster = 0;
  std::uint64_t size = 0;
  std::string label = {};

  static constexpr std::uint8_t kBitmap = 0x81;
  static constexpr std::uint8_t kUpCase = 0x82;
  static constexpr std::uint8_t kLabel = 0x83;
};

struct Listing {
  std::vector<Entry> entries = {};
  std::vector<Special> specials = {};
  std::uint64_t used = 0;  // bytes up to and with the end marker
};

// `report` gets what, a detail and the offset of the record in the directory.
// `upper` is empty while it is not known: names' hashes are then not checked.
using ReportRecord =
    std::function<void(std::string_view, std::string, std::uint64_t)>;
[[nodiscard]] Listing ReadDirectory(ByteView directory, const UpCase& upper,
                                    const ReportRecord& report);

}  // namespace assay::formats::exfat
