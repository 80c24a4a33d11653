// The samples of UDF, and how to change what they say.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "verifier/base/crc32.h"

namespace assay::formats::udf_samples {

inline const Bytes kHd102 = testing::Sample("formats/udf/hd-102.hex");
inline const Bytes kHd201 = testing::Sample("formats/udf/hd-201.hex");
inline const Bytes kLong = testing::Sample("formats/udf/long-200.hex");
inline const Bytes kMetadata = testing::Sample("formats/udf/metadata-250.hex");
inline const Bytes kSparable = testing::Sample("formats/udf/sparable-150.hex");
inline const Bytes kVirtual150 = testing::Sample("formats/udf/virtual-150.hex");
inline const Bytes kVirtual260 = testing::Sample("formats/udf/virtual-260.hex");

[[nodiscard]] inline std::size_t Find(const Bytes& image,
                                      std::string_view text) {
  const std::size_t at = AsText(image).find(text);
  EXPECT_NE(at, std::string_view::npos) << text;
  return at;
}

// Makes the checksums of the tag there right again.
inline void Retag(Bytes& image, std::size_t at) {
  const std::size_t length = *ReadAt<Le16>(image, at + 10);
  testing::PutLe(image, at + 8, Crc16Ccitt(0, *Slice(image, at + 16, length)),
                 2);
  image.at(at + 4) = 0;
  unsigned sum = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    sum += image.at(at + i);
  }
  image.at(at + 4) = static_cast<std::uint8_t>(sum);
}

// Where the file identifier of that name begins. Names stand in directories
// outside of file entries in the samples that are changed.
[[nodiscard]] inline std::size_t IdentifierOf(const Bytes& image,
                                              std::string_view name) {
  return Find(image, "\x08" + std::string(name)) - 38;
}

// The entry that an identifier names, in a plain partition from `first` on.
[[nodiscard]] inline std::size_t EntryOf(const Bytes& image,
                                         std::string_view name,
                                         std::size_t first, std::size_t block) {
  const std::size_t lbn = *ReadAt<Le32>(image, IdentifierOf(image, name) + 24);
  return (first + lbn) * block;
}

// The first block of the partition, and the tag with that id.
[[nodiscard]] inline std::size_t DescriptorOf(const Bytes& image,
                                              std::size_t block, unsigned id,
                                              bool reserve = false) {
  const std::size_t at =
      *ReadAt<Le32>(image, 256 * block + (reserve ? 28 : 20)) * block;
  for (std::size_t i = 0; i < 16; ++i) {
    if (*ReadAt<Le16>(image, at + i * block) == id) {
      return at + i * block;
    }
  }
  ADD_FAILURE() << "no descriptor " << id;
  return 0;
}
[[nodiscard]] inline std::size_t FirstBlock(const Bytes& image,
                                            std::size_t block) {
  return *ReadAt<Le32>(image, DescriptorOf(image, block, 5) + 188);
}

}  // namespace assay::formats::udf_samples
