#include "tests/signatures/time_stamper.h"

#include <openssl/ts.h>

#include <cstdlib>
#include <memory>

#include "signatures/der.h"

namespace assay::signatures::testing {
namespace {

using InfoPtr = std::unique_ptr<TS_TST_INFO, Release<TS_TST_INFO_free>>;

Bytes TstInfoOf(ByteView value, UnixTime at, const TokenOptions& options) {
  const InfoPtr info(TS_TST_INFO_new());
  TS_TST_INFO_set_version(info.get(), options.version);
  const std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>> policy(
      OBJ_txt2obj("1.2.3.4", 1));
  TS_TST_INFO_set_policy_id(info.get(), policy.get());
  Bytes digest(EVP_MAX_MD_SIZE);
  unsigned int size = 0;
  EVP_Digest(value.data(), value.size(), digest.data(), &size, options.imprint,
             nullptr);
  const std::unique_ptr<X509_ALGOR, Release<X509_ALGOR_free>> algorithm(
      X509_ALGOR_new());
  X509_ALGOR_set_md(algorithm.get(), options.imprint);
  const std::unique_ptr<TS_MSG_IMPRINT, Release<TS_MSG_IMPRINT_free>> imprint(
      TS_MSG_IMPRINT_new());
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
  TS_MSG_IMPRINT_set_msg(imprint.get(), digest.data(), static_cast<int>(size));
  TS_TST_INFO_set_msg_imprint(info.get(), imprint.get());
  const std::unique_ptr<ASN1_INTEGER, Release<ASN1_INTEGER_free>> serial(
      ASN1_INTEGER_new());
  ASN1_INTEGER_set(serial.get(), 7);
  TS_TST_INFO_set_serial(info.get(), serial.get());
  const std::unique_ptr<ASN1_GENERALIZEDTIME,
                        Release<ASN1_GENERALIZEDTIME_free>>
      time(ASN1_GENERALIZEDTIME_set(nullptr, at));
  TS_TST_INFO_set_time(info.get(), time.get());
  unsigned char* der = nullptr;
  const int length = i2d_TS_TST_INFO(info.get(), &der);
  if (length <= 0) {
    std::abort();
  }
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

Bytes MakeToken(ByteView value, const Identity& authority, UnixTime at,
                const TokenOptions& options) {
  return SignCms({authority}, TstInfoOf(value, at, options),
                 {.flags = options.names_signer ? CMS_CADES : 0U,
                  .type = options.type,
                  .attached = true});
}

Bytes MakeCountersignature(ByteView value, const Identity& authority,
                           UnixTime at) {
  const Bytes message = SignCms({authority}, value, {.made = at});
  DerReader info(ReadDer(message)->content);
  static_cast<void>(info.Next(kDerOid));
  DerReader data(ReadDer(info.Next(DerContext(0))->content)->content);
  DerElement last;
  while (const auto next = data.Next()) {
    last = *next;
  }
  return CopyOf(last.content);  // the SET of one SignerInfo
}

std::function<void(CMS_ContentInfo*)> Stamping(const char* oid,
                                               Countersigner make) {
  return [oid, make = std::move(make)](CMS_ContentInfo* cms) {
    CMS_SignerInfo* signer =
        sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
    const ASN1_OCTET_STRING* value = CMS_SignerInfo_get0_signature(signer);
    const Bytes proof =
        make(ByteView(ASN1_STRING_get0_data(value),
                      static_cast<std::size_t>(ASN1_STRING_length(value))));
    if (CMS_unsigned_add1_attr_by_txt(signer, oid, V_ASN1_SEQUENCE,
                                      proof.data(),
                                      static_cast<int>(proof.size())) != 1) {
      std::abort();
    }
  };
}

Identity IssueStamper(const Identity& issuer, const std::string& purpose) {
  return Issue("Stamper", &issuer,
               {.until = kCertBorn + 2000L * 86400, .purpose = purpose});
}

}  // namespace assay::signatures::testing
