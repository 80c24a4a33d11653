#include "verifier/base/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cctype>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace assay {
namespace {

struct Row {
  DigestAlgorithm algorithm;
  std::string_view name;
  std::size_t size;
  const EVP_MD* (*method)();
};

// SHA-256 leads, so that it leads in every list of digests as well.
constexpr std::array<Row, 6> kRows = {{
    {DigestAlgorithm::kSha256, "sha256", 32, EVP_sha256},
    {DigestAlgorithm::kMd5, "md5", 16, EVP_md5},
    {DigestAlgorithm::kSha1, "sha1", 20, EVP_sha1},
    {DigestAlgorithm::kSha384, "sha384", 48, EVP_sha384},
    {DigestAlgorithm::kSha512, "sha512", 64, EVP_sha512},
    {DigestAlgorithm::kBlake2b512, "blake2b512", 64, EVP_blake2b512},
}};

const Row& RowOf(DigestAlgorithm algorithm) {
  for (const Row& row : kRows) {
    if (row.algorithm == algorithm) {
      return row;
    }
  }
  throw std::logic_error("digest algorithm without a row");
}

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

void Require(int ok) {
  if (ok != 1) {
    throw std::runtime_error("libcrypto refused a digest operation");
  }
}

Context Start(const EVP_MD* method) {
  Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  Require(EVP_DigestInit_ex(context.get(), method, nullptr));
  return context;
}

}  // namespace

std::string_view NameOf(DigestAlgorithm algorithm) {
  return RowOf(algorithm).name;
}

std::size_t SizeOf(DigestAlgorithm algorithm) {
  return RowOf(algorithm).size;
}

std::optional<DigestAlgorithm> DigestAlgorithmOf(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_') {
      plain.push_back(
          static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
  }
  for (const Row& row : kRows) {
    if (plain == row.name) {
      return row.algorithm;
    }
  }
  return std::nullopt;
}

struct Hasher::State {
  std::vector<std::pair<DigestAlgorithm, Context>> contexts;
};

Hasher::Hasher(DigestSet algorithms) : state_(std::make_unique<State>()) {
  for (const Row& row : kRows) {
    if (algorithms.Contains(row.algorithm)) {
      state_->contexts.emplace_back(row.algorithm, Start(row.method()));
    }
  }
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Update(ByteView bytes) {
  for (auto& [algorithm, context] : state_->contexts) {
    Require(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()));
  }
}

std::vector<Digest> Hasher::Finish() {
  std::vector<Digest> digests;
  for (auto& [algorithm, context] : state_->contexts) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> value = {};
    unsigned size = 0;
    Require(EVP_DigestFinal_ex(context.get(), value.data(), &size));
    digests.push_back(
        {algorithm, HexOf(ByteView(value).first(std::size_t{size}))});
  }
  state_->contexts.clear();
  return digests;
}

Digest DigestOf(DigestAlgorithm algorithm, ByteView bytes) {
  Hasher hasher({algorithm});
  hasher.Update(bytes);
  return hasher.Finish().front();
}

std::string Sha256Hex(ByteView bytes) {
  return DigestOf(DigestAlgorithm::kSha256, bytes).hex;
}

std::array<std::uint8_t, 32> Sha256Raw(ByteView bytes) {
  // One context a thread: setting up a context costs more than the digest.
  thread_local const Context kContext = Start(EVP_sha256());
  std::array<std::uint8_t, 32> value = {};
  Require(EVP_DigestInit_ex(kContext.get(), nullptr, nullptr));
  Require(EVP_DigestUpdate(kContext.get(), bytes.data(), bytes.size()));
  Require(EVP_DigestFinal_ex(kContext.get(), value.data(), nullptr));
  return value;
}

std::string HexOf(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    hex.push_back(kDigits[byte >> 4U]);
    hex.push_back(kDigits[byte & 15U]);
  }
  return hex;
}

std::optional<Bytes> BytesFromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    return std::nullopt;
  }
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

}  // namespace assay
