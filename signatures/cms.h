// CMS SignedData (RFC 5652), by libcrypto.
#pragma once

#include <optional>

#include "signatures/scheme.h"
#include "signatures/x509.h"
#include "verifier/base/bytes.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

// What the message signs: the bytes themselves, or their digests where they
// are too large to keep.
struct CmsContent {
  ByteView bytes = {};
  const std::vector<Digest>* digests = nullptr;
};

struct CmsRules {
  PathRules path = {};
  // The content type that the scheme signs, as a dotted OID; "" for any.
  std::string_view content_type = {};
  // Whether time stamps beside a signature prove its time (timestamp.h), for
  // which the path is then asked; without one it is asked for Trust::at.
  bool timestamps = false;
  // The message is a countersignature (section 11.4), which need not have a
  // content type among its signed attributes.
  bool countersignature = false;
  // Whether signed attributes are refused.
  bool bare = false;
};

// Judges every SignerInfo of `encoded` (BER, no content enclosed) over
// `content` and fills `check`. TOTAL-PASSED when at least one signer's path
// ends in an anchor and no such signer's signature is bad.
void CheckCms(ByteView encoded, const CmsContent& content,
              const CmsRules& rules, const Trust& trust, SignatureCheck& check);

// A SignedData taken apart: without the content it encloses, and that content.
struct OpenedCms {
  Bytes detached = {};  // DER, as CheckCms reads it
  Bytes content = {};   // the value of eContent: what messageDigest is of
  bool octets = false;  // eContent is an OCTET STRING, as RFC 5652 wants;
                        // PKCS #7 (RFC 2315) allows any type
};
// Nothing unless `encoded` begins with a definite-length SignedData that
// encloses a content.
[[nodiscard]] std::optional<OpenedCms> OpenCms(ByteView encoded);

// The certificates that `encoded` carries, trusted or not.
[[nodiscard]] std::vector<X509Ptr> CertificatesIn(ByteView encoded);

// SHA-256, and every other digest whose object identifier stands anywhere in
// `encoded`: all that a signature in there can be over. Computed from `parts`
// in order, one pass.
[[nodiscard]] std::vector<Digest> DigestsFor(
    ByteView encoded, const std::vector<ByteView>& parts);

}  // namespace assay::signatures
