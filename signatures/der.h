// One element of DER or definite-length BER at a time (X.690 section 8.1), for
// what libcrypto does not parse or does not show. No values are interpreted.
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::signatures {

struct DerElement {
  std::uint8_t tag = 0;  // identifier octet; tags over 30 are not read
  ByteView whole;        // with its header
  ByteView content;
};

// The element that `bytes` begin with: single-octet tag, definite length of at
// most four octets, all of it there.
[[nodiscard]] std::optional<DerElement> ReadDer(ByteView bytes);

// The elements side by side in one constructed element.
class DerReader {
 public:
  explicit DerReader(ByteView content) : rest_(content) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  // The next element, whatever it is.
  [[nodiscard]] std::optional<DerElement> Next();
  // The next element if it has this tag; else nothing is consumed.
  [[nodiscard]] std::optional<DerElement> Next(std::uint8_t tag);

 private:
  ByteView rest_;
};

inline constexpr std::uint8_t kDerInteger = 0x02;
inline constexpr std::uint8_t kDerBitString = 0x03;
inline constexpr std::uint8_t kDerOctetString = 0x04;
inline constexpr std::uint8_t kDerOid = 0x06;
inline constexpr std::uint8_t kDerSequence = 0x30;
inline constexpr std::uint8_t kDerSet = 0x31;
// [n], constructed.
[[nodiscard]] constexpr std::uint8_t DerContext(unsigned number) {
  return static_cast<std::uint8_t>(0xA0U | number);
}

// An element of this content, under 4 GiB; lengths of 128 and more take four
// octets (BER, not always DER).
[[nodiscard]] Bytes WriteDer(std::uint8_t tag, ByteView content);

}  // namespace assay::signatures
