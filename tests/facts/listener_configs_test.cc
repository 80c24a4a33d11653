#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kInetd = Sample("facts/listener_configs/inetd.conf");

TEST(ListenerConfigsTest, ReadsInetd) {
  const auto seen = Examine(kListenerConfigs, "etc/inetd.conf", kInetd);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{
          "listener 23 protocol=tcp program=/usr/sbin/telnetd source=inetd",
          "startup /usr/sbin/telnetd -i kind=inetd user=root input=socket",
          "command /usr/sbin/telnetd -i program=telnetd within=inetd",
          "listener 69 protocol=udp program=/usr/sbin/tftpd source=inetd",
          "startup /usr/sbin/tftpd /srv kind=inetd user=nobody input=socket",
          "command /usr/sbin/tftpd /srv program=tftpd within=inetd",
          "listener 9999 protocol=tcp program=/bin/cat source=inetd",
          "startup /bin/cat kind=inetd user=root input=loopback",
          "command /bin/cat program=cat within=inetd"}));
}

// What a multi-call program does is told by the name that it is given.
TEST(ListenerConfigsTest, TellsWhatInetdServes) {
  const auto seen = Examine(kListenerConfigs, "etc/inetd.conf",
                            "50173 stream tcp nowait root /bin/busybox ash -i\n"
                            "[::1]:7 stream tcp6 nowait root /bin/sh sh -i\n"
                            "time stream tcp nowait root internal\n"
                            "#8 stream tcp nowait root /bin/sh sh -i\n");
  EXPECT_EQ(seen.Values("listener"), (Strings{"50173", "7", "37"}));
  EXPECT_EQ(seen.Values("startup"),
            (Strings{"/bin/busybox ash -i", "/bin/sh -i"}));
  EXPECT_EQ(seen.facts[1].Attribute("input"), "socket");
  EXPECT_EQ(seen.facts[4].Attribute("input"), "loopback");
}

TEST(ListenerConfigsTest, ReadsXinetd) {
  EXPECT_EQ(
      Examine(kListenerConfigs, "etc/xinetd.d/demo",
              "service telnet\n{\n  protocol = tcp\n"
              "  server = /sbin/telnetd\n  disable = no\n}\n"
              "service off\n{\n  port = 1\n  disable = yes\n}\n"
              "service odd\n{\n  port = 4711\n  server = /bin/odd\n}\n")
          .Lines(),
      (Strings{"listener 23 protocol=tcp program=/sbin/telnetd source=xinetd",
               "startup /sbin/telnetd kind=xinetd input=socket",
               "command /sbin/telnetd program=telnetd within=xinetd",
               "listener 4711 protocol=tcp program=/bin/odd source=xinetd",
               "startup /bin/odd kind=xinetd input=socket",
               "command /bin/odd program=odd within=xinetd"}));
}

struct Case {
  std::string_view path;
  std::string_view text;
  std::string_view port;  // "" for none
};

TEST(ListenerConfigsTest, KnowsTheDirectivesOfServers) {
  const std::vector<Case> cases = {
      {"etc/ssh/sshd_config", "#Port 22\nPort 2022\n", "2022"},
      {"etc/ssh/sshd_config", "ListenAddress 0.0.0.0:2200\n", "2200"},
      {"etc/ssh/sshd_config", "ListenAddress 0.0.0.0\n", ""},
      {"etc/ssh/sshd_config", "PermitRootLogin yes\n", ""},
      {"etc/lighttpd/lighttpd.conf", "server.port = 8081 # x\n", "8081"},
      {"etc/config/dropbear", "config dropbear\n\toption Port '22'\n", "22"},
      {"etc/config/uhttpd", "\tlist listen_http 0.0.0.0:80\n", "80"},
      {"etc/nginx/nginx.conf", "  listen [::]:8443 ssl;\n", "8443"},
      {"etc/apache2/ports.conf", "Listen 80\n", "80"},
      {"etc/vsftpd.conf", "listen_port=2121\n", "2121"},
      {"etc/mosquitto/mosquitto.conf", "listener 1883 localhost\n", "1883"},
      {"etc/vsftpd.conf", "listen_port=99999\n", ""},
      {"etc/other.conf", "Port 22\n", ""},
      {"etc/ssh/sshd_config", "Port\n", ""},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Examine(kListenerConfigs, one.path, one.text).Values("listener"),
              one.port.empty() ? Strings{} : Strings{std::string(one.port)})
        << one.text;
  }
}

TEST(ListenerConfigsTest, DamageNeverLeadsOutside) {
  Sweep(kListenerConfigs, "etc/inetd.conf", kInetd);
}

}  // namespace
}  // namespace assay::facts
