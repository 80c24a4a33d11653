// Files of the user's own, signed by whoever is responsible for them.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/model/trust.h"

namespace assay::engine {

// Checks the file at `path`, whose bytes are `content`, by the signature beside
// it (PATH.minisig, PATH.sig or PATH.asc). The signer, for the report; kConfig
// says why no signature there holds.
[[nodiscard]] Result<std::string> SignerBeside(
    const std::string& path, ByteView content,
    const std::vector<TrustAnchor>& anchors, UnixTime at);

// The same with the one key in the file `key`, of whichever kind it is:
// minisign, signify, SSHSIG or OpenPGP. kUnreadable when it cannot be read.
[[nodiscard]] Result<std::string> AuthenticatePolicy(const std::string& path,
                                                     ByteView content,
                                                     const std::string& key,
                                                     UnixTime at);

}  // namespace assay::engine
