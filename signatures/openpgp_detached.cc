// OpenPGP detached signatures: name.sig, name.gpg (binary) and name.asc
// (armoured) beside the file that they sign. RFC 9580 section 10.4.

#include <array>
#include <string>

#include "signatures/openpgp.h"
#include "signatures/scheme.h"
#include "signatures/signed_list.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxSize = 1UL << 20U;
constexpr std::array<std::string_view, 4> kSuffixes = {".asc", ".sig", ".gpg",
                                                       ".sign"};
constexpr std::string_view kArmor = "-----BEGIN PGP SIGNATURE-----";

std::string TargetOf(std::string_view name) {
  for (const std::string_view suffix : kSuffixes) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      return std::string(name.substr(0, name.size() - suffix.size()));
    }
  }
  return "";
}

// Keyrings and messages bear the same suffixes: only what begins with a
// signature packet, in either format of its header, is a signature.
bool BeginsWithSignature(ByteView bytes) {
  return !bytes.empty() && ((bytes[0] & 0xFCU) == 0x88 || bytes[0] == 0xC2);
}

Result<Bytes> PacketsOf(ByteView content) {
  if (AsText(content).starts_with(kArmor)) {
    return Dearmor(AsText(content), "PGP SIGNATURE");
  }
  return CopyOf(content);
}

std::string HintsOf(const std::vector<SignaturePacket>& signatures) {
  std::string hints;
  for (const SignaturePacket& signature : signatures) {
    hints += (hints.empty() ? "" : " ") + signature.issuer;
  }
  return hints;
}

bool Find(const Subject& subject, Observations& into) {
  const std::string target = TargetOf(BaseName(subject.artifact.name));
  const bool armored = AsText(subject.content).starts_with(kArmor);
  if (target.empty() || (!armored && !BeginsWithSignature(subject.content))) {
    return false;
  }
  // A bare RSA number may begin like a packet.
  if (target == "sw-description" && !armored &&
      !SplitSignatures(subject.content)) {
    return false;
  }
  SignatureCandidate candidate{.scheme = kOpenpgpDetached.name,
                               .place = {0, subject.content.size()},
                               .targets = {target}};
  if (subject.content.size() > kMaxSize) {
    candidate.problems.emplace_back("the signature is over the limit of 1 MiB");
    into.candidates.push_back(std::move(candidate));
    return false;
  }
  candidate.signature = CopyOf(subject.content);
  const auto packets = PacketsOf(subject.content);
  if (!packets) {
    candidate.problems.push_back(packets.error().what);
  } else if (const auto signatures = SplitSignatures(*packets)) {
    candidate.key_hint = HintsOf(*signatures);
  } else {
    candidate.problems.push_back(signatures.error().what);
  }
  const bool understood = candidate.problems.empty();
  into.candidates.push_back(std::move(candidate));
  return understood;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  const auto packets = PacketsOf(candidate.signature);
  if (!candidate.problems.empty() || !packets) {
    return {
        .scheme = std::string(kOpenpgpDetached.name),
        .indication = Indication::kTotalFailed,
        .sub_indication = "FORMAT_FAILURE",
        .detail = packets ? candidate.problems.front() : packets.error().what};
  }
  SignatureCheck check = CheckOpenPgp(kOpenpgpDetached.name, *packets, message,
                                      trust, SignedForm::kDetached);
  if (!candidate.targets.empty() &&
      candidate.targets.front().ends_with("Release")) {
    JudgeAge(AsText(message), trust.at, check);  // of an apt archive
  }
  return check;
}

}  // namespace

const SignatureScheme kOpenpgpDetached = {
    .name = "openpgp_detached",
    .title = "OpenPGP detached signature",
    .reference = "RFC 9580 section 10.4",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
