// CMS SignedData over bytes that it does not enclose, by libcrypto.
#pragma once

#include "signatures/scheme.h"
#include "verifier/base/bytes.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

// Judges every SignerInfo of `encoded` (BER) over `message` and fills
// `check`. TOTAL-PASSED when at least one signer's path ends in an anchor and
// no such signer's signature is bad.
void CheckCms(ByteView encoded, ByteView message, const Trust& trust,
              SignatureCheck& check);

}  // namespace assay::signatures
