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
