// Whom a policy trusts, for people; and what others call trust, as anchors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/model/policy.h"

namespace assay::engine {

// Every anchor with its keys and limits, every rule, one fact a line.
[[nodiscard]] std::string DescribeTrust(const Policy& policy);

// What is legal in a policy and probably not meant: anchors that may vouch
// for everything, that have run out at `at`, that no rule names ...
[[nodiscard]] std::vector<std::string> DoubtsAbout(const Policy& policy,
                                                   UnixTime at);

// The file's keys as `anchors:` of a policy, in YAML: an OpenPGP keyring, PEM
// or DER certificates, PEM or AVB public keys, minisign and signify keys, an
// allowed_signers file, a Sigstore trusted root, a Notation trust policy.
// `name` is the file's, for the anchors' names. kMalformed when it is none.
[[nodiscard]] Result<std::string> ImportTrust(std::string_view name,
                                              ByteView content);

}  // namespace assay::engine
