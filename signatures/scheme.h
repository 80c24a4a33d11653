// What a signature scheme is to Assay, and the registry of schemes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/model/observations.h"
#include "verifier/model/policy.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

// Everything outside of the signature that a check may depend on. There is no
// clock, no disk and no implicit anchor.
struct Trust {
  const std::vector<TrustAnchor>& anchors;  // already filtered by the policy
  UnixTime at = 0;                          // the time the verdict speaks of
  bool legacy_algorithms = false;
  TimeModel time = TimeModel::kByScheme;  // for certificates
};

struct SignatureScheme {
  std::string_view name = {};  // "minisign"
  std::string_view title = {};
  std::string_view reference = {};
  // Stock commands that repeat the check, "" when no stock program knows the
  // scheme. {holder} stands for the file with the signature, {target} for
  // what it signs, {anchor} for the anchor's key file, {offset} and {length}
  // for the signature's place in its file.
  std::string_view reproduce = {};
  // Finds and parses signatures in one artifact, and keys that it carries for
  // others to be checked with; appends to `candidates` and `keys`. No crypto
  // here but digests. Same contract as Analysis::examine, except that the
  // subject's content is there for containers too: all bytes of the artifact,
  // so that a scheme has to look at a magic or a name before it reads on.
  bool (*find)(const Subject& subject, Observations& into) = nullptr;
  // Judges one candidate of this scheme. `message` is what it signs: the
  // detached target's bytes, or empty when the candidate encloses its message.
  // Fills scheme, indication, sub_indication, signer, key, anchor, signed_at,
  // proven_at, time, age, steps and detail; leaves artifact, target and covers
  // to the caller.
  SignatureCheck (*verify)(const SignatureCandidate& candidate,
                           ByteView message, const Trust& trust) = nullptr;
};

#define ASSAY_ENTRY(constant) extern const SignatureScheme constant;
#include "signatures_list.inc"
#undef ASSAY_ENTRY

// What a file is called in its folder: artifacts have the names that their
// containers give, folders and all.
[[nodiscard]] std::string_view BaseName(std::string_view path);

[[nodiscard]] const std::vector<const SignatureScheme*>& AllSchemes();
[[nodiscard]] const SignatureScheme* FindScheme(std::string_view name);

// Makes librnp and libcrypto open what they open once (configuration, random
// device). Called before the process is confined; later checks open nothing.
void WarmUp();

}  // namespace assay::signatures
