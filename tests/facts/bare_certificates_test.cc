#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

Bytes File(std::string_view name) {
  return Sample("facts/bare_certificates/" + std::string(name));
}

// What OpenSSL tells of it stands in certificates_test.cc.
Strings Expected() {
  return Examine(kCertificates, "x", Sample("facts/certificates/ca.pem"))
      .Lines();
}

TEST(BareCertificatesTest, FindsWhatLacksTheMarksOfPem) {
  for (const std::string_view name :
       {"bare.txt", "pieces.sh", "literal.c", "wrapped.dat"}) {
    EXPECT_EQ(Examine(kBareCertificates, name, File(name)).Lines(), Expected())
        << name;
  }
}

TEST(BareCertificatesTest, ThePlaceIsFromTheFirstToTheLastCharacter) {
  const Bytes text = File("literal.c");
  const auto seen = Examine(kBareCertificates, "x.c", text);
  ASSERT_EQ(seen.facts.size(), 1U);
  const std::string place = PlaceText(seen.facts[0], text);
  EXPECT_EQ(place.substr(0, 3), "MII");
  EXPECT_NE(place.find("\\n\"\n"), std::string::npos);
}

TEST(BareCertificatesTest, LeavesPemToTheOtherAnalysis) {
  EXPECT_TRUE(
      Examine(kBareCertificates, "ca.pem", Sample("facts/certificates/ca.pem"))
          .facts.empty());
  EXPECT_TRUE(Examine(kBareCertificates, "key.pem",
                      Sample("facts/certificates/pkcs8.pem"))
                  .facts.empty());
}

TEST(BareCertificatesTest, OtherTextThatBeginsLikeOneIsNone) {
  const std::string noise(800, 'A');
  for (const std::string& text :
       {"MII" + noise, "MIIB" + noise, "MIIBqz" + noise, "xMIIB" + noise,
        "LS0tLS1CRUdJTi" + noise}) {
    EXPECT_TRUE(Examine(kBareCertificates, "x", text).facts.empty())
        << text.substr(0, 16);
  }
}

TEST(BareCertificatesTest, TooWideAGapEndsIt) {
  std::string text(AsText(File("bare.txt")));
  const std::size_t middle = text.find('\n', 200);
  text.insert(middle, std::string(100, ' '));
  EXPECT_TRUE(Examine(kBareCertificates, "x", text).facts.empty());
}

TEST(BareCertificatesTest, DamageNeverLeadsOutside) {
  Sweep(kBareCertificates, "x", File("literal.c"), {0x01});
  Sweep(kBareCertificates, "x", File("wrapped.dat"), {0x01});
}

}  // namespace
}  // namespace assay::facts
