#include "verifier/facts/key_material.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"

namespace assay::facts {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Encrypted = std::unique_ptr<X509_SIG, Freed<X509_SIG_free>>;
using Pfx = std::unique_ptr<PKCS12, Freed<PKCS12_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;

constexpr std::size_t kMaxDer = 1UL << 20U;

// Runs one of OpenSSL's d2i functions; null unless it takes all bytes (or
// some, with `may_go_on`).
template <typename T, typename Decode>
T Decoded(ByteView der, Decode decode, bool may_go_on = false) {
  if (der.size() > kMaxDer || (!may_go_on && !IsWholeDer(der))) {
    return nullptr;  // libcrypto would take a millisecond to say so
  }
  const unsigned char* at = der.data();
  T object(decode(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  const bool all = at == der.data() + der.size();
  return object && (all || may_go_on) ? std::move(object) : nullptr;
}

// The DER that an i2d function writes.
template <typename T, typename Encode>
Bytes Encoded(const T* object, Encode encode) {
  const int size = encode(object, nullptr);
  Bytes der(size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!der.empty()) {
    unsigned char* at = der.data();
    encode(object, &at);
  }
  ERR_clear_error();
  return der;
}

std::string NameText(const X509_NAME* name) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (!memory ||
      X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size))
                  : std::string();
}

std::string TimeText(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return {};
  }
  return FormatTime(timegm(&parts));
}

std::string SerialText(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  const int size = ASN1_STRING_length(serial);
  const unsigned char* data = ASN1_STRING_get0_data(serial);
  return data == nullptr || size <= 0
             ? "00"
             : HexOf({data, static_cast<std::size_t>(size)});
}

struct KeyText {
  std::string type = "unknown";  // "rsa", "ec", "ed25519", "dsa" ...
  std::string bits = {};
  std::string spki = {};
};

KeyText Describe(const EVP_PKEY* key) {
  KeyText text;
  if (key == nullptr) {
    return text;
  }
  const char* name = EVP_PKEY_get0_type_name(key);
  text.type = name == nullptr ? "unknown" : Lower(name);
  // OpenSSL says 253 for Ed25519; RFC 8032 and everybody else say 256.
  text.bits = text.type == "ed25519" || text.type == "x25519"
                  ? "256"
                  : fmt::format("{}", EVP_PKEY_get_bits(key));
  const Bytes spki = Encoded(key, i2d_PUBKEY);
  text.spki = spki.empty() ? "" : Sha256Hex(spki);
  return text;
}

std::string YesNo(bool yes) {
  return yes ? "yes" : "no";
}

// The encrypted form of PKCS#8 (RFC 5958 section 3) has the same shape as a
// DigestInfo; only a known password-based scheme makes it a key.
bool IsEncryptedPkcs8(ByteView der) {
  const auto encrypted = Decoded<Encrypted>(der, d2i_X509_SIG);
  if (!encrypted) {
    return false;
  }
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(encrypted.get(), &algorithm, nullptr);
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  int type = 0;
  return EVP_PBE_find(EVP_PBE_TYPE_OUTER, OBJ_obj2nid(object), &type, nullptr,
                      nullptr) == 1;
}

}  // namespace

bool IsWholeDer(ByteView bytes) {
  constexpr std::uint8_t kSequence = 0x30;
  if (bytes.size() < 4 || bytes[0] != kSequence) {
    return false;
  }
  const std::size_t octets = bytes[1] < 0x80 ? 0 : bytes[1] & 0x7FU;
  if (octets == 0) {
    return bytes[1] < 0x80 && bytes.size() == std::size_t{bytes[1]} + 2;
  }
  if (octets > 4 || bytes.size() < 2 + octets) {
    return false;
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < octets; ++i) {
    length = length << 8U | bytes[2 + i];
  }
  return length == bytes.size() - 2 - octets;
}

std::optional<Fact> CertificateFact(ByteView der, bool trusted) {
  const auto certificate = Decoded<Certificate>(der, d2i_X509, trusted);
  if (!certificate) {
    return std::nullopt;
  }
  X509* x509 = certificate.get();
  const Bytes exact = Encoded(x509, i2d_X509);
  const KeyText key = Describe(X509_get0_pubkey(x509));
  const Bytes spki = Encoded(X509_get_X509_PUBKEY(x509), i2d_X509_PUBKEY);
  const char* algorithm = OBJ_nid2ln(X509_get_signature_nid(x509));
  Fact fact{
      .kind = "certificate",
      .value = NameText(X509_get_subject_name(x509)),
      .attributes = {
          {"issuer", NameText(X509_get_issuer_name(x509))},
          {"serial", SerialText(x509)},
          {"ca", YesNo((X509_get_extension_flags(x509) & EXFLAG_CA) != 0)},
          {"self_signed", YesNo(X509_self_signed(x509, 1) == 1)},
          {"not_before", TimeText(X509_get0_notBefore(x509))},
          {"not_after", TimeText(X509_get0_notAfter(x509))},
          {"key", key.type},
          {"bits", key.bits},
          {"signature_algorithm", algorithm == nullptr ? "" : algorithm},
          {"fingerprint", Sha256Hex(exact)},
          {"spki", spki.empty() ? "" : Sha256Hex(spki)}}};
  ERR_clear_error();
  return fact;
}

std::optional<Fact> PrivateKeyFact(ByteView der, std::string_view encoding) {
  if (IsEncryptedPkcs8(der)) {
    return Fact{.kind = "private_key",
                .value = "unknown",
                .attributes = {{"encrypted", "yes"},
                               {"encoding", std::string(encoding)}}};
  }
  const auto key = Decoded<Key>(
      der, [](EVP_PKEY** into, const unsigned char** at, long size) {
        return d2i_AutoPrivateKey(into, at, size);
      });
  if (!key) {
    return std::nullopt;
  }
  const KeyText text = Describe(key.get());
  return Fact{.kind = "private_key",
              .value = text.type,
              .attributes = {{"bits", text.bits},
                             {"encrypted", "no"},
                             {"spki", text.spki},
                             {"encoding", std::string(encoding)}}};
}

Fact EncryptedKeyFact(std::string_view label) {
  const std::string type = Lower(label.substr(0, label.find(' ')));
  const bool known = type == "rsa" || type == "ec" || type == "dsa";
  return {.kind = "private_key",
          .value = known ? type : "unknown",
          .attributes = {{"encrypted", "yes"}, {"encoding", "pem"}}};
}

std::optional<Fact> PublicKeyFact(ByteView der, bool pkcs1) {
  const auto key =
      pkcs1 ? Decoded<Key>(
                  der,
                  [](EVP_PKEY** into, const unsigned char** at, long size) {
                    return d2i_PublicKey(EVP_PKEY_RSA, into, at, size);
                  })
            : Decoded<Key>(der, d2i_PUBKEY);
  if (!key) {
    return std::nullopt;
  }
  const KeyText text = Describe(key.get());
  return Fact{.kind = "public_key",
              .value = text.type,
              .attributes = {{"bits", text.bits}, {"spki", text.spki}}};
}

std::optional<Fact> Pkcs12Fact(ByteView der) {
  if (!Decoded<Pfx>(der, d2i_PKCS12)) {
    return std::nullopt;
  }
  return Fact{.kind = "private_key",
              .value = "unknown",
              .attributes = {{"encrypted", "yes"}, {"encoding", "pkcs12"}}};
}

}  // namespace assay::facts
