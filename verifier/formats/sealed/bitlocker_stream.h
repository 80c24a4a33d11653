// The device that a BitLocker volume makes of its bytes.
#pragma once

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/formats/sealed/bitlocker_volume.h"
#include "verifier/formats/sealed/sector_cipher.h"

namespace assay::formats::bitlocker {

// How the sectors of a volume are encrypted.
struct Method {
  std::string_view name = {};    // for people
  std::string_view cipher = {};  // for SectorCipher; "": we have none
  std::size_t key = 0;           // its size
};
[[nodiscard]] Method MethodOf(std::uint16_t number);

// The first sectors come from where they were moved to; the metadata and that
// place read as zeros, as Windows shows them.
class DeviceStream : public ByteStream {
 public:
  DeviceStream(ByteSource sealed, const Volume& volume,
               sealed::SectorCipher cipher);

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] bool ReadsAsZeros(std::uint64_t at) const;
  // The next sectors; none at the end.
  [[nodiscard]] Result<void> Refill();

  ByteSource sealed_;
  const Volume& volume_;
  sealed::SectorCipher cipher_;
  std::uint64_t at_ = 0;
  Bytes ready_ = {};
  std::size_t given_ = 0;
};

}  // namespace assay::formats::bitlocker
