#include "verifier/base/crc32.h"

#include <libdeflate.h>

#include <array>

namespace assay {
namespace {

// One byte's worth of a reflected polynomial of `T`'s width.
template <typename T>
constexpr std::array<T, 256> Reflected(T polynomial) {
  std::array<T, 256> table = {};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    auto value = static_cast<T>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      const T shifted = static_cast<T>(value >> 1U);
      value =
          (value & 1U) != 0 ? static_cast<T>(shifted ^ polynomial) : shifted;
    }
    table.at(byte) = value;
  }
  return table;
}

constexpr auto kCastagnoli = Reflected<std::uint32_t>(0x82F63B78);
constexpr auto kArc = Reflected<std::uint16_t>(0xA001);

constexpr std::array<std::uint16_t, 256> Ccitt() {
  std::array<std::uint16_t, 256> table = {};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 0x8000U) != 0 ? value << 1U ^ 0x1021U : value << 1U;
    }
    table.at(byte) = static_cast<std::uint16_t>(value);
  }
  return table;
}

constexpr auto kCcitt = Ccitt();

}  // namespace

std::uint32_t Crc32(ByteView bytes, std::uint32_t start) {
  return libdeflate_crc32(start, bytes.data(), bytes.size());
}

std::uint32_t Crc32Raw(std::uint32_t state, ByteView bytes) {
  return ~libdeflate_crc32(~state, bytes.data(), bytes.size());
}

std::uint32_t Crc32cRaw(std::uint32_t state, ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    state = kCastagnoli[(state ^ byte) & 0xFFU] ^ state >> 8U;
  }
  return state;
}

std::uint16_t Crc16Arc(std::uint16_t state, ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    state =
        static_cast<std::uint16_t>(kArc[(state ^ byte) & 0xFFU] ^ state >> 8U);
  }
  return state;
}

std::uint16_t Crc16Ccitt(std::uint16_t state, ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    state = static_cast<std::uint16_t>(kCcitt[(state >> 8U ^ byte) & 0xFFU] ^
                                       state << 8U);
  }
  return state;
}

}  // namespace assay
