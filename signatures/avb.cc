// Android Verified Boot: vbmeta, alone or led to by the footer at the end of a
// partition image. Layout and order of the checks: AOSP external/avb,
// libavb/avb_vbmeta_image.h and README.md.
//
// The key lies in the metadata and vouches for itself: it counts only when it
// is an anchor's. Only header and auxiliary data are signed; the image is
// reached through the descriptors, up to their image size and no further.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/avb_reach.h"
#include "signatures/public_key.h"
#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/disks/avb_footer.h"
#include "verifier/formats/disks/avb_vbmeta.h"

namespace assay::signatures {
namespace {

using formats::avb::Descriptor;
using formats::avb::Footer;
using formats::avb::Header;
using formats::avb::Tag;
using formats::avb::Vbmeta;

constexpr std::uint32_t kLastMinor = 3;  // of libavb 1.3.0
constexpr std::uint32_t kHashtreeDisabled = 1;
constexpr std::uint32_t kVerificationDisabled = 2;

struct Algorithm {
  DigestAlgorithm digest = DigestAlgorithm::kSha256;
  int bits = 0;
};
// avb_crypto.h, AvbAlgorithmType, from 1 on; 0 is NONE.
constexpr std::array<Algorithm, 6> kAlgorithms = {{
    {DigestAlgorithm::kSha256, 2048},
    {DigestAlgorithm::kSha256, 4096},
    {DigestAlgorithm::kSha256, 8192},
    {DigestAlgorithm::kSha512, 2048},
    {DigestAlgorithm::kSha512, 4096},
    {DigestAlgorithm::kSha512, 8192},
}};

void AddChainKeys(const Vbmeta& vbmeta, std::uint64_t at, Observations& into) {
  for (const Descriptor& descriptor : vbmeta.descriptors()) {
    const auto key =
        Slice(vbmeta.bytes(), descriptor.value.offset, descriptor.value.length);
    if (IsAvb(descriptor, Tag::kChain) && key) {
      into.keys.push_back(
          {.scheme = kAvb.name,
           .type = TrustAnchor::Type::kRawKey,
           .what = fmt::format("key of partition {}", Escaped(descriptor.name)),
           .key = CopyOf(*key),
           .place = {at + descriptor.value.offset, descriptor.value.length}});
    }
  }
}

// What stands before and behind the metadata, and the files beside them.
void AddSurroundings(const Subject& subject, const Vbmeta& vbmeta,
                     bool with_footer, AvbReach& reach,
                     SignatureCandidate& candidate) {
  std::uint64_t end = subject.content.size();
  if (with_footer) {
    end -= sizeof(Footer);
    constexpr std::uint64_t kUsed = sizeof(Footer) - sizeof(Footer::reserved);
    reach.Inert({end, kUsed}, "footer");
    reach.Padding({end + kUsed, sizeof(Footer::reserved)});
  }
  const std::string_view name = BaseName(subject.artifact.name);
  const bool behind_image = candidate.place.offset > 0;
  std::vector<const Descriptor*> own;
  if (behind_image) {
    own = OwnAvbImages(vbmeta, name);
    reach.Images(own);
  }
  ListAvbImages(vbmeta, name, own, candidate);
  const Range rest{candidate.place.end(), end - candidate.place.end()};
  if (!reach.Padding(rest) && !behind_image) {
    candidate.ranges.push_back({rest, Coverage::kUncoveredLive, "other bytes"});
  }
}

// The vbmeta in `place` of the artifact, which are there for a partition of
// their own or, with a footer, for the image in front of them.
bool AddVbmeta(const Subject& subject, Range place, bool with_footer,
               Observations& into) {
  const ByteView bytes = *Slice(subject.content, place.offset, place.length);
  SignatureCandidate candidate{.scheme = kAvb.name};
  const auto vbmeta = Vbmeta::Read(bytes);
  if (!vbmeta) {
    const ByteView head = bytes.first(std::min(bytes.size(), sizeof(Header)));
    candidate.signature = CopyOf(head);
    candidate.place = {place.offset, head.size()};
    candidate.problems.push_back(vbmeta.error().what);
    into.candidates.push_back(std::move(candidate));
    return false;
  }
  candidate.signature = CopyOf(vbmeta->bytes());
  candidate.place = {place.offset, vbmeta->size()};
  candidate.message = CopyOf(bytes.first(sizeof(Header)));
  std::ranges::copy(
      vbmeta->bytes().subspan(static_cast<std::size_t>(vbmeta->auxiliary())),
      std::back_inserter(candidate.message));
  if (!vbmeta->damage().empty()) {
    candidate.problems.push_back(vbmeta->damage());
  }
  candidate.age.rollback_index = vbmeta->header().rollback_index;
  AvbReach reach(subject.content, *vbmeta, place.offset, candidate);
  reach.Metadata();
  AddSurroundings(subject, *vbmeta, with_footer, reach, candidate);
  AddChainKeys(*vbmeta, place.offset, into);
  into.candidates.push_back(std::move(candidate));
  return true;
}

bool Find(const Subject& subject, Observations& into) {
  const ByteView content = subject.content;
  const auto footer = formats::avb::ReadFooter(content);
  const bool own_footer = footer && footer->vbmeta_offset == 0;
  bool understood = false;
  const auto head = ReadAt<Be32>(content, 0);
  if (head && *head == formats::avb::kMagic && !own_footer) {
    understood = AddVbmeta(subject, {0, content.size()}, false, into);
  }
  const auto tail =
      content.size() < sizeof(Footer)
          ? std::nullopt
          : ReadAt<Footer>(content, content.size() - sizeof(Footer));
  if (!tail || tail->magic != formats::avb::kFooterMagic) {
    return understood;
  }
  if (footer) {
    return AddVbmeta(subject, {footer->vbmeta_offset, footer->vbmeta_size},
                     true, into);
  }
  into.candidates.push_back(
      {.scheme = kAvb.name,
       .signature = CopyOf(BytesOf(*tail)),
       .place = {content.size() - sizeof(Footer), sizeof(Footer)},
       .problems = {"the footer names metadata that are not before it"}});
  return false;
}

void Conclude(SignatureCheck& check, Indication indication,
              std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
}

// "" or what of footer or header this version does not know.
std::string WhyUnknown(ByteView encoded) {
  const auto footer = ReadAt<Footer>(encoded, 0);
  if (footer && footer->magic == formats::avb::kFooterMagic) {
    return footer->major == 1
               ? ""
               : fmt::format("version {} of the footer", +footer->major);
  }
  const auto header = ReadAt<Header>(encoded, 0);
  if (!header || header->magic != formats::avb::kMagic) {
    return "";
  }
  if (header->major != 1 || header->minor > kLastMinor) {
    return fmt::format("metadata that need libavb {}.{}", +header->major,
                       +header->minor);
  }
  return header->algorithm <= kAlgorithms.size()
             ? ""
             : fmt::format("algorithm {}", +header->algorithm);
}

void Describe(const SignatureCandidate& candidate, const Vbmeta& vbmeta,
              SignatureCheck& check) {
  for (const Descriptor& descriptor : vbmeta.descriptors()) {
    if (IsAvb(descriptor, Tag::kChain)) {
      check.steps.push_back(fmt::format("partition {} has a key of its own",
                                        Escaped(descriptor.name)));
    } else if (descriptor.tag > static_cast<std::uint64_t>(Tag::kChain)) {
      check.skipped.push_back(
          fmt::format("a descriptor of kind {}: not known", descriptor.tag));
    } else if (IsOfAvbImage(descriptor)) {
      const bool here = std::ranges::any_of(
          candidate.ranges, [&](const ClaimedRange& claimed) {
            return claimed.what == AvbImageName(descriptor);
          });
      check.steps.push_back(
          fmt::format("{}: {} bytes, salted {}{}", AvbImageName(descriptor),
                      descriptor.image_size, Escaped(descriptor.algorithm),
                      here ? " compared" : ", another file"));
    }
  }
  const Header& header = vbmeta.header();
  check.steps.push_back(fmt::format("rollback index {} at location {}",
                                    +header.rollback_index,
                                    +header.rollback_location));
}

// Whether the numbers agree with the algorithm; the key in the metadata.
KeyPtr EmbeddedKeyOf(const Vbmeta& vbmeta, const Algorithm& algorithm,
                     SignatureCheck& check) {
  const ByteView encoded =
      *Slice(vbmeta.bytes(), vbmeta.key().offset, vbmeta.key().length);
  KeyPtr key = KeyFromAvb(encoded);
  if (!key || EVP_PKEY_get_bits(key.get()) != algorithm.bits ||
      vbmeta.hash().length != SizeOf(algorithm.digest) ||
      vbmeta.signature().length !=
          static_cast<std::uint64_t>(algorithm.bits) / 8) {
    Conclude(check, Indication::kTotalFailed, "FORMAT_FAILURE",
             "hash, signature or key have not the size of the algorithm");
    return nullptr;
  }
  check.key = FingerprintOf(*key);
  check.algorithm = UseOf(*key, algorithm.digest);
  check.steps.push_back(
      fmt::format("the metadata hold a key, SHA-1 {} as avbtool shows it",
                  DigestOf(DigestAlgorithm::kSha1, encoded).hex));
  return key;
}

// Metadata can be copied behind any image and in front of any: behind one they
// have to be about it, and at the beginning nothing may follow them.
std::string WhyOfAnotherImage(const SignatureCandidate& candidate) {
  const auto& ranges = candidate.ranges;
  if (candidate.place.offset > 0 &&
      std::ranges::none_of(ranges, [](const ClaimedRange& claimed) {
        return claimed.coverage == Coverage::kByDigest &&
               claimed.range.length > 0;
      })) {
    return "no descriptor is about the image that the metadata stand behind";
  }
  return std::ranges::count(ranges, Coverage::kUncoveredLive,
                            &ClaimedRange::coverage) > 0
             ? "bytes that the metadata do not reach follow them"
             : "";
}

// What a signature that holds still lacks.
void Constrain(const SignatureCandidate& candidate, const Vbmeta& vbmeta,
               EVP_PKEY& key, const Trust& trust, SignatureCheck& check) {
  const std::string refused = WhyKeyIsRefused(key, trust.legacy_algorithms);
  const bool weak = std::ranges::any_of(
      vbmeta.descriptors(), [](const Descriptor& descriptor) {
        return IsOfAvbImage(descriptor) && descriptor.algorithm == "sha1";
      });
  const std::uint32_t flags = vbmeta.header().flags;
  const std::string astray = WhyOfAnotherImage(candidate);
  if (!refused.empty() || (weak && !trust.legacy_algorithms)) {
    Conclude(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             refused.empty() ? "the digest of an image is SHA-1, which the "
                               "policy does not allow"
                             : refused);
  } else if ((flags & (kHashtreeDisabled | kVerificationDisabled)) != 0) {
    Conclude(
        check, Indication::kIndeterminate, "SIG_CONSTRAINTS_FAILURE",
        fmt::format("flags {}: {} is disabled", flags,
                    (flags & kVerificationDisabled) != 0 ? "verification"
                                                         : "the hash tree"));
  } else if (!astray.empty()) {
    Conclude(check, Indication::kIndeterminate, "SIG_CONSTRAINTS_FAILURE",
             astray);
  } else {
    check.indication = Indication::kTotalPassed;
    check.good_keys = {GoodKeyOf(check)};
  }
}

void Judge(const SignatureCandidate& candidate, const Vbmeta& vbmeta,
           const Trust& trust, SignatureCheck& check) {
  const std::uint32_t number = vbmeta.header().algorithm;
  if (number == 0) {
    Conclude(check, Indication::kNone, "",
             "algorithm NONE: these metadata are not signed");
    return;
  }
  const Algorithm& algorithm = kAlgorithms.at(number - 1);
  if (!EmbeddedKeyOf(vbmeta, algorithm, check)) {
    return;
  }
  for (const Descriptor& descriptor : vbmeta.descriptors()) {
    if (IsOfAvbImage(descriptor) && !IsComputable(descriptor)) {
      Conclude(
          check, Indication::kUnsupported, "",
          fmt::format("the {} has a digest that is not known: {}, {} bytes of "
                      "salt",
                      AvbImageName(descriptor), Escaped(descriptor.algorithm),
                      descriptor.salt.length));
      return;
    }
  }
  const std::vector<AnchoredKey> keys = KeysOf(trust);
  const auto anchored =
      std::ranges::find(keys, check.key, &AnchoredKey::fingerprint);
  if (anchored == keys.end()) {
    Conclude(check, Indication::kIndeterminate, "NO_CERTIFICATE_CHAIN_FOUND",
             fmt::format("the embedded key {} is no anchor's", check.key));
    return;
  }
  SpeakFor(check, *anchored);
  check.steps.push_back(
      fmt::format("it is the key of anchor {}", anchored->anchor));
  const Digest digest = DigestOf(algorithm.digest, candidate.message);
  const std::string stored =
      HexOf(*Slice(vbmeta.bytes(), vbmeta.hash().offset, vbmeta.hash().length));
  if (digest.hex != stored) {
    Conclude(check, Indication::kTotalFailed, "HASH_FAILURE",
             fmt::format("vbmeta: expected {}, found {}", stored, digest.hex));
  } else if (!HoldsOverDigest(*anchored->key, digest,
                              *Slice(vbmeta.bytes(), vbmeta.signature().offset,
                                     vbmeta.signature().length))) {
    Conclude(check, Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
             "the signature does not match header and auxiliary data");
  } else {
    Constrain(candidate, vbmeta, *anchored->key, trust, check);
  }
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kAvb.name), .age = candidate.age};
  const auto vbmeta = Vbmeta::Read(candidate.signature);
  if (const std::string unknown = WhyUnknown(candidate.signature);
      !unknown.empty()) {
    Conclude(check, Indication::kUnsupported, "", unknown);
  } else if (!candidate.problems.empty() || !vbmeta) {
    Conclude(
        check, Indication::kTotalFailed, "FORMAT_FAILURE",
        candidate.problems.empty() ? "no vbmeta" : candidate.problems.front());
  } else {
    Describe(candidate, *vbmeta, check);
    Judge(candidate, *vbmeta, trust, check);
  }
  return check;
}

}  // namespace

const SignatureScheme kAvb = {
    .name = "avb",
    .title = "Android Verified Boot",
    .reference = "AOSP external/avb/libavb/avb_vbmeta_image.h",
    .reproduce =
        R"(dd if={holder} of=vbmeta iflag=skip_bytes,count_bytes skip={offset} count={length}
at() { od -An -j"$1" -N8 -t u8 --endian=big vbmeta | tr -d ' '; }
(head -c 256 vbmeta; tail -c +$((257 + $(at 12))) vbmeta) >message
tail -c +$((257 + $(at 48))) vbmeta | head -c $(at 56) >signature
openssl dgst -sha$(($(at 40) * 8)) -verify {anchor} -signature signature message)",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
