#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kText = Sample("facts/endpoints/demo.txt");

TEST(EndpointsTest, FindsUrlsHostsAndAddresses) {
  const auto seen = Examine(kEndpoints, "readme.txt", kText);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{"url https://update.example.com:8443/v1/check?id=7 scheme=https "
               "host=update.example.com port=8443",
               "domain update.example.com",
               "url http://192.0.2.10/ scheme=http host=192.0.2.10",
               "address 192.0.2.10 class=documentation",
               "url ftp://user:secret@files.example.net/pub scheme=ftp "
               "host=files.example.net credentials=yes",
               "domain files.example.net",
               "url mqtt://broker.example.org scheme=mqtt "
               "host=broker.example.org",
               "domain broker.example.org", "address 10.1.2.3 class=private",
               "address 8.8.4.4 class=public",
               "address 172.16.0.0 class=private"}));
  for (const Fact& fact : seen.facts) {
    EXPECT_NE(PlaceText(fact, kText).find(fact.value), std::string::npos);
  }
}

// RFC 6890 section 2.2.2 and the registries it names.
TEST(EndpointsTest, NamesTheBlockOfAnAddress) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"0.0.0.0", "unspecified"},
      {"127.0.0.1", "loopback"},
      {"10.255.0.1", "private"},
      {"172.15.0.1", "public"},
      {"172.31.255.255", "private"},
      {"172.32.0.0", "public"},
      {"192.168.0.1", "private"},
      {"169.254.1.1", "link-local"},
      {"100.64.0.1", "shared"},
      {"100.128.0.1", "public"},
      {"198.51.100.7", "documentation"},
      {"203.0.113.1", "documentation"},
      {"198.19.0.1", "benchmarking"},
      {"224.0.0.251", "multicast"},
      {"240.0.0.1", "reserved"},
      {"255.255.255.255", "broadcast"},
      {"1.1.1.1", "public"},
      {"2.5.29.15", "object-identifier"},
  };
  for (const auto& [address, name] : cases) {
    const auto seen =
        Examine(kEndpoints, "a.conf", "host = " + std::string(address) + "\n");
    ASSERT_EQ(seen.facts.size(), 1U) << address;
    EXPECT_EQ(seen.facts[0].Attribute("class"), name) << address;
  }
}

TEST(EndpointsTest, TakesNoVersionForAnAddress) {
  for (const std::string_view text :
       {"version: 1.2.3.4", "pkg (>= 1.2.3.4)", "v1.2.3.4", "1.2.3.4-5",
        "1.2.3.4.5", "1.3.6.1.4.1.311", "lib.so.1.2.3.4x", "256.1.1.1",
        "1.2.3.400", "01.2.3.4", "1.2.3", "1..2.3.4", "a1.2.3.4", "1.2.3.4_x",
        "Release 5.15.0.91", "....", "1.2.3.", "9999.1.1.1"}) {
    EXPECT_TRUE(Examine(kEndpoints, "a.txt", text).facts.empty()) << text;
  }
}

TEST(EndpointsTest, OfBinariesOnlyWholeStringsCount) {
  const std::string binary =
      std::string(
          "\x7f"
          "ELF\0\0\0\0",
          8) +
      std::string("192.0.2.1\0", 10) + std::string("203.0.113.5:8080\0", 17) +
      std::string("lib 192.0.2.2\0", 14) + std::string("192.0.2.3.1\0", 12) +
      std::string("http://c2.example/a\0", 20);
  EXPECT_EQ(
      Examine(kEndpoints, "a", binary).Lines(),
      (Strings{"url http://c2.example/a scheme=http host=c2.example",
               "domain c2.example", "address 192.0.2.1 class=documentation",
               "address 203.0.113.5 class=documentation"}));
}

TEST(EndpointsTest, SplitsUrlsAsRfc3986Does) {
  struct Case {
    std::string_view text;
    std::string_view url;
    std::string_view host;
  };
  const std::vector<Case> cases = {
      {"(https://a.example/x_(y))", "https://a.example/x_(y)", "a.example"},
      {"'http://a.example'", "http://a.example", "a.example"},
      {"HTTP://A.Example./", "HTTP://A.Example./", "a.example"},
      {"http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/", "2001:db8::1"},
      {"http://%s/fw.bin", "http://%s/fw.bin", ""},
      {"http://$HOST/fw.bin", "http://$HOST/fw.bin", ""},
      {"[x](http://a.example/).", "http://a.example/", "a.example"},
      {"tcp://a.example:1", "tcp://a.example:1", "a.example"},
  };
  for (const Case& one : cases) {
    const auto seen = Examine(kEndpoints, "a.md", one.text);
    ASSERT_FALSE(seen.facts.empty()) << one.text;
    EXPECT_EQ(seen.facts[0].value, one.url);
    EXPECT_EQ(seen.facts[0].Attribute("host"), one.host);
  }
  for (const std::string_view text :
       {"://", "http://", "http:///path", "file:///etc/passwd", "C://x",
        "std::map://x", "xhttp://", "http://@", "http://[", "http://[]"}) {
    EXPECT_TRUE(Examine(kEndpoints, "a.md", text).Values("domain").empty())
        << text;
  }
}

TEST(EndpointsTest, SeesTheTargetOfARedirector) {
  EXPECT_EQ(
      Examine(kEndpoints, "a", "https://a.example/?to=http://b.example/c d")
          .Values("domain"),
      (Strings{"a.example", "b.example"}));
}

TEST(EndpointsTest, KeepsToItsLimit) {
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += "http://h" + std::to_string(i) + ".example/\n";
  }
  const auto seen = Examine(kEndpoints, "a", text);
  EXPECT_EQ(seen.facts.size(), 2000U);
  EXPECT_EQ(seen.Values("facts.truncated"), Strings{"endpoints"});
}

TEST(EndpointsTest, BearsLongLines) {
  for (const std::string_view part : {"://", "1.", "http://", ".", "a://"}) {
    std::string text;
    while (text.size() < (1U << 20U)) {
      text += part;
    }
    ExpectLawful(Examine(kEndpoints, "a", text), AsBytes(text));
  }
}

TEST(EndpointsTest, DamageNeverLeadsOutside) {
  Sweep(kEndpoints, "a.txt", kText);
}

}  // namespace
}  // namespace assay::facts
