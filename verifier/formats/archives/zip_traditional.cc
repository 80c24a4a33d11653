#include "verifier/formats/archives/zip_traditional.h"

namespace assay::formats {
namespace {

constexpr std::array<std::uint32_t, 256> MakeTable() {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = value >> 1U ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    table.at(i) = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = MakeTable();

}  // namespace

std::uint32_t ZipTraditional::Step(std::uint32_t crc, std::uint8_t byte) {
  return crc >> 8U ^ kTable[(crc ^ byte) & 0xFFU];
}

}  // namespace assay::formats
