// SSHSIG: what `ssh-keygen -Y sign` writes beside a file.
// Layout: OpenSSH PROTOCOL.sshsig.
//
// A signature names what it was made for, its namespace. The list of allowed
// signers says for which ones a key counts; where it says none, only "file"
// does, so that a signed Git commit or letter never vouches for firmware.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/anchor.h"
#include "signatures/ed25519.h"
#include "signatures/public_key.h"
#include "signatures/scheme.h"
#include "signatures/ssh_keys.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kSuffix = ".sig";
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kFileNamespace = "file";
constexpr std::size_t kMaxSize = 1UL << 20U;

struct Parsed {
  std::uint32_t version = 0;
  ByteView key = {};
  ByteView name_space = {};
  ByteView reserved = {};
  ByteView hash = {};
  ByteView signature = {};
};

std::optional<Bytes> Dearmored(std::string_view text) {
  const std::vector<std::string_view> lines = SplitLines(text);
  if (lines.size() < 3 || lines.front() != kBegin || lines.back() != kEnd) {
    return std::nullopt;
  }
  std::string encoded;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    encoded.append(lines[i]);
  }
  return CanonicalBase64(encoded);
}

std::optional<Parsed> Parse(ByteView blob) {
  if (!AsText(blob).starts_with(kMagic)) {
    return std::nullopt;
  }
  SshReader reader(blob.subspan(kMagic.size()));
  const auto version = reader.Word();
  const auto key = reader.String();
  const auto name_space = reader.String();
  const auto reserved = reader.String();
  const auto hash = reader.String();
  const auto signature = reader.String();
  if (!version || !key || !name_space || !reserved || !hash || !signature ||
      !reader.empty()) {
    return std::nullopt;
  }
  return Parsed{*version, *key, *name_space, *reserved, *hash, *signature};
}

bool Find(const Subject& subject, Observations& into) {
  const std::string_view name = BaseName(subject.artifact.name);
  const std::string_view text = AsText(subject.content);
  if (!name.ends_with(kSuffix) || name.size() == kSuffix.size() ||
      !text.starts_with(kBegin)) {
    return false;
  }
  SignatureCandidate candidate{
      .scheme = kSshsig.name,
      .place = {0, subject.content.size()},
      .targets = {std::string(name.substr(0, name.size() - kSuffix.size()))}};
  const auto blob = text.size() <= kMaxSize ? Dearmored(text) : std::nullopt;
  const auto parsed = blob ? Parse(*blob) : std::nullopt;
  if (parsed) {
    candidate.signature = *blob;
    candidate.key_hint = SshFingerprint(parsed->key);
  } else {
    candidate.problems.emplace_back(blob ? "not an SSHSIG blob"
                                         : "not one armoured SSH signature");
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

// PROTOCOL.sshsig, "Signed Data".
std::optional<Bytes> SignedData(const Parsed& parsed, ByteView message) {
  const std::string_view hash = AsText(parsed.hash);
  if (hash != "sha256" && hash != "sha512") {
    return std::nullopt;
  }
  const Digest digest = DigestOf(*DigestAlgorithmOf(hash), message);
  Bytes data = CopyOf(AsBytes(kMagic));
  const Bytes value = BytesFromHex(digest.hex).value_or(Bytes{});
  for (const ByteView part :
       {parsed.name_space, parsed.reserved, parsed.hash, ByteView(value)}) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      data.push_back(static_cast<std::uint8_t>(size >> shift));
    }
    data.insert(data.end(), part.begin(), part.end());
  }
  return data;
}

struct Constraint {
  std::string_view sub_indication = {};
  std::string detail = {};
};

// What the line of the list holds against the signature.
Constraint ConstraintOf(const SshSigner& signer, std::string_view name_space,
                        UnixTime at) {
  const std::string allowed =
      signer.namespaces.value_or(std::string(kFileNamespace));
  if (!MatchesSshPatterns(allowed, name_space)) {
    return {"SIG_CONSTRAINTS_FAILURE",
            fmt::format("made for the namespace {}, allowed is {}",
                        Escaped(name_space), Escaped(allowed))};
  }
  if (signer.valid_after && at < *signer.valid_after) {
    return {"OUT_OF_BOUNDS_NO_POE", "the signer is not yet allowed to sign"};
  }
  if (signer.valid_before && at > *signer.valid_before) {
    return {"OUT_OF_BOUNDS_NO_POE", "the signer is no longer allowed to sign"};
  }
  return {};
}

// Looks for the key in all lists; the line that allows most decides.
std::optional<Constraint> LookUp(const Parsed& parsed, const Trust& trust,
                                 SignatureCheck& check) {
  std::optional<Constraint> best;
  for (const TrustAnchor& anchor : trust.anchors) {
    const auto signers = anchor.type == TrustAnchor::Type::kSshSigners &&
                                 AllowsFingerprint(anchor, check.key)
                             ? SignersOf(anchor)
                             : Result<std::vector<SshSigner>>();
    for (const SshSigner& signer : signers.value_or(std::vector<SshSigner>{})) {
      if (signer.authority || !std::ranges::equal(signer.blob, parsed.key) ||
          (best && best->sub_indication.empty())) {
        continue;
      }
      best = ConstraintOf(signer, AsText(parsed.name_space), trust.at);
      check.anchor = anchor.name;
      check.signer = Escaped(signer.principals);
    }
  }
  return best;
}

SignatureCheck Judge(const Parsed& parsed, const SshKey& key, ByteView data,
                     const Constraint& constraint, const Trust& trust,
                     SignatureCheck check) {
  switch (HoldsWithSsh(key, parsed.signature, data)) {
    case SshOutcome::kUnknown:
      return Conclude(std::move(check), Indication::kUnsupported, "",
                      "a signature algorithm that this version does not know");
    case SshOutcome::kDoesNotHold:
      return Conclude(std::move(check), Indication::kTotalFailed,
                      "SIG_CRYPTO_FAILURE",
                      "the signature does not match the signed bytes");
    case SshOutcome::kWeak:
      return Conclude(std::move(check), Indication::kIndeterminate,
                      "CRYPTO_CONSTRAINTS_FAILURE",
                      "RSA with SHA-1, which SSHSIG does not allow");
    case SshOutcome::kHolds:
      break;
  }
  const std::string refused =
      WhyKeyIsRefused(*key.key, trust.legacy_algorithms);
  if (!refused.empty()) {
    return Conclude(std::move(check), Indication::kIndeterminate,
                    "CRYPTO_CONSTRAINTS_FAILURE", refused);
  }
  if (!constraint.sub_indication.empty()) {
    return Conclude(std::move(check), Indication::kIndeterminate,
                    constraint.sub_indication, constraint.detail);
  }
  check.indication = Indication::kTotalPassed;
  check.good_keys = {GoodKeyOf(check)};
  return check;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kSshsig.name)};
  const auto parsed = Parse(candidate.signature);
  if (!candidate.problems.empty() || !parsed || parsed->name_space.empty()) {
    return Conclude(
        std::move(check), Indication::kTotalFailed, "FORMAT_FAILURE",
        candidate.problems.empty() ? "no SSHSIG blob with a namespace"
                                   : candidate.problems.front());
  }
  if (parsed->version != 1) {
    return Conclude(std::move(check), Indication::kUnsupported, "",
                    fmt::format("SSHSIG version {}", parsed->version));
  }
  const auto key = ParseSshKey(parsed->key);
  const auto data = SignedData(*parsed, message);
  if (!key) {
    return Conclude(std::move(check), Indication::kTotalFailed,
                    "FORMAT_FAILURE", "the public key cannot be read");
  }
  if (!key->key || !data) {
    return Conclude(std::move(check), Indication::kUnsupported, "",
                    fmt::format("a key of type {} with {}", Escaped(key->type),
                                Escaped(AsText(parsed->hash))));
  }
  check.key = SshFingerprint(parsed->key);
  check.public_key = FingerprintOf(*key->key);
  check.algorithm = UseOf(*key->key, DigestAlgorithmOf(AsText(parsed->hash)));
  const auto constraint = LookUp(*parsed, trust, check);
  if (!constraint) {
    return Conclude(std::move(check), Indication::kIndeterminate,
                    "NO_CERTIFICATE_CHAIN_FOUND",
                    fmt::format("key {} is no allowed signer's", check.key));
  }
  check.steps.push_back(fmt::format("signed for \"{}\" by {} (anchor {})",
                                    Escaped(AsText(parsed->name_space)),
                                    check.signer, check.anchor));
  return Judge(*parsed, *key, *data, *constraint, trust, std::move(check));
}

}  // namespace

const SignatureScheme kSshsig = {
    .name = "sshsig",
    .title = "SSH signature (ssh-keygen -Y)",
    .reference = "OpenSSH PROTOCOL.sshsig; ssh-keygen(1), ALLOWED SIGNERS",
    .reproduce =
        "ssh-keygen -Y verify -n file -s {holder} -f {anchor} -I "
        "\"$(ssh-keygen "
        "-Y find-principals -s {holder} -f {anchor})\" < {target}",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
