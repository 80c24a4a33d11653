#include "verifier/formats/sealed/key_derivation.h"

#include <argon2.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <limits>
#include <utility>

namespace assay::formats::sealed {
namespace {

constexpr std::uint64_t kMostRounds = std::numeric_limits<int>::max();

}  // namespace

const EVP_MD* HashNamed(std::string_view name) {
  using Maker = const EVP_MD* (*)();
  constexpr std::array<std::pair<std::string_view, Maker>, 7> kHashes = {{
      {"sha256", EVP_sha256},
      {"sha1", EVP_sha1},
      {"sha512", EVP_sha512},
      {"sha384", EVP_sha384},
      {"sha224", EVP_sha224},
      {"ripemd160", EVP_ripemd160},
      {"md5", EVP_md5},
  }};
  for (const auto& [known, make] : kHashes) {
    if (known == name) {
      return make();
    }
  }
  return nullptr;
}

Bytes HashOf(const EVP_MD* hash, ByteView bytes) {
  Bytes digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (hash == nullptr || EVP_Digest(bytes.data(), bytes.size(), digest.data(),
                                    &size, hash, nullptr) != 1) {
    return {};
  }
  digest.resize(size);
  return digest;
}

Result<void> DerivationBudget::Charge(std::uint64_t rounds,
                                      std::uint64_t unit) {
  if (unit != 0 && rounds > left_ / unit) {
    return Fail(ErrorCode::kLimit,
                fmt::format("{} rounds of key derivation are more than the "
                            "limit allows",
                            rounds));
  }
  left_ -= rounds * unit;
  return {};
}

Result<Bytes> Pbkdf2(const EVP_MD* hash, ByteView secret, ByteView salt,
                     std::uint64_t iterations, std::size_t size,
                     DerivationBudget& budget) {
  if (hash == nullptr) {
    return Fail(ErrorCode::kUnsupported, "the hash of PBKDF2 is not supported");
  }
  if (iterations == 0 || iterations > kMostRounds || size == 0 ||
      size > EVP_MAX_KEY_LENGTH * 4 || secret.size() > kMostRounds ||
      salt.size() > kMostRounds) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("PBKDF2 with {} iterations for {} bytes",
                            iterations, size));
  }
  // Each block of output costs two calls of the hash's compression a round.
  const auto width = static_cast<std::size_t>(EVP_MD_get_size(hash));
  const std::uint64_t blocks = (size + width - 1) / width;
  const auto unit = 2 * static_cast<std::uint64_t>(EVP_MD_get_block_size(hash));
  if (auto ok = budget.Charge(iterations, blocks * unit); !ok) {
    return Fail(ok.error());
  }
  Bytes key(size);
  if (PKCS5_PBKDF2_HMAC(AsText(secret).data(), static_cast<int>(secret.size()),
                        salt.data(), static_cast<int>(salt.size()),
                        static_cast<int>(iterations), hash,
                        static_cast<int>(size), key.data()) != 1) {
    return Fail(ErrorCode::kUnsupported, "libcrypto refuses this PBKDF2");
  }
  return key;
}

Result<Bytes> Argon2(ByteView secret, ByteView salt, const Argon2Cost& cost,
                     std::size_t size, DerivationBudget& budget) {
  constexpr std::uint64_t kKib = 1024;
  constexpr std::uint64_t kMost = ARGON2_MAX_LANES;
  if (cost.memory > budget.memory() / kKib) {
    return Fail(ErrorCode::kLimit,
                fmt::format("Argon2 needs {} KiB of memory, the limit is {}",
                            cost.memory, budget.memory() / kKib));
  }
  if (cost.passes == 0 || cost.lanes == 0 || cost.lanes > kMost ||
      cost.memory < 8 * cost.lanes || salt.size() < ARGON2_MIN_SALT_LENGTH ||
      size < ARGON2_MIN_OUTLEN || size > EVP_MAX_KEY_LENGTH * 4 ||
      secret.size() > kMostRounds || salt.size() > kMostRounds) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("Argon2 with {} passes over {} KiB in {} lanes",
                            cost.passes, cost.memory, cost.lanes));
  }
  if (auto ok = budget.Charge(cost.passes, cost.memory * kKib); !ok) {
    return Fail(ok.error());
  }
  Bytes key(size);
  Bytes pass = CopyOf(secret);
  Bytes grain = CopyOf(salt);
  argon2_context context = {};
  context.out = key.data();
  context.outlen = static_cast<std::uint32_t>(key.size());
  context.pwd = pass.data();
  context.pwdlen = static_cast<std::uint32_t>(pass.size());
  context.salt = grain.data();
  context.saltlen = static_cast<std::uint32_t>(grain.size());
  context.t_cost = static_cast<std::uint32_t>(cost.passes);
  context.m_cost = static_cast<std::uint32_t>(cost.memory);
  context.lanes = static_cast<std::uint32_t>(cost.lanes);
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  const int code = argon2_ctx(&context, cost.hybrid ? Argon2_id : Argon2_i);
  if (code != ARGON2_OK) {
    return Fail(code == ARGON2_MEMORY_ALLOCATION_ERROR ? ErrorCode::kLimit
                                                       : ErrorCode::kMalformed,
                fmt::format("Argon2: {}", argon2_error_message(code)));
  }
  return key;
}

std::vector<ByteView> Passphrases(const Secrets& secrets) {
  std::vector<ByteView> all;
  for (const std::string& password : secrets.passwords) {
    all.push_back(AsBytes(password));
  }
  all.insert(all.end(), secrets.keys.begin(), secrets.keys.end());
  return all;
}

}  // namespace assay::formats::sealed
