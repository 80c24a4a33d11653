// The keys that a Linux kernel is built with: certificates in DER, one behind
// the other, at the symbol system_certificate_list. Layout: the kernel's
// certs/system_certificates.S.
#pragma once

#include <vector>

#include "signatures/scheme.h"
#include "verifier/base/bytes.h"

namespace assay::signatures {

// Where they lie in the artifact. Empty unless it is a decompressed kernel
// that can load signed modules: its name, ELF type or image header say that it
// may be one; its banner ("Linux version N") and the magic line of module
// signatures, for which its loader looks, that it is. The list is told from
// other certificates, among them those that are revoked, by the sizes that
// stand behind it.
[[nodiscard]] std::vector<Range> BuiltInCertificates(const Subject& subject);

}  // namespace assay::signatures
