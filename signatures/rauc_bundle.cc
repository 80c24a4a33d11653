// RAUC update bundles: a CMS signature behind a SquashFS image.
// Layout: RAUC Reference, "Bundle Formats" and "Manifest"; src/bundle.c.
//
// plain: the signature is detached and over the whole payload, which holds the
// manifest. verity: it encloses the manifest, whose verity-hash covers the
// payload; so the tree is made anew here. crypt: as verity, over what is
// encrypted; or the manifest itself is enveloped, and nothing can be said.

#include "verifier/formats/vendor/rauc_bundle.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/bundle_signers.h"
#include "signatures/cms.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/vendor/verity_tree.h"

namespace assay::signatures {
namespace {

using formats::RaucBundle;
using formats::RaucImage;
using formats::RaucManifest;

constexpr std::string_view kManifest = "manifest.raucm";
constexpr std::string_view kData = "1.2.840.113549.1.7.1";  // id-data
constexpr std::string_view kEnveloped =
    "the manifest is encrypted for its recipients";

std::vector<ListedFile> ListedIn(const RaucManifest& manifest,
                                 std::vector<std::string>& problems) {
  std::vector<ListedFile> listed;
  for (const RaucImage& image : manifest.images) {
    if (image.filename.empty()) {
      continue;  // an installer hook does what has to be done
    }
    const auto sha256 = BytesFromHex(image.sha256);
    if (!sha256 || sha256->size() != SizeOf(DigestAlgorithm::kSha256)) {
      problems.push_back(fmt::format("the manifest has no sha256 for {}",
                                     Escaped(image.filename)));
      continue;
    }
    listed.push_back({.name = image.filename,
                      .size = NumberOf(image.size),
                      .digests = {{DigestAlgorithm::kSha256, HexOf(*sha256)}}});
  }
  return listed;
}

// The payload and the tree behind it, by the manifest's root hash.
void CoverByTree(const RaucManifest& manifest, ByteView payload,
                 SignatureCandidate& candidate) {
  const auto size = NumberOf(manifest.size);
  const auto salt = BytesFromHex(manifest.salt);
  const auto root = BytesFromHex(manifest.hash);
  const auto data = size && *size <= payload.size()
                        ? Slice(payload, 0, payload.size() - *size)
                        : std::nullopt;
  const auto tree =
      data && salt ? formats::BuildVerity(*data, *salt) : std::nullopt;
  if (!tree || !root || root->size() != SizeOf(DigestAlgorithm::kSha256) ||
      tree->blocks.size() != *size) {
    candidate.problems.emplace_back(
        "the manifest's verity-hash, -salt and -size do not describe a tree "
        "behind the payload");
    return;
  }
  candidate.ranges.push_back(
      {.range = {0, data->size()},
       .coverage = Coverage::kByDigest,
       .what = "payload",
       .expected = Digest{DigestAlgorithm::kSha256, HexOf(*root)},
       .found = Digest{DigestAlgorithm::kSha256, HexOf(tree->root)}});
  candidate.ranges.push_back(
      {.range = {data->size(), *size},
       .coverage = Coverage::kByDigest,
       .what = "verity tree",
       .expected = DigestOf(DigestAlgorithm::kSha256, tree->blocks),
       .found =
           DigestOf(DigestAlgorithm::kSha256, payload.subspan(data->size()))});
}

void AddInert(Range range, std::string what, SignatureCandidate& candidate) {
  if (range.length > 0) {
    candidate.ranges.push_back({.range = range,
                                .coverage = Coverage::kUncoveredInert,
                                .what = std::move(what)});
  }
}

void AddEnclosed(const RaucBundle& bundle, ByteView bytes, ByteView cms,
                 SignatureCandidate& candidate) {
  const Range text{bundle.signature.offset + bundle.cms.content->offset,
                   bundle.cms.content->length};
  auto opened = OpenCms(cms);
  const auto content = Slice(bytes, text.offset, text.length);
  if (!opened || !content || !std::ranges::equal(opened->content, *content)) {
    candidate.problems.emplace_back("the CMS cannot be taken apart");
    return;
  }
  candidate.signature = std::move(opened->detached);
  candidate.message = std::move(opened->content);
  candidate.ranges.push_back({.range = text, .what = std::string(kManifest)});
  AddInert({bundle.signature.offset, text.offset - bundle.signature.offset},
           "signature", candidate);
  AddInert({text.end(), bundle.signature.end() - text.end()}, "signature",
           candidate);
  const RaucManifest manifest =
      formats::RaucManifestOf(AsText(candidate.message));
  if (manifest.format != "verity" && manifest.format != "crypt") {
    candidate.problems.push_back(
        fmt::format("an enclosed manifest of format \"{}\" covers no payload",
                    Escaped(manifest.format)));
    return;
  }
  candidate.age.version = manifest.version;
  CoverByTree(manifest, *Slice(bytes, 0, bundle.payload), candidate);
  if (manifest.format == "verity") {
    candidate.listed = ListedIn(manifest, candidate.problems);
    candidate.listed_inside = true;
  }
}

bool FindManifest(const Subject& subject, Observations& into) {
  const RaucManifest manifest =
      formats::RaucManifestOf(AsText(subject.content));
  if (manifest.format == "verity" || manifest.format == "crypt") {
    return true;  // the bundle's own candidate has its list
  }
  SignatureCandidate candidate{.scheme = kRaucBundle.name,
                               .place = {0, subject.content.size()}};
  candidate.listed = ListedIn(manifest, candidate.problems);
  if (!candidate.listed.empty() || !candidate.problems.empty()) {
    into.candidates.push_back(std::move(candidate));
  }
  return true;
}

bool Find(const Subject& subject, Observations& into) {
  constexpr std::size_t kMaxManifest = 1UL << 20U;
  const ByteView bytes = subject.content;
  if (BaseName(subject.artifact.name) == kManifest &&
      bytes.size() <= kMaxManifest) {
    return FindManifest(subject, into);
  }
  const auto bundle = formats::RaucBundleOf(bytes);
  if (!bundle) {
    return false;
  }
  const bool squashfs = AsText(bytes).starts_with("hsqs");
  if (!squashfs && bundle->cms.signed_data && !bundle->cms.content) {
    return false;  // some other file with a detached signature behind it
  }
  const ByteView cms =
      *Slice(bytes, bundle->signature.offset, bundle->signature.length);
  SignatureCandidate candidate{.scheme = kRaucBundle.name,
                               .signature = CopyOf(cms),
                               .place = bundle->signature};
  if (!bundle->cms.signed_data) {
    candidate.key_hint = kEnveloped;
  } else if (bundle->cms.content) {
    AddEnclosed(*bundle, bytes, cms, candidate);
  } else {
    const ByteView payload = *Slice(bytes, 0, bundle->payload);
    candidate.message_digests = DigestsFor(cms, {payload});
    candidate.ranges.push_back(
        {.range = {0, bundle->payload}, .what = "payload"});
    AddInert(bundle->signature, "signature", candidate);
  }
  AddInert({bundle->signature.end(), sizeof(Be64)}, "size of the signature",
           candidate);
  into.candidates.push_back(std::move(candidate));
  return true;
}

void Conclude(SignatureCheck& check, Indication indication,
              std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kRaucBundle.name)};
  if (!candidate.problems.empty()) {
    Conclude(check, Indication::kTotalFailed, "FORMAT_FAILURE",
             candidate.problems.front());
    return check;
  }
  if (candidate.signature.empty()) {
    Conclude(check, Indication::kDigestOnly, "",
             "a manifest; nothing in it says who wrote it");
    return check;
  }
  if (candidate.key_hint == kEnveloped) {
    Conclude(check, Indication::kUnsupported, "", std::string(kEnveloped));
    return check;
  }
  check.age = candidate.age;
  const bool enclosed = candidate.message_digests.empty();
  CheckCms(candidate.signature,
           {.bytes = candidate.message,
            .digests = enclosed ? nullptr : &candidate.message_digests},
           {.content_type = kData}, trust, check);
  ERR_clear_error();
  KeepBundleSigners(candidate.signature, trust, check);
  return check;
}

}  // namespace

const SignatureScheme kRaucBundle = {
    .name = "rauc_bundle",
    .title = "RAUC bundle signature",
    .reference = "RAUC Reference, \"Bundle Formats\"; src/bundle.c",
    .reproduce = "rauc info --keyring={anchor} {holder}",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
