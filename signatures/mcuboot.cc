// MCUboot images: signatures in type-length-value fields behind the image.
// Layout: MCUboot documentation, "Image format" and "Hardware-based downgrade
// prevention"; boot/bootutil/src/image_validate.c.
//
// What is signed ends with the protected fields. The others are there to carry
// the signature: everything else in them, such as a security counter that
// anybody could raise, is refused as MCUboot refuses it.

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/raw_signature.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/formats/mcu/mcuboot_image.h"

namespace assay::signatures {
namespace {

using formats::McubootImage;
using formats::McubootTlv;
using formats::McubootTlvs;
using Kind = RawSignature::Kind;

constexpr std::size_t kMaxPure = 8UL << 20U;  // per signature
constexpr std::size_t kMaxSignatures = 16;

enum Tlv : std::uint16_t {
  kKeyHash = 0x01,
  kPublicKey = 0x02,
  kSha256 = 0x10,
  kSha384 = 0x11,
  kSha512 = 0x12,
  kSecurityCounter = 0x50,
};

struct SignatureTlv {
  std::uint16_t type;
  Kind kind;
  std::uint32_t bits;
  std::string_view name;
};
constexpr std::array<SignatureTlv, 6> kSignatureTlvs = {{
    {0x20, Kind::kRsaPss, 2048, "RSA-2048 PSS"},
    {0x21, Kind::kUnknown, 0, "ECDSA P-224"},
    {0x22, Kind::kEcdsa, 0, "ECDSA"},
    {0x23, Kind::kRsaPss, 3072, "RSA-3072 PSS"},
    {0x24, Kind::kEd25519, 0, "Ed25519"},
    {0x25, Kind::kUnknown, 0, "pure"},  // a flag: see IsPure
}};
constexpr std::uint16_t kPure = 0x25;

const SignatureTlv* SignatureTlvOf(std::uint16_t type) {
  const auto* found = std::ranges::find_if(
      kSignatureTlvs,
      [&](const SignatureTlv& one) { return one.type == type; });
  return found == kSignatureTlvs.end() ? nullptr : found;
}

std::optional<DigestAlgorithm> DigestOfTlv(std::uint16_t type) {
  switch (type) {
    case kSha256:
      return DigestAlgorithm::kSha256;
    case kSha384:
      return DigestAlgorithm::kSha384;
    case kSha512:
      return DigestAlgorithm::kSha512;
    default:
      return std::nullopt;
  }
}

// image_validate.c, allowed_unprot_tlvs: keys, digests, signatures and the
// encrypted key.
bool MayStandUnprotected(std::uint16_t type) {
  return type == kKeyHash || type == kPublicKey || DigestOfTlv(type) ||
         SignatureTlvOf(type) != nullptr || (type >= 0x30 && type <= 0x36);
}

class Finder {
 public:
  Finder(ByteView bytes, const McubootImage& image, Observations& into)
      : bytes_(bytes),
        image_(image),
        tlvs_(TlvsOf(bytes, image)),
        into_(into) {}

  void FindAll() {
    ReadFields();
    Bytes key_hash;
    std::size_t count = 0;
    for (const McubootTlv& tlv : tlvs_.list) {
      const ByteView value = ValueOf(tlv);
      if (tlv.type == kKeyHash && !tlv.is_protected) {
        key_hash = CopyOf(value);
      }
      const SignatureTlv* known = SignatureTlvOf(tlv.type);
      if (known == nullptr || tlv.type == kPure || tlv.is_protected) {
        continue;
      }
      if (++count > kMaxSignatures) {
        problems_.emplace_back("more than 16 signatures");
      }
      if (count <= kMaxSignatures + 1) {
        AddSignature(tlv, *known, key_hash);
      }
      key_hash.clear();
    }
  }

 private:
  [[nodiscard]] ByteView ValueOf(const McubootTlv& tlv) const {
    return Slice(bytes_, tlv.value.offset, tlv.value.length)
        .value_or(ByteView());
  }

  void ReadFields() {
    const auto& header = image_.header;
    age_.version = fmt::format("{}.{}.{}+{}", header.major, header.minor,
                               std::uint16_t{header.revision},
                               std::uint32_t{header.build});
    signed_ = bytes_.first(static_cast<std::size_t>(image_.protected_end));
    for (const McubootTlv& tlv : tlvs_.list) {
      if (!tlv.is_protected && !MayStandUnprotected(tlv.type)) {
        problems_.push_back(fmt::format(
            "field {:#06x} must be protected, and is not", tlv.type));
      }
      if (const auto algorithm = DigestOfTlv(tlv.type);
          algorithm && !tlv.is_protected) {
        if (stated_) {
          problems_.emplace_back("more than one digest of the image");
        } else {
          stated_ = Digest{*algorithm, HexOf(ValueOf(tlv))};
        }
      }
      pure_ = pure_ || tlv.type == kPure;
      if (tlv.type == kSecurityCounter && tlv.is_protected) {
        if (const auto value = ReadAt<Le32>(ValueOf(tlv), 0)) {
          counter_ =
              fmt::format(", security counter {}", std::uint32_t{*value});
          age_.rollback_index = std::uint32_t{*value};
        }
      }
    }
    if (!tlvs_.damage.empty()) {
      problems_.emplace_back("a field ends past its area");
    }
    if (!stated_ && !pure_) {
      problems_.emplace_back("no field states a digest of the image");
    }
    if (stated_) {
      found_ = DigestOf(stated_->algorithm, signed_);
    }
  }

  void AddSignature(const McubootTlv& tlv, const SignatureTlv& known,
                    ByteView key_hash) {
    RawSignature signature{.kind = known.kind,
                           .bits = known.bits,
                           .algorithm = std::string(known.name),
                           .value = CopyOf(ValueOf(tlv))};
    SignatureCandidate candidate{.scheme = kMcuboot.name,
                                 .place = tlv.value,
                                 .key_hint = HexOf(key_hash),
                                 .age = age_,
                                 .problems = problems_};
    const bool encrypted =
        (image_.header.flags & formats::kMcubootEncrypted) != 0;
    if (encrypted) {  // signed before it was encrypted
      signature.kind = Kind::kUnknown;
      signature.algorithm += " over the plain text of an encrypted image";
    } else if (pure_) {
      signature.algorithm += " (pure)";
      if (signed_.size() > kMaxPure) {
        signature.kind = Kind::kUnknown;
      } else {
        candidate.message = CopyOf(signed_);
      }
    } else if (stated_) {
      signature.digest = stated_->algorithm;
      candidate.message_digests = {*found_};
    }
    candidate.signature = Encode(signature);
    AddRanges(encrypted, candidate);
    into_.candidates.push_back(std::move(candidate));
  }

  void AddRanges(bool encrypted, SignatureCandidate& candidate) const {
    const auto& header = image_.header;
    const Range all{0, image_.protected_end};
    const std::string what = fmt::format(
        "image {}.{}.{}+{}{}", header.major, header.minor,
        std::uint16_t{header.revision}, std::uint32_t{header.build}, counter_);
    candidate.ranges.push_back({.range = all, .what = what});
    if (stated_ && !encrypted) {
      candidate.ranges.push_back({.range = all,
                                  .coverage = Coverage::kByDigest,
                                  .what = what,
                                  .expected = stated_,
                                  .found = found_});
    }
    candidate.ranges.push_back(
        {.range = {image_.protected_end, image_.end - image_.protected_end},
         .coverage = Coverage::kUncoveredInert,
         .what = "unprotected fields: digest, key and signatures"});
  }

  ByteView bytes_;
  const McubootImage& image_;
  McubootTlvs tlvs_;
  Observations& into_;
  ByteView signed_;
  std::vector<std::string> problems_;
  std::optional<Digest> stated_;
  std::optional<Digest> found_;
  bool pure_ = false;
  std::string counter_;
  StatedAge age_;
};

bool Find(const Subject& subject, Observations& into) {
  if (!formats::HasMcubootHeader(subject.content)) {
    return false;
  }
  const auto image = formats::McubootImageOf(subject.content);
  if (!image) {
    return false;
  }
  Finder(subject.content, *image, into).FindAll();
  return true;
}

struct FreeDer {
  void operator()(unsigned char* der) const { OPENSSL_free(der); }
};

// imgtool: an RSA key as PKCS #1 RSAPublicKey, others as
// SubjectPublicKeyInfo, under the digest that the image uses.
std::string KeyHashOf(EVP_PKEY& key, DigestAlgorithm algorithm) {
  unsigned char* der = nullptr;
  const int size = EVP_PKEY_get_base_id(&key) == EVP_PKEY_RSA
                       ? i2d_PublicKey(&key, &der)
                       : i2d_PUBKEY(&key, &der);
  const std::unique_ptr<unsigned char, FreeDer> held(der);
  return size <= 0 ? ""
                   : DigestOf(algorithm,
                              ByteView(der, static_cast<std::size_t>(size)))
                         .hex;
}

std::string FingerprintByHash(const std::string& hash, const Trust& trust) {
  for (const auto algorithm :
       {DigestAlgorithm::kSha256, DigestAlgorithm::kSha384,
        DigestAlgorithm::kSha512}) {
    if (hash.size() != SizeOf(algorithm) * 2) {
      continue;
    }
    for (const AnchoredKey& key : KeysOf(trust)) {
      if (KeyHashOf(*key.key, algorithm) == hash) {
        return key.fingerprint;
      }
    }
  }
  return fmt::format("key with the hash {}", hash);
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  RawRules rules{.scheme = kMcuboot.name};
  if (!candidate.key_hint.empty()) {
    rules.key = FingerprintByHash(candidate.key_hint, trust);
  }
  SignatureCheck check = CheckRaw(candidate, candidate.message, trust, rules);
  check.age = candidate.age;
  if (!candidate.ranges.empty()) {
    check.steps.push_back(candidate.ranges.front().what);
  }
  return check;
}

}  // namespace

const SignatureScheme kMcuboot = {
    .name = "mcuboot",
    .title = "MCUboot image signature",
    .reference = "MCUboot documentation, \"Image format\"; image_validate.c",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
