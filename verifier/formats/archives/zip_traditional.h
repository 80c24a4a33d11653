// PKWARE's traditional encryption (APPNOTE.TXT 6.3.10, sections 6.1.5 to
// 6.1.7): three 32-bit keys that every byte of plaintext changes.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "verifier/base/bytes.h"

namespace assay::formats {

inline constexpr std::size_t kZipTraditionalHeader = 12;  // of noise

class ZipTraditional {
 public:
  explicit ZipTraditional(ByteView password) {
    for (const std::uint8_t byte : password) {
      Update(byte);
    }
  }

  void Decrypt(std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) {
      const std::uint32_t mask = (keys_[2] | 2U) & 0xFFFFU;
      byte = static_cast<std::uint8_t>(byte ^ (mask * (mask ^ 1U) >> 8U));
      Update(byte);
    }
  }

 private:
  // One step of CRC-32 with the table of the polynomial 0xEDB88320.
  static std::uint32_t Step(std::uint32_t crc, std::uint8_t byte);
  void Update(std::uint8_t byte) {
    keys_[0] = Step(keys_[0], byte);
    keys_[1] = (keys_[1] + (keys_[0] & 0xFFU)) * 134775813U + 1U;
    keys_[2] = Step(keys_[2], static_cast<std::uint8_t>(keys_[1] >> 24U));
  }

  std::array<std::uint32_t, 3> keys_ = {0x12345678U, 0x23456789U, 0x34567890U};
};

}  // namespace assay::formats
