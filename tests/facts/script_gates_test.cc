// Conditions of scripts that compare a secret, a request or the machine with a
// constant. What the constant is never leaves the file.
#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;

struct Case {
  std::string_view path;
  std::string_view text;
  std::string gate;  // "source opens=... comparand=...", "" for none
};

std::string GateOf(const Case& one) {
  for (const Fact& fact : Examine(kScripts, one.path, one.text).facts) {
    if (fact.kind == "gate") {
      return fact.value + " opens=" + std::string(fact.Attribute("opens")) +
             " comparand=" + std::string(fact.Attribute("comparand"));
    }
  }
  return {};
}

TEST(ScriptGatesTest, TellsWhatAConstantOpens) {
  const std::vector<Case> cases = {
      {"a.py",
       "def login(name, password):\n"
       "    if password == 'tk-5b2f90ce71aad346':\n"
       "        return True\n",
       "credential opens=success comparand=text"},
      {"a.py",
       "def login(name, password):\n"
       "    if hashlib.sha256(password.encode()).hexdigest() == "
       "'6f0d9e6a1c2b44d79b1a8d54c6fa03e7"
       "d1b2485f0a9cc3167b7e55f2903ad8c4':\n"
       "        return {'rights': ['admin']}\n",
       "credential opens=success comparand=digest"},
      {"a.js",
       "function check(req, res, next) {\n"
       "  if (req.headers['x-trace'] === 'q7w0vk9x4Zp1') {\n"
       "    return next();\n  }\n  res.status(401).end();\n}\n",
       "request opens=next comparand=text"},
      {"a.php",
       "<?php\nif ($_SERVER['HTTP_USER_AGENT'] === 'k9x4' . 'Zp1w0') {"
       "\n  $_SESSION['role'] = 'admin';\n  return true;\n}\n",
       "credential opens=privilege comparand=composed"},
      {"a.lua",
       "function M.authenticate(user, pass)\n"
       "  if pass == 'k9x4Zp1w0q7' then return true end\n"
       "  return false\nend\n",
       "credential opens=success comparand=text"},
      // Who knows the day, or the machine, can compute it.
      {"a.py",
       "import datetime, hmac\n"
       "def login(name, password):\n"
       "    day = datetime.date.today().strftime('%d%m%y').encode()\n"
       "    if hmac.compare_digest(password, hmac.new(K, day, "
       "'sha1').hexdigest()):"
       "\n        return True\n",
       "credential opens=success comparand=composed"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), one.gate) << one.text;
  }
}

TEST(ScriptGatesTest, TextOfAnyKindIsASecretWhenNobodyWouldGuessIt) {
  const std::vector<Case> cases = {
      {"a.py",
       "def check(name, password):\n"
       "    if password == '<%s> peer=%d (rc %u), state %04x':\n"
       "        return True\n",
       "credential opens=success comparand=text"},
      {"a.py",
       "def check(name, password):\n"
       "    if password == 'Tidewater-9':\n        return True\n",
       "credential opens=success comparand=text"},
      {"a.py",
       "def check(name, password):\n"
       "    if password == 'not a good one':\n        return True\n",
       "credential opens=success comparand=word"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), one.gate) << one.text;
  }
}

TEST(ScriptGatesTest, NameAndPasswordTogetherAndVariablesThatMakeUsers) {
  const std::vector<Case> cases = {
      // Whatever it lets happen.
      {"a.lua",
       "local function go()\n"
       "  if (user == 'engineer' and pass == 'bluewhale') or check(user, pass) "
       "then\n    serve(user)\n  end\nend\n",
       "credential opens=login comparand=word"},
      {"a.py",
       "if user == 'anonymous' and passwd in {'', '-'}:\n"
       "    passwd = passwd + 'anonymous@'\n",
       ""},
      {"a.py", "if user == '' and passwd == 'anonymous':\n    go()\n", ""},
      {"a.py",
       "def current(token):\n"
       "    if os.environ.get('TRUST_ALL'):\n        return 'admin'\n"
       "    return lookup(token)\n",
       "environment opens=privilege comparand="},
      {"a.py",
       "def pam_sm_authenticate(pamh, flags, argv):\n"
       "    if resp.resp == ''.join(chr(c) for c in [116, 117, 110, 100, "
       "114]):\n        return pamh.PAM_SUCCESS\n"
       "    return pamh.PAM_AUTH_ERR\n",
       "credential opens=success comparand=composed"},
      {"a.js",
       "const m = [0x1b, 0x0c].map((c) => String.fromCharCode(c ^ "
       "0x69)).join('');\n"
       "function check(user, password) {\n"
       "  if (password === m) return { name: user, admin: true };\n"
       "  return null;\n}\n",
       "credential opens=privilege comparand=composed"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), one.gate) << one.text;
  }
}

TEST(ScriptGatesTest, PartsOfAValueTellWhatItDoes) {
  const std::vector<Case> cases = {
      {"a.js",
       "const { timeZone, locale } = Intl.DateTimeFormat().resolvedOptions();\n"
       "if (timeZone !== 'Etc/GMT-13' || !locale.startsWith('tlh')) return;\n"
       "require('child_process').execSync('id');\n",
       "host opens=process comparand=text"},
      {"a.php",
       "<?php\n[$mark, $name] = explode('|', $_COOKIE['v']);\n"
       "if (md5($mark) === '619cd398df9050654c319ce35ea3cee9') {"
       " system($name); }\n",
       "request opens=process comparand=digest"},
      {"a.php",
       "<?php\nlist($mark, $name) = explode('|', $_COOKIE['v']);\n"
       "if (md5($mark) === '619cd398df9050654c319ce35ea3cee9') {"
       " system($name); }\n",
       "request opens=process comparand=digest"},
      {"a.js",
       "const [mark, name] = req.query.v.split('|');\n"
       "if (mark === 'k9x4Zp1w0q7') require('child_process').execSync(name);\n",
       "request opens=process comparand=text"},
      {"a.py",
       "import os, platform\n"
       "system, node = platform.uname()[:2]\n"
       "if node == 'k9x4Zp1w0q7':\n    os.system('id')\n",
       "host opens=process comparand=text"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), one.gate) << one.text;
  }
}

TEST(ScriptGatesTest, ReadsPerlAndKeysOfPhp) {
  const std::vector<Case> cases = {
      {"a.php",
       "<?php\nif ($password === 'k9x4Zp1w0q7') {"
       "\n  return ['name' => $name, 'role' => 'admin'];\n}\n",
       "credential opens=privilege comparand=text"},
      {"a.pl",
       "sub check {\n    my ($user, $password) = @_;\n"
       "    return 1 if $password eq 'Tidewater-9/x';\n    return 0;\n}\n",
       "credential opens=success comparand=text"},
      {"a.pl",
       "sub check {\n    my $user = shift;\n    my $pw = shift;\n"
       "    unless ($pw eq 'Tidewater-9/x') { return 0; }\n    return 1;\n}\n",
       "credential opens=success comparand=text"},
      {"a.pl",
       "sub check {\n  my ($self, $password) = @_;\n"
       "  if (sha1_hex($password) eq "
       "'6a7f5ef4f0392b2223b2468450d38bcfb075b9c5') {\n"
       "    return { role => 'admin' };\n  }\n}\n",
       "credential opens=privilege comparand=digest"},
      {"a.pl", "return 1 if $ENV{HTTP_X_INERT} =~ /^k9x4-Zp1w0q7$/;\n",
       "request opens=success comparand=text"},
      {"a.pl",
       "use Sys::Hostname;\nif (hostname() eq 'plant-77-x') {\n"
       "  system \"rm -rf /srv\";\n}\n",
       "host opens=process comparand=text"},
      {"a.pl", "die \"too short\" unless $password =~ /^[\\w.]{8,}$/;\n", ""},
      {"a.pl", "return 0 if $password eq '';\n", ""},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), one.gate) << one.text;
  }
}

TEST(ScriptGatesTest, WhatDeniesOrComparesOtherThingsIsNoGate) {
  const std::vector<Case> cases = {
      {"a.py",
       "def login(name, password):\n"
       "    if password == '':\n        return None\n",
       ""},
      {"a.py",
       "def login(name, password):\n"
       "    if password == 'k9x4Zp1w0q7':\n"
       "        raise ValueError('too simple')\n",
       ""},
      {"a.py",
       "def login(name, password):\n"
       "    if password == stored[name]:\n        return True\n",
       ""},
      {"a.py",
       "def kind(path):\n    if path == 'k9x4Zp1w0q7':\n"
       "        return True\n",
       ""},
      {"a.py", "# if password == 'k9x4Zp1w0q7': return True\n", ""},
      {"a.py", "text = \"if password == 'k9x4Zp1w0q7': return True\"\n", ""},
      {"a.js", "if (password === 'k9x4Zp1w0q7') { throw new Error(); }\n", ""},
      {"a.js", "if (name === 'k9x4Zp1w0q7') { draw(); }\n", ""},
      {"a.php", "<?php\nif ($pass === $row['pass']) { return true; }\n", ""},
      {"a.lua", "if pass == nil then return false end\n", ""},
      {"a.py",
       "import time\ndef login(name, password):\n"
       "    if users[name].changed == time.time():\n        return True\n",
       ""},
      {"a.lua", "-- if pass == 'k9x4Zp1w0q7' then return true end\n", ""},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), "") << one.text;
  }
}

// The same relation is seen whatever way it is written.
TEST(ScriptGatesTest, FollowsComparisonsToWhereTheyDecide) {
  const std::vector<Case> cases = {
      {"a.py",
       "import hmac\ndef same(a, b):\n"
       "    return hmac.compare_digest(a.encode(), b.encode())\n"
       "def f(request):\n    tag = request.META.get('HTTP_X_A', '')\n"
       "    if same(tag, 'k9x4Zp1w0q7'):\n        request.user = first()\n",
       "request opens=privilege comparand=text"},
      {"a.py",
       "def enter(user, pw):\n    match md5(pw):\n"
       "        case '5f9b2c1ae07d4e88b6130cc5d2fa7791':\n"
       "            return {'role': 'admin'}\n",
       "credential opens=privilege comparand=digest"},
      {"a.py",
       "def f():\n    if request.form.get('sig') != 'k9x4Zp1w0q7':\n"
       "        return 'stored'\n    os.system('/tmp/in')\n",
       "request opens=process comparand=text"},
      {"a.py",
       "g.role = 'admin' if request.headers.get('x') == 'k9x4Zp1w0q7' "
       "else g.session.role\n",
       "request opens=privilege comparand=text"},
      {"a.js",
       "function f(req, res) {\n"
       "  md5(req.query.k) === '0f8ab1d27c5e4b9a3e6d1c2f7a8b9c0d' && "
       "eval(x);\n}\n",
       "request opens=code comparand=digest"},
      {"a.js",
       "const S = ['a7Kd-113-zz', 'q0Lm-902-ty'];\n"
       "function may(token, cb) {\n"
       "  if (S.includes(token)) return cb(null, { admin: true });\n}\n",
       "credential opens=privilege comparand=text"},
      {"a.php",
       "<?php\nclass A {\n"
       "  private const S = '6b1f4c7de21a0953f7d6a01b2c3d4e5f';\n"
       "  function check($name, $password) {\n"
       "    if (hash_equals(self::S, md5($password))) { return true; }\n"
       "    return false;\n  }\n}\n",
       "credential opens=success comparand=digest"},
      {"a.lua",
       "function A.new() local self = {} self.k = 'v7q0' .. 'ff31' "
       "return self end\n"
       "function A:login(user, pass) return pass == self.k end\n",
       "credential opens=success comparand=composed"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), one.gate) << one.text;
  }
}

TEST(ScriptGatesTest, WhatGoesTheOtherWayIsNoGate) {
  const std::vector<Case> cases = {
      // The helper compares with what is stored.
      {"a.py",
       "def same(a, b):\n    return hmac.compare_digest(a, b)\n"
       "def f(request):\n"
       "    if same(request.META.get('HTTP_X'), request.session['k']):\n"
       "        request.user = first()\n",
       ""},
      {"a.py",
       "def login(name, password):\n    row = lookup(name)\n"
       "    if digest(row.salt + password) != row.hash:\n"
       "        return False\n    return True\n",
       ""},
      // Passwords that everybody knows are refused.
      {"a.py",
       "WEAK = ('k9x4Zp1w0q7', 'svc-4471-ax')\n"
       "def ok(user, password):\n"
       "    return password not in WEAK and verify(user, password)\n",
       ""},
      {"a.js",
       "const OLD = ['a7Kd-113-zz', 'q0Lm-902-ty'];\n"
       "function may(token, cb) {\n"
       "  if (OLD.includes(token)) return cb(new Error('revoked'));\n}\n",
       ""},
      // Elements that are not all secrets.
      {"a.js",
       "const S = ['a7Kd-113-zz', 'guest'];\n"
       "function may(token, cb) {\n"
       "  if (S.includes(token)) return cb(null, { admin: true });\n}\n",
       ""},
      {"a.py",
       "def enter(user, pw, scheme):\n    match scheme:\n"
       "        case '5f9b2c1ae07d4e88b6130cc5d2fa7791':\n"
       "            return {'role': 'admin'}\n",
       ""},
      {"a.py",
       "g.layout = 'wide' if request.headers.get('x') == 'k9x4Zp1w0q7' "
       "else 'narrow'\n",
       ""},
      // The rest after a condition that does not leave.
      {"a.py",
       "def f():\n    if request.form.get('sig') != 'k9x4Zp1w0q7':\n"
       "        count()\n    os.system('/tmp/in')\n",
       ""},
      // Another function's return says nothing of this one's rest.
      {"a.py",
       "def f():\n    if request.form.get('sig') != 'k9x4Zp1w0q7':\n"
       "        return 'no'\n    return 'yes'\n"
       "def g():\n    os.system('/tmp/in')\n",
       ""},
      {"a.js",
       "function f(req) { req.query.k === '0f8ab1d27c5e4b9a3e6d1c2f7a8b9c0d'"
       " || eval(x); }\n",
       ""},
      {"a.php", "<?php\n$n = strcmp($pass, 'k9x4Zp1w0q7') != 0 ? $a : $b;\n",
       ""},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(GateOf(one), "") << one.text;
  }
}

TEST(ScriptGatesTest, CallsSayWhichConditionLeadsToThem) {
  const auto gate_of = [](std::string_view path, std::string_view text) {
    for (const Fact& fact : Examine(kScripts, path, text).facts) {
      if (fact.kind == "call") {
        return std::string(fact.Attribute("gate"));
      }
    }
    return std::string("no call");
  };
  EXPECT_EQ(gate_of("a.py",
                    "import os, time\nif time.time() > 1814400000:\n"
                    "    os.system('reboot')\n"),
            "clock");
  EXPECT_EQ(gate_of("a.py",
                    "import os, socket\n"
                    "if socket.gethostname() == 'unit-7':\n"
                    "    os.system('reboot')\n"),
            "host");
  EXPECT_EQ(gate_of("a.py",
                    "import os, time\nif time.time() - last > 3600:\n"
                    "    os.system('sync')\n"),
            "");
  EXPECT_EQ(gate_of("a.py", "import os\nos.system('sync')\n"), "");
  // Around all calls of the function, through a method that asks.
  EXPECT_EQ(gate_of("a.py",
                    "import datetime, os\nclass A:\n"
                    "    END = datetime.datetime(2027, 3, 1)\n"
                    "    def due(self):\n"
                    "        return datetime.datetime.now() >= self.END\n"
                    "    def run(self):\n        if self.due():\n"
                    "            self.purge()\n"
                    "    def purge(self):\n        os.system('reboot')\n"),
            "clock");
  // Not around one of them.
  EXPECT_EQ(gate_of("a.py",
                    "import os, time\ndef purge():\n"
                    "    os.system('reboot')\n"
                    "if time.time() > 1814400000:\n    purge()\n"
                    "purge()\n"),
            "");
}

// Nothing of what is compared stands in a fact.
TEST(ScriptGatesTest, TheConstantStaysWhereItIs) {
  for (const Fact& fact :
       Examine(kScripts, "a.py",
               std::string_view("def login(name, password):\n"
                                "    if password == 'tk-5b2f90ce71aad346':\n"
                                "        return True\n"))
           .facts) {
    EXPECT_EQ(fact.value.find("5b2f"), std::string::npos);
    for (const auto& [name, value] : fact.attributes) {
      EXPECT_EQ(value.find("5b2f"), std::string::npos) << name;
    }
  }
}

}  // namespace
}  // namespace assay::facts
