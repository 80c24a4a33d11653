// signify (OpenBSD) and usign (OpenWrt): a comment line and one line of
// base64 with an Ed25519 signature. What follows, if anything, is a message
// signed in place, as in OpenBSD's SHA256.sig.
// Layout: signify(1); struct sig in OpenBSD usr.bin/signify/signify.c.

#include <fmt/format.h>

#include <optional>
#include <string>

#include "signatures/anchor.h"
#include "signatures/ed25519.h"
#include "signatures/scheme.h"
#include "signatures/signed_list.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kSuffix = ".sig";
constexpr std::size_t kMaxSignature = 1UL << 20U;
constexpr std::size_t kMaxMessage = 64UL << 20U;

struct Parsed {
  Ed25519Signature signature = {};
  std::size_t size = 0;  // of the two lines, line ends included
};

std::optional<Parsed> Parse(std::string_view text) {
  if (!text.starts_with(kUntrustedComment)) {
    return std::nullopt;
  }
  const std::size_t first = text.substr(0, kMaxSignature).find('\n');
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t second = text.find('\n', first + 1);
  const std::size_t end =
      second == std::string_view::npos ? text.size() : second;
  const auto signature =
      ParseSignatureLine(text.substr(first + 1, end - first - 1));
  if (!signature) {
    return std::nullopt;
  }
  return Parsed{.signature = *signature,
                .size = second == std::string_view::npos ? end : end + 1};
}

bool Find(const Subject& subject, Observations& into) {
  const std::string_view name = BaseName(subject.artifact.name);
  const std::string_view text = AsText(subject.content);
  // OpenPGP uses the same suffix; only the comment line tells them apart.
  if (!name.ends_with(kSuffix) || name.size() == kSuffix.size() ||
      !text.starts_with(kUntrustedComment)) {
    return false;
  }
  SignatureCandidate candidate{.scheme = kSignify.name,
                               .place = {0, subject.content.size()}};
  const auto parsed = Parse(text);
  const std::size_t size =
      parsed ? parsed->size : std::min(text.size(), kMaxSignature);
  candidate.signature = CopyOf(subject.content.first(size));
  if (!parsed) {
    candidate.problems.emplace_back("no base64 line of a signify signature");
  } else if (text.size() - size > kMaxMessage) {
    candidate.problems.emplace_back("the signed message is over the limit");
  } else if (size < text.size()) {
    candidate.message = CopyOf(subject.content.subspan(size));
    candidate.listed = ParseChecksums(text.substr(size), "");
  }
  if (parsed) {
    candidate.key_hint = KeyNumber(parsed->signature.id);
  }
  if (candidate.message.empty()) {
    candidate.targets.emplace_back(
        name.substr(0, name.size() - kSuffix.size()));
  }
  into.candidates.push_back(std::move(candidate));
  return parsed.has_value();
}

SignatureCheck Conclude(SignatureCheck check, Indication indication,
                        std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
  return check;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kSignify.name)};
  const auto parsed = Parse(AsText(candidate.signature));
  if (!candidate.problems.empty() || !parsed ||
      parsed->size != candidate.signature.size()) {
    return Conclude(check, Indication::kTotalFailed, "FORMAT_FAILURE",
                    candidate.problems.empty() ? "not a signify signature"
                                               : candidate.problems.front());
  }
  const Ed25519Signature& signature = parsed->signature;
  if (signature.algorithm[0] != 'E' || signature.algorithm[1] != 'd') {
    return Conclude(check, Indication::kUnsupported, "",
                    "the signature's algorithm is not Ed (Ed25519)");
  }
  check.key = KeyNumber(signature.id);
  const ByteView covered =
      candidate.message.empty() ? message : ByteView(candidate.message);
  for (const TrustAnchor& anchor : trust.anchors) {
    const auto key = anchor.type == TrustAnchor::Type::kSignifyKey
                         ? ParsePublicKey(AsText(anchor.key))
                         : std::nullopt;
    if (!key || key->id != signature.id ||
        !AllowsFingerprint(anchor, check.key)) {
      continue;
    }
    check.anchor = anchor.name;
    check.public_key = FingerprintOf(*key);
    check.algorithm = {.key = "Ed25519"};
    check.steps.push_back(
        fmt::format("signed by key {} (anchor {})", check.key, anchor.name));
    if (!VerifyEd25519(key->key, signature.signature, covered)) {
      return Conclude(check, Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
                      "the signature does not match the signed bytes");
    }
    check.indication = Indication::kTotalPassed;
    check.good_keys = {GoodKeyOf(check)};
    return check;
  }
  return Conclude(check, Indication::kIndeterminate,
                  "NO_CERTIFICATE_CHAIN_FOUND",
                  fmt::format("key {} is no anchor's", check.key));
}

}  // namespace

const SignatureScheme kSignify = {
    .name = "signify",
    .title = "signify or usign signature",
    .reference = "OpenBSD signify(1), struct sig in usr.bin/signify/signify.c",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
