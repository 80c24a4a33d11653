// The signature of a dm-verity root hash, as a discoverable disk image carries
// it in a partition of its own: one JSON object, then NULs.
// Layout: UAPI Group, "Discoverable Partitions Specification", "Verity
// signature partition"; Linux dm-verity, root_hash_sig_key_desc. (A signature
// beside a file NAME.roothash is cms_detached's.)
//
// The message is the root hash in hexadecimal. That the tree and the data have
// it is another partition's matter, and is said to be open here.

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "signatures/cms.h"
#include "signatures/ed25519.h"
#include "signatures/scheme.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxSize = 1UL << 20U;
constexpr std::string_view kHashKey = "\"rootHash\"";
constexpr std::string_view kSignatureKey = "\"signature\"";

bool IsRootHash(std::string_view text) {
  const auto value = BytesFromHex(text);
  return value && (value->size() == 32 || value->size() == 64);
}

void ReadObject(std::string_view text, SignatureCandidate& candidate) {
  const auto object = ParseJson(text);
  if (!object) {
    candidate.problems.push_back(object.error().what);
    return;
  }
  const std::string hash = TextAt(*object, "rootHash");
  const auto signature = CanonicalBase64(TextAt(*object, "signature"));
  const std::size_t at = text.find(hash);
  if (!IsRootHash(hash) || !signature || at == std::string_view::npos) {
    candidate.problems.emplace_back("no rootHash, or no signature in base64");
    return;
  }
  candidate.message = CopyOf(AsBytes(hash));
  candidate.signature = *signature;
  candidate.key_hint = Escaped(TextAt(*object, "certificateFingerprint"));
  candidate.ranges = {
      {.range = {at, hash.size()}, .what = "root hash"},
      {.range = {0, at},
       .coverage = Coverage::kUncoveredInert,
       .what = "JSON around the root hash"},
      {.range = {at + hash.size(), text.size() - at - hash.size()},
       .coverage = Coverage::kUncoveredInert,
       .what = "signature and JSON around it"}};
}

bool Find(const Subject& subject, Observations& into) {
  const std::string_view all = AsText(subject.content);
  if (!all.starts_with('{')) {
    return false;
  }
  // Some padding is a whole partition's.
  const std::string_view text =
      all.substr(0, std::min(all.find('\0'), kMaxSize));
  if (text.find(kHashKey) == std::string_view::npos ||
      text.find(kSignatureKey) == std::string_view::npos) {
    return false;
  }
  SignatureCandidate candidate{.scheme = kDmVerity.name,
                               .place = {0, text.size()}};
  ReadObject(text, candidate);
  if (text.size() < all.size() &&
      all.find_first_not_of('\0', text.size()) == std::string_view::npos) {
    candidate.ranges.push_back(
        {.range = {text.size(), all.size() - text.size()},
         .coverage = Coverage::kUncoveredInert,
         .what = "NULs behind the object"});
  }
  into.candidates.push_back(std::move(candidate));
  return true;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kDmVerity.name)};
  if (!candidate.problems.empty()) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.front();
    return check;
  }
  // The kernel asks its keyring, not a clock or a purpose.
  CheckCms(candidate.signature, {.bytes = candidate.message},
           {.path = {.ignore_time = true, .partial = true}}, trust, check);
  ERR_clear_error();
  check.steps.push_back(
      fmt::format("signed is the root hash {}", AsText(candidate.message)));
  check.skipped.emplace_back(
      "the tree and the data: they lie in other partitions");
  return check;
}

}  // namespace

const SignatureScheme kDmVerity = {
    .name = "dm_verity",
    .title = "dm-verity root hash signature partition",
    .reference = "UAPI Group, Discoverable Partitions Specification",
    .reproduce =
        "tr -d '\\000' < {holder} > object.json; jq -j .rootHash object.json > "
        "root-hash; jq -r .signature object.json | base64 -d | openssl cms "
        "-verify -binary -inform DER -content root-hash -CAfile {anchor} "
        "-partial_chain -no_check_time -purpose any -out /dev/null",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
