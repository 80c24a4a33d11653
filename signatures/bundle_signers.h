// Who may sign update bundles by CMS.
#pragma once

#include "signatures/scheme.h"
#include "verifier/base/bytes.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

// RAUC and SWUpdate ask a signer's certificate for the purpose of S/MIME, or
// for code signing where the device is configured so. Takes those out of a
// passed check's good keys whose certificate lists purposes and neither of
// these (RFC 5280 section 4.2.1.12); INDETERMINATE when none is left.
void KeepBundleSigners(ByteView cms, const Trust& trust, SignatureCheck& check);

}  // namespace assay::signatures
