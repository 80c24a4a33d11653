// Signatures as values: what was found, and what came of checking it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"
#include "verifier/base/time.h"
#include "verifier/model/artifact.h"
#include "verifier/model/trust.h"

namespace assay {

// How a listed digest is made where it is not that of the whole file.
struct DigestedPart {
  std::uint64_t length = 0;  // it is over the first bytes of the file
  Bytes salt = {};           // hashed before them, or before each block of them
  // Block size of the dm-verity tree whose root the digest is; 0: it is a
  // digest of these bytes.
  std::uint64_t block = 0;
  Range tree = {};        // where the file holds that tree; empty: nowhere
  Range correction = {};  // error correction of both, which covers nothing
};

// One line of a signed list: "this name has this size and these digests".
struct ListedFile {
  std::string name = {};
  std::optional<std::uint64_t> size = {};
  std::vector<Digest> digests = {};
  // Names that it may have instead, best first.
  std::vector<std::string> also = {};
  // Then there is one digest, and no size.
  std::optional<DigestedPart> part = {};
};

// What signed content says of its own age: how a policy tells the old and
// once good from the new.
struct StatedAge {
  // The scheme whose form states it, where that is not the signature's own: a
  // list that says its version and is signed by other means. Static storage.
  std::string_view scheme = {};
  // AVB's rollback index, MCUboot's security counter.
  std::optional<std::uint64_t> rollback_index = {};
  std::string version = {};
  std::optional<UnixTime> date = {};
  std::optional<UnixTime> valid_until = {};
};

// How a signature reaches a byte.
enum class Coverage : std::uint8_t {
  kSigned,
  kByDigest,
  kByDerivedKey,
  kUncoveredInert,
  kUncoveredLive,
};
[[nodiscard]] std::string_view NameOf(Coverage coverage);

// A range of the artifact that holds a signature, and how the signature would
// reach it. What is kUncoveredInert here is what the format itself excludes
// and nothing reads as content: the signature's own bytes, a checksum.
struct ClaimedRange {
  Range range = {};
  Coverage coverage = Coverage::kSigned;
  std::string what = {};  // "payload", "images/kernel-1"
  // kByDigest: what the signed text says these bytes have (by whatever
  // transform the scheme defines: salted, chunked ...) and what they have.
  // Equal algorithms; lower-case hex.
  std::optional<Digest> expected = {};
  std::optional<Digest> found = {};
};

// A signature found in an artifact, parsed but not judged. Parsers hold no
// crypto: everything a verifier needs later is copied here.
struct SignatureCandidate {
  std::string_view scheme = {};  // SignatureScheme::name, static storage
  Bytes signature = {};          // the encoded signature, as found
  Range place = {};              // where it lies in its artifact
  // The signed text, when the signature encloses it (clearsigned, attached).
  Bytes message = {};
  // Digests of the signed bytes where these are ranges of the artifact, too
  // large to keep: computed while they were hot, one per algorithm that the
  // signature might use.
  std::vector<Digest> message_digests = {};
  // What of its own artifact the signature reaches when it holds. Empty for a
  // detached signature (the whole target) and for an enclosed message (its
  // place).
  std::vector<ClaimedRange> ranges = {};
  // Names of siblings it may sign, best first, when it is detached.
  std::vector<std::string> targets = {};
  std::string key_hint = {};  // key id, issuer and serial ..., unauthenticated
  // What the signed text says about other files, when it is a list.
  std::vector<ListedFile> listed = {};
  // Whether the listed names are members of the artifact that holds the
  // signature (a JAR's entries) instead of files beside it (a .dsc's).
  bool listed_inside = false;
  // Out of bytes that the signature reaches.
  StatedAge age = {};
  // Parsing problems ("text before the signed block"); the check must fail.
  std::vector<std::string> problems = {};
};

// ETSI EN 319 102-1, with the three words that it lacks.
enum class Indication : std::uint8_t {
  kTotalPassed,
  kIndeterminate,
  kTotalFailed,
  kNone,         // no signature where one was looked for
  kDigestOnly,   // a checksum: integrity, no authenticity
  kUnsupported,  // recognized, not verified by this version
};
[[nodiscard]] std::string_view NameOf(Indication indication);

struct CoveredRange {
  ArtifactId artifact = 0;
  Range range = {};
  Coverage coverage = Coverage::kSigned;
};

// A key of an anchor whose signature holds, with what a policy asks of each
// signer: another's anchor or time stamp says nothing about this one.
struct GoodKey {
  std::string key = {};  // fingerprint or key id
  // SHA-256 of its SubjectPublicKeyInfo, upper-case hex; "" where the scheme's
  // keys have none (OpenPGP). One private key has as many certificates and key
  // ids as its owner likes.
  std::string public_key = {};
  std::string anchor = {};
  std::string signer = {};
  AlgorithmUse algorithm = {};
  std::optional<UnixTime> proven_at = {};
  TimeModel time = TimeModel::kByScheme;
};

// The outcome for one signature (or one link of a chain of digests).
struct SignatureCheck {
  std::string scheme = {};
  // The artifact that holds the signature; kNoArtifact for --signature and
  // --context files, which `holder` then names.
  ArtifactId artifact = kNoArtifact;
  std::string holder = {};  // path of the artifact, or name of the file
  std::string target = {};  // path of what it signs
  Indication indication = Indication::kIndeterminate;
  // EN 319 102-1 sub-indication, "HASH_FAILURE" ...; "" when passed.
  std::string sub_indication = {};
  std::string signer = {};      // who, as the key or certificate says
  std::string key = {};         // fingerprint or key id
  std::string public_key = {};  // GoodKey::public_key
  // Every distinct key of an anchor whose signature holds, `key` first.
  // SignatureRule::count counts their signers. Empty unless passed.
  std::vector<GoodKey> good_keys = {};
  std::string anchor = {};      // name of the policy's anchor; "" when none
  AlgorithmUse algorithm = {};  // of the signature that decided
  std::optional<UnixTime> signed_at = {};  // claimed by the signature
  std::optional<UnixTime> proven_at = {};  // by a trusted time stamp
  // Which time the signer's certificates were asked for; kByScheme when there
  // are none.
  TimeModel time = TimeModel::kByScheme;
  StatedAge age = {};
  // The steps of the chain in order, for people ("InRelease lists Packages").
  std::vector<std::string> steps = {};
  std::string detail = {};  // expected against found, one line
  std::vector<CoveredRange> covers = {};
  // What this check did not look at, and why: "revocation: no list given".
  std::vector<std::string> skipped = {};
  // Stock commands with which a stranger repeats the result, "" when no stock
  // program knows the scheme.
  std::string reproduce = {};
};

// The key that the check itself speaks of.
[[nodiscard]] GoodKey GoodKeyOf(const SignatureCheck& check);
// Whose signature it is: the same for every certificate of one private key.
[[nodiscard]] const std::string& SignerOf(const GoodKey& good);
// Makes the check speak of that key.
void SpeakFor(SignatureCheck& check, const GoodKey& good);
// Adds it unless the check has that key.
void AddGoodKey(SignatureCheck& check, GoodKey key);

}  // namespace assay
