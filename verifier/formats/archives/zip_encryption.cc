#include "verifier/formats/archives/zip_encryption.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/archives/zip_content.h"
#include "verifier/formats/archives/zip_traditional.h"

namespace assay::formats {
namespace {

constexpr std::uint16_t kAesMethod = 99;
constexpr std::uint16_t kAesExtra = 0x9901;
constexpr std::uint64_t kTrial = 16U << 20U;  // of content, to prove a password

// The AES extra field.
struct AesField {
  Le16 version;  // 1: AE-1, with a CRC; 2: AE-2, without
  std::array<std::uint8_t, 2> vendor = {};
  std::uint8_t strength = 0;
  Le16 method;
};
static_assert(sizeof(AesField) == 7 && FileStruct<AesField>);

constexpr std::uint64_t kVerifier = 2;
constexpr std::uint64_t kCode = 10;  // of the HMAC
constexpr std::uint64_t kIterations = 1000;

std::optional<AesField> AesFieldOf(const ZipEntry& entry) {
  const auto extra = FindZipExtra(entry.extra, kAesExtra);
  const auto field = extra ? ReadAt<AesField>(*extra, 0) : std::nullopt;
  return field && AsText(field->vendor) == "AE" && field->strength >= 1 &&
                 field->strength <= 3 && field->version >= 1 &&
                 field->version <= 2 && field->method != kAesMethod
             ? field
             : std::nullopt;
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

// Counter mode with a counter that is little-endian and begins with 1, which
// libcrypto does not have.
Result<ByteSource> DecryptCounter(ByteView key, ByteView data,
                                  const Limits& limits) {
  constexpr std::size_t kBlock = 16;
  constexpr std::size_t kAtOnce = 1024 * kBlock;
  const EVP_CIPHER* cipher = key.size() == 16   ? EVP_aes_128_ecb()
                             : key.size() == 24 ? EVP_aes_192_ecb()
                                                : EVP_aes_256_ecb();
  const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(
      EVP_CIPHER_CTX_new());
  if (!context || EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(),
                                     nullptr) != 1) {
    return Fail(ErrorCode::kInternal, "AES does not start");
  }
  Spool spool(limits.memory_per_member, limits.member);
  Bytes counters(kAtOnce);
  Bytes stream(kAtOnce + kBlock);
  std::uint64_t counter = 0;
  while (!data.empty()) {
    const std::size_t piece = std::min(data.size(), kAtOnce);
    for (std::size_t at = 0; at < piece; at += kBlock) {
      ++counter;
      for (std::size_t i = 0; i < 8; ++i) {
        counters[at + i] = static_cast<std::uint8_t>(counter >> (8 * i));
      }
    }
    int size = 0;
    if (EVP_EncryptUpdate(context.get(), stream.data(), &size, counters.data(),
                          static_cast<int>(kAtOnce)) != 1) {
      return Fail(ErrorCode::kInternal, "AES stops");
    }
    for (std::size_t i = 0; i < piece; ++i) {
      stream[i] = static_cast<std::uint8_t>(stream[i] ^ data[i]);
    }
    if (auto ok = spool.Append(ByteView(stream).first(piece)); !ok) {
      return Fail(ok.error());
    }
    data = data.subspan(piece);
  }
  return spool.Finish();
}

bool Authentic(ByteView key, ByteView data, ByteView code) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> made = {};
  unsigned size = 0;
  return HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), data.data(),
              data.size(), made.data(), &size) != nullptr &&
         size >= code.size() &&
         CRYPTO_memcmp(made.data(), code.data(), code.size()) == 0;
}

// Sees whether content decodes to what its header says, and keeps nothing.
class TrialSink : public ArtifactSink {
 public:
  explicit TrialSink(const Limits& limits) : limits_(limits) {}

  Result<void> Add(Member /*member*/, ByteSource /*content*/) override {
    return {};
  }
  Result<void> AddStream(Member /*member*/, ByteStream& content) override {
    Bytes buffer(64U << 10U);
    for (std::uint64_t size = 0; size < kTrial;) {
      const auto count = content.Read(buffer);
      if (!count || *count == 0) {
        fits_ = fits_ && count.has_value();
        break;
      }
      size += *count;
    }
    return {};
  }
  Result<void> AddEmpty(Member /*member*/) override { return {}; }
  // A method that we do not know proves nothing.
  Result<void> AddOpaque(Member /*member*/, std::string /*why*/) override {
    fits_ = false;
    return {};
  }
  void Claim(Range /*range*/, RegionUse /*use*/) override {}
  void Report(Anomaly /*anomaly*/) override { fits_ = false; }
  [[nodiscard]] const Limits& limits() const override { return limits_; }
  [[nodiscard]] bool fits() const { return fits_; }

 private:
  const Limits& limits_;
  bool fits_ = true;
};

bool Decodes(const ZipEntry& entry, const ByteSource& data,
             const Limits& limits) {
  TrialSink sink(limits);
  ZipDecoder decoder(sink);
  return decoder.Deliver({}, entry, data).has_value() && sink.fits();
}

}  // namespace

bool IsZipEncrypted(const ZipEntry& entry) {
  return (entry.flags &
          (kZipEncrypted | kZipStrongEncryption | kZipMaskedHeader)) != 0 ||
         entry.method == kAesMethod;
}

void ZipOpener::Prefer(std::size_t secret) {
  const auto first = secrets_.begin();
  const auto found = first + static_cast<std::ptrdiff_t>(secret);
  std::rotate(first, found, found + 1);
}

Result<ByteSource> ZipOpener::Open(ZipEntry& entry, const ByteSource& packed,
                                   Range place) {
  if ((entry.flags & (kZipStrongEncryption | kZipMaskedHeader)) != 0) {
    return Fail(ErrorCode::kUnsupported,
                "encrypted (PKWARE's strong encryption, not supported)");
  }
  const auto field = AesFieldOf(entry);
  if (entry.method == kAesMethod && !field) {
    return Fail(ErrorCode::kUnsupported, "encrypted (in no way that is known)");
  }
  const std::string how =
      entry.method == kAesMethod
          ? fmt::format("encrypted (AES-{})", 64 + 64 * field->strength)
          : "encrypted (PKWARE's traditional encryption)";
  if (secrets_.empty()) {
    return Fail(ErrorCode::kUnsupported, how);
  }
  auto opened = entry.method == kAesMethod ? OpenAes(entry, packed, place)
                                           : OpenTraditional(entry, packed);
  if (!opened) {
    return Fail(opened.error().code,
                fmt::format("{}: {}", how, opened.error().what));
  }
  return opened;
}

Result<ByteSource> ZipOpener::OpenAes(ZipEntry& entry, const ByteSource& packed,
                                      Range place) {
  const AesField field = *AesFieldOf(entry);
  const std::size_t salt_size = 4 + std::size_t{field.strength} * 4;
  const std::size_t key_size = 2 * salt_size;
  const std::uint64_t lead = salt_size + kVerifier;
  const ByteView all = packed.bytes();
  if (all.size() < lead + kCode) {
    return Fail(ErrorCode::kTruncated, "too short for its salt and its code");
  }
  const ByteView verifier = all.subspan(salt_size, kVerifier);
  const ByteView data = all.subspan(lead, all.size() - lead - kCode);
  const ByteView code = all.last(kCode);
  std::optional<Bytes> found;
  bool authentic = false;
  for (std::size_t i = 0; i < secrets_.size() && !authentic; ++i) {
    const auto keys =
        sealed::Pbkdf2(EVP_sha1(), secrets_[i], all.first(salt_size),
                       kIterations, 2 * key_size + kVerifier, budget_);
    if (!keys) {
      return Fail(keys.error());
    }
    if (!std::equal(verifier.begin(), verifier.end(),
                    ByteView(*keys).last(kVerifier).begin())) {
      continue;
    }
    authentic =
        Authentic(ByteView(*keys).subspan(key_size, key_size), data, code);
    if (authentic || !found) {
      found = CopyOf(ByteView(*keys).first(key_size));
    }
    if (authentic) {
      Prefer(i);
    }
  }
  if (!found) {
    return Fail(ErrorCode::kUnsupported, "none of the secrets opens it");
  }
  if (!authentic) {
    sink_.Report({.id = "zip.authentication-mismatch",
                  .range = place,
                  .detail = "the encrypted data do not have their HMAC"});
  }
  entry.method = field.method;
  entry.flags &= static_cast<std::uint16_t>(~kZipEncrypted);
  entry.lead = lead;
  entry.has_crc = field.version == 1;
  return DecryptCounter(*found, data, sink_.limits());
}

// One byte of check leaves one of 256 passwords, so that the content has to
// decode and to have its CRC as well.
Result<ByteSource> ZipOpener::OpenTraditional(ZipEntry& entry,
                                              const ByteSource& packed) {
  const ByteView all = packed.bytes();
  if (all.size() < kZipTraditionalHeader) {
    return Fail(ErrorCode::kTruncated, "too short for its header");
  }
  ZipEntry plain = entry;
  plain.flags &= static_cast<std::uint16_t>(~kZipEncrypted);
  plain.lead = kZipTraditionalHeader;
  for (std::size_t i = 0; i < secrets_.size(); ++i) {
    ZipTraditional cipher(secrets_[i]);
    Bytes header = CopyOf(all.first(kZipTraditionalHeader));
    cipher.Decrypt(header);
    const unsigned check = header.back();
    const bool later = (entry.flags & kZipHasDescriptor) != 0;
    if (check != entry.crc >> 24U &&
        (!later || check != unsigned{entry.dos_time} >> 8U)) {
      continue;
    }
    Spool spool(sink_.limits().memory_per_member, sink_.limits().member);
    ByteView rest = all.subspan(kZipTraditionalHeader);
    while (!rest.empty()) {
      constexpr std::size_t kAtOnce = 64U << 10U;
      Bytes piece = CopyOf(rest.first(std::min(rest.size(), kAtOnce)));
      rest = rest.subspan(piece.size());
      cipher.Decrypt(piece);
      if (auto ok = spool.Append(piece); !ok) {
        return Fail(ok.error());
      }
    }
    auto data = spool.Finish();
    if (!data) {
      return data;
    }
    if (Decodes(plain, *data, sink_.limits())) {
      entry = plain;
      Prefer(i);
      return data;
    }
  }
  return Fail(ErrorCode::kUnsupported, "none of the secrets opens it");
}

}  // namespace assay::formats
