// minisign: an Ed25519 signature in four lines of text beside the file.
// Layout: https://jedisct1.github.io/minisign/, "Signature format".
//
// The untrusted comment can be changed by anybody and is never shown. The
// trusted comment is covered by the global signature, which is checked as
// strictly as the signature over the file.

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "signatures/anchor.h"
#include "signatures/ed25519.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kSuffix = ".minisig";
constexpr std::string_view kTrustedComment = "trusted comment: ";
constexpr std::size_t kMaxSize = 1UL << 20U;

struct Parsed {
  Ed25519Signature signature = {};
  std::string_view trusted_comment = {};  // without its prefix
  std::array<std::uint8_t, 64> global = {};
};

// Exactly the four lines, ended by LF, CR LF or the end of the file.
std::optional<Parsed> Parse(ByteView content) {
  const std::vector<std::string_view> lines = SplitLines(AsText(content));
  if (content.size() > kMaxSize || lines.size() != 4 ||
      !lines[0].starts_with(kUntrustedComment) ||
      !lines[2].starts_with(kTrustedComment)) {
    return std::nullopt;
  }
  const auto signature = ParseSignatureLine(lines[1]);
  const auto global = CanonicalBase64(lines[3]);
  if (!signature || !global || global->size() != 64) {
    return std::nullopt;
  }
  Parsed parsed{.signature = *signature,
                .trusted_comment = lines[2].substr(kTrustedComment.size())};
  std::ranges::copy(*global, parsed.global.begin());
  return parsed;
}

bool Find(const Subject& subject, Observations& into) {
  const std::string_view name = BaseName(subject.artifact.name);
  if (!name.ends_with(kSuffix) || name.size() == kSuffix.size()) {
    return false;
  }
  const std::size_t kept = std::min(subject.content.size(), kMaxSize);
  SignatureCandidate candidate{.scheme = kMinisign.name,
                               .signature = CopyOf(subject.content.first(kept)),
                               .place = {0, subject.content.size()}};
  candidate.targets.emplace_back(name.substr(0, name.size() - kSuffix.size()));
  const auto parsed = Parse(subject.content);
  if (parsed) {
    candidate.key_hint = MinisignKeyId(parsed->signature.id);
  } else {
    candidate.problems.emplace_back("not the four lines of a minisign file");
  }
  into.candidates.push_back(std::move(candidate));
  return parsed.has_value();
}

// "timestamp:1700000000<TAB>file:name": what minisign writes by default.
std::optional<UnixTime> TimestampOf(std::string_view comment) {
  constexpr std::string_view kTimestamp = "timestamp:";
  for (const std::string_view field : Split(comment, '\t')) {
    if (field.starts_with(kTimestamp)) {
      const auto value = NumberOf(field.substr(kTimestamp.size()));
      return value ? std::optional(static_cast<UnixTime>(*value))
                   : std::nullopt;
    }
  }
  return std::nullopt;
}

bool HoldsOverMessage(const Ed25519Signature& signature, const Ed25519Key& key,
                      ByteView message) {
  if (signature.algorithm[1] == 'd') {
    return VerifyEd25519(key.key, signature.signature, message);
  }
  const Digest digest = DigestOf(DigestAlgorithm::kBlake2b512, message);
  const Bytes hashed = BytesFromHex(digest.hex).value_or(Bytes{});
  return VerifyEd25519(key.key, signature.signature, hashed);
}

bool HoldsOverComment(const Parsed& parsed, const Ed25519Key& key) {
  Bytes covered(parsed.signature.signature.begin(),
                parsed.signature.signature.end());
  const ByteView comment = AsBytes(parsed.trusted_comment);
  covered.insert(covered.end(), comment.begin(), comment.end());
  return VerifyEd25519(key.key, parsed.global, covered);
}

void Judge(const Parsed& parsed, const Ed25519Key& key, ByteView message,
           const Trust& trust, SignatureCheck& check) {
  if (!HoldsOverMessage(parsed.signature, key, message)) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "SIG_CRYPTO_FAILURE";
    check.detail = "the signature does not match the signed bytes";
    return;
  }
  if (!HoldsOverComment(parsed, key)) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "SIG_CRYPTO_FAILURE";
    check.detail = "the global signature does not match the trusted comment";
    return;
  }
  check.signed_at = TimestampOf(parsed.trusted_comment);
  check.steps.push_back(
      fmt::format("trusted comment: {}", Escaped(parsed.trusted_comment)));
  if (parsed.signature.algorithm[1] == 'd' && !trust.legacy_algorithms) {
    check.indication = Indication::kIndeterminate;
    check.sub_indication = "CRYPTO_CONSTRAINTS_FAILURE";
    check.detail =
        "a legacy signature (Ed), not prehashed; the policy does "
        "not allow legacy algorithms";
    return;
  }
  check.indication = Indication::kTotalPassed;
  check.good_keys = {GoodKeyOf(check)};
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kMinisign.name)};
  const auto parsed = Parse(candidate.signature);
  if (!candidate.problems.empty() || !parsed) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = "not the four lines of a minisign file";
    return check;
  }
  const auto& algorithm = parsed->signature.algorithm;
  if (algorithm[0] != 'E' || (algorithm[1] != 'd' && algorithm[1] != 'D')) {
    check.indication = Indication::kUnsupported;
    check.detail = fmt::format("signature algorithm {}", HexOf(algorithm));
    return check;
  }
  check.key = MinisignKeyId(parsed->signature.id);
  for (const TrustAnchor& anchor : trust.anchors) {
    const auto key = anchor.type == TrustAnchor::Type::kMinisignKey
                         ? ParsePublicKey(AsText(anchor.key))
                         : std::nullopt;
    if (key && key->id == parsed->signature.id &&
        AllowsFingerprint(anchor, check.key)) {
      check.anchor = anchor.name;
      check.public_key = FingerprintOf(*key);
      check.algorithm = {.key = "Ed25519"};
      check.steps.push_back(
          fmt::format("signed by key {} (anchor {})", check.key, anchor.name));
      Judge(*parsed, *key, message, trust, check);
      return check;
    }
  }
  check.indication = Indication::kIndeterminate;
  check.sub_indication = "NO_CERTIFICATE_CHAIN_FOUND";
  check.detail = fmt::format("key {} is no anchor's", check.key);
  return check;
}

}  // namespace

const SignatureScheme kMinisign = {
    .name = "minisign",
    .title = "minisign signature",
    .reference = "https://jedisct1.github.io/minisign/, Signature format",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
