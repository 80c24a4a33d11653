#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

Bytes File(std::string_view name) {
  return Sample("facts/package_keys/" + std::string(name));
}

// Of `gpg --with-colons --fingerprint`.
const std::string kFingerprint = "4ec4c1db1a3c07879cad21af59a8fc2e65f72309";

TEST(PackageKeysTest, TellsTheFingerprintThatGnupgTells) {
  const std::string line = "package.key " + kFingerprint +
                           " store=apt type=openpgp"
                           " holder=Demo Archive <demo@example.org> signs=";
  EXPECT_EQ(
      Examine(kPackageKeys, "etc/apt/trusted.gpg.d/x.gpg", File("ring.gpg"))
          .Lines(),
      Strings{line + "all"});
  EXPECT_EQ(
      Examine(kPackageKeys, "etc/apt/keyrings/x.asc", File("ring.asc")).Lines(),
      Strings{line + "named"});
}

TEST(PackageKeysTest, KnowsTheKeysOfOtherTools) {
  EXPECT_EQ(
      Examine(kPackageKeys, "etc/opkg/keys/0102030405060708", File("usign.pub"))
          .Lines(),
      Strings{"package.key 0102030405060708 store=opkg type=usign "
              "signs=all"});
  EXPECT_EQ(Examine(kPackageKeys, "etc/apk/keys/x.rsa.pub",
                    "-----BEGIN PUBLIC KEY-----\nAAAA\n")
                .facts.size(),
            1U);
}

TEST(PackageKeysTest, ElsewhereAKeyringIsNone) {
  EXPECT_TRUE(
      Examine(kPackageKeys, "home/x/ring.gpg", File("ring.gpg")).facts.empty());
  EXPECT_TRUE(
      Examine(kPackageKeys, "etc/opkg/keys/x", "no key\n").facts.empty());
}

struct Case {
  std::string_view path;
  std::string_view text;
  Strings lines;
};

TEST(PackageKeysTest, ReadsTheSources) {
  const std::vector<Case> cases = {
      {"etc/apt/sources.list",
       "deb http://a.invalid/ x main\n#deb http://b.invalid/ x\n"
       "deb-src http://c.invalid/ x\n",
       {"package.source http://a.invalid/ store=apt"}},
      {"etc/apt/sources.list.d/x.list",
       "deb [arch=amd64 trusted=yes] http://a.invalid/ x\n"
       "deb [signed-by=/k.gpg] http://b.invalid/ x\n",
       {"package.source http://a.invalid/ store=apt checked=no",
        "package.source http://b.invalid/ store=apt key=named"}},
      {"etc/apt/sources.list.d/x.sources",
       "Types: deb\nURIs: http://a.invalid/ http://b.invalid/\n"
       "Signed-By: /k.gpg\n\nURIs: http://c.invalid/\nTrusted: yes\n",
       {"package.source http://a.invalid/ store=apt key=named",
        "package.source http://b.invalid/ store=apt key=named",
        "package.source http://c.invalid/ store=apt checked=no"}},
      {"etc/opkg/feeds.conf",
       "src/gz base https://a.invalid/base\n# src/gz x https://b.invalid\n",
       {"package.source https://a.invalid/base store=opkg"}},
      {"etc/apk/repositories",
       "https://a.invalid/main\n#https://b.invalid\n",
       {"package.source https://a.invalid/main store=apk"}},
      {"etc/apt/apt.conf", "deb http://a.invalid/ x\n", {}},
      {"etc/apt/sources.list", "deb\ndeb x\n", {}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Examine(kPackageKeys, one.path, one.text).Lines(), one.lines)
        << one.text;
  }
}

TEST(PackageKeysTest, DamageNeverLeadsOutside) {
  Sweep(kPackageKeys, "etc/apt/trusted.gpg", File("ring.gpg"));
  Sweep(kPackageKeys, "etc/apt/trusted.gpg", File("ring.asc"), {0x01});
  Sweep(kPackageKeys, "etc/opkg/keys/x", File("usign.pub"));
  Sweep(kPackageKeys, "etc/apt/sources.list",
        AsBytes("deb [trusted=yes] http://a.invalid/ x\n"));
}

}  // namespace
}  // namespace assay::facts
