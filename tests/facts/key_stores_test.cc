#include "tests/facts/examine.h"
#include "verifier/base/text.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

Bytes File(std::string_view name) {
  return Sample("facts/key_stores/" + std::string(name));
}

Strings LinesOf(std::string_view name) {
  return Examine(kKeyStores, name, File(name)).Lines();
}

Strings Certificate() {
  return Examine(kCertificates, "x", Sample("facts/certificates/ca.pem"))
      .Lines();
}

TEST(KeyStoresTest, OpensWhatAnybodyCanOpen) {
  EXPECT_EQ(LinesOf("open.p12"), Certificate());
  EXPECT_EQ(LinesOf("changeit.p12"), Certificate());
  EXPECT_EQ(LinesOf("trust.jks"), Certificate());
}

TEST(KeyStoresTest, TellsTheKeyBesideItsCertificate) {
  Strings expected = Certificate();
  const auto key =
      Examine(kCertificates, "x", Sample("facts/certificates/pkcs8.pem"));
  expected.push_back("private_key ec bits=256 encrypted=no spki=" +
                     std::string(key.facts[0].Attribute("spki")) +
                     " encoding=pkcs12");
  EXPECT_EQ(LinesOf("pair.p12"), expected);
}

TEST(KeyStoresTest, AChosenPasswordIsRespected) {
  EXPECT_TRUE(LinesOf("chosen.p12").empty());
}

TEST(KeyStoresTest, DoesNotBeginWhatWouldTakeLong) {
  EXPECT_TRUE(LinesOf("slow.p12").empty());
}

TEST(KeyStoresTest, FindsDerInTheDataOfAProgram) {
  const Bytes pem = Sample("facts/certificates/ca.pem");
  std::string_view text = AsText(pem);
  text = text.substr(text.find('\n') + 1);
  const std::string der =
      FromBase64(text.substr(0, text.find("-----END"))).value_or("");
  const std::string program =
      "\x7F"
      "ELF" +
      std::string(60, '\0') + der + "x";
  EXPECT_EQ(Examine(kKeyStores, "x", program).Lines(), Certificate());
  // Signatures carry certificates of those who signed: no store.
  EXPECT_TRUE(Examine(kKeyStores, "x", "MZ" + program).facts.empty());
  EXPECT_TRUE(Examine(kKeyStores, "x", program.substr(0, 200)).facts.empty());
}

TEST(KeyStoresTest, DamageNeverLeadsOutside) {
  Sweep(kKeyStores, "x.p12", File("open.p12"), {0x01, 0xFF});
  Sweep(kKeyStores, "x.jks", File("trust.jks"), {0x01, 0xFF});
}

}  // namespace
}  // namespace assay::facts
