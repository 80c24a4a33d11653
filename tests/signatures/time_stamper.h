// Time stamp tokens and countersignatures made in process, for tests only.
#pragma once

#include <openssl/cms.h>

#include <functional>
#include <string>

#include "tests/signatures/cms_signer.h"
#include "verifier/base/bytes.h"

namespace assay::signatures::testing {

inline constexpr char kMicrosoftToken[] = "1.3.6.1.4.1.311.3.3.1";
inline constexpr char kCadesToken[] = "1.2.840.113549.1.9.16.2.14";
inline constexpr char kCountersignature[] = "1.2.840.113549.1.9.6";

struct TokenOptions {
  const EVP_MD* imprint = EVP_sha256();
  bool names_signer = true;  // ESS signing certificate
  int version = 1;
  std::string type = "1.2.840.113549.1.9.16.1.4";  // TSTInfo
};
[[nodiscard]] Bytes MakeToken(ByteView value, const Identity& authority,
                              UnixTime at, const TokenOptions& options = {});
// A SignerInfo over `value`.
[[nodiscard]] Bytes MakeCountersignature(ByteView value,
                                         const Identity& authority,
                                         UnixTime at);

// Adds an unsigned attribute to the first signer: what `make` makes of its
// signature value.
using Countersigner = std::function<Bytes(ByteView value)>;
[[nodiscard]] std::function<void(CMS_ContentInfo*)> Stamping(
    const char* oid, Countersigner make);

// An identity that stamps time and nothing else.
[[nodiscard]] Identity IssueStamper(
    const Identity& issuer,
    const std::string& purpose = "critical,timeStamping");

}  // namespace assay::signatures::testing
