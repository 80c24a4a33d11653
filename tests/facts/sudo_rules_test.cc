#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kSudoers = Sample("facts/sudo_rules/sudoers");

TEST(SudoRulesTest, ReadsSudoers) {
  const auto seen = Examine(kSudoRules, "etc/sudoers", kSudoers);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{
          "sudo.rule Defaults:backup !authenticate nopasswd=yes "
          "user=Defaults:backup",
          "sudo.rule root ALL=(ALL:ALL) ALL nopasswd=no user=root",
          "sudo.rule %wheel ALL=(ALL) NOPASSWD: ALL nopasswd=yes user=%wheel",
          "sudo.rule service ALL=(root) NOPASSWD: /sbin/reboot nopasswd=yes "
          "user=service",
          "sudo.rule #1000 ALL=(ALL) /bin/true nopasswd=no user=#1000"}));
}

TEST(SudoRulesTest, ReadsDoas) {
  const auto seen = Examine(kSudoRules, "etc/doas.conf",
                            "# comment\npermit nopass keepenv :wheel as root\n"
                            "permit persist alice\ndeny bob\n");
  EXPECT_EQ(seen.Lines(),
            (Strings{"sudo.rule permit nopass keepenv :wheel as root "
                     "nopasswd=yes user=:wheel",
                     "sudo.rule permit persist alice nopasswd=no "
                     "user=alice"}));
}

TEST(SudoRulesTest, IsAboutItsOwnFilesOnly) {
  for (const std::string_view path :
       {"usr/share/doc/sudo/examples.txt", "etc/sudoers.bak", "sudoers.d"}) {
    EXPECT_TRUE(Examine(kSudoRules, path, kSudoers).facts.empty()) << path;
  }
  EXPECT_FALSE(
      Examine(kSudoRules, "etc/sudoers.d/service", kSudoers).facts.empty());
}

TEST(SudoRulesTest, PassesOverWhatIsNoRule) {
  for (const std::string_view text :
       {"", "\n\n", "# a ALL=(ALL) NOPASSWD: ALL\n", "Defaults insults\n",
        "User_Alias X = a, b\n", "word\n", "two words\n", "\\\n", "\\"}) {
    EXPECT_TRUE(Examine(kSudoRules, "etc/sudoers", text).facts.empty()) << text;
  }
}

TEST(SudoRulesTest, DamageNeverLeadsOutside) {
  Sweep(kSudoRules, "etc/sudoers", kSudoers);
}

}  // namespace
}  // namespace assay::facts
