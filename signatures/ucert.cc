// OpenWrt sysupgrade images: a block behind the image holds a chain of usign
// signatures. Each link but the last signs the next link's key; the last one
// signs all bytes in front of the block.
// Layout: OpenWrt ucert, ucert.c; libubox blob.h and blobmsg.h; fwtool.
//
// A chain counts when its first signature is by an anchor's key: the keys
// inside are worth what signs them, in the period that the link states.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signatures/anchor.h"
#include "signatures/ed25519.h"
#include "signatures/scheme.h"
#include "signatures/ubox_blob.h"
#include "verifier/base/text.h"
#include "verifier/formats/vendor/fwtool_blocks.h"

namespace assay::signatures {
namespace {

using formats::FwtoolBlock;

constexpr std::size_t kMaxChain = 64UL << 10U;
constexpr std::size_t kMaxLinks = 16;
constexpr std::size_t kMaxMessages = 64UL << 20U;  // of all blocks together
constexpr std::uint32_t kAuthorizes = 1;           // CERTTYPE_AUTH

// "untrusted comment: ...", one line of base64.
std::optional<Ed25519Signature> UsignOf(ByteView file) {
  const auto lines = SplitLines(AsText(file));
  return lines.size() == 2 && lines[0].starts_with(kUntrustedComment)
             ? ParseSignatureLine(lines[1])
             : std::nullopt;
}

bool Find(const Subject& subject, Observations& into) {
  if (!formats::EndsWithFwtoolBlock(subject.content)) {
    return false;
  }
  bool found = false;
  std::uint64_t kept = 0;
  for (const FwtoolBlock& block : formats::FwtoolBlocksOf(subject.content)) {
    if (block.trailer.type == formats::kFwtoolMetadata) {
      continue;
    }
    found = true;
    const auto chain =
        Slice(subject.content, block.content.offset, block.content.length);
    SignatureCandidate candidate{.scheme = kUcert.name, .place = block.content};
    candidate.ranges = {
        {.range = {0, block.header.offset}, .what = "image and metadata"},
        {.range = {block.header.offset, block.at +
                                            sizeof(formats::FwtoolTrailer) -
                                            block.header.offset},
         .coverage = Coverage::kUncoveredInert,
         .what = "signature block"}};
    if (!chain || chain->size() > kMaxChain) {
      candidate.problems.emplace_back("a chain of more than 64 KiB");
    } else if (block.header.offset > kMaxMessages - kept) {
      candidate.key_hint = "the image is over the limit of 64 MiB";
    } else {
      kept += block.header.offset;
      candidate.signature = CopyOf(*chain);
      candidate.message = CopyOf(
          subject.content.first(static_cast<std::size_t>(block.header.offset)));
    }
    into.candidates.push_back(std::move(candidate));
  }
  return found;
}

struct Link {
  Ed25519Signature signature = {};
  std::optional<ByteView> payload = {};  // none: it signs the image
  UcertPayload stated = {};
};

// Links up to and with one without payload; nothing after it.
Result<std::vector<Link>> LinksOf(ByteView chain) {
  const auto elements = UcertElements(chain, kMaxLinks);
  if (!elements) {
    return Fail(elements.error());
  }
  std::vector<Link> links;
  for (const UcertElement& element : *elements) {
    const auto signature = UsignOf(element.signature);
    if (!signature) {
      return Fail(ErrorCode::kMalformed, "a link is no usign signature");
    }
    if (!links.empty() && !links.back().payload) {
      return Fail(ErrorCode::kMalformed, "links follow the image's signature");
    }
    Link link{.signature = *signature, .payload = element.payload};
    if (link.payload) {
      const auto stated = ReadUcertPayload(*link.payload);
      if (!stated) {
        return Fail(stated.error());
      }
      link.stated = *stated;
    }
    links.push_back(std::move(link));
  }
  if (links.empty() || links.back().payload) {
    return Fail(ErrorCode::kMalformed, "no link signs the image");
  }
  return links;
}

SignatureCheck Conclude(SignatureCheck check, Indication indication,
                        std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
  return check;
}

std::optional<Ed25519Key> AnchorKey(const Ed25519Signature& signature,
                                    const Trust& trust, SignatureCheck& check) {
  check.key = KeyNumber(signature.id);
  for (const TrustAnchor& anchor : trust.anchors) {
    const auto key = anchor.type == TrustAnchor::Type::kSignifyKey
                         ? ParsePublicKey(AsText(anchor.key))
                         : std::nullopt;
    if (key && key->id == signature.id &&
        AllowsFingerprint(anchor, check.key)) {
      check.anchor = anchor.name;
      check.steps.push_back(
          fmt::format("key {} is of anchor {}", check.key, anchor.name));
      return key;
    }
  }
  return std::nullopt;
}

// What a link that delegates says against the next one, or the key it names.
SignatureCheck Follow(const std::vector<Link>& links, Ed25519Key key,
                      ByteView message, const Trust& trust,
                      SignatureCheck check) {
  for (const Link& link : links) {
    if (link.signature.id != key.id ||
        !VerifyEd25519(key.key, link.signature.signature,
                       link.payload.value_or(message))) {
      return Conclude(std::move(check), Indication::kTotalFailed,
                      "SIG_CRYPTO_FAILURE",
                      fmt::format("the signature over {} is not by key {}",
                                  link.payload ? "the next key" : "the image",
                                  KeyNumber(key.id)));
    }
    if (!link.payload) {
      break;
    }
    const auto next = ParsePublicKey(link.stated.public_key);
    if (!next || link.stated.type != kAuthorizes) {
      return Conclude(std::move(check), Indication::kTotalFailed,
                      "FORMAT_FAILURE", "a link authorizes no key");
    }
    check.steps.push_back(fmt::format("key {} authorizes key {}",
                                      KeyNumber(key.id), KeyNumber(next->id)));
    if (trust.at < link.stated.valid_from || trust.at >= link.stated.expires) {
      return Conclude(std::move(check), Indication::kIndeterminate,
                      "OUT_OF_BOUNDS_NO_POE",
                      fmt::format("key {} is authorized at another time",
                                  KeyNumber(next->id)));
    }
    key = *next;
  }
  check.key = KeyNumber(key.id);
  check.public_key = FingerprintOf(key);
  check.indication = Indication::kTotalPassed;
  check.good_keys = {GoodKeyOf(check)};
  return check;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kUcert.name)};
  if (candidate.problems.empty() && candidate.signature.empty() &&
      !candidate.key_hint.empty()) {
    return Conclude(std::move(check), Indication::kUnsupported, "",
                    candidate.key_hint);
  }
  const auto links = LinksOf(candidate.signature);
  if (!candidate.problems.empty() || !links) {
    return Conclude(std::move(check), Indication::kTotalFailed,
                    "FORMAT_FAILURE",
                    candidate.problems.empty() ? links.error().what
                                               : candidate.problems.front());
  }
  for (const Link& link : *links) {
    if (link.signature.algorithm != std::array<std::uint8_t, 2>{'E', 'd'}) {
      return Conclude(std::move(check), Indication::kUnsupported, "",
                      "a signature's algorithm is not Ed (Ed25519)");
    }
  }
  const auto key = AnchorKey(links->front().signature, trust, check);
  if (!key) {
    return Conclude(std::move(check), Indication::kIndeterminate,
                    "NO_CERTIFICATE_CHAIN_FOUND",
                    fmt::format("key {} is no anchor's", check.key));
  }
  check.algorithm = {.key = "Ed25519", .bits = 256};
  check.skipped.emplace_back("revocation: no list of revoked keys is read");
  return Follow(*links, *key, candidate.message, trust, std::move(check));
}

}  // namespace

const SignatureScheme kUcert = {
    .name = "ucert",
    .title = "OpenWrt image signature (ucert)",
    .reference = "OpenWrt ucert, ucert.c; package/system/fwtool/src/fwimage.h",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
