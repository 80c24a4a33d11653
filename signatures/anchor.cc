#include "signatures/anchor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "signatures/ed25519.h"
#include "signatures/openpgp.h"
#include "signatures/public_key.h"
#include "signatures/sbat.h"
#include "signatures/ssh_keys.h"
#include "signatures/uefi_database.h"
#include "signatures/x509.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

using Type = TrustAnchor::Type;

std::string Normal(std::string_view fingerprint) {
  std::string out;
  for (const char c : fingerprint) {
    if (c == ' ' || c == ':') {
      continue;
    }
    out.push_back(c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

Result<std::vector<std::string>> OpenPgpFingerprints(
    const TrustAnchor& anchor) {
  const auto found = CertificatesOf(anchor);
  if (!found) {
    return Fail(found.error());
  }
  std::vector<std::string> fingerprints;
  for (const Certificate& certificate : found->certificates) {
    if (certificate.unusable.empty()) {
      fingerprints.push_back(certificate.fingerprint);
    }
  }
  return fingerprints;
}

Result<std::vector<std::string>> X509Fingerprints(const TrustAnchor& anchor) {
  const auto found = CertificatesOfX509(anchor);
  if (!found) {
    return Fail(found.error());
  }
  std::vector<std::string> fingerprints;
  for (const X509Ptr& certificate : found->certificates) {
    fingerprints.push_back(FingerprintOf(*certificate));
  }
  return fingerprints;
}

Result<std::vector<std::string>> Ed25519KeyIds(const TrustAnchor& anchor) {
  const auto key = ParsePublicKey(AsText(anchor.key));
  if (!key) {
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: not a public key of {}", anchor.name,
                            anchor.type == Type::kMinisignKey ? "minisign"
                                                              : "signify"));
  }
  std::vector<std::string> ids = {anchor.type == Type::kMinisignKey
                                      ? MinisignKeyId(key->id)
                                      : KeyNumber(key->id)};
  std::erase_if(ids, [&](const std::string& id) {
    return !AllowsFingerprint(anchor, id);
  });
  return ids;
}

Result<std::vector<std::string>> RawKeyFingerprints(const TrustAnchor& anchor) {
  const auto found = KeysOf(anchor);
  if (!found) {
    return Fail(found.error());
  }
  std::vector<std::string> fingerprints;
  for (const AnchoredKey& key : *found) {
    fingerprints.push_back(key.fingerprint);
  }
  return fingerprints;
}

// One id a line; what follows a "#" is for people.
Result<std::vector<std::string>> RevokedIds(const TrustAnchor& anchor) {
  std::vector<std::string> ids;
  for (const std::string_view line : SplitLines(AsText(anchor.key))) {
    const std::string id = Normal(Trim(line.substr(0, line.find('#'))));
    const bool hex = std::ranges::all_of(
        id, [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (!hex) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("anchor {}: not a fingerprint: {}", anchor.name,
                              Escaped(id)));
    }
    if (!id.empty()) {
      ids.push_back(id);
    }
  }
  return ids;
}

Result<std::vector<std::string>> UefiFingerprints(const TrustAnchor& anchor) {
  const auto database = DatabaseOf(anchor);
  if (!database) {
    return Fail(database.error());
  }
  return FingerprintsOf(*database);
}

// What a level speaks of, in place of keys.
Result<std::vector<std::string>> SbatComponents(const TrustAnchor& anchor) {
  const auto level = SbatLevelOf(anchor);
  if (!level) {
    return Fail(level.error());
  }
  std::vector<std::string> components;
  for (const SbatEntry& entry : *level) {
    components.push_back(
        fmt::format("{},{}", entry.component, entry.generation));
  }
  return components;
}

// Of the keys that may sign files: a cert-authority's are not followed.
Result<std::vector<std::string>> SshFingerprints(const TrustAnchor& anchor) {
  const auto signers = SignersOf(anchor);
  if (!signers) {
    return Fail(signers.error());
  }
  std::vector<std::string> fingerprints;
  for (const SshSigner& signer : *signers) {
    const std::string fingerprint = SshFingerprint(signer.blob);
    const auto key = ParseSshKey(signer.blob);
    if (!signer.authority && key && key->key &&
        AllowsFingerprint(anchor, fingerprint)) {
      fingerprints.push_back(fingerprint);
    }
  }
  return fingerprints;
}

Result<std::vector<std::string>> FingerprintsOf(const TrustAnchor& anchor) {
  if (anchor.key.size() > kMaxAnchorBytes) {
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: the key is over the limit of 64 MiB",
                            anchor.name));
  }
  switch (anchor.type) {
    case Type::kOpenPgpCert:
      return OpenPgpFingerprints(anchor);
    case Type::kX509Ca:
    case Type::kX509Pin:
      return X509Fingerprints(anchor);
    case Type::kMinisignKey:
    case Type::kSignifyKey:
      return Ed25519KeyIds(anchor);
    case Type::kRawKey:
      return RawKeyFingerprints(anchor);
    case Type::kSshSigners:
      return SshFingerprints(anchor);
    case Type::kUefiDb:
    case Type::kUefiDbx:
      return UefiFingerprints(anchor);
    case Type::kSbatLevel:
      return SbatComponents(anchor);
    case Type::kRevoked:
      return RevokedIds(anchor);
  }
  return Fail(ErrorCode::kInternal, "an anchor of no known type");
}

}  // namespace

Result<void> ValidateAnchor(const TrustAnchor& anchor) {
  const auto fingerprints = FingerprintsOf(anchor);
  if (!fingerprints) {
    return Fail(fingerprints.error());
  }
  const std::vector<std::string> lists = RevocationListsOf(anchor);
  for (const std::string& allowed : anchor.fingerprints) {
    const std::string normal = Normal(allowed);
    if (std::ranges::count(*fingerprints, normal) == 0 &&
        std::ranges::count(lists, normal) == 0) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("anchor {}: no usable key has the fingerprint {}",
                              anchor.name, Escaped(allowed)));
    }
  }
  if (fingerprints->empty()) {
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: no usable key", anchor.name));
  }
  return {};
}

std::vector<std::string> DescribeAnchor(const TrustAnchor& anchor) {
  return FingerprintsOf(anchor).value_or(std::vector<std::string>{});
}

std::vector<std::string> RevocationListsOf(const TrustAnchor& anchor) {
  std::vector<std::string> lists;
  if (anchor.type == Type::kX509Ca || anchor.type == Type::kX509Pin) {
    if (const auto found = CertificatesOfX509(anchor)) {
      for (const CrlPtr& list : found->crls) {
        lists.push_back(FingerprintOf(*list));
      }
    }
  }
  return lists;
}

bool AnchorApplies(const TrustAnchor& anchor, std::string_view scheme,
                   std::string_view subject_path, UnixTime at) {
  if ((anchor.valid_from && at < *anchor.valid_from) ||
      (anchor.valid_until && at > *anchor.valid_until)) {
    return false;
  }
  if (!anchor.schemes.empty() &&
      std::ranges::find(anchor.schemes, scheme) == anchor.schemes.end()) {
    return false;
  }
  return IsSubject(anchor, subject_path);
}

bool IsSubject(const TrustAnchor& anchor, std::string_view subject_path) {
  const std::string_view name = BaseName(subject_path);
  return anchor.subjects.empty() ||
         std::ranges::any_of(anchor.subjects, [&](const std::string& glob) {
           return GlobMatches(glob, subject_path) || GlobMatches(glob, name);
         });
}

bool AllowsFingerprint(const TrustAnchor& anchor,
                       std::string_view fingerprint) {
  return anchor.fingerprints.empty() ||
         std::ranges::any_of(anchor.fingerprints,
                             [&](const std::string& allowed) {
                               return Normal(allowed) == Normal(fingerprint);
                             });
}

}  // namespace assay::signatures
