// Files of the user's own, signed by whoever is responsible for them.
#pragma once

#include <string>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/model/policy.h"

namespace assay::engine {

// Checks the file at `path`, whose bytes are `content`, by the signature beside
// it (PATH.minisig, PATH.sig or PATH.asc), as one inside a product is: by the
// policy's anchors that may vouch for a file of this name, and with all that
// the policy asks of signers. The signer, for the report; kConfig says why no
// signature there holds.
[[nodiscard]] Result<std::string> SignerBeside(const std::string& path,
                                               ByteView content,
                                               const Policy& policy,
                                               UnixTime at);

// The same with the one key in the file `key`, of whichever kind it is:
// minisign, signify, SSHSIG or OpenPGP. kUnreadable when it cannot be read.
[[nodiscard]] Result<std::string> AuthenticatePolicy(const std::string& path,
                                                     ByteView content,
                                                     const std::string& key,
                                                     UnixTime at);

}  // namespace assay::engine
