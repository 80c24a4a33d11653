// What configuration files set, in whatever syntax: names and values, and
// which of them are secrets that the product brings along.

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/setting_reader.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxSettingFile = 1UL << 20U;
constexpr std::uint64_t kMaxFacts = 4000;

constexpr std::array<std::string_view, 23> kEndings = {
    ".conf",     ".cfg",     ".cnf",    ".ini",          ".properties", ".env",
    ".defaults", ".default", ".config", ".xml",          ".json",       ".yml",
    ".yaml",     ".toml",    ".plist",  ".uci",          ".nvram",      ".prop",
    ".service",  ".policy",  ".ovpn",   ".mobileconfig", ".htaccess"};

// Folders whose files are settings whatever their names.
constexpr std::array<std::string_view, 5> kFolders = {"etc", "config", "conf.d",
                                                      "defaults", "nvram"};

bool LiesAmongSettings(std::string_view path) {
  for (std::string_view folder = Folder(path); !folder.empty();
       folder = Folder(folder)) {
    if (std::find(kFolders.begin(), kFolders.end(), BaseName(folder)) !=
        kFolders.end()) {
      return true;
    }
  }
  return false;
}

bool IsNamedLikeSettings(std::string_view base) {
  const auto ends = [&](std::string_view end) { return base.ends_with(end); };
  return std::any_of(kEndings.begin(), kEndings.end(), ends) ||
         (base.size() > 3 && base[0] == '.' && base.ends_with("rc"));
}

// Scripts, lists of keys and the like have analyses of their own.
bool IsOther(std::string_view text) {
  return text.starts_with("#!") || text.starts_with("-----BEGIN ");
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Only letters and digits: "wpa-passphrase", "WpaPassphrase" and
// "wpa_passphrase" are one name.
std::string Folded(std::string_view key) {
  std::string folded;
  for (const char c : key) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      folded += c;
    }
  }
  return folded;
}

bool NamesSecret(std::string_view folded) {
  // Settings about secrets are none: policies, prompts, places.
  for (const std::string_view about :
       {"file", "path", "policy", "prompt", "change", "field", "type", "regex",
        "hint", "label", "command", "cmd", "url", "algo", "format", "attr"}) {
    if (Contains(folded, about)) {
      return false;
    }
  }
  for (const std::string_view end :
       {"password", "passwd", "passphrase", "secret", "psk", "apikey",
        "accesskey", "authtoken", "accesstoken", "requirepass", "masterauth",
        "sharedkey", "presharedkey", "wpakey", "userpass", "pwd"}) {
    if (folded.ends_with(end)) {
      return true;
    }
  }
  return folded == "pass" || folded == "pin" || folded == "token";
}

bool NamesLogin(std::string_view folded) {
  return folded == "user" || folded == "username" || folded == "login" ||
         folded == "loginname" || folded == "account" || folded == "name" ||
         folded == "userid" || folded.ends_with("username");
}

// A password in the form in which systems keep it: crypt(5), RFC 2307.
bool IsStored(std::string_view value) {
  for (const std::string_view start :
       {"$1$", "$5$", "$6$", "$2a$", "$2b$", "$2y$", "$y$", "$7$", "$apr1$",
        "$argon2", "$pbkdf2", "{SSHA", "{SHA"}) {
    if (value.starts_with(start) && value.size() > start.size() + 8) {
      return true;
    }
  }
  return false;
}

// What somebody still has to fill in, or that something else fills in.
bool IsPlaceholder(std::string_view value) {
  const std::string small = Lower(value);
  if (value.find_first_of("$%<>{}@ \t") != std::string_view::npos ||
      value[0] == '/' || value[0] == '*' || value[0] == '!' ||
      Contains(small, "://")) {
    return true;
  }
  for (const std::string_view word :
       {"none",    "null",    "nil",      "true",     "false",    "yes",
        "no",      "on",      "off",      "required", "optional", "disabled",
        "enabled", "plain",   "prompt",   "ask",      "xxx",      "auto",
        "random",  "default", "password", "secret",   "string"}) {
    if (small == word) {
      return true;
    }
  }
  return value.find_first_not_of(value[0]) == std::string_view::npos;
}

bool IsSecret(const Setting& setting) {
  return setting.value.size() >= 4 && setting.value.size() <= 256 &&
         NamesSecret(Folded(setting.key)) &&
         (IsStored(setting.value) || !IsPlaceholder(setting.value));
}

// `all`: not only the secrets among them; `secrets`: there may be some.
void Write(const SettingList& list, bool all, bool secrets, FactWriter& facts) {
  std::map<std::uint32_t, std::string> logins;  // of each group, the first
  for (const Setting& setting : list.all()) {
    if (NamesLogin(Folded(setting.key))) {
      logins.emplace(setting.group, setting.value);
    }
  }
  for (const Setting& setting : list.all()) {
    const bool secret = secrets && IsSecret(setting);
    if (!secret && !all) {
      continue;
    }
    const auto login = logins.find(setting.group);
    facts.Add({.kind = "setting",
               .value = setting.value,
               .attributes = {{"key", setting.key},
                              {"section", setting.section},
                              {"secret", secret ? "yes" : ""},
                              {"login", secret && login != logins.end()
                                            ? login->second
                                            : std::string()}},
               .place = setting.place});
  }
}

enum class Syntax { kLines, kJson, kXml };

Syntax SyntaxOf(std::string_view base, std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const char mark = first == std::string_view::npos ? '\0' : text[first];
  if (mark == '<' && (base.ends_with(".xml") || base.ends_with(".plist") ||
                      text.substr(first, 5) == "<?xml")) {
    return Syntax::kXml;
  }
  return mark == '{' || base.ends_with(".json") ? Syntax::kJson
                                                : Syntax::kLines;
}

void Read(Syntax syntax, std::string_view text, SettingList& list) {
  if (syntax == Syntax::kXml) {
    ReadSettingXml(text, list);
  } else if (syntax == Syntax::kJson) {
    ReadSettingJson(text, list);
  } else {
    ReadSettingLines(text, list);
  }
}

// Never says that it understood the file: it knows no program's grammar.
bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = PathOf(subject.artifact);
  const std::string base = Lower(BaseName(path));
  const bool among = LiesAmongSettings(path);
  if (subject.content.empty() || subject.content.size() > kMaxSettingFile ||
      (!among && !IsNamedLikeSettings(base)) || !IsText(subject.content) ||
      IsOther(AsText(subject.content))) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  const Syntax syntax = SyntaxOf(base, text);
  SettingList list;
  Read(syntax, text, list);
  FactWriter facts("settings", subject, into, kMaxFacts);
  // Data in JSON and XML lies everywhere, and in masses.
  // What nsswitch.conf names "passwd" is a database, not a password.
  Write(list, among || syntax == Syntax::kLines, base != "nsswitch.conf",
        facts);
  if (list.full()) {
    facts.Truncate();
  }
  return false;
}

}  // namespace

const Analysis kSettings = {
    .name = "settings",
    .title = "Settings of configuration files",
    .examine = Examine,
};

}  // namespace assay::facts
