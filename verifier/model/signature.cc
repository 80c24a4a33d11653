#include "verifier/model/signature.h"

#include <algorithm>
#include <utility>

namespace assay {

std::string_view NameOf(Indication indication) {
  switch (indication) {
    case Indication::kTotalPassed:
      return "TOTAL-PASSED";
    case Indication::kIndeterminate:
      return "INDETERMINATE";
    case Indication::kTotalFailed:
      return "TOTAL-FAILED";
    case Indication::kNone:
      return "NONE";
    case Indication::kDigestOnly:
      return "DIGEST-ONLY";
    case Indication::kUnsupported:
      return "UNSUPPORTED";
  }
  return "";
}

std::string_view NameOf(Coverage coverage) {
  switch (coverage) {
    case Coverage::kSigned:
      return "signed";
    case Coverage::kByDigest:
      return "signed-by-digest";
    case Coverage::kByDerivedKey:
      return "signed-by-derived-key";
    case Coverage::kUncoveredInert:
      return "uncovered-inert";
    case Coverage::kUncoveredLive:
      return "uncovered-live";
  }
  return "";
}

std::string TextOf(const AlgorithmUse& use) {
  if (use.key.empty()) {
    return "";
  }
  std::string text(use.key);
  if (use.bits != 0 && !use.key.starts_with("Ed")) {
    text += "-" + std::to_string(use.bits);
  }
  return use.digest ? text.append(" with ").append(NameOf(*use.digest)) : text;
}

std::string_view NameOf(TimeModel model) {
  switch (model) {
    case TimeModel::kByScheme:
      return "";
    case TimeModel::kNow:
      return "now";
    case TimeModel::kTrustedTimestamp:
      return "trusted-timestamp";
    case TimeModel::kIgnore:
      return "ignore";
  }
  return "";
}

std::string_view NameOf(TrustAnchor::Type type) {
  switch (type) {
    case TrustAnchor::Type::kOpenPgpCert:
      return "openpgp-cert";
    case TrustAnchor::Type::kX509Ca:
      return "x509-ca";
    case TrustAnchor::Type::kX509Pin:
      return "x509-pin";
    case TrustAnchor::Type::kMinisignKey:
      return "minisign-key";
    case TrustAnchor::Type::kSignifyKey:
      return "signify-key";
    case TrustAnchor::Type::kRawKey:
      return "raw-key";
    case TrustAnchor::Type::kSshSigners:
      return "ssh-signers";
    case TrustAnchor::Type::kUefiDb:
      return "uefi-db";
    case TrustAnchor::Type::kUefiDbx:
      return "uefi-dbx";
    case TrustAnchor::Type::kSbatLevel:
      return "sbat-level";
    case TrustAnchor::Type::kRevoked:
      return "revoked";
  }
  return "";
}

GoodKey GoodKeyOf(const SignatureCheck& check) {
  return {.key = check.key,
          .public_key = check.public_key,
          .anchor = check.anchor,
          .signer = check.signer,
          .algorithm = check.algorithm,
          .proven_at = check.proven_at,
          .time = check.time};
}

const std::string& SignerOf(const GoodKey& good) {
  return good.public_key.empty() ? good.key : good.public_key;
}

void SpeakFor(SignatureCheck& check, const GoodKey& good) {
  check.key = good.key;
  check.public_key = good.public_key;
  check.anchor = good.anchor;
  check.signer = good.signer;
  check.algorithm = good.algorithm;
  check.proven_at = good.proven_at;
  check.time = good.time;
}

void AddGoodKey(SignatureCheck& check, GoodKey key) {
  if (std::ranges::find(check.good_keys, key.key, &GoodKey::key) ==
      check.good_keys.end()) {
    check.good_keys.push_back(std::move(key));
  }
}

}  // namespace assay
