// Trust anchors: what a policy gave, checked before anything relies on it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/model/policy.h"

namespace assay::signatures {

inline constexpr std::size_t kMaxAnchorBytes = 64UL << 20U;

// kConfig, naming the anchor, when its key material cannot be read, holds
// nothing usable, or lacks one of the fingerprints that it allows.
[[nodiscard]] Result<void> ValidateAnchor(const TrustAnchor& anchor);

// The fingerprints that the anchor vouches for, in the order of its key file:
// OpenPGP fingerprints of primary keys, SHA-256 of certificates and of SSH
// keys, key ids of minisign and signify; upper-case hex. Empty when it cannot
// be read.
[[nodiscard]] std::vector<std::string> DescribeAnchor(
    const TrustAnchor& anchor);

// SHA-256 of every revocation list in the anchor's key file, upper-case hex.
// `fingerprints` may name them as well; those that it does not name count too.
[[nodiscard]] std::vector<std::string> RevocationListsOf(
    const TrustAnchor& anchor);

// Whether the anchor may vouch for a signature of `scheme` on the artifact or
// file at `subject_path` when verifying at `at`. Globs are matched against
// the whole path and against its last name.
[[nodiscard]] bool AnchorApplies(const TrustAnchor& anchor,
                                 std::string_view scheme,
                                 std::string_view subject_path, UnixTime at);

// Whether TrustAnchor::subjects names what is at this path, as above.
[[nodiscard]] bool IsSubject(const TrustAnchor& anchor,
                             std::string_view subject_path);

// Whether TrustAnchor::fingerprints allows this one; case and blanks in them
// do not matter.
[[nodiscard]] bool AllowsFingerprint(const TrustAnchor& anchor,
                                     std::string_view fingerprint);

}  // namespace assay::signatures
