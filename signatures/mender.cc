// Mender artifacts: a tar archive with a manifest of SHA-256 digests, and
// manifest.sig beside it.
// Layout: Mender documentation, "Artifact format", versions 2 and 3;
// mender-artifact, artifact/signer.go.
//
// The manifest is a list: what it names has the authority of its signature.
// Its names are those of files inside of header.tar.gz's neighbours
// (data/0000.tar.gz is listed as data/0000/<file>).

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "signatures/ed25519.h"
#include "signatures/raw_signature.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kManifest = "manifest";
constexpr std::string_view kSignature = "manifest.sig";
constexpr std::size_t kMaxSize = 1UL << 20U;
constexpr std::size_t kRawP256 = 64;

// "<64 hexadecimal digits>  <name>", by lines; nothing else.
bool ReadManifest(std::string_view text, SignatureCandidate& candidate) {
  for (const std::string_view line : SplitLines(text)) {
    const std::size_t blank = line.find("  ");
    const auto digest = BytesFromHex(line.substr(0, blank));
    if (blank == std::string_view::npos || !digest ||
        digest->size() != SizeOf(DigestAlgorithm::kSha256) ||
        blank + 2 == line.size()) {
      return false;
    }
    std::string name(line.substr(blank + 2));
    if (std::ranges::any_of(candidate.listed, [&](const ListedFile& file) {
          return file.name == name;
        })) {
      candidate.problems.push_back(
          fmt::format("{} is listed twice", Escaped(name)));
    }
    candidate.listed.push_back(
        {.name = std::move(name),
         .digests = {{DigestAlgorithm::kSha256, HexOf(*digest)}}});
  }
  // Any file may be called "manifest"; this one lists the version file and
  // the header.
  return std::ranges::any_of(
             candidate.listed,
             [](const ListedFile& file) { return file.name == "version"; }) &&
         std::ranges::any_of(candidate.listed, [](const ListedFile& file) {
           return file.name.starts_with("header.tar");
         });
}

bool FindManifest(const Subject& subject, Observations& into) {
  SignatureCandidate candidate{.scheme = kMender.name,
                               .place = {0, subject.content.size()}};
  if (subject.content.size() > kMaxSize ||
      !ReadManifest(AsText(subject.content), candidate)) {
    return false;
  }
  into.candidates.push_back(std::move(candidate));
  return true;
}

bool FindSignature(const Subject& subject, Observations& into) {
  SignatureCandidate candidate{.scheme = kMender.name,
                               .place = {0, subject.content.size()},
                               .targets = {std::string(kManifest)}};
  const auto value = subject.content.size() <= kMaxSize
                         ? CanonicalBase64(AsText(subject.content))
                         : std::nullopt;
  if (!value) {
    return false;  // another format's
  }
  // ECDSA on P-256 writes r and s side by side; RSA is as long as its key.
  const bool ecdsa = value->size() == kRawP256;
  candidate.signature = Encode(
      {.kind = ecdsa ? RawSignature::Kind::kEcdsaRaw
                     : RawSignature::Kind::kRsaPkcs1,
       .bits = ecdsa ? 256U : 0U,
       .digest = DigestAlgorithm::kSha256,
       .algorithm = ecdsa ? "ECDSA P-256, sha256" : "RSA PKCS #1, sha256",
       .value = *value});
  into.candidates.push_back(std::move(candidate));
  return true;
}

bool Find(const Subject& subject, Observations& into) {
  const std::string_view name = BaseName(subject.artifact.name);
  if (name == kManifest) {
    return FindManifest(subject, into);
  }
  return name == kSignature && FindSignature(subject, into);
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  if (candidate.signature.empty()) {
    SignatureCheck check{.scheme = std::string(kMender.name)};
    check.indication = Indication::kDigestOnly;
    check.detail = "a manifest; nothing in it says who wrote it";
    if (!candidate.problems.empty()) {
      check.indication = Indication::kTotalFailed;
      check.sub_indication = "FORMAT_FAILURE";
      check.detail = candidate.problems.front();
    }
    return check;
  }
  return CheckRaw(candidate, message, trust, {.scheme = kMender.name});
}

}  // namespace

const SignatureScheme kMender = {
    .name = "mender",
    .title = "Mender artifact manifest and its signature",
    .reference = "Mender documentation, \"Artifact format\"",
    .reproduce =
        "base64 -d {holder} | openssl dgst -sha256 -verify {anchor} "
        "-signature /dev/stdin {target}",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
