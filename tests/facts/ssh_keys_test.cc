#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kKeys = Sample("facts/ssh_keys/authorized_keys");

// Fingerprints: ssh-keygen -l of the same keys.
constexpr std::string_view kEd25519 =
    "SHA256:0rAxqB7uVN/aY3ypLynIrgMmT+Ih75GKJW4gyCWpy9g";
constexpr std::string_view kEcdsa =
    "SHA256:0/oja6spOEZBwjKtMFiVjUBNH1egtLmD/uar6axwy7E";
constexpr std::string_view kRsa =
    "SHA256:4Uu9ccNKCcKdTjypMiVxu+wu2xogKd38BG4Vvt62whQ";

std::string LineOf(std::string_view type) {
  const std::string_view text = AsText(kKeys);
  const std::size_t at = text.find(std::string(type) + " AAAA");
  return std::string(text.substr(at, text.find('\n', at) - at));
}

TEST(SshKeysTest, PrintsWhatSshKeygenPrints) {
  const auto seen = Examine(kSshKeys, "root/.ssh/authorized_keys", kKeys);
  EXPECT_TRUE(seen.understood);
  ASSERT_EQ(seen.facts.size(), 3U);
  EXPECT_EQ(seen.facts[0].value, "ssh-ed25519 " + std::string(kEd25519));
  EXPECT_EQ(seen.facts[0].Attribute("comment"), "demo@example.com");
  EXPECT_EQ(seen.facts[1].Attribute("fingerprint"), kEcdsa);
  EXPECT_EQ(seen.facts[1].Attribute("options"),
            "from=\"10.0.0.0/8\",command=\"/bin/echo \\\"hi\\\"\"");
  EXPECT_EQ(seen.facts[1].Attribute("comment"), "demo ecdsa");
  EXPECT_EQ(seen.facts[2].Attribute("fingerprint"), kRsa);
  EXPECT_EQ(seen.facts[2].Attribute("type"), "ssh-rsa");
  EXPECT_EQ(seen.facts[2].Attribute("source"), "authorized_keys");
}

TEST(SshKeysTest, FindsKeysThatScriptsAdd) {
  const std::string script = "#!/bin/sh\necho '" + LineOf("ssh-ed25519") +
                             "' >> /root/.ssh/authorized_keys\n";
  const auto seen = Examine(kSshKeys, "etc/init.d/S99x", script);
  ASSERT_EQ(seen.facts.size(), 1U);
  EXPECT_EQ(seen.facts[0].Attribute("fingerprint"), kEd25519);
  EXPECT_EQ(seen.facts[0].Attribute("source"), "content");
  EXPECT_FALSE(seen.understood);
  const std::string cloud =
      "users:\n  - ssh_authorized_keys:\n    - " + LineOf("ssh-rsa") + "\n";
  EXPECT_EQ(Examine(kSshKeys, "cloud.cfg", cloud).facts.size(), 1U);
}

TEST(SshKeysTest, TellsPublicKeyFilesApart) {
  const auto seen =
      Examine(kSshKeys, "etc/ssh/ssh_host_rsa_key.pub", LineOf("ssh-rsa"));
  EXPECT_EQ(seen.Lines(), Strings{"public_key ssh-rsa bits=1024 fingerprint=" +
                                  std::string(kRsa) + " encoding=openssh"});
}

TEST(SshKeysTest, TakesNoOtherLinesForGrants) {
  const std::string key = LineOf("ssh-ed25519");
  const std::string blob = key.substr(12, 68);
  for (const std::string& text :
       {"github.example " + key,              // known_hosts
        "unknown-option " + key,              // sshd refuses it
        "#" + key,                            // a comment
        "ssh-rsa " + blob,                    // type and blob differ
        "ssh-ed25519 " + blob.substr(0, 40),  // cut off
        "ssh-ed25519 " + blob + "AAAA",       // something behind
        std::string("ssh-ed25519 AAAA"),      //
        std::string("ssh-ed25519 AAAAnot base64 at all"), std::string("AAAA"),
        std::string(" AAAA"), "from=\"unterminated " + key}) {
    EXPECT_TRUE(
        Examine(kSshKeys, "root/.ssh/authorized_keys", text).facts.empty())
        << text;
  }
}

TEST(SshKeysTest, BinaryCommentsHideNoKey) {
  const std::string text = std::string("#\0\1\n", 4) + LineOf("ssh-rsa");
  EXPECT_EQ(Examine(kSshKeys, "authorized_keys", text).facts.size(), 1U);
  EXPECT_TRUE(Examine(kSshKeys, "libx.so", text).facts.empty());
}

TEST(SshKeysTest, BearsLongLines) {
  std::string line;
  for (int i = 0; i < 200'000; ++i) {
    line += " AAAA";
  }
  EXPECT_TRUE(Examine(kSshKeys, "authorized_keys", line).facts.empty());
}

TEST(SshKeysTest, DamageNeverLeadsOutside) {
  Sweep(kSshKeys, "authorized_keys", kKeys);
}

}  // namespace
}  // namespace assay::facts
