#include "verifier/formats/sealed/sector_cipher.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/formats/sealed/key_derivation.h"

namespace assay::formats::sealed {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::uint64_t kUnit = 512;  // in which sectors are numbered

enum class Chaining : std::uint8_t { kXts, kCbc };
enum class Numbering : std::uint8_t { kPlain, kPlain64, kEssiv, kEboiv };

struct Kind {
  std::string_view name = {};
  Chaining chaining = Chaining::kXts;
  Numbering numbering = Numbering::kPlain64;
};

constexpr std::array<Kind, 6> kKinds = {{
    {"aes-xts-plain64", Chaining::kXts, Numbering::kPlain64},
    {"aes-xts-plain", Chaining::kXts, Numbering::kPlain},
    {"aes-cbc-essiv:sha256", Chaining::kCbc, Numbering::kEssiv},
    {"aes-cbc-plain64", Chaining::kCbc, Numbering::kPlain64},
    {"aes-cbc-plain", Chaining::kCbc, Numbering::kPlain},
    {"aes-cbc-eboiv", Chaining::kCbc, Numbering::kEboiv},
}};

const Kind* KindNamed(std::string_view name) {
  const auto* found =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [&](const Kind& kind) { return kind.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

const EVP_CIPHER* CipherOf(Chaining chaining, std::size_t key) {
  if (chaining == Chaining::kXts) {
    return key == 64   ? EVP_aes_256_xts()
           : key == 32 ? EVP_aes_128_xts()
                       : nullptr;
  }
  return key == 32   ? EVP_aes_256_cbc()
         : key == 24 ? EVP_aes_192_cbc()
         : key == 16 ? EVP_aes_128_cbc()
                     : nullptr;
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// For single blocks; null when libcrypto refuses.
Context BlockEncryptor(ByteView key) {
  const EVP_CIPHER* cipher = key.size() == 32   ? EVP_aes_256_ecb()
                             : key.size() == 24 ? EVP_aes_192_ecb()
                             : key.size() == 16 ? EVP_aes_128_ecb()
                                                : nullptr;
  Context context(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || !context ||
      EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), nullptr) !=
          1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1) {
    return nullptr;
  }
  return context;
}

}  // namespace

struct SectorCipher::State {
  Numbering numbering = Numbering::kPlain64;
  Context context{EVP_CIPHER_CTX_new()};
  Context encryptor = {};  // of the vector, where it is encrypted itself

  // The vector of a sector; false when libcrypto refuses.
  bool Vector(std::uint64_t number, std::array<std::uint8_t, kBlock>& vector) {
    const std::size_t width = numbering == Numbering::kPlain ? 4 : 8;
    vector = {};
    for (std::size_t i = 0; i < width; ++i) {
      vector.at(i) = static_cast<std::uint8_t>(number >> (8 * i));
    }
    if (!encryptor) {
      return true;
    }
    const auto plain = vector;
    int size = 0;
    return EVP_EncryptUpdate(encryptor.get(), vector.data(), &size,
                             plain.data(), kBlock) == 1;
  }
};

SectorCipher::SectorCipher(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
SectorCipher::SectorCipher(SectorCipher&&) noexcept = default;
SectorCipher& SectorCipher::operator=(SectorCipher&&) noexcept = default;
SectorCipher::~SectorCipher() = default;

bool SectorCipher::Knows(std::string_view name) {
  return KindNamed(name) != nullptr;
}

Result<SectorCipher> SectorCipher::Make(std::string_view name, ByteView key) {
  const Kind* kind = KindNamed(name);
  if (kind == nullptr) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("cipher {} is not supported", name));
  }
  const EVP_CIPHER* cipher = CipherOf(kind->chaining, key.size());
  if (cipher == nullptr) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{} with a key of {} bytes", name, key.size()));
  }
  auto state = std::make_unique<State>();
  state->numbering = kind->numbering;
  const std::array<std::uint8_t, kBlock> zeros = {};
  bool ok = state->context &&
            EVP_DecryptInit_ex(state->context.get(), cipher, nullptr,
                               key.data(), zeros.data()) == 1 &&
            EVP_CIPHER_CTX_set_padding(state->context.get(), 0) == 1;
  if (kind->numbering == Numbering::kEssiv) {
    state->encryptor = BlockEncryptor(HashOf(EVP_sha256(), key));
    ok = ok && state->encryptor;
  } else if (kind->numbering == Numbering::kEboiv) {
    state->encryptor = BlockEncryptor(key);
    ok = ok && state->encryptor;
  }
  if (!ok) {
    return Fail(ErrorCode::kInternal, fmt::format("{} does not start", name));
  }
  return SectorCipher(std::move(state));
}

bool SectorCipher::Decrypt(std::uint64_t number, ByteView in,
                           std::span<std::uint8_t> out) {
  std::array<std::uint8_t, kBlock> vector = {};
  int size = 0;
  constexpr std::size_t kLargest = 1U << 20U;
  return in.size() == out.size() && in.size() <= kLargest &&
         state_->Vector(number, vector) &&
         EVP_DecryptInit_ex(state_->context.get(), nullptr, nullptr, nullptr,
                            vector.data()) == 1 &&
         EVP_DecryptUpdate(state_->context.get(), out.data(), &size, in.data(),
                           static_cast<int>(in.size())) == 1;
}

Result<std::size_t> SectorStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    if (given_ < rest_.size()) {
      const std::size_t piece =
          std::min(rest_.size() - given_, into.size() - filled);
      std::copy_n(rest_.begin() + static_cast<std::ptrdiff_t>(given_), piece,
                  into.subspan(filled).begin());
      given_ += piece;
      filled += piece;
      continue;
    }
    const auto sector = Slice(sealed_.bytes(), at_, sector_);
    if (!sector) {
      break;
    }
    const bool fits = into.size() - filled >= sector_;
    rest_.resize(fits ? 0 : sector_);
    given_ = 0;
    const auto out =
        fits ? into.subspan(filled, sector_) : std::span<std::uint8_t>(rest_);
    if (!cipher_.Decrypt(number_, *sector, out)) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("sector at {} is not decrypted", at_));
    }
    filled += fits ? sector_ : 0;
    at_ += sector_;
    number_ += sector_ / kUnit;
  }
  return filled;
}

}  // namespace assay::formats::sealed
