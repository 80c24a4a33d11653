#include "tests/facts/examine.h"
#include "verifier/base/text.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

Bytes File(std::string_view name) {
  return Sample("facts/certificates/" + std::string(name));
}

// The DER inside a PEM file.
Bytes Der(std::string_view name) {
  const Bytes pem = File(name);
  std::string_view text = AsText(pem);
  text = text.substr(text.find('\n') + 1);
  text = text.substr(0, text.find("-----END"));
  return CopyOf(AsBytes(FromBase64(text).value_or("")));
}

// Of `openssl x509` and `openssl pkey`; see the samples' README.md.
const std::string kCertificateLine =
    "certificate CN=Demo CA,O=Demo\\, Inc.,C=XX "
    "issuer=CN=Demo CA,O=Demo\\, Inc.,C=XX "
    "serial=6f06b180defc82c6bac9bc785467475afe07f763 ca=yes self_signed=yes "
    "not_before=2026-11-22T07:48:19Z not_after=2036-11-19T07:48:19Z key=ec "
    "bits=256 signature_algorithm=ecdsa-with-SHA256 "
    "fingerprint="
    "c265f1bf2f0cd31da4e69443eb8a59152075d2235236d73af6ac28bd9c87f000 "
    "spki=8fa03783f76913c5068e46c86ca5f9e52a11e559b281eae9b7338c1419982844";
const std::string kEcSpki =
    "spki=8fa03783f76913c5068e46c86ca5f9e52a11e559b281eae9b7338c1419982844";
const std::string kRsaSpki =
    "spki=2fd04109e510c381f5fe69b5a7531085c7f9f589fc829a6113282cae7151e735";

TEST(CertificatesTest, TellsWhatOpensslTells) {
  const Bytes pem = File("ca.pem");
  const auto seen = Examine(kCertificates, "ca.pem", pem);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(seen.Lines(), Strings{kCertificateLine});
  EXPECT_EQ(PlaceText(seen.facts[0], pem) + "\n", std::string(AsText(pem)));
  const auto der = Examine(kCertificates, "ca.der", Der("ca.pem"));
  EXPECT_TRUE(der.understood);
  EXPECT_EQ(der.Lines(), Strings{kCertificateLine});
}

struct Case {
  std::string_view file;
  std::string line;
};

TEST(CertificatesTest, TellsParametersAndHowTheyDifferFromAKnownCurve) {
  const std::vector<Case> cases = {
      {"dh512.pem", "parameters dh bits=512"},
      {"ffdhe2048.pem", "parameters dh bits=2048"},
      {"dhx.pem", "parameters dh bits=2048"},
      {"p256-named.pem", "parameters ec bits=256 curve=prime256v1"},
      {"p256-explicit.pem", "parameters ec bits=256 curve=prime256v1"},
      {"secp256k1-explicit.pem", "parameters ec bits=256 curve=secp256k1"},
      {"p256-other-point.pem",
       "parameters ec bits=256 curve=prime256v1 differs=base point"}};
  for (const Case& one : cases) {
    EXPECT_EQ(Examine(kCertificates, "x.pem", File(one.file)).Lines(),
              Strings{one.line})
        << one.file;
  }
}

TEST(CertificatesTest, TellsNothingOfBrokenParameters) {
  Bytes pem = File("p256-explicit.pem");
  std::string text(AsText(pem));
  // Half of the base64 text, a certificate's content, and no content.
  const std::string cut =
      text.substr(0, 100) + "\n-----END EC PARAMETERS-----\n";
  EXPECT_TRUE(Examine(kCertificates, "x.pem", cut).facts.empty());
  std::string other(AsText(File("ca.pem")));
  for (std::size_t at; (at = other.find("CERTIFICATE")) != std::string::npos;) {
    other.replace(at, 11, "DH PARAMETERS");
  }
  EXPECT_TRUE(Examine(kCertificates, "x.pem", other).facts.empty());
  EXPECT_TRUE(Examine(kCertificates, "x.pem",
                      "-----BEGIN EC PARAMETERS-----\n"
                      "-----END EC PARAMETERS-----\n")
                  .facts.empty());
}

TEST(CertificatesTest, TellsPrivateKeysOfAllForms) {
  const std::vector<Case> cases = {
      {"pkcs8.pem",
       "private_key ec bits=256 encrypted=no " + kEcSpki + " encoding=pem"},
      {"pkcs1.pem",
       "private_key rsa bits=1024 encrypted=no " + kRsaSpki + " encoding=pem"},
      {"pkcs1-encrypted.pem", "private_key rsa encrypted=yes encoding=pem"},
      {"pkcs8-encrypted.pem", "private_key unknown encrypted=yes encoding=pem"},
      {"openssh",
       "private_key ssh-ed25519 bits=256 encrypted=no "
       "fingerprint=SHA256:0rAxqB7uVN/aY3ypLynIrgMmT+Ih75GKJW4gyCWpy9g "
       "encoding=openssh"},
      {"openssh-encrypted",
       "private_key ecdsa-sha2-nistp256 bits=256 encrypted=yes "
       "fingerprint=SHA256:0/oja6spOEZBwjKtMFiVjUBNH1egtLmD/uar6axwy7E "
       "encoding=openssh"},
      {"dropbear.hex",
       "private_key ssh-ed25519 bits=256 encrypted=no "
       "fingerprint=SHA256:0rAxqB7uVN/aY3ypLynIrgMmT+Ih75GKJW4gyCWpy9g "
       "encoding=dropbear"},
  };
  for (const Case& one : cases) {
    const auto seen = Examine(kCertificates, "etc/key", File(one.file));
    EXPECT_EQ(seen.Lines(), Strings{one.line}) << one.file;
    EXPECT_TRUE(seen.understood) << one.file;
  }
  EXPECT_EQ(Examine(kCertificates, "k.der", Der("pkcs1.pem")).Lines(),
            Strings{"private_key rsa bits=1024 encrypted=no " + kRsaSpki +
                    " encoding=der"});
}

std::string Replaced(std::string text, std::string_view from,
                     std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(CertificatesTest, ReadsPemInsideOtherFiles) {
  const Bytes key = File("pkcs8.pem");
  const std::string pem(AsText(key));
  const std::vector<std::string> forms = {
      std::string("\x7f"
                  "ELF\0\0",
                  6) +
          pem + std::string("\0\0", 2),
      Replaced(pem, "\n", "\r\n"),
      "{\"key\": \"" + Replaced(pem, "\n", "\\n") + "\"}",
      "char k[] = \"" + Replaced(pem, "\n", "\\n\"\n  \"") + "\";",
      "k = \"" + Replaced(pem, "\n", "\\n\" +\n  \"") + "\";",
  };
  for (const std::string& form : forms) {
    const auto seen = Examine(kCertificates, "a", form);
    ASSERT_EQ(seen.facts.size(), 1U) << form;
    EXPECT_EQ(seen.facts[0].Attribute("spki"), kEcSpki.substr(5));
    ExpectLawful(seen, AsBytes(form));
  }
  EXPECT_FALSE(Examine(kCertificates, "a", forms[0]).understood);
}

TEST(CertificatesTest, ReadsBundlesOneByOne) {
  const Bytes pem = File("ca.pem");
  const std::string text =
      "\n" + std::string(AsText(pem)) + "# next\n" + std::string(AsText(pem));
  EXPECT_EQ(Examine(kCertificates, "bundle.crt", text).facts.size(), 2U);
}

TEST(CertificatesTest, TakesNothingElseForAKey) {
  const Bytes ca = File("ca.pem");
  const std::string pem(AsText(ca));
  for (const std::string& text :
       {std::string("-----BEGIN "), std::string("-----BEGIN CERTIFICATE-----"),
        std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
        std::string("printf(\"-----BEGIN %s-----\\n-----END %s-----\\n\");"),
        std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n"
                    "-----END PRIVATE KEY-----\n"),
        std::string("-----BEGIN PGP MESSAGE-----\nAAAA\n"
                    "-----END PGP MESSAGE-----\n"),
        Replaced(pem, "END CERTIFICATE", "END PRIVATE KEY"),
        Replaced(pem, "CERTIFICATE", "PRIVATE KEY"),
        Replaced(pem, "MII", "!!!"), std::string("0\x03\x02\x01\x05"),
        std::string(100, '0'), std::string(100, '\0')}) {
    EXPECT_TRUE(Examine(kCertificates, "a", text).facts.empty()) << text;
  }
}

TEST(CertificatesTest, BearsManyBoundaries) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) {
    text += "-----BEGIN CERTIFICATE-----";
  }
  const auto seen = Examine(kCertificates, "a", text);
  EXPECT_EQ(seen.Values("facts.truncated"), Strings{"certificates"});
}

TEST(CertificatesTest, DamageNeverLeadsOutside) {
  for (const std::string_view name :
       {"pkcs8-encrypted.pem", "openssh", "dropbear.hex"}) {
    Sweep(kCertificates, "a", File(name));
  }
  // One flip each: libcrypto takes a millisecond for a key.
  Sweep(kCertificates, "a", Der("ca.pem"), {0x01});
  Sweep(kCertificates, "a", Der("pkcs8.pem"), {0x01});
}

}  // namespace
}  // namespace assay::facts
