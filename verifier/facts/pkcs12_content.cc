#include "verifier/facts/pkcs12_content.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

#include "verifier/facts/key_material.h"

namespace assay::facts {
namespace {

constexpr long kMaxIterations = 200'000;
constexpr std::size_t kMaxBags = 1000;
constexpr int kMaxNesting = 4;  // of safes in bags

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

void FreeSafes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}
void FreeBags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

using Pfx = std::unique_ptr<PKCS12, Freed<PKCS12_free>>;
using Safes = std::unique_ptr<STACK_OF(PKCS7), Freed<FreeSafes>>;
using Bags = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), Freed<FreeBags>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using PrivateKey =
    std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>>;
using Pbes1 = std::unique_ptr<PBEPARAM, Freed<PBEPARAM_free>>;
using Pbes2 = std::unique_ptr<PBE2PARAM, Freed<PBE2PARAM_free>>;
using Pbkdf2 = std::unique_ptr<PBKDF2PARAM, Freed<PBKDF2PARAM_free>>;

template <typename T>
T Unpacked(const ASN1_ITEM* item, const X509_ALGOR* algorithm) {
  int type = 0;
  const void* value = nullptr;
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) {
    return nullptr;
  }
  const auto* text = static_cast<const ASN1_STRING*>(value);
  const unsigned char* at = ASN1_STRING_get0_data(text);
  return T(static_cast<typename T::pointer>(static_cast<void*>(
      ASN1_item_d2i(nullptr, &at, ASN1_STRING_length(text), item))));
}

bool IsQuick(const ASN1_INTEGER* iterations) {
  const long count = ASN1_INTEGER_get(iterations);
  return count > 0 && count <= kMaxIterations;
}

// Whether the key of `algorithm` (RFC 8018, appendix A) is derived in a few
// rounds.
bool IsQuick(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  if (OBJ_obj2nid(object) != NID_pbes2) {
    const auto scheme = Unpacked<Pbes1>(ASN1_ITEM_rptr(PBEPARAM), algorithm);
    return scheme && IsQuick(scheme->iter);
  }
  const auto scheme = Unpacked<Pbes2>(ASN1_ITEM_rptr(PBE2PARAM), algorithm);
  const auto derivation =
      scheme ? Unpacked<Pbkdf2>(ASN1_ITEM_rptr(PBKDF2PARAM), scheme->keyfunc)
             : nullptr;
  return derivation && IsQuick(derivation->iter);
}

template <typename T, typename Encode>
Bytes Encoded(const T* object, Encode encode) {
  const int size = encode(object, nullptr);
  Bytes der(size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!der.empty()) {
    unsigned char* at = der.data();
    encode(object, &at);
  }
  return der;
}

class Reader {
 public:
  Reader(std::string_view password, Pkcs12Content& into)
      : password_(password), into_(into) {}

  void Take(const PKCS12& pfx) {
    const Safes safes(PKCS12_unpack_authsafes(&pfx));
    for (int i = 0; safes && i < sk_PKCS7_num(safes.get()); ++i) {
      TakeSafe(sk_PKCS7_value(safes.get(), i));
    }
  }

 private:
  [[nodiscard]] int PasswordSize() const {
    return static_cast<int>(password_.size());
  }

  void TakeSafe(PKCS7* safe) {
    Bags bags;
    if (PKCS7_type_is_data(safe)) {
      bags.reset(PKCS12_unpack_p7data(safe));
    } else if (PKCS7_type_is_encrypted(safe) && safe->d.encrypted != nullptr &&
               IsQuick(safe->d.encrypted->enc_data->algorithm)) {
      bags.reset(
          PKCS12_unpack_p7encdata(safe, password_.data(), PasswordSize()));
    }
    if (bags) {
      TakeBags(bags.get(), 0);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): at most kMaxNesting deep
  void TakeBags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth) {
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
      if (++bags_ > kMaxBags) {
        return;
      }
      const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, i);
      const int kind = PKCS12_SAFEBAG_get_nid(bag);
      if (kind == NID_certBag) {
        TakeCertificate(bag);
      } else if (kind == NID_keyBag) {
        into_.keys.push_back(
            Encoded(PKCS12_SAFEBAG_get0_p8inf(bag), i2d_PKCS8_PRIV_KEY_INFO));
      } else if (kind == NID_pkcs8ShroudedKeyBag) {
        TakeShrouded(bag);
      } else if (kind == NID_safeContentsBag && depth < kMaxNesting) {
        TakeBags(PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
      }
    }
  }

  void TakeCertificate(const PKCS12_SAFEBAG* bag) {
    const Certificate certificate(PKCS12_SAFEBAG_get1_cert(bag));
    if (certificate) {
      into_.certificates.push_back(Encoded(certificate.get(), i2d_X509));
    }
  }

  void TakeShrouded(const PKCS12_SAFEBAG* bag) {
    const X509_SIG* sealed = PKCS12_SAFEBAG_get0_pkcs8(bag);
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(sealed, &algorithm, nullptr);
    if (!IsQuick(algorithm)) {
      return;
    }
    const PrivateKey key(
        PKCS8_decrypt(sealed, password_.data(), PasswordSize()));
    if (key) {
      into_.keys.push_back(Encoded(key.get(), i2d_PKCS8_PRIV_KEY_INFO));
    }
  }

  std::string_view password_;
  Pkcs12Content& into_;
  std::size_t bags_ = 0;
};

}  // namespace

std::optional<Pkcs12Content> OpenPkcs12(ByteView der) {
  if (!IsWholeDer(der)) {
    return std::nullopt;
  }
  const unsigned char* at = der.data();
  const Pfx pfx(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  if (!pfx) {
    ERR_clear_error();
    return std::nullopt;
  }
  Pkcs12Content content;
  for (const std::string_view password : {"", "changeit"}) {
    Pkcs12Content opened;
    Reader(password, opened).Take(*pfx);
    if (opened.certificates.size() + opened.keys.size() >
        content.certificates.size() + content.keys.size()) {
      content = std::move(opened);
    }
  }
  ERR_clear_error();
  return content;
}

}  // namespace assay::facts
