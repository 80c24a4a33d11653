// CMS detached signatures (name.p7s, name.cms; DER, BER or PEM).
// RFC 5652 section 5. S/MIME's habits are not assumed: anchors, time and
// purpose come from the caller alone, and every signer is judged. Time stamps
// count as in CAdES (ETSI EN 319 122-1 section 5.3).

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "signatures/cms.h"
#include "signatures/der.h"
#include "signatures/scheme.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxSize = 1UL << 20U;
// The last two are those of LVFS and libjcat, but mostly of certificates.
constexpr std::array<std::string_view, 4> kSuffixes = {".p7s", ".cms", ".p7b",
                                                       ".p7c"};

std::string TargetOf(std::string_view name) {
  for (const std::string_view suffix : kSuffixes) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      return std::string(name.substr(0, name.size() - suffix.size()));
    }
  }
  return "";
}

// RFC 7468: one block and nothing around it.
Result<Bytes> DecodePem(std::string_view text) {
  const std::vector<std::string_view> lines = SplitLines(text);
  for (const std::string_view label : {"CMS", "PKCS7", "PKCS #7 SIGNED DATA"}) {
    if (lines.size() < 3 ||
        lines.front() != fmt::format("-----BEGIN {}-----", label) ||
        lines.back() != fmt::format("-----END {}-----", label)) {
      continue;
    }
    std::string encoded;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
      encoded.append(lines[i]);
    }
    const auto decoded = FromBase64(encoded);
    if (!decoded || Base64(*decoded) != encoded) {
      return Fail(ErrorCode::kMalformed, "the PEM block is not base64");
    }
    return CopyOf(AsBytes(*decoded));
  }
  return Fail(ErrorCode::kMalformed, "not one PEM block of a CMS");
}

Result<Bytes> Decode(ByteView content) {
  if (AsText(content).starts_with("-----BEGIN ")) {
    return DecodePem(AsText(content));
  }
  if (content.empty() || content[0] != 0x30) {
    return Fail(ErrorCode::kNotThisFormat, "no ASN.1 SEQUENCE");
  }
  return CopyOf(content);
}

std::optional<DerElement> LastOf(ByteView elements) {
  DerReader reader(elements);
  std::optional<DerElement> last;
  while (auto next = reader.Next()) {
    last = next;
  }
  return last;
}

// Certificates without a signature have some of these names too. RFC 5652
// section 5.1: the last element of SignedData is the set of signers.
bool IsBundle(std::string_view name, ByteView content) {
  if (!name.ends_with(".p7b") && !name.ends_with(".p7c")) {
    return false;
  }
  const auto encoded = Decode(content);
  if (!encoded) {
    return encoded.error().code == ErrorCode::kNotThisFormat ||
           AsText(content).starts_with("-----BEGIN CERT");
  }
  const auto info = ReadDer(*encoded);
  const auto inner = info ? LastOf(info->content) : std::nullopt;
  const auto data = inner ? ReadDer(inner->content) : std::nullopt;
  const auto signers = data ? LastOf(data->content) : std::nullopt;
  return signers && signers->tag == kDerSet && signers->content.empty();
}

bool Find(const Subject& subject, Observations& into) {
  const std::string target = TargetOf(BaseName(subject.artifact.name));
  if (target.empty() || subject.content.empty() ||
      IsBundle(subject.artifact.name, subject.content)) {
    return false;
  }
  SignatureCandidate candidate{.scheme = kCmsDetached.name,
                               .place = {0, subject.content.size()},
                               .targets = {target}};
  if (subject.content.size() > kMaxSize) {
    candidate.problems.emplace_back("the signature is over the limit of 1 MiB");
  } else if (const auto encoded = Decode(subject.content)) {
    candidate.signature = *encoded;
  } else {
    candidate.problems.push_back(encoded.error().what);
  }
  const bool understood = candidate.problems.empty();
  into.candidates.push_back(std::move(candidate));
  return understood;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView message,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kCmsDetached.name)};
  if (!candidate.problems.empty()) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.front();
    return check;
  }
  CheckCms(candidate.signature, {.bytes = message}, {.timestamps = true}, trust,
           check);
  ERR_clear_error();
  return check;
}

}  // namespace

const SignatureScheme kCmsDetached = {
    .name = "cms_detached",
    .title = "CMS (PKCS #7) detached signature",
    .reference = "RFC 5652 section 5",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
