#include "signatures/bundle_signers.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "signatures/x509.h"

namespace assay::signatures {
namespace {

bool IsForBundles(X509& certificate) {
  const std::unique_ptr<EXTENDED_KEY_USAGE, Release<EXTENDED_KEY_USAGE_free>>
      usages(static_cast<EXTENDED_KEY_USAGE*>(
          X509_get_ext_d2i(&certificate, NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages.get(), i));
    if (nid == NID_email_protect || nid == NID_code_sign ||
        nid == NID_anyExtendedKeyUsage) {
      return true;
    }
  }
  return X509_get_ext_by_NID(&certificate, NID_ext_key_usage, -1) < 0;
}

struct FreeCertificates {
  void operator()(STACK_OF(X509) * stack) const {
    sk_X509_pop_free(stack, X509_free);
  }
};

// The fingerprints of those that must not sign bundles.
std::vector<std::string> UnfitSigners(ByteView cms, const Trust& trust) {
  std::vector<std::string> unfit;
  const unsigned char* at = cms.data();
  const std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>> parsed(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(cms.size())));
  const std::unique_ptr<STACK_OF(X509), FreeCertificates> enclosed(
      parsed ? CMS_get1_certs(parsed.get()) : nullptr);
  const auto look_at = [&](X509& certificate) {
    if (!IsForBundles(certificate)) {
      unfit.push_back(FingerprintOf(certificate));
    }
  };
  for (int i = 0; enclosed && i < sk_X509_num(enclosed.get()); ++i) {
    look_at(*sk_X509_value(enclosed.get(), i));
  }
  for (const TrustAnchor& anchor : trust.anchors) {
    if (anchor.type == TrustAnchor::Type::kX509Pin) {
      if (const auto loaded = CertificatesOfX509(anchor)) {
        for (const X509Ptr& certificate : loaded->certificates) {
          look_at(*certificate);
        }
      }
    }
  }
  ERR_clear_error();
  return unfit;
}

}  // namespace

void KeepBundleSigners(ByteView cms, const Trust& trust,
                       SignatureCheck& check) {
  if (check.indication != Indication::kTotalPassed) {
    return;
  }
  const std::vector<std::string> unfit = UnfitSigners(cms, trust);
  std::erase_if(check.good_keys, [&](const GoodKey& good) {
    return std::find(unfit.begin(), unfit.end(), good.key) != unfit.end();
  });
  if (check.good_keys.empty()) {
    check.indication = Indication::kIndeterminate;
    check.sub_indication = "CHAIN_CONSTRAINTS_FAILURE";
    check.detail =
        "the signer's certificate is neither for e-mail (S/MIME) nor for code";
  } else {
    SpeakFor(check, check.good_keys.front());
  }
}

}  // namespace assay::signatures
