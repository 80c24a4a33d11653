// 7-Zip's encryption: AES-256-CBC without padding, the key from 2^n rounds of
// one SHA-256 over salt, password (UTF-16LE) and a counter (LZMA SDK,
// CPP/7zip/Crypto/7zAes.cpp).

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/pump_stream.h"
#include "verifier/formats/archives/sevenzip_filters.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::sevenzip {
namespace {

constexpr std::size_t kBlock = 16;
constexpr unsigned kPlainKey = 0x3f;  // salt and password are the key
constexpr unsigned kMostPower = 24;   // as 7-Zip allows

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

class AesPump : public PumpStream {
 public:
  explicit AesPump(StreamPtr inner) : PumpStream(std::move(inner), "AES") {}

  bool Begin(const std::array<std::uint8_t, 32>& key,
             const std::array<std::uint8_t, kBlock>& iv) {
    return context_ &&
           EVP_DecryptInit_ex(context_.get(), EVP_aes_256_cbc(), nullptr,
                              key.data(), iv.data()) == 1 &&
           EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
  }

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    if (out.size() <= kBlock || ready_ > 0) {
      return Small(in, out);
    }
    // The library keeps what is not a whole block.
    const std::size_t piece =
        std::min({in.size(), out.size() - kBlock, std::size_t{1} << 24U});
    int produced = 0;
    Step step;
    if (piece == 0 ||
        EVP_DecryptUpdate(context_.get(), out.data(), &produced, in.data(),
                          static_cast<int>(piece)) != 1) {
      step.done = piece == 0;
      return step;
    }
    step.consumed = piece;
    step.produced = static_cast<std::size_t>(produced);
    return step;
  }

 private:
  // Into less room than a block may need.
  Step Small(ByteView in, std::span<std::uint8_t> out) {
    Step step;
    if (ready_ == 0) {
      const std::size_t piece = std::min(in.size(), kBlock);
      int produced = 0;
      if (piece == 0 ||
          EVP_DecryptUpdate(context_.get(), block_.data(), &produced, in.data(),
                            static_cast<int>(piece)) != 1) {
        step.done = piece == 0;
        return step;
      }
      step.consumed = piece;
      ready_ = static_cast<std::size_t>(produced);
      given_ = 0;
    }
    step.produced = std::min(ready_, out.size());
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(given_),
                step.produced, out.begin());
    given_ += step.produced;
    ready_ -= step.produced;
    return step;
  }

  std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context_{EVP_CIPHER_CTX_new()};
  std::array<std::uint8_t, 2 * kBlock> block_ = {};
  std::size_t ready_ = 0;
  std::size_t given_ = 0;
};

std::array<std::uint8_t, 32> KeyOf(unsigned power, ByteView salt,
                                   const std::string& password) {
  Bytes round = CopyOf(salt);
  const Bytes text = Utf16OfText(password);
  round.insert(round.end(), text.begin(), text.end());
  std::array<std::uint8_t, 32> key = {};
  if (power == kPlainKey) {
    std::copy_n(round.begin(), std::min(round.size(), key.size()), key.begin());
    return key;
  }
  const std::size_t counter = round.size();
  round.resize(counter + 8);
  // Rounds are hashed in pieces, since a call costs as much as a round.
  constexpr std::uint64_t kAtOnce = 256;
  Hasher hasher;
  Bytes piece;
  for (std::uint64_t i = 0; i < 1ULL << power; ++i) {
    for (unsigned byte = 0; byte < 8; ++byte) {
      round[counter + byte] = static_cast<std::uint8_t>(i >> (8 * byte));
    }
    piece.insert(piece.end(), round.begin(), round.end());
    if ((i + 1) % kAtOnce == 0 || i + 1 == 1ULL << power) {
      hasher.Update(piece);
      piece.clear();
    }
  }
  const auto raw = BytesFromHex(hasher.Finish().front().hex);
  std::copy_n(raw->begin(), key.size(), key.begin());
  return key;
}

}  // namespace

Result<StreamPtr> MakeAes(StreamPtr inner, ByteView properties,
                          const std::string& password) {
  const unsigned first = properties.empty() ? 0U : properties[0];
  const unsigned second = properties.size() < 2 ? 0U : properties[1];
  const std::size_t salt_size = (first >> 7U) + (second >> 4U);
  const std::size_t iv_size = (first >> 6U & 1U) + (second & 0x0fU);
  const auto salt = Slice(properties, 2, salt_size);
  const auto vector = Slice(properties, 2 + salt_size, iv_size);
  const unsigned power = first & 0x3fU;
  if (!salt || !vector || (power > kMostPower && power != kPlainKey)) {
    return Fail(ErrorCode::kUnsupported, "unknown properties of encryption");
  }
  std::array<std::uint8_t, kBlock> iv = {};
  std::copy(vector->begin(), vector->end(), iv.begin());
  auto pump = std::make_unique<AesPump>(std::move(inner));
  if (!pump->Begin(KeyOf(power, *salt, password), iv)) {
    return Fail(ErrorCode::kInternal, "AES does not start");
  }
  return pump;
}

}  // namespace assay::formats::sevenzip
