#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kPasswd = Sample("facts/accounts/passwd");
const Bytes kShadow = Sample("facts/accounts/shadow");
const Bytes kHtpasswd = Sample("facts/accounts/htpasswd");

TEST(AccountsTest, ReadsPasswd) {
  const auto seen = Examine(kAccounts, "etc/passwd", kPasswd);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{"account root uid=0 gid=0 home=/root shell=/bin/sh "
               "password=shadow",
               "account toor uid=0 gid=0 home=/ shell=/bin/sh password=hash",
               "password.hash toor scheme=md5 state=hash",
               "account guest uid=1000 gid=1000 home=/home/guest "
               "password=empty",
               "password.hash guest state=empty",
               "account nobody uid=65534 gid=65534 home=/nonexistent "
               "shell=/usr/sbin/nologin password=none"}));
}

TEST(AccountsTest, ReadsShadow) {
  const auto seen = Examine(kAccounts, "etc/shadow", kShadow);
  EXPECT_EQ(seen.Lines(),
            (Strings{"password.hash root scheme=sha512 state=hash",
                     "password.hash admin scheme=yescrypt state=locked",
                     "password.hash guest state=empty",
                     "password.hash daemon state=none"}));
}

TEST(AccountsTest, ReadsHtpasswd) {
  const auto seen = Examine(kAccounts, "srv/.htpasswd", kHtpasswd);
  EXPECT_EQ(seen.Lines(),
            (Strings{"password.hash admin scheme=apr1 state=hash",
                     "password.hash web scheme=bcrypt state=hash"}));
}

TEST(AccountsTest, NeedsNoTellingName) {
  EXPECT_EQ(Examine(kAccounts, "data/a.bin", kPasswd).facts.size(), 6U);
  EXPECT_EQ(Examine(kAccounts, "data/a.bin", kShadow).facts.size(), 4U);
  EXPECT_EQ(Examine(kAccounts, "data/a.bin", kHtpasswd).facts.size(), 2U);
}

TEST(AccountsTest, PointsAtTheHashAndNeverTellsIt) {
  for (const Bytes* file : {&kPasswd, &kShadow, &kHtpasswd}) {
    const auto seen = Examine(kAccounts, "etc/passwd", *file);
    for (const std::string& line : seen.Lines()) {
      EXPECT_EQ(line.find("Saltsalt"), std::string::npos) << line;
      EXPECT_EQ(line.find("$y$"), std::string::npos) << line;
    }
  }
  const auto seen = Examine(kAccounts, "etc/shadow", kShadow);
  EXPECT_EQ(PlaceText(seen.facts.front(), kShadow).substr(0, 12),
            "$6$Saltsalt$");
}

// One bad line does not blind a login program, so it must not blind us.
TEST(AccountsTest, PassesOverBadLinesOfTheRealFile) {
  constexpr std::string_view kText =
      "garbage\n::::\nroot:x:0:0::/root:/bin/sh\n+nis::::::\n";
  EXPECT_EQ(Examine(kAccounts, "rootfs/etc/passwd", kText).Values("account"),
            Strings{"root"});
  EXPECT_TRUE(Examine(kAccounts, "etc/other", kText).Values("account").size() <=
              1U);
}

// Forms of crypt(5); hashes of the word "demo" by openssl passwd and crypt(3).
TEST(AccountsTest, KnowsTheSchemes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"$1$Saltsalt$KCeRGHh.k5EHhWH8oLQiW.", "md5"},
      {"$5$Saltsalt$RV88cYm.GLnWINLh0eEXBUWMTFyj5AzfN9OBZRy84T7", "sha256"},
      {"$5$rounds=5000$Saltsalt$RV88cYm.GLnWINLh0eEXBUWMTFyj5AzfN9OBZRy84T7",
       "sha256"},
      {"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$"
       "1MUQcJhwFWeCUqO3XKU8qDXr7SCWMrv4jrApW6AFrf8",
       "yescrypt"},
      {"abSQqR3lgjqok", "des"},
      {"$apr1$Saltsalt$CJxZFTq8VX724LRCGlfG21", "apr1"},
  };
  for (const auto& [hash, scheme] : cases) {
    const auto seen =
        Examine(kAccounts, "etc/shadow", "u:" + hash + ":1:0:9:7:::\n");
    EXPECT_EQ(seen.Lines(),
              Strings{"password.hash u scheme=" + scheme + " state=hash"});
  }
}

TEST(AccountsTest, FindsRecordsAndHashesInsideOtherFiles) {
  const std::string binary =
      std::string(
          "\x7f"
          "ELF\0\0\0",
          7) +
      std::string("admin:$1$Saltsalt$KCeRGHh.k5EHhWH8oLQiW.\0junk\0", 46) +
      std::string("svc:x:0:0:Service:/:/bin/sh\0", 28) +
      std::string("$6$short$notahash\0", 18);
  const auto seen = Examine(kAccounts, "usr/sbin/httpd", binary);
  EXPECT_FALSE(seen.understood);
  EXPECT_EQ(seen.Lines(),
            (Strings{"account svc uid=0 gid=0 home=/ shell=/bin/sh "
                     "password=shadow",
                     "password.hash admin scheme=md5 state=hash"}));
  const auto script =
      Examine(kAccounts, "etc/init.d/x",
              "#!/bin/sh\necho 'tmp::0:0::/root:/bin/sh' >> /etc/passwd\n");
  EXPECT_EQ(script.Lines(),
            (Strings{"account tmp uid=0 gid=0 home=/root shell=/bin/sh "
                     "password=empty",
                     "password.hash tmp state=empty"}));
}

TEST(AccountsTest, SeesNoAccountsInOtherTexts) {
  for (const std::string_view text :
       {"int main(void) {\n  return a ? b : c;\n}\n",
        "name,uid,gid\nroot,0,0\n", "root:x:0:0\nroot:x:0:0:a:b:c:d:e\n",
        "a:b:c:d:e:f:g\n", "12:30:45 host app: started\n",
        "root:*:zero:0:root:/root:/bin/sh\n",
        "PATH=/bin:/sbin:$HOME/bin\ncost is $1$ or $5$ or $6$\n",
        "time:0:0:0\n", "group:x:0:root,admin\n",
        "user:abSQqR3lgjqok\nword:thirteenchars\n",
        "key:value\nother:thing\n"}) {
    EXPECT_TRUE(Examine(kAccounts, "usr/share/doc/a.txt", text).facts.empty())
        << text;
  }
  // Named so, but about something else.
  EXPECT_TRUE(
      Examine(kAccounts, "etc/pam.d/passwd", "@include common-password\n")
          .facts.empty());
  EXPECT_TRUE(
      Examine(kAccounts, "src/passwd.c", "/* a:b */\nint x;\n").facts.empty());
}

TEST(AccountsTest, BearsLongLinesAndManyDollars) {
  const std::string line(1U << 20U, 'a');
  EXPECT_TRUE(Examine(kAccounts, "etc/passwd", line).facts.empty());
  const std::string dollars(1U << 20U, '$');
  EXPECT_TRUE(Examine(kAccounts, "x", dollars).facts.empty());
  std::string colons;
  for (int i = 0; i < 100'000; ++i) {
    colons += ":0:0:";
  }
  EXPECT_TRUE(Examine(kAccounts, "x", colons).facts.empty());
}

TEST(AccountsTest, DamageNeverLeadsOutside) {
  Sweep(kAccounts, "etc/passwd", kPasswd);
  Sweep(kAccounts, "etc/shadow", kShadow);
  Sweep(kAccounts, "x.htpasswd", kHtpasswd);
  Sweep(kAccounts, "x", kShadow);
}

}  // namespace
}  // namespace assay::facts
