#include "tests/signatures/cms_signer.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <iostream>

namespace assay::signatures::testing {
namespace {

void Must(bool ok, const char* what) {
  if (!ok) {
    std::cerr << what << '\n';
    ERR_print_errors_fp(stderr);
    std::abort();
  }
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

void AddExtension(X509* certificate, X509* issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Must(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

EVP_PKEY* NewKey(const IssueOptions& options) {
  if (options.rsa_bits == 0) {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    if (options.explicit_curve) {
      EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
                                     OSSL_PKEY_EC_ENCODING_EXPLICIT);
    }
    return key;
  }
  const std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr));
  const std::unique_ptr<BIGNUM, Release<BN_free>> exponent(BN_new());
  EVP_PKEY* key = nullptr;
  Must(BN_set_word(exponent.get(),
                   static_cast<BN_ULONG>(options.rsa_exponent)) == 1 &&
           EVP_PKEY_keygen_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), options.rsa_bits) ==
               1 &&
           EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), exponent.get()) ==
               1 &&
           EVP_PKEY_keygen(context.get(), &key) == 1,
       "keygen");
  return key;
}

}  // namespace

Identity Issue(std::string_view name, const Identity* issuer,
               const IssueOptions& options) {
  static long serial = 1;
  Identity identity;
  identity.key = options.key;
  if (!identity.key) {
    identity.key.reset(NewKey(options), EVP_PKEY_free);
  }
  identity.certificate.reset(X509_new(), X509_free);
  X509* certificate = identity.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate), options.from);
  ASN1_TIME_set(X509_getm_notAfter(certificate), options.until);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, AsBytes(name).data(),
                             static_cast<int>(name.size()), -1, 0);
  const Identity& by = issuer == nullptr ? identity : *issuer;
  X509_set_issuer_name(certificate,
                       X509_get_subject_name(by.certificate.get()));
  X509_set_pubkey(certificate, identity.key.get());
  AddExtension(certificate, by.certificate.get(), NID_basic_constraints,
               options.ca ? "critical,CA:TRUE" : "CA:FALSE");
  AddExtension(certificate, by.certificate.get(), NID_key_usage, options.usage);
  if (!options.purpose.empty()) {
    AddExtension(certificate, by.certificate.get(), NID_ext_key_usage,
                 options.purpose);
  }
  Must(X509_sign(certificate, by.key.get(), EVP_sha256()) > 0, "X509_sign");
  return identity;
}

Identity IssueCa(std::string_view name, const Identity* issuer) {
  return Issue(name, issuer,
               {.usage = "critical,keyCertSign,cRLSign", .ca = true});
}

std::string Pem(const Identity& identity) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Must(PEM_write_bio_X509(bio.get(), identity.certificate.get()) == 1, "PEM");
  return TextOf(bio.get());
}

std::string RevocationList(const Identity& issuer, const Identity& revoked,
                           const RevocationOptions& options) {
  const CrlPtr crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(),
                           X509_get_subject_name(issuer.certificate.get()));
  const std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>> from(
      ASN1_TIME_set(nullptr, options.listed));
  const std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>> at(
      ASN1_TIME_set(nullptr, options.at));
  const std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>> until(
      ASN1_TIME_set(nullptr, kCertBorn + 2000L * 86400));
  X509_CRL_set1_lastUpdate(crl.get(), from.get());
  X509_CRL_set1_nextUpdate(crl.get(), until.get());
  X509_REVOKED* entry = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(
      entry, X509_get_serialNumber(revoked.certificate.get()));
  X509_REVOKED_set_revocationDate(entry, at.get());
  if (options.reason >= 0) {
    const std::unique_ptr<ASN1_ENUMERATED, Release<ASN1_ENUMERATED_free>>
        reason(ASN1_ENUMERATED_new());
    ASN1_ENUMERATED_set(reason.get(), options.reason);
    X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason.get(), 0, 0);
  }
  Must(X509_CRL_add0_revoked(crl.get(), entry) == 1, "revoked");
  Must(X509_CRL_sign(crl.get(), issuer.key.get(), EVP_sha256()) > 0, "CRL");
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Must(PEM_write_bio_X509_CRL(bio.get(), crl.get()) == 1, "PEM");
  return TextOf(bio.get());
}

Bytes SignRaw(const Identity& identity, ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>> context(
      EVP_MD_CTX_new());
  std::size_t size =
      static_cast<std::size_t>(EVP_PKEY_get_size(identity.key.get()));
  Bytes value(size);
  Must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                          identity.key.get()) == 1 &&
           EVP_DigestSign(context.get(), value.data(), &size, message.data(),
                          message.size()) == 1,
       "SignRaw");
  value.resize(size);
  return value;
}

TrustAnchor X509Anchor(const Identity& identity, TrustAnchor::Type type) {
  return {
      .name = "vendor", .type = type, .key = CopyOf(AsBytes(Pem(identity)))};
}

Bytes SignCms(const std::vector<Identity>& signers, ByteView message,
              const CmsOptions& options) {
  const unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP |
                         options.flags | (options.attached ? 0 : CMS_DETACHED);
  const std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>> cms(
      CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
  Must(cms != nullptr, "CMS_sign");
  if (!options.type.empty()) {
    const std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>> type(
        OBJ_txt2obj(options.type.c_str(), 1));
    Must(CMS_set1_eContentType(cms.get(), type.get()) == 1, "type");
  }
  for (const Identity& one : options.enclosed) {
    CMS_add1_cert(cms.get(), one.certificate.get());
  }
  for (const Identity& signer : signers) {
    CMS_SignerInfo* info =
        CMS_add1_signer(cms.get(), signer.certificate.get(), signer.key.get(),
                        options.digest, flags);
    Must(info != nullptr, "CMS_add1_signer");
    if (options.made) {
      const std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>> made(
          ASN1_UTCTIME_set(nullptr, *options.made));
      CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, V_ASN1_UTCTIME,
                                  made.get(), -1);
    }
  }
  const BioPtr data(
      BIO_new_mem_buf(message.data(), static_cast<int>(message.size())));
  Must(CMS_final(cms.get(), data.get(), nullptr, flags) == 1, "CMS_final");
  if (options.afterwards) {
    options.afterwards(cms.get());
  }
  unsigned char* encoded = nullptr;
  const int size = i2d_CMS_ContentInfo(cms.get(), &encoded);
  Must(size > 0, "i2d");
  Bytes bytes(encoded, encoded + size);
  OPENSSL_free(encoded);
  return bytes;
}

}  // namespace assay::signatures::testing
