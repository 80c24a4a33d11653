#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kSample = Sample("facts/service_hooks/rsyslog.conf");

TEST(ServiceHooksTest, ReadsTheSample) {
  const auto seen = Examine(kServiceHooks, "etc/rsyslog.conf", kSample);
  EXPECT_EQ(seen.Lines(),
            (Strings{"hook /bin/sh service=rsyslog given=message takes=code "
                     "program=sh line=2",
                     "command /bin/sh program=sh line=2 within=rsyslog"}));
  EXPECT_EQ(PlaceText(seen.facts[0], kSample), "binary=\"/bin/sh\"");
}

struct Case {
  std::string_view path;
  std::string_view text;
  std::string_view command;  // "" when there is none
  std::string_view takes;
};

TEST(ServiceHooksTest, KnowsHowServicesNameCommands) {
  const std::vector<Case> cases = {
      {"etc/rsyslog.d/4.conf", "action(binary=\"/usr/lib/x -a\")",
       "/usr/lib/x -a", "data"},
      {"etc/snmp/snmpd.conf", "pass .1.3.6 /bin/sh", "/bin/sh", "code"},
      {"etc/snmp/snmpd.conf", "extend up /usr/bin/uptime", "/usr/bin/uptime",
       ""},
      {"etc/aliases", "jobs: \"|/bin/sh\"", "/bin/sh", "code"},
      {"etc/aliases", "jobs: root", "", ""},
      {"etc/postfix/master.cf", "  flags=R argv=/usr/lib/x ${recipient}",
       "/usr/lib/x ${recipient}", "data"},
      {"etc/samba/smb.conf", "  print command = sh %s", "sh %s", "code"},
      {"etc/samba/smb.conf", "  print command = lpr -P %p %s", "", ""},
      {"etc/zabbix/zabbix_agentd.conf", "UserParameter=x[*],$1", "$1", "code"},
      {"etc/zabbix/zabbix_agentd.conf", "UserParameter=x[*],/usr/lib/y \"$1\"",
       "/usr/lib/y \"$1\"", "data"},
      {"etc/nagios/nrpe.cfg", "command[x]=/bin/sh -c \"$ARG1$\"",
       "/bin/sh -c \"$ARG1$\"", "code"},
      {"etc/mailcap", "application/x-job; sh %s", "sh %s", "code"},
      {"etc/mailcap", "application/pdf; xpdf %s", "", ""},
      {"etc/printcap", "lp:lp=/dev/lp0:if=/bin/sh:", "/bin/sh", "code"},
      {"etc/rsyslog.conf", ":msg, contains, \"x\" ^/bin/bash;t", "/bin/bash",
       "code"},
      {"etc/squid/squid.conf", "external_acl_type j %SRC /usr/lib/acl",
       "/usr/lib/acl", "data"},
      {"etc/fail2ban/action.d/x.conf", "actionban = <iptables> -I x -s <ip>",
       "", ""},
      {"etc/apache2/helper", "cmd=$1", "", ""},
      {"etc/telegraf/telegraf.conf", "command = [\"sh\", \"-s\"]", "sh -s",
       "code"},
      {"etc/mdev.conf", "sd[a-z] root:disk 660 @/usr/lib/x", "/usr/lib/x", ""},
      {"etc/dnsmasq.conf", "dhcp-script=/usr/lib/lease", "/usr/lib/lease",
       "data"},
      {"etc/nut/upsmon.conf", "NOTIFYCMD /sbin/upssched", "/sbin/upssched",
       "data"},
      {"etc/passwd", "binary=\"/bin/sh\"", "", ""},
      {"etc/rsyslog.conf", "# binary=\"/bin/sh\"", "", ""},
  };
  for (const Case& one : cases) {
    const auto seen = Examine(kServiceHooks, one.path, AsBytes(one.text));
    std::string command;
    std::string takes;
    for (const Fact& fact : seen.facts) {
      if (fact.kind == "hook") {
        command = fact.value;
        takes = fact.Attribute("takes");
      }
    }
    EXPECT_EQ(command, one.command) << one.text;
    EXPECT_EQ(takes, one.takes) << one.text;
  }
}

TEST(ServiceHooksTest, FollowsWhatComesFromOutside) {
  const auto seen =
      Examine(kServiceHooks, "etc/snmptrapd.conf",
              AsBytes("traphandle default /bin/sh -c 'read a; eval $a'"));
  ASSERT_FALSE(seen.facts.empty());
  const auto runs =
      std::count_if(seen.facts.begin(), seen.facts.end(), [](const Fact& fact) {
        return fact.value == "eval $a" && fact.Attribute("does") == "runs";
      });
  EXPECT_EQ(runs, 1);
}

TEST(ServiceHooksTest, IsLawfulWhateverItReads) {
  Sweep(kServiceHooks, "etc/rsyslog.conf", kSample);
}

}  // namespace
}  // namespace assay::facts
