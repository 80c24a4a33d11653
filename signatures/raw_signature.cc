#include "signatures/raw_signature.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "signatures/der.h"
#include "signatures/x509.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

using Kind = RawSignature::Kind;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;

constexpr std::size_t kMaxLine = 256;

bool IsOfKind(EVP_PKEY& key, Kind kind) {
  switch (EVP_PKEY_get_base_id(&key)) {
    case EVP_PKEY_RSA:
      return kind == Kind::kByKey || kind == Kind::kRsaPkcs1 ||
             kind == Kind::kRsaPss;
    case EVP_PKEY_RSA_PSS:
      return kind == Kind::kByKey || kind == Kind::kRsaPss;
    case EVP_PKEY_EC:
      return kind == Kind::kByKey || kind == Kind::kEcdsa ||
             kind == Kind::kEcdsaRaw;
    case EVP_PKEY_ED25519:
      return kind == Kind::kByKey || kind == Kind::kEd25519;
    default:
      return false;
  }
}

// An INTEGER of an unsigned big-endian number, X.690 section 8.3.
Bytes DerInteger(ByteView number) {
  while (number.size() > 1 && number.front() == 0) {
    number = number.subspan(1);
  }
  Bytes content;
  if (number.empty() || number.front() >= 0x80) {
    content.push_back(0);
  }
  content.insert(content.end(), number.begin(), number.end());
  // WriteDer takes the long form from 128 bytes on; a number has fewer.
  return WriteDer(kDerInteger, content);
}

// Ecdsa-Sig-Value of r || s; empty when they are not of the key's size.
Bytes DerOfRawEcdsa(ByteView raw, EVP_PKEY& key) {
  const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(&key));
  if (raw.size() % 2 != 0 || raw.size() / 2 != (bits + 7) / 8) {
    return {};
  }
  Bytes both = DerInteger(raw.first(raw.size() / 2));
  const Bytes s = DerInteger(raw.subspan(raw.size() / 2));
  both.insert(both.end(), s.begin(), s.end());
  if (both.size() < 128) {
    return WriteDer(kDerSequence, both);
  }
  // P-521 and above: the short form of the long form, which DER asks for.
  Bytes sequence = {kDerSequence, 0x81, static_cast<std::uint8_t>(both.size())};
  sequence.insert(sequence.end(), both.begin(), both.end());
  return both.size() < 256 ? sequence : Bytes{};
}

struct Signed {
  ByteView message = {};
  std::optional<Digest> digest = {};  // of the message, when one is used
};

bool HoldsWith(EVP_PKEY& key, const RawSignature& signature,
               const Signed& what) {
  const ByteView value = signature.value;
  if (EVP_PKEY_get_base_id(&key) == EVP_PKEY_ED25519) {
    // MCUboot signs the digest as if it was the message.
    const Bytes digest =
        what.digest ? BytesFromHex(what.digest->hex).value() : Bytes{};
    return HoldsOverMessage(key, std::nullopt,
                            signature.digest && signature.kind == Kind::kEd25519
                                ? ByteView(digest)
                                : what.message,
                            value);
  }
  if (!what.digest) {
    return false;
  }
  switch (signature.kind) {
    case Kind::kRsaPss:
      return HoldsOverDigest(key, *what.digest, value, Padding::kPssAnySalt);
    case Kind::kEcdsaRaw:
      return HoldsOverDigest(key, *what.digest, DerOfRawEcdsa(value, key));
    case Kind::kByKey:
      return HoldsOverDigest(key, *what.digest, value) ||
             (EVP_PKEY_get_base_id(&key) != EVP_PKEY_EC &&
              HoldsOverDigest(key, *what.digest, value, Padding::kPssAnySalt));
    default:
      return HoldsOverDigest(key, *what.digest, value);
  }
}

// The digest that an RSA PKCS #1 signature opens to under this key: who can
// open it has the key that made it. "" when it does not open.
std::string DigestSignedBy(EVP_PKEY& key, const RawSignature& signature) {
  const KeyContextPtr context(EVP_PKEY_CTX_new(&key, nullptr));
  const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(&key));
  Bytes opened(size);
  std::size_t length = size;
  std::string hex;
  if (signature.digest && EVP_PKEY_get_base_id(&key) == EVP_PKEY_RSA &&
      context && EVP_PKEY_verify_recover_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
      EVP_PKEY_CTX_set_signature_md(
          context.get(), EVP_get_digestbyname(
                             std::string(NameOf(*signature.digest)).c_str())) ==
          1 &&
      EVP_PKEY_verify_recover(context.get(), opened.data(), &length,
                              signature.value.data(),
                              signature.value.size()) == 1 &&
      length <= size) {
    hex = HexOf(ByteView(opened).first(length));
  }
  ERR_clear_error();
  return hex;
}

void Conclude(SignatureCheck& check, Indication indication,
              std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
}

std::optional<Signed> SignedOf(const SignatureCandidate& candidate,
                               ByteView message,
                               const RawSignature& signature) {
  Signed what{.message = message};
  if (!signature.digest) {
    return what;
  }
  const auto kept = std::ranges::find_if(
      candidate.message_digests,
      [&](const Digest& one) { return one.algorithm == *signature.digest; });
  if (kept != candidate.message_digests.end()) {
    what.digest = *kept;
  } else if (candidate.message_digests.empty()) {
    what.digest = DigestOf(*signature.digest, message);
  } else {
    return std::nullopt;
  }
  return what;
}

bool IsWeak(const RawSignature& signature) {
  return signature.digest == DigestAlgorithm::kMd5 ||
         signature.digest == DigestAlgorithm::kSha1;
}

void Accept(const AnchoredKey& key, const RawSignature& signature,
            const Trust& trust, const RawRules& rules, SignatureCheck& check) {
  SpeakFor(check, key);
  check.algorithm = UseOf(*key.key, signature.digest);
  check.steps.push_back(fmt::format("signed ({}) by key {} (anchor {})",
                                    Escaped(signature.algorithm),
                                    key.fingerprint, key.anchor));
  const std::string refused =
      WhyKeyIsRefused(*key.key, trust.legacy_algorithms);
  ERR_clear_error();
  if (!refused.empty()) {
    Conclude(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             refused);
  } else if (IsWeak(signature) && !trust.legacy_algorithms) {
    Conclude(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             "MD5 or SHA-1, which the policy does not allow");
  } else if (!rules.weakness.empty()) {
    Conclude(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             rules.weakness);
  } else {
    check.indication = Indication::kTotalPassed;
    check.good_keys = {GoodKeyOf(check)};
  }
}

void Reject(const std::vector<AnchoredKey>& keys, const RawSignature& signature,
            const Signed& what, SignatureCheck& check) {
  for (const AnchoredKey& key : keys) {
    if (const std::string signed_digest = DigestSignedBy(*key.key, signature);
        !signed_digest.empty() && what.digest) {
      SpeakFor(check, key);
      check.algorithm = UseOf(*key.key, signature.digest);
      Conclude(check, Indication::kTotalFailed, "HASH_FAILURE",
               fmt::format("signed is the {} {}, the bytes have {}",
                           NameOf(what.digest->algorithm), signed_digest,
                           what.digest->hex));
      return;
    }
  }
  if (keys.size() == 1) {
    SpeakFor(check, keys.front());
  }
  Conclude(check, Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
           fmt::format("the signature holds with none of {} anchored keys of "
                       "its kind: the bytes were changed or another key signed",
                       keys.size()));
}

}  // namespace

Bytes Encode(const RawSignature& signature) {
  const std::string line = fmt::format(
      "{}\t{}\t{}\t{}\n", static_cast<unsigned>(signature.kind), signature.bits,
      signature.digest ? NameOf(*signature.digest) : "-",
      Escaped(std::string_view(signature.algorithm).substr(0, 32)));
  Bytes encoded = CopyOf(AsBytes(line));
  encoded.insert(encoded.end(), signature.value.begin(), signature.value.end());
  return encoded;
}

std::optional<RawSignature> DecodeRaw(ByteView encoded) {
  const std::string_view head = AsText(encoded).substr(0, kMaxLine);
  const std::size_t end = head.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto fields = Split(head.substr(0, end), '\t');
  if (fields.size() != 4) {
    return std::nullopt;
  }
  const auto kind = NumberOf(fields[0]);
  const auto bits = NumberOf(fields[1]);
  if (!kind || *kind > static_cast<unsigned>(Kind::kEd25519) || !bits ||
      *bits > UINT32_MAX) {
    return std::nullopt;
  }
  RawSignature signature{.kind = static_cast<Kind>(*kind),
                         .bits = static_cast<std::uint32_t>(*bits),
                         .algorithm = std::string(fields[3]),
                         .value = CopyOf(encoded.subspan(end + 1))};
  if (fields[2] != "-") {
    signature.digest = DigestAlgorithmOf(fields[2]);
    if (!signature.digest) {
      return std::nullopt;
    }
  }
  return signature;
}

SignatureCheck CheckRaw(const SignatureCandidate& candidate, ByteView message,
                        const Trust& trust, const RawRules& rules) {
  SignatureCheck check{.scheme = std::string(rules.scheme)};
  const auto signature = DecodeRaw(candidate.signature);
  if (!candidate.problems.empty() || !signature) {
    Conclude(check, Indication::kTotalFailed, "FORMAT_FAILURE",
             candidate.problems.empty() ? "no signature of this kind"
                                        : candidate.problems.front());
    return check;
  }
  const auto what = SignedOf(candidate, message, *signature);
  if (signature->kind == Kind::kUnknown || !what) {
    Conclude(check, Indication::kUnsupported, "",
             fmt::format("signature algorithm {}", signature->algorithm));
    return check;
  }
  std::vector<AnchoredKey> keys = KeysOf(trust);
  std::erase_if(keys, [&](const AnchoredKey& key) {
    const auto bits = static_cast<std::uint32_t>(EVP_PKEY_get_bits(&*key.key));
    return !IsOfKind(*key.key, signature->kind) ||
           (signature->bits != 0 && bits != signature->bits) ||
           (!rules.key.empty() && key.fingerprint != rules.key);
  });
  if (keys.empty()) {
    check.key = rules.key;
    Conclude(check, Indication::kIndeterminate, "NO_CERTIFICATE_CHAIN_FOUND",
             fmt::format("no anchor has a key for {}", signature->algorithm));
    return check;
  }
  const auto holds = std::ranges::find_if(keys, [&](const AnchoredKey& key) {
    return HoldsWith(*key.key, *signature, *what);
  });
  if (holds == keys.end()) {
    Reject(keys, *signature, *what, check);
  } else {
    Accept(*holds, *signature, trust, rules, check);
  }
  return check;
}

}  // namespace assay::signatures
