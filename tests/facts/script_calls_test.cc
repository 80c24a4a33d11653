#include "verifier/facts/script_calls.h"

#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Examined;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

// "function(arg1, arg2)" of each call; "?" for one whose name only a run
// tells; behind it where its arguments come from.
Strings Calls(const Examined& seen) {
  Strings calls;
  for (const Fact& fact : seen.facts) {
    if (fact.kind != "call") {
      continue;
    }
    std::string text = fact.value.empty() ? "?" : fact.value;
    EXPECT_EQ(fact.Attribute("dynamic"), fact.value.empty() ? "yes" : "");
    text.append("(").append(fact.Attribute("arg1"));
    if (!fact.Attribute("arg2").empty()) {
      text.append(", ").append(fact.Attribute("arg2"));
    }
    text += ")";
    if (!fact.Attribute("tainted").empty()) {
      text.append(" ").append(fact.Attribute("tainted"));
    }
    calls.push_back(text);
  }
  return calls;
}

struct Case {
  std::string_view text;
  Strings calls;
};

void Check(std::string_view path, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(Calls(Examine(kScripts, path, one.text)), one.calls) << one.text;
  }
}

TEST(ScriptCallsTest, PutsNumbersTogether) {
  Check("a.php", {{"<?php $f = implode('', array_map('chr', [115, 121, 115, "
                   "116, 101, 109]));\n$f('id');",
                   {"system(id) decoded"}}});
  Check("a.py", {{"f = ''.join(map(chr, [101, 118, 97, 108]))\n"
                  "getattr(__builtins__, f)(x)",
                  {"eval() decoded"}}});
}

TEST(ScriptCallsTest, FollowsTablesOfFunctionsWithNames) {
  Check("a.lua", {{"local t = {}\nt['a/b'] = function(p) load(p) end\n"
                   "client.ON_MESSAGE = function(_, topic, payload)\n"
                   "  local f = t[topic]\n  if f then f(payload) end\nend",
                   {"load() network"}}});
  Check("a.js", {{"const t = {};\nt['a'] = function (p) { eval(p); };\n"
                  "function run(req) { t[req.query.n](req.query.v); }",
                  {"eval() request"}}});
}

TEST(ScriptCallsTest, ReadsPerl) {
  Check(
      "a.pl",
      {
          {"system 'id';", {"system(id)"}},
          {"my $x = 'i' . 'd';\nsystem($x, '-u') or die;", {"system(id, -u)"}},
          {"my $out = `id -u`;", {"shell_exec(id -u)"}},
          {"my $out = qx{id\n -u};", {"shell_exec(id\n -u)"}},
          {"# system('a');\n=pod\n\nsystem('b');\n\n=cut\n\nexec 'c';",
           {"exec(c)"}},
          {"print <<\"EOT\";\n`id`; system('x');\nEOT\nsystem('b');",
           {"system(b)"}},
          {"my $v = $q->param('v');\nsystem \"ls $v\";", {"system() request"}},
          {"open(my $f, \"$ENV{HTTP_X} |\");", {"open() request"}},
          {"open(my $f, '<', $q->param('v'));", {}},
          {"my $c = $s->accept;\nmy $l = <$c>;\n"
           "if ($l =~ /^AT (.+)$/) { my $o = qx{$1}; }",
           {"shell_exec() network"}},
          {"sub f { my ($a) = @_; system $a; }\nf($q->param('x'));",
           {"system() request"}},
          {"eval decode_base64('aWQ=');",
           {"decode_base64(aWQ=)", "eval(id) decoded"}},
          {"eval { f(); };", {}},
          {"my %h = (a => 'id');\nsystem $h{a};", {"system(id)"}},
          {"exec $x if $y;\n__END__\nsystem('a');", {"exec()"}},
      });
}

TEST(ScriptCallsTest, PerlNeverLeadsOutside) {
  constexpr std::string_view kText =
      "#!/usr/bin/perl\nmy ($a, $b) = @_;\nforeach my $x (@{$h->{b}[0]}) {\n"
      "  print <<\"EOT\" unless $x =~ s{a}{b}g;\nx $x->{y} ${z} @{[1]}\nEOT\n"
      "}\nmy @l = map { $_ => 1 } grep { /x/ } qw(a b);\nsub g($c) { lc $c }\n"
      "=pod\n=cut\nopen(F, \"$a|\") or die 'x'; my $r = \\&f; $#l; $l[-1];\n";
  for (std::size_t size = 0; size <= kText.size(); ++size) {
    static_cast<void>(Examine(kScripts, "a.pl", kText.substr(0, size)));
    static_cast<void>(Examine(kScripts, "a.pl", kText.substr(size)));
  }
}

TEST(ScriptCallsTest, FollowsPythonNames) {
  Check("a.py",
        {
            {"import os\nos.system('a')", {"os.system(a)"}},
            {"import os as o\no.system('a')", {"os.system(a)"}},
            {"from os import system\nsystem('a')", {"os.system(a)"}},
            {"from os import (path,\n system as s)\ns('a')", {"os.system(a)"}},
            {"import urllib.request as r, os\nr.urlopen(x)\nos.popen('a')",
             {"urllib.request.urlopen()", "os.popen(a)"}},
            {"run = os.system\nrun('a')", {"os.system(a)"}},
            {"def f():\n run('a')\nrun = os.system", {"os.system(a)"}},
            {"getattr(os, 'sys' + 'tem')('a')", {"os.system(a)"}},
            {"__import__('o' 's').system('a')", {"os.system(a)"}},
            {"importlib.import_module('os').system('a')", {"os.system(a)"}},
            {"sys.modules['os'].system('a')", {"os.system(a)"}},
            {"vars(os)['system']('a')", {"os.system(a)"}},
            {"os.__dict__['system']('a')", {"os.system(a)"}},
            {"globals()['ev' 'al']('a')", {"eval(a)"}},
            {"__builtins__.eval('a')", {"eval(a)"}},
            {"exec 'a'", {"exec(a)"}},
            {"__import__(name)", {"__import__()"}},
            {"getattr(os, name)('a')", {"?(a)"}},
            {"open('a', 'w')\nopen('b', mode='ab')",
             {"open(a, w)", "open(b, mode=ab)"}},
            {"requests.get(u, verify=False)", {"requests.get(, verify=False)"}},
        });
}

TEST(ScriptCallsTest, FoldsConstants) {
  Check("a.py", {
                    {"eval('a' + \"b\" 'c')", {"eval(abc)"}},
                    {"eval(('a' + ('b')))", {"eval(ab)"}},
                    {"eval(chr(0x61) + chr(98) + chr(90 + 9))", {"eval(abc)"}},
                    {"c = 'a'\nc += 'b'\neval(c)", {"eval(ab)"}},
                    {"eval(''.join(['a', 'b']))", {"eval(ab)"}},
                    {"eval(bytes.fromhex('6162').decode())",
                     {"bytes.fromhex(6162)", "eval(ab) decoded"}},
                    {"eval(codecs.decode('no', 'rot13'))",
                     {"codecs.decode(no, rot13)", "eval(ab) decoded"}},
                    {"c, d = 'a', 'b'\neval(d)", {"eval(b)"}},
                    {"c = 'a'\ndef f():\n eval(c)", {"eval(a)"}},
                    // Only a run tells.
                    {"eval('a' + b)", {"eval()"}},
                    {"eval(f'a{b}')", {"eval()"}},
                    {"eval('a %s' % b)", {"eval()"}},
                    {"eval('a'.upper())", {"eval()"}},
                    {"eval('a'[0])", {"eval()"}},
                    {"c = 'a'\ndef f(c):\n eval(c)", {"eval()"}},
                    {"c = 'a'\nc = 'b'\ndef f():\n eval(c)", {"eval()"}},
                    {"def f():\n c = 'a'\ndef g():\n eval(c)", {"eval()"}},
                    {"for c in 'a':\n eval(c)", {"eval()"}},
                    {"eval(''.join(reversed('ba')))", {"eval(ab) decoded"}},
                    {"for c in reversed(a):\n eval(c)", {"eval()"}},
                    {"def f(a):\n eval(a)\nf(reversed(b))", {"eval()"}},
                });
  Check("a.js",
        {
            {"const c = 'a' + `b`; function f() { eval(c) }", {"eval(ab)"}},
            {"let a = 'a'\nlet b = a + 'b'\neval(b)", {"eval(ab)"}},
            {"eval(`a${'b'}`)", {"eval(ab)"}},
            {"eval(String.fromCharCode(97, 98))", {"eval(ab)"}},
            {"eval(1 + 2)", {"eval(3)"}},
            {"eval(['a', 'b'].join(''))", {"eval(ab)"}},
            {"eval(a ? 'b' : 'c')", {"eval()"}},
            {"const c = 'a'; f(c => eval(c))", {"eval()"}},
            {"const c = 'a'; x.map(function(c) { eval(c) })", {"eval()"}},
        });
  Check("a.php",
        {
            {"<?php $c = 'a'.'b'; eval($c . chr(99));", {"eval(abc)"}},
            {"<?php $c = 'a'; $c .= 'b'; eval($c);", {"eval(ab)"}},
            {"<?php eval(strrev('ba') . implode('', ['c', 'd']));",
             {"eval(abcd) decoded"}},
            {"<?php $c = 'a'; function f() { eval($c); }", {"eval(a)"}},
            {"<?php eval(\"a$b\");", {"eval()"}},
        });
  Check("a.lua", {
                     {"load('a' .. 'b')", {"load(ab)"}},
                     {"load(string.char(97, 98))", {"load(ab)"}},
                     {"local c = [[a]] load(c)", {"load(a)"}},
                     {"load(('a%s'):format(b))", {"load()"}},
                     {"local c <const> = 'a' load(d)", {"load()"}},
                 });
}

TEST(ScriptCallsTest, FollowsJavascriptNames) {
  Check(
      "a.js",
      {
          {"require('child_process').exec('a')", {"child_process.exec(a)"}},
          {"const cp = require('node:child_process'); cp.exec('a')",
           {"child_process.exec(a)"}},
          {"const {exec, spawn: s} = require('child_process'); exec('a'); "
           "s('b')",
           {"child_process.exec(a)", "child_process.spawn(b)"}},
          {"import {exec as e} from 'child_process'; e('a')",
           {"child_process.exec(a)"}},
          {"import * as cp from 'child_process'; cp.exec('a')",
           {"child_process.exec(a)"}},
          {"import cp, {spawn} from 'child_process'\ncp.exec('a'); spawn('b')",
           {"child_process.exec(a)", "child_process.spawn(b)"}},
          {"const c = __importStar(require('child_process')); (0, c.exec)('a')",
           {"child_process.exec(a)"}},
          {"const e = util.promisify(require('child_process').exec); e('a')",
           {"child_process.exec(a)"}},
          {"process.mainModule.require('child_process').exec('a')",
           {"child_process.exec(a)"}},
          {"this['ev' + 'al']('a')", {"eval(a)"}},
          {"globalThis.eval('a'); window?.eval?.('b')", {"eval(a)", "eval(b)"}},
          {"(0, eval)('a')", {"eval(a)"}},
          {"eval.call(null, 'a')", {"eval(a)"}},
          {"\\u0065val('a')", {"eval(a)"}},
          {"new Function('a', 'b')", {"Function(a, b)"}},
          {"eval`a`", {"eval(a)"}},
          {"x = `${eval('a')}`", {"eval(a)"}},
          {"require(a + 'b')", {"require()"}},
          {"globalThis[a]('b')", {"?(b)"}},
          {"async () => { await fetch('a') }", {"fetch(a)"}},
      });
}

TEST(ScriptCallsTest, FollowsPhpAndLuaNames) {
  Check(
      "a.php",
      {
          {"<?php system('a'); \\SYSTEM('b');", {"system(a)", "system(b)"}},
          {"<?php $f = 'sys'.'tem'; $f('a');", {"system(a)"}},
          {"<?php ('sys'.'tem')('a'); 'exec'('b');", {"system(a)", "exec(b)"}},
          {"<?php $$n = 1; ${'f'} = 'system'; $f('a');", {"?(a)"}},
          {"<?php call_user_func('system', 'a');", {"system(a)"}},
          {"<?php echo `a`;", {"shell_exec(a)"}},
          {"<?php base64_decode('c3lzdGVt')('a');",
           {"base64_decode(c3lzdGVt)", "system(a) decoded"}},
          {"<?php $f('a'); $_GET['f']('b');", {"?(a)", "?(b) request"}},
          {"<?= system('a') ?>", {"system(a)"}},
          {"<?php preg_replace('/a/e', 'b', $c);", {"preg_replace(/a/e, b)"}},
      });
  Check("a.lua",
        {
            {"os.execute('a')", {"os.execute(a)"}},
            {"local e = os['exe' .. 'cute'] e'a'", {"os.execute(a)"}},
            {"_G['load' .. 'string']'a'", {"loadstring(a)"}},
            {"pcall(os.execute, 'a')", {"os.execute(a)"}},
            {"local s = require 'luci.sys' s.exec('a')", {"luci.sys.exec(a)"}},
            {"require(a)", {"require()"}},
            {"os[a]('b')", {"?(b)"}},
            {"socket.http.request{url = a}", {"socket.http.request()"}},
        });
}

TEST(ScriptCallsTest, SaysWhereArgumentsComeFrom) {
  Check(
      "a.py",
      {
          {"eval(request.args.get('a'))", {"eval() request"}},
          {"c = flask.request.form['a']\nd = 'b' + c\neval(d)",
           {"eval() request"}},
          {"for c in request.args:\n eval(c)", {"eval() request"}},
          {"self.c = request.json\ndef f(self):\n eval(self.c)",
           {"eval() request"}},
          {"eval(os.environ['QUERY_STRING'])", {"eval() request"}},
          {"os.system(cgi.FieldStorage().getvalue('a'))",
           {"os.system() request"}},
          {"exec(zlib.decompress(a))", {"zlib.decompress()", "exec() decoded"}},
          {"exec(__import__('base64').b64decode('YQ=='))",
           {"base64.b64decode(YQ==)", "exec(a) decoded"}},
          {"c = 'a'\nc = request.args['a'] if b else c\neval(c)",
           {"eval() request"}},
          // Harmless, or of another function.
          {"eval(str(int(request.args['a'])))", {"eval()"}},
          {"os.system('a ' + shlex.quote(request.args['a']))", {"os.system()"}},
          {"subprocess.run(['a'], input=request.data)", {"subprocess.run()"}},
          {"def f():\n c = request.args\ndef g(c):\n eval(c)", {"eval()"}},
          {"eval(os.environ['PATH'])", {"eval()"}},
          {"eval(requests.args)", {"eval()"}},
      });
  Check("a.js",
        {
            {"eval(req.query.a)", {"eval() request"}},
            {"const {c} = req.body; eval(c)", {"eval() request"}},
            {"eval(`a${req.params.b}`)", {"eval() request"}},
            {"let c = 'a'; if (b) { c = req.query.c } eval(c)",
             {"eval() request"}},
            {"eval(atob('YQ=='))", {"atob(YQ==)", "eval(a) decoded"}},
            {"eval(Buffer.from(a, 'hex').toString())", {"eval() decoded"}},
            {"eval(Buffer.from(a).toString())", {"eval()"}},
            {"eval(parseInt(req.query.a))", {"eval()"}},
            {"eval('a', () => { f(req.body) })", {"eval(a)"}},
            {"f(req.query.a); eval('b')", {"eval(b)"}},
        });
  Check(
      "a.php",
      {
          {"<?php @eval($_POST['a']);", {"eval() request"}},
          {"<?php $c = $_GET; $c = trim($c['a']); system($c);",
           {"system() request"}},
          {"<?php foreach ($_REQUEST as $k => $v) eval($v);",
           {"eval() request"}},
          {"<?php eval(file_get_contents('php://input'));", {"eval() request"}},
          {"<?php include $_GET['a'];", {"include() request"}},
          {"<?php assert($_COOKIE['a']);", {"assert() request"}},
          {"<?php array_map('assert', $_POST);", {"assert() request"}},
          {"<?php eval(gzinflate(base64_decode('a')));",
           {"base64_decode(a)", "gzinflate() decoded", "eval() decoded"}},
          {"<?php eval(${'_G'.'ET'}['a']);", {"eval() request"}},
          {"<?php system('a ' . (int)$_GET['a']);", {"system()"}},
          {"<?php $a = $_GET['a']; $a = escapeshellarg($a); system($a);",
           {"system()"}},
          {"<?php include 'a.php'; assert($a > 1);", {}},
          {"<?php array_map('trim', $_POST);", {}},
      });
  Check(
      "a.lua",
      {
          {"os.execute('a ' .. luci.http.formvalue('b'))",
           {"os.execute() request"}},
          {"local http = require 'luci.http'\nload(http.formvalue('b'))",
           {"load() request"}},
          {"load(ngx.var.arg_a)", {"load() request"}},
          {"load(os.getenv('QUERY_STRING'))",
           {"os.getenv(QUERY_STRING)", "load() request"}},
          {"load(mime.unb64('YQ=='))", {"mime.unb64(YQ==)", "load(a) decoded"}},
          {"os.execute('a ' .. tonumber(ngx.var.arg_a))", {"os.execute()"}},
          {"load(ngx.var.host)", {"load()"}},
      });
}

TEST(ScriptCallsTest, TellsWhatOtherMachinesSent) {
  Check(
      "a.py",
      {
          {"import requests\nexec(requests.get(u).text)",
           {"requests.get()", "exec() network"}},
          {"import os\nos.system(s.recv(9).decode())", {"os.system() network"}},
          {"import os\nos.popen(b64decode(s.recv(9)))", {"os.popen() network"}},
          {"import os\nos.system('%d' % int(s.recv(9)))", {"os.system()"}},
          {"import subprocess\nsubprocess.run(['a'], input=s.recv(9))",
           {"subprocess.run()"}},
      });
  Check("a.js",
        {
            {"s.on('data', (d) => eval(d))", {"eval() network"}},
            {"s.on('data', function (d) { eval(d); })", {"eval() network"}},
            {"fetch(u).then((r) => eval(r))", {"fetch()", "eval() network"}},
            {"s.on('end', (d) => eval(d))", {"eval()"}},
            {"p.stdout.on('data', (d) => eval(d))", {"eval()"}},
            {"list.forEach((d) => eval(d))", {"eval()"}},
        });
}

// Arguments, results, tables of functions, attributes and handlers carry what
// somebody else has sent.
TEST(ScriptCallsTest, FollowsDataThroughFunctionsAndTables) {
  Check(
      "a.py",
      {
          {"import os\ndef sh(c):\n    os.system(c)\n"
           "def job(t):\n    sh(t['c'])\n"
           "def view(request):\n    job(request.json)\n",
           {"os.system() request"}},
          {"import os\ndef a(x):\n    os.popen(x)\n"
           "OPS = {'a': a, 'b': print}\n"
           "def view(request):\n    "
           "OPS[request.args['o']](request.args['x'])\n",
           {"os.popen() request"}},
          {"import os\nL = [print, os.system]\n"
           "def view(request):\n    L[1](request.args['x'])\n",
           {"os.system() request"}},
          {"import os\n@app.get('/x')\ndef f(cmd: str):\n    os.system(cmd)\n",
           {"os.system() request"}},
          {"import os\n@app.get('/x')\ndef f(n: int):\n    os.system(n)\n",
           {"os.system()"}},
          {"import os\n@cached\ndef f(cmd):\n    os.system(cmd)\n",
           {"os.system()"}},
          {"import os\ndef on_message(client, data, msg):\n"
           "    os.system(msg.payload)\n",
           {"os.system() network"}},
          {"import urllib.request\nclass F:\n    def load(self):\n"
           "        with urllib.request.urlopen(u) as r:\n"
           "            self.code = r.read()\n"
           "    def run(self):\n        exec(self.code)\n",
           {"urllib.request.urlopen()", "exec() network"}},
          {"import ctypes\nlibc = ctypes.CDLL(None)\n"
           "def view(request):\n    libc.system(request.form['v'])\n",
           {"ctypes.system() request"}},
          // Who chooses among constants does not make them.
          {"import os\nT = {'a': 'sync', 'b': 'df'}\n"
           "def view(request):\n    os.system(T[request.args['o']])\n",
           {"os.system()"}},
          // A request that the script makes itself.
          {"import os\nreq = build(url)\nos.system(req.path)", {"os.system()"}},
          {"import os\ndef sh(c):\n    os.system('sync')\n"
           "def view(request):\n    sh(request.json)\n",
           {"os.system(sync)"}},
      });
  Check("a.js",
        {
            {"const {exec: e} = require('child_process');\n"
             "app.post('/x', ({ body }, res) => { e(body.c); });",
             {"child_process.exec() request"}},
            {"app.get('/x', (a, b) => eval(a.query.c))", {"eval() request"}},
            {"const run = (c) => eval(c);\n"
             "app.get('/x', (req, res) => res.send(run(req.query.c)))",
             {"eval() request"}},
            {"const ops = { up() {}, t(a) { eval(a); } };\n"
             "app.get('/x', (req, res) => ops[req.query.o](req.query.a))",
             {"eval() request"}},
            {"socket.on('diag', (d) => eval(d.x))", {"eval() network"}},
            {"socket.on('connect', (d) => eval(d.x))", {"eval()"}},
            {"list.map((a) => eval(a.query))", {"eval()"}},
            {"const req = http.request(o); eval(req.headers)",
             {"http.request()", "eval()"}},
        });
  Check(
      "a.php",
      {
          {"<?php function f($n) { return $_POST[$n]; } system(f('c'));",
           {"system() request"}},
          {"<?php class L { function __construct() { $this->f = 'sys'.'tem'; }"
           " function run($a) { call_user_func($this->f, $a); } }",
           {"system()"}},
          {"<?php system(file_get_contents($_GET['f']));", {"system()"}},
      });
  Check("a.lua",
        {
            {"local ops = {} function ops.t(a) os.execute(a) end\n"
             "local f = ops[name] f(env.QUERY_STRING)",
             {"os.execute() request"}},
            {"c.ON_MESSAGE = function(mid, topic, p) os.execute(p) end",
             {"os.execute() network"}},
            {"c.ON_CONNECT = function(p) os.execute(p) end", {"os.execute()"}},
        });
}

TEST(ScriptCallsTest, TellsWhichSecretsAreSent) {
  Check("a.py",
        {
            {"import os, requests\nrequests.post(u, data=dict(os.environ))",
             {"dict() secrets", "requests.post() secrets"}},
            {"import requests\nrequests.post(u, data=open('/root/.netrc'))",
             {"requests.post() secrets"}},
            {"x = (home / ('.s' + 'sh') / 'key').read_text()",
             {"*.read_text() secrets"}},
            {"import os, requests\nrequests.get(os.environ['HOME'])",
             {"requests.get()"}},
            {"import requests\nrequests.get('/my.netrc.html')",
             {"requests.get(/my.netrc.html)"}},
            {"x = open('/etc/hosts').read()", {}},
        });
  Check("a.js", {
                    {"fetch(u, { body: JSON.stringify(process.env) })",
                     {"JSON.stringify() secrets", "fetch() secrets"}},
                    {"fetch(process.env.HOME)", {"fetch()"}},
                    {"JSON.stringify({ a: process.env.HOME })", {}},
                });
}

TEST(ScriptCallsTest, TellsWhatEmptiesDatabases) {
  Check("a.php",
        {
            {"<?php $db->exec('DROP TABLE x');", {"*.exec(DROP TABLE x)"}},
            {"<?php $db->query(\"DROP TABLE IF EXISTS `$t`\");", {"*.query()"}},
            {"<?php mysqli_query($db, 'TRUNCATE TABLE x');",
             {"mysqli_query(, TRUNCATE TABLE x)"}},
            {"<?php $db->exec('DELETE FROM x WHERE a < 5');", {}},
            {"<?php $db->exec('SELECT 1 -- drop table x');", {}},
        });
  Check("a.py",
        {
            {"db.execute('delete from x')", {"*.execute(delete from x)"}},
            {"db.executescript('BEGIN;DROP TABLE x')",
             {"*.executescript(BEGIN;DROP TABLE x)"}},
            {"pool.execute('drop')", {}},
        });
  Check("a.js",
        {{"db.query('DROP DATABASE x')", {"*.query(DROP DATABASE x)"}}});
  Check("a.lua", {{"con:execute('TRUNCATE x')", {"*.execute(TRUNCATE x)"}}});
}

TEST(ScriptCallsTest, TellsWhereItListens) {
  Check("a.py", {
                    {"import socket\nsocket.create_server(('', 80))",
                     {"socket.create_server()"}},
                    {"s.bind(('127.0.0.1', 80))", {"*.bind(127.0.0.1)"}},
                });
  Check("a.js",
        {
            {"http.listen(80, 'localhost')", {"*.listen(80, localhost)"}},
            {"addEventListener('click', f)", {}},
            {"document.addEventListener('keydown', f)",
             {"document.addEventListener(keydown)"}},
        });
}

TEST(ScriptCallsTest, TakesNothingElseForACall) {
  Check("a.py", {
                    {"# eval('a')\n'eval(b)'\n\"\"\"\neval('c')\n\"\"\"", {}},
                    {"def eval(a): pass\nclass exec(a): pass", {}},
                    {"re.compile('a')\nmodel.eval()\nself.os.system('a')", {}},
                    {"evaluate('a')\nretrieval('a')\n_eval('a')", {}},
                    {"open('a')\nopen('a', 'r')\nimport_module('a')", {}},
                    {"eval\n('a')", {}},
                    {"__import__('os')", {}},
                });
  Check(
      "a.js",
      {
          {"// eval('a')\n/* eval('b') */ 'eval(c)'; `eval(d)`; /eval(e)/", {}},
          {"/a/.exec('b'); re.exec('c'); exec('d'); a.eval('e')", {}},
          {"class A { eval(a) { } }; ({exec(a) { }})", {}},
          {"function eval(a) {}", {}},
          {"require('a'); import('b'); import 'c'", {}},
          {"a.require(b); handlers[a](b)", {}},
      });
  Check("a.php",
        {
            {"eval($a); <b>`a`</b>", {}},
            {"<?php # eval(1)\n// eval(2)\n/* eval(3) */ ?> eval(4)", {}},
            {"<?php 'eval(1)'; \"eval(2)\"; <<<A\neval(3)\nA;", {}},
            {"<?php $a->exec('b'); A::system('c'); $this->eval('d');", {}},
            {"<?php function exec($a) { }", {}},
            {"<?php $this->a = $_GET['a']; $this->a()->b();", {}},
            {"<?php fopen('a', 'r'); preg_replace('/e/', 'a', $b);", {}},
        });
  Check("a.lua", {
                     {"-- load('a')\n--[[ load('b') ]] c = [[load('d')]]", {}},
                     {"function load(a) end local function dofile(a) end", {}},
                     {"a.load('b') a:load('c') require 'd'", {}},
                     {"io.open('a', 'r')", {}},
                 });
}

TEST(ScriptCallsTest, GivesTheCommandsThatAreStarted) {
  struct Started {
    std::string_view path;
    std::string_view text;
    Strings commands;
  };
  const std::vector<Started> cases = {
      {"a.py", "subprocess.run(['a', '-b', c])", {"a -b $c"}},
      {"a.py", "c = ['a', 'b']\nsubprocess.run(c)", {"a b"}},
      {"a.py", "os.system('a | ' + b)", {"a", "$b"}},
      {"a.py",
       "os.execl('/bin/sh', 'sh', '-c', 'a; b')",
       {"/bin/sh -c a; b", "a", "b"}},
      {"a.py", "os.execv('/bin/a', ('a', 'b'))", {"/bin/a b"}},
      {"a.py", "os.system(f'a {b}')", {"a $b"}},
      {"a.py", "subprocess.run(a)", {}},
      {"a.js",
       "require('child_process').spawn('a', ['b', c], {d: 1})",
       {"a b $c"}},
      {"a.js", "require('child_process').execFile('a', done)", {"a"}},
      {"a.php", "<?php exec(\"a {$b['c']} > d\");", {"a $c"}},
      {"a.php", "<?php pcntl_exec('a', ['b']);", {"a b"}},
      {"a.lua", "io.popen(('a %s; b'):format(c))", {"a %s", "b"}},
  };
  for (const Started& one : cases) {
    EXPECT_EQ(Examine(kScripts, one.path, one.text).Values("command"),
              one.commands)
        << one.text;
  }
}

TEST(ScriptCallsTest, PointsAtTheWholeCall) {
  const std::string_view text = "x = [\n  os.system('a' +\n   'b'), 1]";
  const auto seen = Examine(kScripts, "a.py", text);
  ASSERT_EQ(seen.facts.size(), 3U);
  EXPECT_EQ(PlaceText(seen.facts[1], AsBytes(text)),
            "os.system('a' +\n   'b')");
  EXPECT_EQ(seen.facts[1].Attribute("line"), "2");
  EXPECT_EQ(seen.facts[1].Attribute("does"), "process");
  EXPECT_EQ(seen.facts[1].Attribute("language"), "python");
}

TEST(ScriptCallsTest, KeepsToTheLimitAndSaysSo) {
  Limits limits;
  limits.facts = 20;
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "eval(a)\n";
  }
  const auto seen = Examine(kScripts, "a.py", AsBytes(text), {}, limits);
  EXPECT_EQ(seen.facts.size(), 20U);
  EXPECT_EQ(seen.Values("facts.truncated"), Strings{"scripts"});
}

TEST(ScriptCallsTest, BearsHostileNestingAndLength) {
  const std::vector<std::pair<std::string_view, Strings>> cases = {
      {"x.py",
       {"(", "[", "{", "f'{", "'''", "a(", "a=", "def f(", "def f():\n ",
        "'a'+", "a=a+'b'\n", "from a import (", "lambda:", "\\\n", "eval("}},
      {"x.js",
       {"(", "[", "{", "`${", "`", "/", "/[", "a[", "=>{", "()=>{", "'a'+",
        "x='a'+x;", "\\u{", "a.b=req.body;", "import a,", "}", ")", "/*"}},
      {"x.php",
       {"(", "\"{$", "\"$a", "<<<A\n{$ ", "`", "${", "$a[", "?><?php ", "$$",
        "$a.='b';", "function f(", "foreach($a as "}},
      {"x.lua",
       {"(", "{", "[[", "[=", "--[==[", "a{", "a'", "function(", "do ", "if ",
        "a..", "pcall("}},
  };
  for (const auto& [path, parts] : cases) {
    for (const std::string& part : parts) {
      std::string text = path == "x.php" ? "<?php " : "";
      while (text.size() < 200'000) {
        text += part;
      }
      ExpectLawful(Examine(kScripts, path, text), AsBytes(text));
    }
  }
  // Many variables in one string.
  std::string text = "<?php \"";
  while (text.size() < 1'000'000) {
    text += "$a";
  }
  ExpectLawful(Examine(kScripts, "x.php", text), AsBytes(text));
}

TEST(ScriptCallsTest, DamageNeverLeadsOutside) {
  Sweep(kScripts, "x.py", Sample("facts/scripts/calls.py"));
  Sweep(kScripts, "x.js", Sample("facts/scripts/calls.js"));
  Sweep(kScripts, "x.php", Sample("facts/scripts/calls.php"));
  Sweep(kScripts, "x.lua", Sample("facts/scripts/calls.lua"));
}

}  // namespace
}  // namespace assay::facts
