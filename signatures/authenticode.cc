// Authenticode signatures of PE images: programs and drivers of Windows,
// applications and drivers of UEFI, Linux kernels with an EFI stub.
//
// Two kinds of loader judge them by different rules, and the anchor says which
// apply. X.509 anchors: Windows' ones, where the certificate must be for code
// signing and a time stamp outlives it. db anchors: UEFI Secure Boot's ones,
// for EFI images alone, where neither time nor usage counts and any certificate
// in db ends a path. What dbx or an SBAT level forbids fails by either.

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <variant>

#include "signatures/authenticode_image.h"
#include "signatures/cms.h"
#include "signatures/cms_value.h"
#include "signatures/der.h"
#include "signatures/sbat.h"
#include "signatures/scheme.h"
#include "signatures/uefi_database.h"
#include "signatures/x509.h"

namespace assay::signatures {
namespace {

using Type = TrustAnchor::Type;

constexpr std::string_view kSpcIndirectData = "1.3.6.1.4.1.311.2.1.4";
constexpr std::uint16_t kRevision2 = 0x200;
constexpr std::uint16_t kPkcsSignedData = 2;
constexpr std::string_view kVariable = "-d719b2cb-3d3a-4596-a3bc-dad00e67656f";

// A variable of a store, named as efivarfs names it.
bool FindDatabase(const Subject& subject, Observations& into) {
  const std::string_view name = BaseName(subject.artifact.name);
  const bool forbids = name.starts_with("dbx-");
  if ((!forbids && !name.starts_with("db-")) || !name.ends_with(kVariable)) {
    return false;
  }
  EmbeddedKey key{.scheme = kAuthenticode.name,
                  .type = forbids ? Type::kUefiDbx : Type::kUefiDb,
                  .what = forbids ? "UEFI's dbx" : "UEFI's db",
                  .key = CopyOf(subject.content),
                  .place = {0, subject.content.size()}};
  const auto database = DatabaseOf({.type = key.type, .key = key.key});
  if (!database) {
    return false;
  }
  into.keys.push_back(std::move(key));
  return true;
}

bool Find(const Subject& subject, Observations& into) {
  return FindInImage(subject.content, into) || FindDatabase(subject, into);
}

void Conclude(SignatureCheck& check, const Outcome& outcome) {
  check.indication = outcome.indication;
  check.sub_indication = outcome.sub_indication;
  check.detail = outcome.detail;
  if (outcome.indication != Indication::kTotalPassed) {
    check.good_keys.clear();
  }
}

Outcome Malformed(std::string detail) {
  return {Indication::kTotalFailed, "FORMAT_FAILURE", std::move(detail)};
}

// The digest in SpcIndirectDataContent ::= SEQUENCE { data
// SpcAttributeTypeAndOptionalValue, messageDigest DigestInfo }, or why not.
// `content` is the value of that sequence.
std::variant<Digest, Outcome> ImprintOf(ByteView content) {
  // SPC_PE_IMAGE_DATAOBJ ends in 15; pesign writes 21 (0x15) instead.
  constexpr std::array<std::uint8_t, 11> kSpcTypes = {
      kDerOid, 10, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01};
  constexpr std::array<std::uint8_t, 2> kPeImageData = {0x0F, 0x15};
  DerReader fields(content);
  const auto data = fields.Next(kDerSequence);
  const auto info = fields.Next(kDerSequence);
  if (!data || !info || !fields.empty()) {
    return Malformed("no SpcIndirectDataContent is signed");
  }
  const auto type = DerReader(data->content).Next(kDerOid);
  if (!type || type->whole.size() != kSpcTypes.size() + 1 ||
      !std::ranges::equal(type->whole.first(kSpcTypes.size()), kSpcTypes) ||
      std::ranges::find(kPeImageData, type->whole.back()) ==
          kPeImageData.end()) {
    return Malformed("what is signed is not a PE image");
  }
  DerReader digest(info->content);
  const auto algorithm = digest.Next(kDerSequence);
  const auto value = digest.Next(kDerOctetString);
  const auto oid =
      algorithm ? DerReader(algorithm->content).Next(kDerOid) : std::nullopt;
  if (!oid || !value || !digest.empty()) {
    return Malformed("the signed digest cannot be read");
  }
  const unsigned char* at = oid->whole.data();
  const std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>> object(
      d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(oid->whole.size())));
  const auto known =
      object ? AlgorithmOf(OBJ_obj2nid(object.get())) : std::nullopt;
  if (!known) {
    return Outcome{Indication::kUnsupported, "",
                   "the image's digest is of an unknown algorithm"};
  }
  return Digest{*known, HexOf(value->content)};
}

// A signature taken apart, and the image it stands in.
struct Case {
  const SignatureCandidate& candidate;
  const OpenedCms& opened;
  ImageTraits traits = {};
  std::string_view sbat = {};
};

SignatureCheck CheckBy(const Case& one, const CmsRules& rules,
                       const Trust& trust, std::string_view name) {
  SignatureCheck check;
  CheckCms(one.opened.detached, {.bytes = one.opened.content}, rules, trust,
           check);
  check.steps.insert(check.steps.begin(),
                     fmt::format("judged by the rules of {}", name));
  return check;
}

SignatureCheck CheckForUefi(const Case& one,
                            const std::vector<TrustAnchor>& anchors,
                            const Trust& trust) {
  return CheckBy(one,
                 {.path = {.ignore_time = true, .partial = true},
                  .content_type = kSpcIndirectData},
                 {.anchors = anchors,
                  .at = trust.at,
                  .legacy_algorithms = trust.legacy_algorithms,
                  .time = trust.time},
                 "UEFI Secure Boot");
}

bool HasAnchor(const Trust& trust, std::initializer_list<Type> types) {
  return std::ranges::any_of(trust.anchors, [&](const TrustAnchor& anchor) {
    return std::ranges::find(types, anchor.type) != types.end();
  });
}

bool FoundNoPath(const SignatureCheck& check) {
  return check.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND";
}

SignatureCheck CheckByAnchors(const Case& one, const Trust& trust) {
  const bool uefi = one.traits.IsEfi() && HasAnchor(trust, {Type::kUefiDb});
  std::optional<SignatureCheck> best;
  if (uefi) {
    best = CheckForUefi(one, CertificateAnchorsOf(trust, Type::kUefiDb), trust);
  }
  if (!uefi || HasAnchor(trust, {Type::kX509Ca, Type::kX509Pin})) {
    SignatureCheck other = CheckBy(one,
                                   {.path = {.usage = NID_code_sign},
                                    .content_type = kSpcIndirectData,
                                    .timestamps = true},
                                   trust, "code signing");
    const bool better =
        !best || other.indication == Indication::kTotalPassed ||
        (best->indication != Indication::kTotalPassed && FoundNoPath(*best));
    if (better) {
      best = std::move(other);
    }
  }
  return *std::move(best);
}

// The digest that is signed is the one of the image, and of the algorithm that
// the signer signs with.
std::optional<Outcome> ImprintProblem(const Case& one, const Digest& imprint,
                                      const SignatureCheck& check) {
  const auto& digests = one.candidate.message_digests;
  const auto found =
      std::ranges::find(digests, imprint.algorithm, &Digest::algorithm);
  if (found == digests.end()) {
    return Outcome{Indication::kUnsupported, "",
                   "the image's digest was not computed"};
  }
  if (check.algorithm.digest != imprint.algorithm) {
    return Malformed("the signer's digest algorithm is not the image's");
  }
  if (*found != imprint) {
    return Outcome{Indication::kTotalFailed, "HASH_FAILURE",
                   fmt::format("the image: expected {}, found {}", imprint.hex,
                               found->hex)};
  }
  return std::nullopt;
}

// The entry of an anchor of this type that is the image's digest.
struct Listing {
  std::string anchor = {};
  std::string digest = {};
};
std::optional<Listing> ListingOf(const Case& one, const Trust& trust,
                                 Type type) {
  const auto& digests = one.candidate.message_digests;
  for (const TrustAnchor& anchor : trust.anchors) {
    const auto database = anchor.type == type
                              ? DatabaseOf(anchor)
                              : Result<UefiDatabase>(UefiDatabase{});
    if (!database) {
      continue;
    }
    for (const Digest& listed : database->images) {
      if (std::ranges::find(digests, listed) != digests.end()) {
        return Listing{anchor.name, listed.hex};
      }
    }
  }
  return std::nullopt;
}

// The certificates that dbx takes trust from: those in it, and those among the
// signature's own and db's whose tbsCertificate it names.
std::vector<TrustAnchor> ForbiddenBy(const Case& one, const Trust& trust) {
  std::vector<TrustAnchor> forbidden =
      CertificateAnchorsOf(trust, Type::kUefiDbx);
  std::vector<X509Ptr> known = CertificatesIn(one.opened.detached);
  for (const TrustAnchor& anchor : CertificateAnchorsOf(trust, Type::kUefiDb)) {
    if (auto loaded = CertificatesOfX509(anchor)) {
      std::ranges::move(loaded->certificates, std::back_inserter(known));
    }
  }
  for (const TrustAnchor& anchor : trust.anchors) {
    const auto database = anchor.type == Type::kUefiDbx
                              ? DatabaseOf(anchor)
                              : Result<UefiDatabase>(UefiDatabase{});
    for (const X509Ptr& certificate : known) {
      if (database && ListsCertificate(*database, *certificate)) {
        forbidden.push_back(AnchorOf(*certificate, anchor.name));
      }
    }
  }
  return forbidden;
}

// As EDK II has it (DxeImageVerificationLib): an image is forbidden by its
// digest, or when its signature would hold by a certificate in dbx.
std::optional<Outcome> DbxProblem(const Case& one, const Trust& trust) {
  const auto revoked = [](std::string detail) {
    return Outcome{Indication::kTotalFailed, "REVOKED", std::move(detail)};
  };
  if (const auto listing = ListingOf(one, trust, Type::kUefiDbx)) {
    return revoked(fmt::format("the image's digest {} stands in {}",
                               listing->digest, listing->anchor));
  }
  const std::vector<TrustAnchor> forbidden = ForbiddenBy(one, trust);
  if (forbidden.empty()) {
    return std::nullopt;
  }
  const SignatureCheck by = CheckForUefi(one, forbidden, trust);
  if (!FoundNoPath(by) && by.indication != Indication::kUnsupported) {
    return revoked(
        fmt::format("the certificate of {}, or one that it leads "
                    "to, stands in {}",
                    by.signer, by.anchor));
  }
  return std::nullopt;
}

// shim 15.3 and later: what shim loads must have an .sbat section. What boots
// by shim's protocol (GRUB's kernels) or by the firmware itself need not.
std::optional<Outcome> SbatOutcome(const Case& one, const Trust& trust,
                                   SignatureCheck& check) {
  for (const TrustAnchor& anchor : trust.anchors) {
    const auto level =
        anchor.type == Type::kSbatLevel
            ? SbatLevelOf(anchor)
            : Result<std::vector<SbatEntry>>(std::vector<SbatEntry>{});
    if (!level || level->empty()) {
      continue;
    }
    if (one.traits.sbat_count == 0 &&
        (one.traits.linux_kernel != 0 || !one.traits.IsEfiApplication())) {
      check.skipped.emplace_back(
          "SBAT: no section; shim asks for one in what it loads itself, which "
          "kernels and drivers are not");
      continue;
    }
    const std::string problem = one.traits.sbat_count == 0 ? "no .sbat section"
                                : one.traits.sbat_count > 1
                                    ? "more than one .sbat section"
                                    : SbatProblem(one.sbat, *level);
    if (!problem.empty()) {
      return Outcome{Indication::kTotalFailed, "REVOKED",
                     fmt::format("SBAT level {}: {}", anchor.name, problem)};
    }
    check.steps.push_back(
        fmt::format("no component is older than {} allows", anchor.name));
  }
  return std::nullopt;
}

void ApplyUefiLists(const Case& one, const Trust& trust,
                    SignatureCheck& check) {
  const auto listing = ListingOf(one, trust, Type::kUefiDb);
  if (listing && check.indication != Indication::kTotalFailed &&
      check.indication != Indication::kTotalPassed) {
    check.steps.push_back(
        fmt::format("{} lists the image's digest itself", listing->anchor));
    check.signer = "(none: the image is listed)";
    check.key = listing->digest;
    check.public_key.clear();
    check.anchor = listing->anchor;
    check.good_keys = {GoodKeyOf(check)};
    Conclude(check, {Indication::kTotalPassed, "", ""});
  }
  std::optional<Outcome> problem = DbxProblem(one, trust);
  if (!problem) {
    problem = SbatOutcome(one, trust, check);
  }
  if (problem) {
    Conclude(check, *problem);
  }
  if (!HasAnchor(trust, {Type::kUefiDbx})) {
    check.skipped.emplace_back("dbx: none was given");
  }
}

std::optional<Outcome> ShapeProblem(const SignatureCandidate& candidate,
                                    const std::optional<ImageTraits>& traits) {
  if (!candidate.problems.empty()) {
    return Malformed(candidate.problems.front());
  }
  if (!traits || traits->revision != kRevision2 ||
      traits->type != kPkcsSignedData) {
    return Outcome{Indication::kUnsupported, "",
                   "a WIN_CERTIFICATE of another revision or type than 2.0 "
                   "PKCS #7"};
  }
  return std::nullopt;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView,
                      const Trust& trust) {
  SignatureCheck check;
  const auto traits = ReadAt<ImageTraits>(candidate.message, 0);
  const auto opened = OpenCms(candidate.signature);
  std::optional<Outcome> problem = ShapeProblem(candidate, traits);
  if (!problem && (!opened || opened->octets)) {
    problem = Malformed("not a SignedData over an SpcIndirectDataContent");
  }
  if (!problem) {
    const Case one{candidate, *opened, *traits,
                   AsText(candidate.message).substr(sizeof(ImageTraits))};
    const auto imprint = ImprintOf(opened->content);
    if (const auto* failed = std::get_if<Outcome>(&imprint)) {
      problem = *failed;
    } else {
      check = CheckByAnchors(one, trust);
      if (!FoundNoPath(check) && check.indication != Indication::kUnsupported) {
        problem = ImprintProblem(one, std::get<Digest>(imprint), check);
      }
      if (!problem && traits->IsEfi()) {
        ApplyUefiLists(one, trust, check);
      }
    }
  }
  if (problem) {
    Conclude(check, *problem);
  }
  check.scheme = kAuthenticode.name;
  ERR_clear_error();
  return check;
}

}  // namespace

const SignatureScheme kAuthenticode = {
    .name = kAuthenticodeName,
    .title = "Authenticode signature of a PE image",
    .reference =
        "Microsoft, Windows Authenticode Portable Executable "
        "Signature Format (2008); UEFI Specification 2.10, section 32",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
