// File signatures of Linux' Integrity Measurement Architecture: the extended
// attribute security.ima, and tag 274 of RPM packages, which rpm writes there.
// Layout: struct signature_v2_hdr in the kernel's security/integrity/
// integrity.h; evmctl(1).
//
// The signature is over the file's digest. Type 1 and 4 are digests that
// nobody signed.

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "signatures/public_key.h"
#include "signatures/rpm_ranges.h"
#include "signatures/scheme.h"
#include "signatures/x509.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

struct SignatureHeader {
  std::uint8_t type = 0;
  std::uint8_t version = 0;
  std::uint8_t hash = 0;
  std::array<std::uint8_t, 4> key_id = {};
  Be16 size;
};
static_assert(sizeof(SignatureHeader) == 9 && FileStruct<SignatureHeader>);

enum Type : std::uint8_t { kSha1Digest = 1, kSignature = 3, kDigest = 4 };
constexpr std::uint8_t kVersion2 = 2;
constexpr std::string_view kAttribute = "security.ima";
constexpr std::size_t kMaxSignature = 4096;
constexpr std::size_t kMostInPackage = 4096;

// Tags of RPM packages: signatures in the signature header; digests, their
// algorithm and names in the header.
constexpr std::uint32_t kFileSignatures = 274;
constexpr std::uint32_t kFileDigests = 1035;
constexpr std::uint32_t kBaseNames = 1117;
constexpr std::uint32_t kDigestAlgorithm = 5011;

// The kernel's enum hash_algo.
std::optional<DigestAlgorithm> AlgorithmOf(std::uint8_t hash) {
  switch (hash) {
    case 1:
      return DigestAlgorithm::kMd5;
    case 2:
      return DigestAlgorithm::kSha1;
    case 4:
      return DigestAlgorithm::kSha256;
    case 5:
      return DigestAlgorithm::kSha384;
    case 6:
      return DigestAlgorithm::kSha512;
    default:
      return std::nullopt;
  }
}

// The digest that a value of type 1 or 4 holds.
std::optional<Digest> DigestIn(ByteView value) {
  const bool sha1 = value[0] == kSha1Digest;
  const auto algorithm = sha1               ? DigestAlgorithm::kSha1
                         : value.size() > 1 ? AlgorithmOf(value[1])
                                            : std::nullopt;
  const ByteView digest =
      value.subspan(std::min(value.size(), sha1 ? 1UL : 2UL));
  return algorithm && digest.size() == SizeOf(*algorithm)
             ? std::optional(Digest{*algorithm, HexOf(digest)})
             : std::nullopt;
}

// "" or why the value is no signature of the shape that its type promises.
std::string ProblemOf(ByteView value) {
  if (value.empty() || value.size() > kMaxSignature) {
    return fmt::format("a value of {} bytes", value.size());
  }
  if (value[0] == kSha1Digest || value[0] == kDigest) {
    return DigestIn(value) ? "" : "a digest of another length";
  }
  if (value[0] != kSignature || value.size() < 2 || value[1] != kVersion2) {
    return "";  // another type or version: unsupported, not malformed
  }
  const auto header = ReadAt<SignatureHeader>(value, 0);
  return header && header->size == value.size() - sizeof(SignatureHeader)
             ? ""
             : "the signature's length is not that of the value";
}

SignatureCandidate CandidateOf(ByteView value) {
  SignatureCandidate candidate{.scheme = kIma.name, .signature = CopyOf(value)};
  if (std::string problem = ProblemOf(value); !problem.empty()) {
    candidate.problems.push_back(std::move(problem));
  } else if (const auto header = ReadAt<SignatureHeader>(value, 0);
             header && header->type == kSignature) {
    candidate.key_hint = HexOf(header->key_id);
  }
  return candidate;
}

bool FindInAttributes(const Subject& subject, Observations& into) {
  bool found = false;
  for (const auto& [name, text] : subject.artifact.meta.xattrs) {
    if (name != kAttribute || !subject.artifact.has_content) {
      continue;
    }
    const ByteView value = AsBytes(text);
    SignatureCandidate candidate = CandidateOf(value);
    ClaimedRange file{.range = {0, subject.content.size()}, .what = "file"};
    if (candidate.problems.empty() && value[0] == kSignature) {
      const auto algorithm =
          value.size() > 2 ? AlgorithmOf(value[2]) : std::nullopt;
      if (algorithm) {
        candidate.message_digests = {DigestOf(*algorithm, subject.content)};
      }
    } else if (candidate.problems.empty()) {
      if ((file.expected = DigestIn(value))) {
        file.coverage = Coverage::kByDigest;
        file.found = DigestOf(file.expected->algorithm, subject.content);
      }
    }
    candidate.ranges = {std::move(file)};
    into.candidates.push_back(std::move(candidate));
    found = true;
  }
  return found;
}

// One candidate a file: the signature is over the digest that the header
// names, so that it reaches the file when the header does.
bool FindInPackage(const Subject& subject, Observations& into) {
  const auto package = formats::IsRpmPackage(subject.content)
                           ? RpmPackage::Parse(subject.content)
                           : Fail(ErrorCode::kNotThisFormat, "no package");
  if (!package || !package->signature.has(kFileSignatures)) {
    return false;
  }
  const auto signatures = package->signature.Strings(kFileSignatures);
  const auto digests = package->header.Strings(kFileDigests);
  const auto names = package->header.Strings(kBaseNames);
  // RFC 9580 section 9.5; MD5 where nothing is said.
  const std::uint64_t number =
      package->header.Number(kDigestAlgorithm).value_or(1);
  const std::uint8_t hash = number == 8    ? 4
                            : number == 9  ? 5
                            : number == 10 ? 6
                            : number == 2  ? 2
                                           : 1;
  std::uint64_t at =
      package->parts.signature.offset +
      package->signature.PlaceOf(kFileSignatures).value_or(Range{}).offset;
  for (std::size_t i = 0; i < signatures.size() && i < kMostInPackage; ++i) {
    const Range place{at, signatures[i].size()};
    at += signatures[i].size() + 1;
    if (place.length == 0) {
      continue;  // a directory or a link
    }
    const auto value = BytesFromHex(signatures[i]);
    SignatureCandidate candidate = CandidateOf(value.value_or(Bytes{}));
    candidate.place = place;
    candidate.ranges = {{.range = place,
                         .coverage = Coverage::kUncoveredInert,
                         .what = "file signature"}};
    if (i >= digests.size() || i >= names.size()) {
      candidate.problems.emplace_back("a signature of no file");
    } else if (candidate.problems.empty()) {
      const Digest digest{*AlgorithmOf(hash), std::string(digests[i])};
      candidate.message_digests = {digest};
      candidate.listed = {{.name = std::string(names[i]), .digests = {digest}}};
      candidate.listed_inside = true;
    }
    into.candidates.push_back(std::move(candidate));
  }
  return true;
}

bool Find(const Subject& subject, Observations& into) {
  const bool attribute = FindInAttributes(subject, into);
  return FindInPackage(subject, into) || attribute;
}

// The last four octets of the SHA-1 of the key's bits: RFC 5280 section
// 4.2.1.2, method 1.
std::string KeyIdOf(EVP_PKEY& key) {
  X509_PUBKEY* spki = nullptr;
  const unsigned char* bits = nullptr;
  int size = 0;
  if (X509_PUBKEY_set(&spki, &key) != 1 ||
      X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, spki) != 1) {
    X509_PUBKEY_free(spki);
    return "";
  }
  const Digest digest = DigestOf(
      DigestAlgorithm::kSha1, ByteView(bits, static_cast<std::size_t>(size)));
  X509_PUBKEY_free(spki);
  return digest.hex.substr(digest.hex.size() - 8);
}

void Conclude(SignatureCheck& check, Indication indication,
              std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
}

void JudgeBy(const AnchoredKey& key, bool holds, const Digest& digest,
             const Trust& trust, SignatureCheck& check) {
  SpeakFor(check, key);
  check.algorithm = UseOf(*key.key, digest.algorithm);
  const std::string refused =
      WhyKeyIsRefused(*key.key, trust.legacy_algorithms);
  const bool weak = digest.algorithm == DigestAlgorithm::kMd5 ||
                    digest.algorithm == DigestAlgorithm::kSha1;
  check.steps.push_back(
      fmt::format("the signature over the file's {} by key "
                  "{} (anchor {}) {}",
                  NameOf(digest.algorithm), key.fingerprint, key.anchor,
                  holds ? "holds" : "does not match"));
  if (!holds) {
    Conclude(check, Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
             "the signature does not match the file's digest");
  } else if (!refused.empty() || (weak && !trust.legacy_algorithms)) {
    Conclude(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             refused.empty() ? "MD5 or SHA-1, which the policy does not allow"
                             : refused);
  } else {
    Conclude(check, Indication::kTotalPassed, "", "");
    check.good_keys = {GoodKeyOf(check)};
  }
}

void Judge(const SignatureCandidate& candidate, const Trust& trust,
           SignatureCheck& check) {
  const ByteView value = candidate.signature;
  const auto header = ReadAt<SignatureHeader>(value, 0);
  const auto algorithm = header ? AlgorithmOf(header->hash) : std::nullopt;
  const auto digest = std::ranges::find_if(
      candidate.message_digests,
      [&](const Digest& one) { return one.algorithm == algorithm; });
  if (!algorithm || digest == candidate.message_digests.end()) {
    Conclude(check, Indication::kUnsupported, "",
             "a hash algorithm that this version does not know, or another "
             "one than the file's digest has");
    return;
  }
  const std::string key_id = HexOf(header->key_id);
  const std::vector<AnchoredKey> keys = KeysOf(trust);
  const AnchoredKey* named = nullptr;
  for (const AnchoredKey& key : keys) {
    // Certificates may give their keys another id: what holds is enough.
    if (HoldsOverDigest(*key.key, *digest,
                        value.subspan(sizeof(SignatureHeader)))) {
      JudgeBy(key, true, *digest, trust, check);
      return;
    }
    if (KeyIdOf(*key.key) == key_id) {
      named = &key;
    }
  }
  if (named != nullptr) {
    JudgeBy(*named, false, *digest, trust, check);
    return;
  }
  check.key = key_id;
  Conclude(check, Indication::kIndeterminate, "NO_CERTIFICATE_CHAIN_FOUND",
           fmt::format("key {} is no anchor's", key_id));
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kIma.name)};
  const ByteView value = candidate.signature;
  if (!candidate.problems.empty() || value.empty()) {
    Conclude(check, Indication::kTotalFailed, "FORMAT_FAILURE",
             value.empty() ? "no value" : candidate.problems.front());
  } else if (value[0] == kSha1Digest || value[0] == kDigest) {
    Conclude(check, Indication::kDigestOnly, "",
             "a digest of the file that nobody signed");
  } else if (value[0] != kSignature || value.size() < 2 ||
             value[1] != kVersion2) {
    Conclude(check, Indication::kUnsupported, "",
             fmt::format("IMA value of type {}, version {}", value[0],
                         value.size() < 2 ? 0 : value[1]));
  } else {
    Judge(candidate, trust, check);
  }
  ERR_clear_error();
  return check;
}

}  // namespace

const SignatureScheme kIma = {
    .name = "ima",
    .title = "IMA file signature",
    .reference = "Linux security/integrity/integrity.h, evmctl(1)",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
