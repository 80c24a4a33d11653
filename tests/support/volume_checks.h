// What a user relies on of every file system.
#pragma once

#include <span>
#include <string>

#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::testing {

struct ExpectedFile {
  std::string name = {};
  FileType type = FileType::kRegular;
  std::uint32_t mode = 0;
  std::uint64_t uid = 0, gid = 0;
  std::uint32_t device_major = 0, device_minor = 0;
  std::string link_target = {};
};

// `image` unpacks without an anomaly, all of it has an owner, measure finds
// its end whatever follows, and its files are among the members.
void CheckVolume(const formats::Format& format, ByteView image,
                 std::span<const ExpectedFile> files, RecordingSink& sink);
// Prefixes, every `step` bytes: always an error, never more than is there.
void CheckVolumePrefixes(const formats::Format& format, ByteView image,
                         std::size_t step);
// Flips every `step`-th byte that is not zero: what is claimed lies within the
// bytes and apart, and is all of them where the walk ends well.
void CheckVolumeFlips(const formats::Format& format, ByteView image,
                      std::size_t step);
// How many members have content with a problem or are opaque.
[[nodiscard]] std::size_t Problems(const RecordingSink& sink);
// Writes a little-endian number of `size` bytes.
void PutLe(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t size);

}  // namespace assay::testing
