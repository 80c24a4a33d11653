// What `openssl enc` writes: "Salted__", 8 bytes of salt, and data whose
// cipher and key derivation are not stated. With a password the usual ones are
// tried, and one is believed when the padding is right and the content is of a
// format that we know, or text.
//
// Reference: OpenSSL, apps/enc.c; doc/man3/EVP_BytesToKey.pod.

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"
#include "verifier/formats/sealed/key_derivation.h"

namespace assay::formats {
namespace {

constexpr std::string_view kMagic = "Salted__";
constexpr std::size_t kSalt = 8;
constexpr std::size_t kHeader = kMagic.size() + kSalt;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kMaterial = 48;          // a key of 256 bits and a vector
constexpr std::uint64_t kIterations = 10'000;  // the default of -pbkdf2

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

// AES in CBC mode over whole blocks.
class CbcStream : public ByteStream {
 public:
  // The first `size` bytes of what `sealed` decrypts to.
  CbcStream(ByteSource sealed, std::uint64_t size)
      : sealed_(std::move(sealed)), left_(size) {}

  [[nodiscard]] bool Begin(const EVP_CIPHER* cipher, ByteView key,
                           ByteView vector) {
    return context_ &&
           EVP_DecryptInit_ex(context_.get(), cipher, nullptr, key.data(),
                              vector.data()) == 1 &&
           EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
  }

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && left_ > 0) {
      if (given_ == ready_ && !Refill()) {
        return Fail(ErrorCode::kInternal,
                    fmt::format("AES stops at byte {}", at_));
      }
      const std::size_t piece =
          static_cast<std::size_t>(std::min<std::uint64_t>(
              {ready_ - given_, into.size() - filled, left_}));
      std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(given_), piece,
                  into.subspan(filled).begin());
      filled += piece;
      given_ += piece;
      left_ -= piece;
    }
    return filled;
  }

 private:
  bool Refill() {
    constexpr std::uint64_t kAtOnce = 64U << 10U;
    const ByteView piece =
        sealed_.From(at_).bytes().first(static_cast<std::size_t>(
            std::min<std::uint64_t>(sealed_.size() - at_, kAtOnce)));
    buffer_.resize(piece.size() + kBlock);
    int size = 0;
    if (piece.empty() ||
        EVP_DecryptUpdate(context_.get(), buffer_.data(), &size, piece.data(),
                          static_cast<int>(piece.size())) != 1) {
      return false;
    }
    at_ += piece.size();
    ready_ = static_cast<std::size_t>(size);
    given_ = 0;
    return ready_ > 0;
  }

  ByteSource sealed_;
  std::uint64_t left_;
  std::uint64_t at_ = 0;
  std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context_{EVP_CIPHER_CTX_new()};
  Bytes buffer_;
  std::size_t ready_ = 0;
  std::size_t given_ = 0;
};

bool IsText(ByteView bytes) {
  const std::string_view text = AsText(bytes);
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte >= 0x20 ? byte != 0x7F : c == '\n' || c == '\r' || c == '\t';
  });
  // The last character may have been cut.
  for (std::size_t cut = 0; plain && cut < 4 && cut <= text.size(); ++cut) {
    if (IsValidUtf8(text.substr(0, text.size() - cut))) {
      return true;
    }
  }
  return false;
}

// Whether noise is unlikely to look like this.
bool IsPlausible(ByteView head) {
  if (head.empty()) {
    return true;  // a whole block of padding
  }
  const Format* format = Detect(head);
  return IsText(head) || (format != nullptr && format->proof != Proof::kWeak);
}

// How a key is made, and of which size.
struct Recipe {
  std::string_view name = {};
  Bytes material = {};  // key and vector one after the other; shorter keys too
};

struct Opened {
  std::string how = {};
  std::unique_ptr<CbcStream> content = {};
};

class Opener {
 public:
  Opener(ByteSource sealed, ByteView salt, const ArtifactSink& sink)
      : sealed_(std::move(sealed)), salt_(salt), sink_(sink) {}

  // Otherwise why no secret and no recipe gives content.
  Result<Opened> Try() {
    sealed::DerivationBudget budget(sink_.limits());
    std::string why = "none of the secrets opens it";
    for (const ByteView secret : sealed::Passphrases(sink_.secrets())) {
      auto slow = sealed::Pbkdf2(EVP_sha256(), secret, salt_, kIterations,
                                 kMaterial, budget);
      if (!slow) {
        why = slow.error().what;
      }
      for (const Recipe& recipe :
           {Recipe{"pbkdf2-sha256", slow.value_or(Bytes())},
            Recipe{"sha256", ToKey(EVP_sha256(), secret)},
            Recipe{"md5", ToKey(EVP_md5(), secret)}}) {
        for (const std::size_t bits : {256U, 128U}) {
          if (auto content = TryKey(recipe.material, bits)) {
            return Opened{fmt::format("aes-{}-cbc, {}", bits, recipe.name),
                          std::move(content)};
          }
        }
      }
    }
    return Fail(ErrorCode::kUnsupported, why);
  }

 private:
  [[nodiscard]] Bytes ToKey(const EVP_MD* hash, ByteView secret) const {
    Bytes key(32);
    Bytes vector(kBlock);
    constexpr std::size_t kLongest = 1U << 20U;
    if (secret.size() > kLongest ||
        EVP_BytesToKey(EVP_aes_256_cbc(), hash, salt_.data(), secret.data(),
                       static_cast<int>(secret.size()), 1, key.data(),
                       vector.data()) != 32) {
      return {};
    }
    key.insert(key.end(), vector.begin(), vector.end());
    return key;
  }

  [[nodiscard]] std::unique_ptr<CbcStream> Start(const ByteSource& from,
                                                 ByteView key, ByteView vector,
                                                 std::uint64_t size) const {
    auto stream = std::make_unique<CbcStream>(from, size);
    const EVP_CIPHER* cipher =
        key.size() == 32 ? EVP_aes_256_cbc() : EVP_aes_128_cbc();
    return stream->Begin(cipher, key, vector) ? std::move(stream) : nullptr;
  }

  // PKCS #7: as many bytes of the value as there are of padding (RFC 5652,
  // section 6.3).
  [[nodiscard]] std::optional<std::size_t> PaddingOf(ByteView key,
                                                     ByteView vector) const {
    const std::uint64_t last = sealed_.size() - kBlock;
    const ByteView before =
        last == 0 ? vector : *Slice(sealed_.bytes(), last - kBlock, kBlock);
    const auto stream = Start(sealed_.From(last), key, before, kBlock);
    std::array<std::uint8_t, kBlock> block = {};
    if (!stream || stream->Read(block) != kBlock) {
      return std::nullopt;
    }
    const std::size_t count = block.back();
    const bool good =
        count >= 1 && count <= kBlock &&
        std::all_of(block.end() - static_cast<std::ptrdiff_t>(count),
                    block.end(), [&](auto byte) { return byte == count; });
    return good ? std::optional(count) : std::nullopt;
  }

  [[nodiscard]] std::unique_ptr<CbcStream> TryKey(ByteView material,
                                                  std::size_t bits) const {
    const auto key = Slice(material, 0, bits / 8);
    const auto vector = Slice(material, bits / 8, kBlock);
    const auto padding =
        key && vector ? PaddingOf(*key, *vector) : std::nullopt;
    if (!padding) {
      return nullptr;
    }
    const std::uint64_t size = sealed_.size() - *padding;
    Bytes head(static_cast<std::size_t>(
        std::min<std::uint64_t>(size, Input::kPeekLimit)));
    const auto trial = Start(sealed_, *key, *vector, size);
    if (!trial || trial->Read(head) != head.size() || !IsPlausible(head)) {
      return nullptr;
    }
    return Start(sealed_, *key, *vector, size);
  }

  ByteSource sealed_;
  ByteView salt_;
  const ArtifactSink& sink_;
};

// Text that speaks of the magic is no ciphertext.
bool Matches(ByteView head) {
  return head.size() > kHeader && AsText(head.first(kMagic.size())) == kMagic &&
         !IsText(head.subspan(kMagic.size()));
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes.first(std::min(bytes.size(), Input::kPeekLimit)))) {
    return Fail(ErrorCode::kNotThisFormat, "nothing that openssl enc wrote");
  }
  return bytes.size();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto end = Measure(source.bytes());
  if (!end) {
    return Fail(end.error());
  }
  sink.Claim({0, kHeader}, RegionUse::kMetadata);
  const ByteSource data = source.From(kHeader);
  Member member{.name = "payload", .origin = Range{kHeader, data.size()}};
  Result<Opened> opened =
      Fail(ErrorCode::kUnsupported, "not whole blocks of AES in CBC mode");
  if (data.size() % kBlock == 0) {
    const ByteView salt = *Slice(source.bytes(), kMagic.size(), kSalt);
    opened = Opener(data, salt, sink).Try();
  }
  Result<void> added;
  if (opened) {
    member.meta.xattrs.emplace_back("openssl.cipher", opened->how);
    added = sink.AddStream(std::move(member), *opened->content);
  } else {
    std::string why = "encrypted (openssl enc)";
    why += sink.secrets().empty() ? "" : ": " + opened.error().what;
    added = sink.AddOpaque(std::move(member), std::move(why));
  }
  if (!added) {
    return added;
  }
  return input.Skip(*end);
}

constexpr Magic kMagics[] = {{kMagic, 0}};  // NOLINT: a table

}  // namespace

extern const Format kOpensslSalted;
const Format kOpensslSalted = {
    .name = "openssl_salted",
    .title = "data encrypted by openssl enc",
    .reference = "OpenSSL, apps/enc.c",
    .magics = kMagics,
    .proof = Proof::kMagic,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
