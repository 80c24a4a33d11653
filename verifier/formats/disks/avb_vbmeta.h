// The verified boot metadata of Android ("vbmeta"): header, authentication
// data and descriptors. Layout: AOSP external/avb, libavb/avb_vbmeta_image.h
// and avb_*_descriptor.h. All numbers are big-endian.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::avb {

struct Header {
  Be32 magic, major, minor;
  Be64 authentication_size, auxiliary_size;
  Be32 algorithm;
  Be64 hash_offset, hash_size, signature_offset, signature_size;
  Be64 key_offset, key_size, key_metadata_offset, key_metadata_size;
  Be64 descriptors_offset, descriptors_size;
  Be64 rollback_index;
  Be32 flags, rollback_location;
  std::array<std::uint8_t, 48> release = {};
  std::array<std::uint8_t, 80> reserved = {};
};
static_assert(sizeof(Header) == 256 && FileStruct<Header>);

inline constexpr std::uint32_t kMagic = 0x41564230;  // "AVB0"

enum class Tag : std::uint64_t {
  kProperty,
  kHashTree,
  kHash,
  kCommandLine,
  kChain,
};

// A descriptor with the fields that its tag has; ranges are within the vbmeta
// image.
struct Descriptor {
  std::uint64_t tag = 0;
  Range range = {};
  std::string name = {};  // of a partition or a property
  // The value, the command line, the digest or the public key.
  Range value = {};
  Range salt = {};
  std::string algorithm = {};
  std::uint64_t image_size = 0;
  std::uint64_t data_block = 0, hash_block = 0;
  Range tree = {};  // within the partition, as the next one
  Range correction = {};
};

// Header and block sizes agree with each other.
[[nodiscard]] bool HasHeader(ByteView head);

class Vbmeta {
 public:
  // The metadata that begin at `bytes`; kTruncated when they end past them.
  [[nodiscard]] static Result<Vbmeta> Read(ByteView bytes);

  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t auxiliary() const {
    return sizeof(Header) + header_.authentication_size;
  }
  [[nodiscard]] Range hash() const;
  [[nodiscard]] Range signature() const;
  [[nodiscard]] Range key() const;
  [[nodiscard]] Range key_metadata() const;
  // Whether the stored hash is that of header and auxiliary data, or there is
  // none.
  [[nodiscard]] bool HashHolds() const;
  // Those before `damage`, if there is any.
  [[nodiscard]] const std::vector<Descriptor>& descriptors() const {
    return descriptors_;
  }
  [[nodiscard]] const std::string& damage() const { return damage_; }

 private:
  Vbmeta() = default;
  void ReadDescriptors();

  Header header_ = {};
  ByteView bytes_;
  std::vector<Descriptor> descriptors_;
  std::string damage_;
};

}  // namespace assay::formats::avb
