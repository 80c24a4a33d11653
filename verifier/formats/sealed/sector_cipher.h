// Disk encryption by sectors, as dm-crypt has it: a cipher, a chaining mode
// and how the number of a sector becomes its initialization vector.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::sealed {

class SectorCipher {
 public:
  // `name` as dm-crypt writes it: "aes-xts-plain64", also "-plain"; the older
  // "aes-cbc-essiv:sha256", "aes-cbc-plain" and "aes-cbc-plain64";
  // "aes-cbc-eboiv", for which a sector's number is its offset in bytes.
  // kUnsupported for any other, and for a key that does not fit.
  [[nodiscard]] static Result<SectorCipher> Make(std::string_view name,
                                                 ByteView key);
  // Whether Make knows the name.
  [[nodiscard]] static bool Knows(std::string_view name);

  SectorCipher(SectorCipher&&) noexcept;
  SectorCipher& operator=(SectorCipher&&) noexcept;
  ~SectorCipher();
  SectorCipher(const SectorCipher&) = delete;
  SectorCipher& operator=(const SectorCipher&) = delete;

  // Decrypts one sector, of as many bytes in as out; false when libcrypto
  // refuses.
  [[nodiscard]] bool Decrypt(std::uint64_t number, ByteView in,
                             std::span<std::uint8_t> out);

 private:
  struct State;
  explicit SectorCipher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whole sectors of `sealed`, decrypted one after the other. A sector's number
// counts units of 512 bytes from `first`, whatever its own size.
class SectorStream : public ByteStream {
 public:
  SectorStream(ByteSource sealed, SectorCipher cipher, std::size_t sector,
               std::uint64_t first)
      : sealed_(std::move(sealed)),
        cipher_(std::move(cipher)),
        sector_(sector),
        number_(first) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  ByteSource sealed_;
  SectorCipher cipher_;
  std::size_t sector_;
  std::uint64_t number_;
  std::uint64_t at_ = 0;
  Bytes rest_ = {};  // of a sector that did not fit
  std::size_t given_ = 0;
};

}  // namespace assay::formats::sealed
