// One SignerInfo of a CMS (RFC 5652 section 5.3): what it claims, and whether
// its value holds over a content. Who made it is not looked at here.
#pragma once

#include <openssl/cms.h>
#include <openssl/x509.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/cms.h"
#include "signatures/scheme.h"

namespace assay::signatures {

struct Outcome {
  Indication indication = Indication::kIndeterminate;
  std::string_view sub_indication = {};
  std::string detail = {};
};

// What libcrypto shows of a SignerInfo; borrowed. `certificate` is null when
// it was found nowhere.
struct SignerParts {
  CMS_SignerInfo* info = nullptr;
  X509* certificate = nullptr;
  const X509_ALGOR* digest = nullptr;
  const X509_ALGOR* algorithm = nullptr;
};
[[nodiscard]] SignerParts PartsOf(CMS_SignerInfo& signer);

enum class Strength { kStrong, kWeak, kUnknown };
[[nodiscard]] Strength StrengthOf(int digest_nid);
[[nodiscard]] int NidOf(const X509_ALGOR& algorithm);
// Nothing for a digest that this project has no name for.
[[nodiscard]] std::optional<DigestAlgorithm> AlgorithmOf(int digest_nid);
// The encoded signature.
[[nodiscard]] ByteView ValueOf(CMS_SignerInfo& signer);
// Signing time, section 11.3: claimed by the signer.
[[nodiscard]] std::optional<UnixTime> SigningTimeOf(CMS_SignerInfo& signer);

// All values of the unsigned attributes of this type (a dotted OID) that are a
// SEQUENCE, encoded; an empty one for each that is not.
[[nodiscard]] std::vector<Bytes> UnsignedValuesOf(CMS_SignerInfo& signer,
                                                  const char* type);

// What is wrong with the claims themselves, before any key is used: unknown
// algorithms; attributes and algorithms that contradict each other. Nothing
// when all is well.
[[nodiscard]] std::optional<Outcome> AlgorithmProblem(
    const SignerParts& signer);
[[nodiscard]] std::optional<Outcome> ClaimProblem(const SignerParts& signer,
                                                  const ASN1_OBJECT& type,
                                                  const CmsContent& content,
                                                  const CmsRules& rules);
// What is wrong with the value, given the content and the certificate.
[[nodiscard]] std::optional<Outcome> ValueProblem(const SignerParts& signer,
                                                  const CmsContent& content);

}  // namespace assay::signatures
