// The signature that the Linux kernel appends to its modules, after the ELF
// object: a PKCS #7 message in DER, a 12-byte trailer and a magic line.
// Layout: struct module_signature in the kernel's include/linux/
// module_signature.h. Only the framing is read here.
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats {

// The length of the appended signature that `bytes` begin with, if they do:
// all its length fields agree and its magic line stands at its end.
[[nodiscard]] std::optional<std::uint64_t> ModuleSignatureSize(ByteView bytes);

}  // namespace assay::formats
