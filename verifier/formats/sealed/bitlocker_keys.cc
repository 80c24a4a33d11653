#include "verifier/formats/sealed/bitlocker_keys.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::bitlocker {
namespace {

constexpr std::uint64_t kRounds = 1U << 20U;
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::uint64_t kKeyFileHeader = 48;
constexpr std::size_t kKeySize = 32;  // of everything but the sectors

// What is hashed in every round.
struct Round {
  std::array<std::uint8_t, 32> last = {};
  std::array<std::uint8_t, 32> digest = {};
  std::array<std::uint8_t, 16> salt = {};
  Le64 number;
};
static_assert(sizeof(Round) == 88 && FileStruct<Round>);

// In front of a key, inside of its seal.
struct KeyHead {
  Le32 size;
  Le16 version, unknown;
  Le32 method;
};
static_assert(sizeof(KeyHead) == 12 && FileStruct<KeyHead>);

struct ExternalKeyHead {
  std::array<std::uint8_t, 16> id = {};
  Le64 changed;
};
static_assert(sizeof(ExternalKeyHead) == 24 && FileStruct<ExternalKeyHead>);

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

// AES-256-CCM without associated data (RFC 3610).
std::optional<Bytes> Decrypted(ByteView key, ByteView nonce, Bytes tag,
                               ByteView sealed) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(
      EVP_CIPHER_CTX_new());
  Bytes plain(sealed.size());
  int size = 0;
  const bool ok =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_ccm(), nullptr, nullptr,
                         nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN,
                          static_cast<int>(nonce.size()), nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG,
                          static_cast<int>(tag.size()), tag.data()) == 1 &&
      EVP_DecryptInit_ex(context.get(), nullptr, nullptr, key.data(),
                         nonce.data()) == 1 &&
      EVP_DecryptUpdate(context.get(), plain.data(), &size, sealed.data(),
                        static_cast<int>(sealed.size())) == 1;
  return ok ? std::optional(std::move(plain)) : std::nullopt;
}

// What a startup key is: the key itself, or the file that Windows keeps it in.
Bytes StartupKey(ByteView file) {
  if (file.size() == kKeySize) {
    return CopyOf(file);
  }
  const auto external = [](const Entry& entry) {
    return entry.value_type ==
               static_cast<std::uint16_t>(ValueType::kExternalKey) &&
           entry.value.size() >= sizeof(ExternalKeyHead);
  };
  const auto key = [](const Entry& entry) {
    return entry.value_type == static_cast<std::uint16_t>(ValueType::kKey) &&
           entry.value.size() == sizeof(Le32) + kKeySize;
  };
  const auto entries = EntriesIn(
      file.subspan(std::min<std::size_t>(kKeyFileHeader, file.size())));
  const auto holder = std::find_if(entries.begin(), entries.end(), external);
  if (holder == entries.end()) {
    return {};
  }
  const auto inside = EntriesIn(holder->value.subspan(sizeof(ExternalKeyHead)));
  const auto found = std::find_if(inside.begin(), inside.end(), key);
  return found == inside.end() ? Bytes()
                               : CopyOf(found->value.subspan(sizeof(Le32)));
}

}  // namespace

std::optional<Bytes> RecoveryNumber(std::string_view text) {
  constexpr std::size_t kGroup = 6;
  constexpr std::size_t kLength = 8 * (kGroup + 1) - 1;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  if (text.size() != kLength) {
    return std::nullopt;
  }
  Bytes number;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i <= kLength; ++i) {
    const bool last = i % (kGroup + 1) == kGroup;
    const char c = i < kLength ? text[i] : '-';
    if (last ? c != '-' : c < '0' || c > '9') {
      return std::nullopt;
    }
    if (!last) {
      group = group * 10 + static_cast<std::uint32_t>(c - '0');
      continue;
    }
    if (group % 11 != 0 || group / 11 > 0xFFFF) {
      return std::nullopt;
    }
    number.push_back(static_cast<std::uint8_t>(group / 11));
    number.push_back(static_cast<std::uint8_t>(group / 11 >> 8U));
    group = 0;
  }
  return number;
}

std::array<std::uint8_t, 32> Stretched(
    const std::array<std::uint8_t, 32>& digest, ByteView salt) {
  Round round;
  round.digest = digest;
  std::copy_n(salt.begin(), std::min(salt.size(), round.salt.size()),
              round.salt.begin());
  for (std::uint64_t i = 0; i < kRounds; ++i) {
    for (unsigned byte = 0; byte < 4; ++byte) {
      round.number.raw.at(byte) = static_cast<std::uint8_t>(i >> (8 * byte));
    }
    round.last = Sha256Raw(BytesOf(round));
  }
  return round.last;
}

std::optional<Bytes> Unsealed(ByteView key, ByteView sealed) {
  if (key.size() != kKeySize || sealed.size() < kNonce + kTag ||
      sealed.size() > 4096) {
    return std::nullopt;
  }
  const auto plain =
      Decrypted(key, sealed.first(kNonce), CopyOf(sealed.subspan(kNonce, kTag)),
                sealed.subspan(kNonce + kTag));
  const auto head =
      plain ? ReadAt<KeyHead>(*plain, 0) : std::optional<KeyHead>();
  if (!head || head->size < sizeof(KeyHead)) {
    return std::nullopt;
  }
  const auto inside =
      Slice(*plain, sizeof(KeyHead), head->size - sizeof(KeyHead));
  return inside ? std::optional(CopyOf(*inside)) : std::nullopt;
}

std::optional<Bytes> VolumeKeys::FromPassword(const Protector& protector) {
  for (const ByteView secret : sealed::Passphrases(secrets_)) {
    std::array<std::uint8_t, 32> digest = {};
    if (protector.protection == Protection::kRecovery) {
      const auto number = RecoveryNumber(AsText(secret));
      if (!number) {
        continue;
      }
      digest = Sha256Raw(*number);
    } else {
      digest = Sha256Raw(Sha256Raw(Utf16OfText(AsText(secret))));
    }
    if (const auto ok = budget_.Charge(kRounds, 2 * 64); !ok) {
      limit_ = ok.error();
      return std::nullopt;
    }
    if (auto key =
            Unsealed(Stretched(digest, protector.salt), protector.sealed)) {
      return key;
    }
  }
  return std::nullopt;
}

std::optional<Bytes> VolumeKeys::FromKeyFile(const Protector& protector) const {
  for (const Bytes& file : secrets_.keys) {
    if (auto key = Unsealed(StartupKey(file), protector.sealed)) {
      return key;
    }
  }
  return std::nullopt;
}

std::optional<Bytes> VolumeKeys::MasterKey(const Protector& protector) {
  switch (protector.protection) {
    case Protection::kClearKey:
      return Unsealed(protector.key, protector.sealed);
    case Protection::kPassword:
    case Protection::kRecovery:
      return FromPassword(protector);
    default:
      return FromKeyFile(protector);
  }
}

bool VolumeKeys::LiesOpen() const {
  return std::any_of(
      volume_.protectors.begin(), volume_.protectors.end(),
      [](const Protector& protector) {
        return protector.protection == Protection::kClearKey &&
               Unsealed(protector.key, protector.sealed).has_value();
      });
}

Result<Bytes> VolumeKeys::Find() {
  // What the user gives may be the master key itself.
  std::vector<Bytes> masters = secrets_.keys;
  for (const Protector& protector : volume_.protectors) {
    if (auto master = MasterKey(protector)) {
      masters.push_back(std::move(*master));
      break;
    }
  }
  for (const Bytes& master : masters) {
    if (auto key = Unsealed(master, volume_.sealed_key)) {
      return std::move(*key);
    }
  }
  return Fail(limit_.value_or(
      Error{ErrorCode::kUnsupported, "none of the secrets opens it"}));
}

}  // namespace assay::formats::bitlocker
