#include <gtest/gtest.h>
#include <openssl/pkcs7.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "tests/signatures/cms_signer.h"
#include "tests/signatures/scheme_run.h"
#include "tests/signatures/time_stamper.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;
using assay::testing::Sample;
using testing::CmsOptions;
using testing::FindAll;
using testing::Identity;
using testing::Issue;
using testing::IssueCa;
using testing::kCertBorn;
using testing::kCertNow;
using testing::SignCms;
using testing::Situation;
using testing::Verdict;
using testing::X509Anchor;

const Bytes kMessage = CopyOf(AsBytes("firmware 1.0\n"));

class CmsDetachedTest : public ::testing::Test {
 protected:
  SignatureCheck Check(ByteView signature, ByteView message = kMessage) const {
    return testing::Check(kCmsDetached, "fw.bin.p7s", signature, message,
                          situation_);
  }
  std::string VerdictOf(const Identity& signer,
                        const CmsOptions& options = {}) const {
    return Verdict(Check(SignCms({signer}, kMessage, options)));
  }

  Identity ca_ = IssueCa("Vendor CA");
  Identity signer_ = Issue("Signer", &ca_);
  Situation situation_{.anchors = {X509Anchor(ca_)}, .at = kCertNow};
};

TEST_F(CmsDetachedTest, PassesAndSaysWhoSigned) {
  const SignatureCheck check = Check(SignCms({signer_}, kMessage));
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.signer, "CN=Signer");
  EXPECT_EQ(check.anchor, "vendor");
  EXPECT_EQ(testing::GoodKeys(check), std::vector{check.key});
  EXPECT_TRUE(check.signed_at.has_value());
  EXPECT_EQ(VerdictOf(signer_, {.flags = CMS_NOATTR}), "TOTAL-PASSED");
}

TEST_F(CmsDetachedTest, ATimeStampOutlivesTheSigner) {
  // The stamper's root ends later than the signer.
  const Identity root = Issue("Root", nullptr,
                              {.until = kCertBorn + 2000L * 86400,
                               .usage = "critical,keyCertSign,cRLSign",
                               .ca = true});
  const Identity signer = Issue("Signer", &root);
  const Identity stamper = testing::IssueStamper(root);
  situation_ = {.anchors = {X509Anchor(root)}, .at = kCertBorn + 400L * 86400};
  const std::string expired = "INDETERMINATE OUT_OF_BOUNDS_NO_POE";
  EXPECT_EQ(VerdictOf(signer), expired);
  const auto stamped = [&](const Identity& by) {
    return CmsOptions{.afterwards = testing::Stamping(
                          testing::kCadesToken, [&](ByteView value) {
                            return testing::MakeToken(value, by, kCertNow);
                          })};
  };
  EXPECT_EQ(VerdictOf(signer, stamped(stamper)), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(signer, stamped(signer)), expired);
  EXPECT_EQ(VerdictOf(signer, stamped(testing::IssueStamper(ca_))), expired);
}

TEST_F(CmsDetachedTest, ReadsWhatOpensslWrites) {
  const std::string folder = "signatures/cms_detached/";
  situation_ = {.anchors = {{.name = "test",
                             .type = TrustAnchor::Type::kX509Ca,
                             .key = Sample(folder + "ca.pem")}},
                .at = 1'800'000'000};
  const Bytes message = Sample(folder + "firmware.txt");
  for (const char* name : {"firmware.txt.p7s", "firmware.txt.cms"}) {
    EXPECT_EQ(Verdict(Check(Sample(folder + name), message)), "TOTAL-PASSED")
        << name;
  }
}

TEST_F(CmsDetachedTest, EveryChangeOfTheMessageFails) {
  const Bytes attributed = SignCms({signer_}, kMessage);
  const Bytes plain = SignCms({signer_}, kMessage, {.flags = CMS_NOATTR});
  for (std::size_t at = 0; at < kMessage.size(); ++at) {
    Bytes changed = kMessage;
    changed[at] ^= 1;
    EXPECT_EQ(Verdict(Check(attributed, changed)), "TOTAL-FAILED HASH_FAILURE");
    EXPECT_EQ(Verdict(Check(plain, changed)),
              "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  }
}

TEST_F(CmsDetachedTest, ChangedSignaturesVouchForNothingElse) {
  // Versions and hints may change without harm; nothing else may.
  const Bytes signature = SignCms({signer_}, kMessage, {.flags = CMS_NOCERTS});
  situation_.anchors = {X509Anchor(signer_, TrustAnchor::Type::kX509Pin)};
  ASSERT_EQ(Verdict(Check(signature)), "TOTAL-PASSED");
  Bytes other = kMessage;
  other[0] ^= 1;
  // The OID of SHA-256: first in the list of digests that a reader will need
  // (a hint, RFC 5652 section 5.1), then in the SignerInfo.
  const Bytes sha256 = Hex("0609608648016503040201");
  const auto hint =
      static_cast<std::size_t>(std::search(signature.begin(), signature.end(),
                                           sha256.begin(), sha256.end()) -
                               signature.begin());
  ASSERT_LT(hint, 64U);
  for (std::size_t at = 0; at < signature.size(); ++at) {
    Bytes changed = signature;
    changed[at] ^= 1;
    EXPECT_NE(Check(changed, other).indication, Indication::kTotalPassed);
    const bool version = at > 2 && signature[at - 2] == 0x02 &&
                         signature[at - 1] == 0x01 && signature[at] == 0x01;
    const bool hinted = at >= hint && at < hint + sha256.size();
    if (!version && !hinted) {
      EXPECT_NE(Check(changed).indication, Indication::kTotalPassed) << at;
    }
  }
}

TEST_F(CmsDetachedTest, NoPrefixAndNoSuffixPasses) {
  const Bytes signature = SignCms({signer_}, kMessage);
  for (std::size_t size = 0; size < signature.size(); ++size) {
    EXPECT_NE(Check(ByteView(signature).first(size)).indication,
              Indication::kTotalPassed)
        << size;
  }
  EXPECT_EQ(Verdict(Check(Concat(signature, Hex("00")))),  // N129
            "TOTAL-FAILED FORMAT_FAILURE");
}

TEST_F(CmsDetachedTest, PathsMustEndInAnAnchor) {
  const Identity other_ca = IssueCa("Vendor CA");  // the same name
  const Identity stranger = Issue("Signer", &other_ca);
  EXPECT_EQ(VerdictOf(stranger), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  // N28: a root that the signature brings along is no anchor.
  EXPECT_EQ(VerdictOf(stranger, {.enclosed = {other_ca}}),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  const Identity self = Issue("Signer", nullptr);
  EXPECT_EQ(VerdictOf(self), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(VerdictOf(signer_, {.flags = CMS_NOCERTS}),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  situation_.anchors.clear();
  EXPECT_EQ(VerdictOf(signer_), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST_F(CmsDetachedTest, IntermediatesMustBeCertificationAuthorities) {
  const Identity middle = IssueCa("Middle", &ca_);
  const Identity leaf = Issue("Leaf", &middle);
  EXPECT_EQ(VerdictOf(leaf, {.enclosed = {middle}}), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(leaf), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  const Identity forged = Issue("Forged", &signer_);
  EXPECT_EQ(VerdictOf(forged, {.enclosed = {signer_}}),
            "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
  // An intermediate as the anchor is no end of a path, but can be pinned.
  situation_.anchors = {X509Anchor(middle)};
  EXPECT_EQ(VerdictOf(leaf), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST_F(CmsDetachedTest, PinsAreExact) {
  situation_.anchors = {X509Anchor(signer_, TrustAnchor::Type::kX509Pin)};
  EXPECT_EQ(VerdictOf(signer_), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(signer_, {.flags = CMS_NOCERTS}), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(Issue("Signer", &ca_)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  situation_.anchors = {X509Anchor(ca_, TrustAnchor::Type::kX509Pin)};
  EXPECT_EQ(VerdictOf(signer_), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  situation_.anchors = {X509Anchor(signer_, TrustAnchor::Type::kX509Pin)};
  situation_.at = kCertBorn + 400L * 86400;
  EXPECT_EQ(VerdictOf(signer_), "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
}

TEST_F(CmsDetachedTest, TimeIsTheCallers) {
  const Bytes signature = SignCms({signer_}, kMessage);
  for (const UnixTime at : {kCertBorn - 1, kCertBorn + 366L * 86400}) {
    situation_.at = at;
    const SignatureCheck check = Check(signature);
    EXPECT_EQ(Verdict(check), "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
    EXPECT_TRUE(check.good_keys.empty());
    // An expired path does not hide that the bytes are wrong.
    EXPECT_EQ(Verdict(Check(signature, {})), "TOTAL-FAILED HASH_FAILURE");
  }
}

TEST_F(CmsDetachedTest, RevocationListsBesideTheAnchorCount) {
  const Identity other = Issue("Other", &ca_);
  situation_.anchors[0].key =
      CopyOf(AsBytes(Pem(ca_) + RevocationList(ca_, signer_)));
  EXPECT_EQ(VerdictOf(signer_), "INDETERMINATE REVOKED_NO_POE");
  EXPECT_EQ(VerdictOf(other), "TOTAL-PASSED");
}

TEST_F(CmsDetachedTest, WeakAlgorithmsNeedALegacyPolicy) {
  const Identity small = Issue("Small", &ca_, {.rsa_bits = 1024});
  const Identity large = Issue("Large", &ca_, {.rsa_bits = 2048});
  EXPECT_EQ(VerdictOf(large), "TOTAL-PASSED");
  const std::string weak = "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE";
  EXPECT_EQ(VerdictOf(small), weak);
  EXPECT_EQ(VerdictOf(signer_, {.digest = EVP_sha1()}), weak);
  EXPECT_EQ(VerdictOf(large, {.digest = EVP_md5()}), weak);
  EXPECT_EQ(VerdictOf(large, {.digest = EVP_sha1(), .flags = CMS_NOATTR}),
            weak);
  situation_.legacy = true;
  EXPECT_EQ(VerdictOf(small), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(signer_, {.digest = EVP_sha1()}), "TOTAL-PASSED");
}

// With and without signed attributes, and over this message alone.
TEST_F(CmsDetachedTest, EveryStrongDigestIsKnown) {
  const Identity rsa = Issue("RSA", &ca_, {.rsa_bits = 2048});
  for (const EVP_MD* digest : {EVP_sha224(), EVP_sha384()}) {
    for (const unsigned flags : {0U, unsigned{CMS_NOATTR}}) {
      for (const Identity& signer : {signer_, rsa}) {
        const CmsOptions options{.digest = digest, .flags = flags};
        EXPECT_EQ(VerdictOf(signer, options), "TOTAL-PASSED")
            << EVP_MD_get0_name(digest) << flags;
        const Bytes other = SignCms({signer}, Hex("00"), options);
        EXPECT_EQ(Check(other).indication, Indication::kTotalFailed)
            << EVP_MD_get0_name(digest) << flags;
      }
    }
  }
}

TEST_F(CmsDetachedTest, KeysMustBeForSignatures) {
  const Identity encrypts =
      Issue("Encrypts", &ca_, {.usage = "critical,keyEncipherment"});
  EXPECT_EQ(VerdictOf(encrypts, {.flags = CMS_NOATTR}),
            "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
}

TEST_F(CmsDetachedTest, SignedAttributesMustFitTheContent) {
  const auto first = [](CMS_ContentInfo* cms) {
    return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
  };
  const auto retype = [](CMS_ContentInfo* cms) {
    CMS_set1_eContentType(cms, OBJ_nid2obj(NID_id_smime_ct_TSTInfo));
  };
  const auto drop = [&](int nid) {
    return [&first, nid](CMS_ContentInfo* cms) {
      CMS_SignerInfo* signer = first(cms);
      X509_ATTRIBUTE_free(CMS_signed_delete_attr(
          signer, CMS_signed_get_attr_by_NID(signer, nid, -1)));
    };
  };
  const auto repeat = [&](CMS_ContentInfo* cms) {
    const Bytes digest(32, 0xAA);
    CMS_signed_add1_attr_by_NID(first(cms), NID_pkcs9_messageDigest,
                                V_ASN1_OCTET_STRING, digest.data(), 32);
  };
  const std::string format = "TOTAL-FAILED FORMAT_FAILURE";
  EXPECT_EQ(VerdictOf(signer_, {.afterwards = retype}), format);
  EXPECT_EQ(VerdictOf(signer_, {.flags = CMS_NOATTR, .afterwards = retype}),
            format);
  EXPECT_EQ(VerdictOf(signer_, {.afterwards = drop(NID_pkcs9_messageDigest)}),
            format);
  EXPECT_EQ(VerdictOf(signer_, {.afterwards = drop(NID_pkcs9_contentType)}),
            format);
  EXPECT_EQ(VerdictOf(signer_, {.afterwards = repeat}), format);
}

TEST_F(CmsDetachedTest, SignedAttributesAreNotAMessage) {
  // What a signature over attributes signs, offered as a plain content.
  const Bytes attributes = Hex(R"(
      31 17                                          # SET OF
      30 15 06 09 2A864886F70D010904                 # messageDigest
      31 08 04 06 000102030405)");
  const Bytes signature = SignCms({signer_}, attributes, {.flags = CMS_NOATTR});
  EXPECT_EQ(Verdict(Check(signature, attributes)),
            "TOTAL-FAILED FORMAT_FAILURE");
}

TEST_F(CmsDetachedTest, EverySignerIsJudged) {
  const Identity stranger = Issue("Stranger", nullptr);
  const Identity second = Issue("Second", &ca_);
  const SignatureCheck mixed = Check(SignCms({stranger, signer_}, kMessage));
  EXPECT_EQ(Verdict(mixed), "TOTAL-PASSED");
  EXPECT_EQ(mixed.good_keys.size(), 1U);
  EXPECT_EQ(Check(SignCms({second, signer_}, kMessage)).good_keys.size(), 2U);
}

TEST_F(CmsDetachedTest, EachSignerIsThatOfItsOwnAnchor) {
  const Identity other = Issue("Other", nullptr);
  situation_.anchors.push_back(X509Anchor(other, TrustAnchor::Type::kX509Pin));
  situation_.anchors.back().name = "other";
  const SignatureCheck check = Check(SignCms({signer_, other}, kMessage));
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  ASSERT_EQ(check.good_keys.size(), 2U);
  std::map<std::string, std::string> anchors;
  for (const GoodKey& good : check.good_keys) {
    anchors[good.signer] = good.anchor;
  }
  EXPECT_EQ(anchors, (std::map<std::string, std::string>{
                         {"CN=Signer", "vendor"}, {"CN=Other", "other"}}));
}

TEST_F(CmsDetachedTest, WhatIsNoDetachedSignatureIsSaidSo) {
  EXPECT_EQ(Verdict(Check(Hex("3003020100"))), "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(Verdict(Check(AsBytes("hello"))), "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(Verdict(Check(AsBytes("-----BEGIN CMS-----\nMIIC\n"))),
            "TOTAL-FAILED FORMAT_FAILURE");
  const auto found = FindAll(kCmsDetached, "a.bin.p7s", Hex("3000"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].targets, std::vector<std::string>{"a.bin"});
}

Bytes CertificateAlone(const Identity& one) {
  const std::unique_ptr<PKCS7, Release<PKCS7_free>> bundle(PKCS7_new());
  PKCS7_set_type(bundle.get(), NID_pkcs7_signed);
  PKCS7_content_new(bundle.get(), NID_pkcs7_data);
  PKCS7_add_certificate(bundle.get(), one.certificate.get());
  Bytes encoded(static_cast<std::size_t>(i2d_PKCS7(bundle.get(), nullptr)));
  unsigned char* at = encoded.data();
  i2d_PKCS7(bundle.get(), &at);
  return encoded;
}

// LVFS calls its signatures so; others their certificates.
TEST_F(CmsDetachedTest, ABundleOfCertificatesIsNoSignature) {
  const Bytes bundle = CertificateAlone(ca_);
  const Bytes signature = SignCms({signer_}, kMessage);
  for (const char* name : {"fw.bin.p7b", "fw.bin.p7c"}) {
    EXPECT_TRUE(FindAll(kCmsDetached, name, bundle).empty());
    EXPECT_TRUE(
        FindAll(kCmsDetached, name, AsBytes(testing::Pem(ca_))).empty());
    EXPECT_TRUE(FindAll(kCmsDetached, name, AsBytes("hello")).empty());
    const auto verdict = [&](ByteView bytes) {
      return Verdict(
          testing::Check(kCmsDetached, name, bytes, kMessage, situation_));
    };
    EXPECT_EQ(verdict(signature), "TOTAL-PASSED");
    EXPECT_EQ(verdict(ByteView(signature).first(signature.size() - 1)),
              "TOTAL-FAILED FORMAT_FAILURE");
  }
  EXPECT_EQ(FindAll(kCmsDetached, "fw.bin.p7s", bundle).size(), 1U);
}

TEST_F(CmsDetachedTest, DeepNestingIsRefusedQuickly) {  // N130
  Bytes deep;
  for (int i = 0; i < 200'000; ++i) {
    deep.push_back(0x30);
    deep.push_back(0x80);
  }
  EXPECT_EQ(Verdict(Check(deep)), "TOTAL-FAILED FORMAT_FAILURE");
}

}  // namespace
}  // namespace assay::signatures
