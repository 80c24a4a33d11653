// Policy files. The form, with every key and its default:
//
//   schema: assay-policy/1
//   name: example                    # shown in every report
//   anchors:
//     - name: vendor-release
//       type: minisign-key           # openpgp-cert | x509-ca | x509-pin |
//                                    # minisign-key | signify-key | raw-key |
//                                    # ssh-signers | uefi-db; or what takes
//                                    # trust away: uefi-dbx | sbat-level |
//                                    # revoked
//       key: RWT...                  # or  file: keys/vendor.pub  (relative to
//                                    # the policy file)
//       fingerprints: []             # which certificates of a keyring; all
//       schemes: []                  # where it may be used; anywhere
//       subjects: []                 # globs over paths it may vouch for; any
//       signers: []                  # exact names that count; [] = any
//       valid: {from: 2026-01-01, until: 2028-01-01}
//   signatures:                      # all must hold
//     - match: "*.bin"               # glob over artifact paths
//       anchors: [vendor-release]    # any of them; [] = any anchor
//       count: 1                     # private keys that must have signed
//       coverage: 0                  # per cent of its bytes that these
//                                    # anchors' signatures must reach
//       time: now                    # now | trusted-timestamp | ignore: for
//                                    # when certificates must be good; unless
//                                    # given, as the scheme has it
//   freshness:                       # what is older counts no more
//     - scheme: avb                  # of which kind (apt_archive: a Release,
//                                    # however signed); or of any
//       match: "*.img"               # glob over what is signed; any
//       rollback_index: 7            # at least: AVB, MCUboot's counter
//       version: 1.2.0               # at least: MCUboot, RAUC, SWUpdate
//       date: 2026-10-01             # at the earliest: apt's Release
//       max_age: 30                  # days before --at: apt's Release
//       valid_until: required        # apt's Release must have an end
//   fail_on: medium                  # info | low | medium | high | critical;
//                                    # or a map: {default: medium, HF-11: high}
//   warn_on: low                     # counted in the reasons; unset: nothing
//   algorithms: default              # cnsa-2.0 | default | legacy (SHA-1 ...)
//   derive: []                       # schemes whose keys verified parts of the
//                                    # product may give: linux_module, ...
//   sbom:
//     required: false
//     profiles: [cisa-2026]          # minimum elements of a delivered SBOM
//     min_index: 0                   # its agreement with the bytes, 0 to 100
//   manifest: {signature: required}  # or not-required
//   ledger: {max_unknown: 100, max_opaque: 100, min_signed: 0,
//            min_claimed: 0, min_parsed: 0,   # all in per cent of the bytes
//            max_opaque_bytes: 1000000}       # unset: any number
//   waivers:
//     - id: W-1
//       rule: NI3-HF01-001
//       subject: "**/etc/shadow"     # glob over Finding::subject
//       sha256: ""                   # of the subject, when given
//       reason: ...
//       approver: ...
//       expires: 2027-01-01          # at most 365 days after --at
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/model/policy.h"

namespace assay::engine {

// kUnreadable, or kConfig with "FILE:LINE:COLUMN: what is wrong". Unknown keys
// and unknown anchor names are errors.
[[nodiscard]] Result<Policy> LoadPolicy(const std::string& path);

// What the policy demands, a line for each key, and where that is from:
// "FILE:LINE" or "default". Fails as LoadPolicy does.
[[nodiscard]] Result<std::string> ShowPolicy(const std::string& path);

// A commented policy to start from; "" when there is none of that name.
[[nodiscard]] std::string PolicyTemplate(std::string_view preset);
[[nodiscard]] std::vector<std::string> PresetNames();

}  // namespace assay::engine
