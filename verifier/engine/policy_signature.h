// The policy itself, signed by whoever is responsible for it.
#pragma once

#include <string>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"

namespace assay::engine {

// Checks the policy at `path` by the signature beside it (PATH.minisig,
// PATH.sig or PATH.asc: minisign, signify, SSHSIG or OpenPGP) with the key in
// the file `key`, of whichever kind it is. The signer, for the report; kConfig
// when no signature there holds, kUnreadable when a file cannot be read.
[[nodiscard]] Result<std::string> AuthenticatePolicy(const std::string& path,
                                                     ByteView policy,
                                                     const std::string& key,
                                                     UnixTime at);

}  // namespace assay::engine
