// Linux kernel modules: a CMS without certificates and attributes that is
// appended to the ELF object. Source: the kernel's scripts/sign-file.c and
// kernel/module/signing.c; framing: verifier/formats/executables/
// module_signature.h.
//
// The signing certificates are inside the kernel that may load the module:
// signatures/kernel_certificates.h. The kernel does not look at the time, nor
// at any signature but the last.

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "signatures/cms.h"
#include "signatures/der.h"
#include "signatures/kernel_certificates.h"
#include "signatures/scheme.h"
#include "signatures/x509.h"
#include "verifier/formats/executables/module_signature.h"

namespace assay::signatures {
namespace {

using formats::AppendedSignature;
using formats::ReadAppendedSignature;

constexpr std::size_t kMaxMessage = 1UL << 20U;
constexpr std::size_t kMostStacked = 8;
constexpr std::string_view kLater = "a later signature";

// The issuer's name and serial number are in the message, but only libcrypto
// reads them; a hint would have to be repeated by it.
SignatureCandidate CandidateOf(ByteView content,
                               const AppendedSignature& found) {
  SignatureCandidate candidate{.scheme = kLinuxModule.name,
                               .place = found.whole};
  if (!found.problem.empty()) {
    candidate.problems.push_back(found.problem);
    candidate.ranges.push_back({.range = found.whole,
                                .coverage = Coverage::kUncoveredInert,
                                .what = "what is left of the signature"});
    return candidate;
  }
  const ByteView body = *Slice(content, 0, found.body.length);
  candidate.ranges = {{.range = found.body, .what = "the module"},
                      {.range = found.whole,
                       .coverage = Coverage::kUncoveredInert,
                       .what = "the signature"}};
  if (found.message.length > kMaxMessage) {
    candidate.problems.emplace_back("the signature is over the limit of 1 MiB");
    return candidate;
  }
  if (body.empty()) {
    candidate.problems.emplace_back("there is nothing before the signature");
  } else if (body[0] == kDerSet) {
    // RFC 5652: a signature over attributes is also one over their encoding.
    candidate.problems.emplace_back("what is signed looks like attributes");
  }
  candidate.signature =
      CopyOf(*Slice(content, found.whole.offset, found.whole.length));
  candidate.message_digests = DigestsFor(candidate.signature, {body});
  return candidate;
}

// Each signature signs all before it, those before it included.
void FindSignatures(ByteView content, Observations& into) {
  ByteView rest = content;
  for (std::size_t i = 0;; ++i) {
    const auto found = ReadAppendedSignature(rest);
    if (!found) {
      return;
    }
    SignatureCandidate candidate = CandidateOf(rest, *found);
    if (i > 0) {
      candidate.ranges.push_back(
          {.range = {rest.size(), content.size() - rest.size()},
           .coverage = Coverage::kUncoveredLive,
           .what = std::string(kLater)});
    }
    if (i + 1 == kMostStacked) {
      candidate.problems.emplace_back("more than 8 signatures are stacked");
    }
    const bool last = !candidate.problems.empty();
    into.candidates.push_back(std::move(candidate));
    if (last) {
      return;
    }
    rest = rest.first(static_cast<std::size_t>(found->body.length));
  }
}

// A signature that something was appended to: the kernel sees none.
void FindBuried(ByteView content, Observations& into) {
  constexpr std::size_t kFar = 4096;
  const std::size_t from = content.size() - std::min(content.size(), kFar);
  const std::size_t at =
      AsText(content.subspan(from)).rfind(formats::kModuleSignatureMagic);
  if (at == std::string_view::npos) {
    return;
  }
  const std::size_t end = from + at + formats::kModuleSignatureMagic.size();
  const auto found = ReadAppendedSignature(content.first(end));
  if (found && found->problem.empty() &&
      found->id_type == formats::kModuleSignaturePkcs7 &&
      content[static_cast<std::size_t>(found->message.offset)] == 0x30) {
    SignatureCandidate candidate = CandidateOf(content.first(end), *found);
    candidate.problems.push_back(
        fmt::format("{} bytes stand after the signature, which the kernel "
                    "therefore does not see",
                    content.size() - end));
    into.candidates.push_back(std::move(candidate));
  }
}

void FindKeys(const Subject& subject, Observations& into) {
  for (const Range& place : BuiltInCertificates(subject)) {
    const ByteView der = *Slice(subject.content, place.offset, place.length);
    const unsigned char* at = der.data();
    const X509Ptr certificate(
        d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!certificate || at != der.data() + der.size()) {
      continue;
    }
    const bool ca = X509_check_ca(certificate.get()) == 1;
    into.keys.push_back(
        {.scheme = kLinuxModule.name,
         .type = ca ? TrustAnchor::Type::kX509Ca : TrustAnchor::Type::kX509Pin,
         .what = fmt::format(
             "{} built into the kernel, {}",
             ca ? "certification authority" : "module-signing certificate",
             SubjectNameOf(*certificate)),
         .key = CopyOf(der),
         .place = place});
  }
}

bool Find(const Subject& subject, Observations& into) {
  const ByteView content = subject.content;
  if (AsText(content).ends_with(formats::kModuleSignatureMagic)) {
    FindSignatures(content, into);
    return true;
  }
  // e_type: a relocatable object, as modules are, in either byte order.
  constexpr std::size_t kTypeAt = 16;
  const bool elf = AsText(content).starts_with(
      "\x7f"
      "ELF");
  const auto type = elf ? ReadAt<Le16>(content, kTypeAt) : std::nullopt;
  if (type && (*type == 1 || *type == 0x100)) {
    const std::size_t before = into.candidates.size();
    FindBuried(content, into);
    return into.candidates.size() > before;
  }
  const std::size_t before = into.keys.size();
  FindKeys(subject, into);
  return into.keys.size() > before;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView /*message*/,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kLinuxModule.name)};
  const auto found = ReadAppendedSignature(candidate.signature);
  if (!candidate.problems.empty() || !found) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.empty() ? "no appended signature"
                                              : candidate.problems.front();
    return check;
  }
  if (found->id_type != formats::kModuleSignaturePkcs7) {
    check.indication = Indication::kUnsupported;
    check.detail = fmt::format(
        "a signature of type {}; the kernel knows type 2, PKCS #7, alone",
        found->id_type);
    return check;
  }
  const ByteView message =
      *Slice(candidate.signature, found->message.offset, found->message.length);
  CheckCms(message, {.digests = &candidate.message_digests},
           {.path = {.ignore_time = true},
            .content_type = "1.2.840.113549.1.7.1",  // data
            .bare = true},
           trust, check);
  const bool superseded = std::ranges::any_of(
      candidate.ranges,
      [](const ClaimedRange& range) { return range.what == kLater; });
  if (superseded && check.indication == Indication::kTotalPassed) {
    check.indication = Indication::kIndeterminate;
    check.sub_indication = "SIG_CONSTRAINTS_FAILURE";
    check.detail = "another signature follows; the kernel looks at that alone";
    check.good_keys.clear();
  }
  return check;
}

}  // namespace

const SignatureScheme kLinuxModule = {
    .name = "linux_module",
    .title = "Linux kernel module signature",
    .reference =
        "Linux Documentation/admin-guide/module-signing.rst, "
        "kernel/module/signing.c",
    .reproduce =
        "head -c {offset} {holder} > module.body\n"
        "tail -c +$(({offset} + 1)) {holder} | head -c $(({length} - 40)) "
        "> module.p7s\n"
        "openssl cms -verify -binary -inform DER -in module.p7s -content "
        "module.body -certfile {anchor} -nointern -noverify -out /dev/null",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
