// GUIDs as UEFI stores them (UEFI Specification 2.10, appendix A).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "verifier/base/bytes.h"

namespace assay::formats {

struct Guid {
  std::array<std::uint8_t, 16> raw = {};

  // "8C8CE578-8A3D-4F1C-9935-896185C32DD3"
  [[nodiscard]] std::string Text() const;
  friend bool operator==(const Guid&, const Guid&) = default;
};
static_assert(sizeof(Guid) == 16 && FileStruct<Guid>);

// The GUID that specifications write as {a, b, c, {d...}}.
[[nodiscard]] constexpr Guid GuidOf(std::uint32_t a, std::uint16_t b,
                                    std::uint16_t c,
                                    std::array<std::uint8_t, 8> d) {
  const auto byte = [](std::uint32_t value, unsigned shift) {
    return static_cast<std::uint8_t>(value >> shift);
  };
  return {{byte(a, 0), byte(a, 8), byte(a, 16), byte(a, 24), byte(b, 0),
           byte(b, 8), byte(c, 0), byte(c, 8), d[0], d[1], d[2], d[3], d[4],
           d[5], d[6], d[7]}};
}

}  // namespace assay::formats
