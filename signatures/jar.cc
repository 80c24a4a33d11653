// Signed JAR files, and APK Signature Scheme v1, which is the same: a CMS
// signature over META-INF/x.SF, digests of the manifest in there, digests of
// the entries in the manifest. Whatever is not named is not signed; META-INF
// itself is not protected.
// JAR File Specification (Java SE 17), "Signed JAR File".

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "signatures/cms.h"
#include "signatures/jar_manifest.h"
#include "signatures/jar_signature.h"
#include "signatures/scheme.h"

namespace assay::signatures {
namespace {

bool Find(const Subject& subject, Observations& into) {
  return FindJarSignatures(subject, kJar.name, into);
}

void Conclude(SignatureCheck& check, Indication indication,
              std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
}

bool IsWeak(const std::vector<Digest>& digests) {
  return std::ranges::all_of(digests, [](const Digest& digest) {
    return digest.algorithm == DigestAlgorithm::kMd5 ||
           digest.algorithm == DigestAlgorithm::kSha1;
  });
}

// What the signature file rests on: the manifest's digest, or its sections'.
struct ListStrength {
  bool unknown = false;  // there are only digests that are not known
  bool weak = false;
};

ListStrength StrengthOf(const JarManifest& list) {
  ListStrength strength;
  bool others = false;
  const auto whole = list.main.Digests("-Digest-Manifest", &others);
  strength.weak = !whole.empty() && IsWeak(whole);
  for (const JarSection& section : list.sections) {
    bool other = false;
    const auto digests = section.Digests("-Digest", &other);
    strength.unknown = strength.unknown || (whole.empty() && digests.empty());
    strength.weak = strength.weak || (!digests.empty() && IsWeak(digests));
  }
  strength.unknown = strength.unknown || (whole.empty() && others);
  return strength;
}

bool IsOfApk(const SignatureCandidate& candidate) {
  return std::ranges::count(candidate.listed, kAndroidManifest,
                            &ListedFile::name) > 0;
}

// jarsigner -internalsf puts the signature file into the CMS as well.
void JudgeBlock(const SignatureCandidate& candidate, const Trust& trust,
                SignatureCheck& check) {
  const bool apk = IsOfApk(candidate);
  const CmsRules rules{.path = {.ignore_time = apk, .partial = apk},
                       .timestamps = !apk};
  const CmsContent content{.bytes = candidate.message};
  const auto opened = OpenCms(candidate.signature);
  if (opened && opened->content != candidate.message) {
    Conclude(check, Indication::kTotalFailed, "FORMAT_FAILURE",
             "the signature block encloses another text than the signature "
             "file");
    return;
  }
  CheckCms(opened ? ByteView(opened->detached) : ByteView(candidate.signature),
           content, rules, trust, check);
  ERR_clear_error();
  check.skipped.emplace_back(
      "extended key usage: jarsigner and Android do not demand any");
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kJar.name)};
  if (!candidate.problems.empty()) {
    Conclude(check, Indication::kTotalFailed, "FORMAT_FAILURE",
             candidate.problems.front());
    return check;
  }
  const JarManifest list = ParseJarManifest(candidate.message);
  const std::string* version = list.main.Find("Signature-Version");
  const ListStrength strength = StrengthOf(list);
  if (version == nullptr || *version != "1.0" || strength.unknown) {
    Conclude(check, Indication::kUnsupported, "",
             strength.unknown ? "digests in the signature file are not known"
                              : "the signature file's version is not 1.0");
    return check;
  }
  check.steps.push_back(fmt::format("the signature file names {} entries",
                                    candidate.listed.size()));
  JudgeBlock(candidate, trust, check);
  check.skipped.emplace_back("entries that the signature file does not name");
  if (check.indication == Indication::kTotalPassed && strength.weak &&
      !trust.legacy_algorithms) {
    Conclude(check, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             "the signature file has only MD5 or SHA-1 digests, which the "
             "policy does not allow");
    check.good_keys.clear();
  }
  return check;
}

}  // namespace

const SignatureScheme kJar = {
    .name = "jar",
    .title = "signed JAR, APK Signature Scheme v1",
    .reference = "JAR File Specification (Java SE 17), Signed JAR File",
    .reproduce = "jarsigner -verify -verbose {holder}",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
