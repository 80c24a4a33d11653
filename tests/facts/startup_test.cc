#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kScript = Sample("facts/startup/rcS");
const Bytes kInittab = Sample("facts/startup/inittab");

TEST(StartupTest, TellsWhatAScriptListensOn) {
  const auto seen = Examine(kStartup, "etc/init.d/rcS", kScript);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{"startup etc/init.d/rcS kind=sysv action=script",
               "listener 23 protocol=tcp program=telnetd source=script",
               "listener 2222 protocol=tcp program=dropbear source=script",
               "listener 8080 protocol=tcp program=httpd source=script",
               "listener 4444 protocol=tcp program=nc source=script",
               "preload /lib/libdemo.so source=script",
               "listener 5353 protocol=udp program=socat source=script",
               "listener 9001 protocol=tcp program=ncat source=script"}));
  EXPECT_EQ(PlaceText(seen.facts[4], kScript), "nc -lp 4444 -e /bin/sh");
}

TEST(StartupTest, ReadsInittab) {
  const auto seen = Examine(kStartup, "etc/inittab", kInittab);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{
          "startup /etc/init.d/rcS kind=inittab action=sysinit",
          "command /etc/init.d/rcS program=rcS within=inittab",
          "startup /bin/sh kind=inittab action=respawn",
          "command /bin/sh program=sh within=inittab",
          "startup  kind=inittab runlevel=3 action=initdefault",
          "startup /usr/sbin/telnetd -F -p 2323 kind=inittab runlevel=2345 "
          "action=respawn",
          "command /usr/sbin/telnetd -F -p 2323 program=telnetd within=inittab",
          "listener 2323 protocol=tcp program=telnetd source=inittab"}));
}

TEST(StartupTest, FollowsTheLinksOfRunLevels) {
  FileMetadata link;
  link.type = FileType::kSymlink;
  link.link_target = "../init.d/demo";
  EXPECT_EQ(Examine(kStartup, "etc/rc3.d/S20demo", ByteView(), link).Lines(),
            Strings{"startup ../init.d/demo kind=sysv runlevel=3 action=link"});
  EXPECT_EQ(
      Examine(kStartup, "etc/systemd/system/multi-user.target.wants/a.service",
              ByteView(), link)
          .Lines(),
      Strings{"startup ../init.d/demo kind=systemd runlevel=multi-user.target "
              "action=link"});
  for (const std::string_view path :
       {"etc/rc3.d/K20demo", "etc/rc3.d/README", "etc/alternatives/S20demo"}) {
    EXPECT_TRUE(Examine(kStartup, path, ByteView(), link).facts.empty());
  }
}

TEST(StartupTest, KnowsWhatTheKernelStarts) {
  EXPECT_EQ(Examine(kStartup, "init", "#!/bin/sh\n").Lines(),
            Strings{"startup init kind=init action=script"});
  EXPECT_TRUE(Examine(kStartup, "src/init", "#!/bin/sh\n").facts.empty());
}

TEST(StartupTest, ReadsLdSoPreload) {
  EXPECT_EQ(Examine(kStartup, "etc/ld.so.preload",
                    "# comment\n/lib/a.so:/lib/b.so /lib/c.so\n")
                .Values("preload"),
            (Strings{"/lib/a.so", "/lib/b.so", "/lib/c.so"}));
  EXPECT_EQ(Examine(kStartup, "etc/environment", "LD_PRELOAD=/lib/d.so\n")
                .Values("preload"),
            Strings{"/lib/d.so"});
}

struct Command {
  std::string_view text;
  std::string_view port;  // "" for no listener
};

// Options and defaults as the servers' manual pages give them.
TEST(StartupTest, KnowsServersByTheirCommandLines) {
  const std::vector<Command> cases = {
      {"telnetd", "23"},
      {"telnetd -p 24 -l /bin/login", "24"},
      {"telnetd -i", ""},  // under inetd
      {"/usr/sbin/dropbear -R -p 0.0.0.0:2200", "2200"},
      {"busybox nc -ll -p 99 -e sh", "99"},
      {"nc 192.0.2.1 99", ""},  // a client
      {"nc -l 127.0.0.1 31337", "31337"},
      {"sshd -t", ""},  // tests its configuration
      {"nohup /sbin/sshd -D -p2022 &", "2022"},
      {"python3 -m http.server", "8000"},
      {"tcpsvd -vE 0.0.0.0 21 ftpd /", "21"},
      {"gdbserver :1234 prog", "1234"},
      {"killall telnetd", ""},
      {"[ -x /usr/sbin/telnetd ]", ""},
      {"echo telnetd", ""},
      {"# telnetd", ""},
      {"httpd -p $PORT", "$PORT"},
  };
  for (const Command& one : cases) {
    const auto seen =
        Examine(kStartup, "x.sh", "#!/bin/sh\n" + std::string(one.text));
    EXPECT_EQ(seen.Values("listener"),
              one.port.empty() ? Strings{} : Strings{std::string(one.port)})
        << one.text;
  }
}

TEST(StartupTest, HasNoOpinionOnOtherFiles) {
  EXPECT_TRUE(
      Examine(kStartup, "usr/share/doc/inittab.txt", kInittab).facts.empty());
  EXPECT_TRUE(Examine(kStartup, "a.c", "system(\"telnetd\");").facts.empty());
  EXPECT_TRUE(Examine(kStartup, "etc/init.d/README", "read me").facts.empty());
  EXPECT_TRUE(Examine(kStartup, "etc/inittab", "\n:::\n::\nx\n")
                  .Values("listener")
                  .empty());
}

TEST(StartupTest, DamageNeverLeadsOutside) {
  Sweep(kStartup, "etc/init.d/rcS", kScript);
  Sweep(kStartup, "etc/inittab", kInittab);
}

// Only the machine itself reaches what is bound to its own address.
TEST(StartupTest, TellsWhatIsBoundToTheMachineItself) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"telnetd -b 127.0.0.1:23 -l /bin/login", "loopback"},
      {"socat TCP-LISTEN:80,bind=localhost,fork EXEC:x", "loopback"},
      {"nc -l -s ::1 -p 80", "loopback"},
      {"telnetd -b 192.0.2.1:23", ""},
      {"telnetd -l 127.0.0.1", ""},
      {"socat TCP-LISTEN:80,fork TCP:127.0.0.1:81", ""},
      {"nc -l -p 80", ""},
  };
  for (const auto& [command, bound] : cases) {
    const auto seen = Examine(kStartup, "etc/init.d/S1",
                              "#!/bin/sh\n" + std::string(command));
    ASSERT_EQ(seen.Values("listener").size(), 1U) << command;
    EXPECT_EQ(seen.facts.back().Attribute("bound"), bound) << command;
  }
}

}  // namespace
}  // namespace assay::facts
