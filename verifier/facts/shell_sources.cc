#include "verifier/facts/shell_sources.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/script_functions.h"
#include "verifier/facts/script_words.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Source = ShellSource;
using Bits = ShellSource::Bits;
using Named = std::pair<std::string_view, Bits>;

bool HoldsAny(std::string_view text,
              std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

bool IsAny(std::string_view text,
           std::initializer_list<std::string_view> others) {
  return std::find(others.begin(), others.end(), text) != others.end();
}

bool AnyWord(const std::vector<std::string>& words, std::size_t from,
             std::initializer_list<std::string_view> parts) {
  return std::any_of(
      words.begin() + static_cast<std::ptrdiff_t>(std::min(from, words.size())),
      words.end(),
      [&](const std::string& word) { return HoldsAny(word, parts); });
}

constexpr Named kPrograms[] = {
    {"hostname", Source::kHost},
    {"hostid", Source::kHost},
    {"dmidecode", Source::kHost},
    {"ifconfig", Source::kHost},
    {"locale", Source::kHost},
    {"geoiplookup", Source::kHost},
    {"timedatectl", Source::kHost},
    {"localectl", Source::kHost},
    {"gpspipe", Source::kPlace},
    {"gpsctl", Source::kPlace},
    {"whoami", Source::kUser},
    {"id", Source::kUser},
    {"logname", Source::kUser},
    {"shuf", Source::kRandom},
    {"jot", Source::kRandom},
    {"curl", Source::kNetwork},
    {"wget", Source::kNetwork},
    {"uclient-fetch", Source::kNetwork},
    {"aria2c", Source::kNetwork},
    {"fetch", Source::kNetwork},
    {"ftpget", Source::kNetwork},
    {"tftp", Source::kNetwork},
    {"nc", Source::kNetwork},
    {"ncat", Source::kNetwork},
    {"netcat", Source::kNetwork},
    {"socat", Source::kNetwork},
    {"telnet", Source::kNetwork},
    {"dig", Source::kNetwork},
    {"nslookup", Source::kNetwork},
    {"host", Source::kNetwork},
    {"drill", Source::kNetwork},
    {"tcpdump", Source::kNetwork},
    {"tshark", Source::kNetwork},
    {"ngrep", Source::kNetwork},
    {"snmpget", Source::kNetwork},
    {"mosquitto_sub", Source::kNetwork | Source::kMessage},
    {"redis-cli", Source::kNetwork},
    {"logread", Source::kMessage},
    {"dmesg", Source::kMessage},
    {"journalctl", Source::kMessage},
    {"gammu", Source::kMessage},
    {"microcom", Source::kMessage},
    {"inotifywait", Source::kFile},
    {"getprop", Source::kSetting},
};

constexpr Named kGateNames[] = {
    {"clock", Source::kClock},        {"hour", Source::kHour},
    {"host", Source::kHost},          {"user", Source::kUser},
    {"random", Source::kRandom},      {"network", Source::kNetwork},
    {"message", Source::kMessage},    {"request", Source::kRequest},
    {"input", Source::kInput},        {"credential", Source::kCredential},
    {"setting", Source::kSetting},    {"placed", Source::kPlaced},
    {"counter", Source::kCounter},    {"startup", Source::kStartup},
    {"place", Source::kPlace},        {"digest", Source::kDigest},
    {"signature", Source::kSignature}};

constexpr Named kTaintNames[] = {
    {"request", Source::kRequest}, {"network", Source::kNetwork},
    {"message", Source::kMessage}, {"input", Source::kInput},
    {"host", Source::kHost},       {"secrets", Source::kSecrets},
    {"setting", Source::kSetting}, {"placed", Source::kPlaced},
    {"decoded", Source::kDecoded}};

template <std::size_t N>
std::string NamesOf(const Named (&known)[N], Bits sources) {
  std::string names;
  for (const auto& [name, bit] : known) {
    if ((sources & bit) != 0) {
      AppendWord(names, name, ",");
    }
  }
  return names;
}

// Identities that settings hold: "wan_mac", "serialno", "hwid".
Bits SourceOfSetting(const std::vector<std::string>& words, std::size_t at) {
  const bool identity =
      AnyWord(words, at + 1,
              {"mac", "ethaddr", "serial", "hwid", "hw_id", "device_id", "imei",
               "zonename", "timezone", "time_zone", "country", "region"});
  return Source::kSetting | (identity ? Source::kHost : Bits{0});
}

// date(1): a day of a year comes once; an hour or a day of the week again.
Bits SourceOfDate(const std::vector<std::string>& words, std::size_t at) {
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool given = word == "-d" || word == "-r" ||
                       word.starts_with("--date") || word == "-s";
    if (given) {
      return i + 1 < words.size() && HoldsAny(words[i + 1], {"now", "day", "$"})
                 ? Source::kClock
                 : Bits{0};
    }
    if (word.starts_with("+")) {
      const bool moment =
          HoldsAny(word, {"%s", "%Y", "%y", "%F", "%j", "%D", "%x", "%G"}) ||
          (HoldsAny(word, {"%m", "%b", "%B"}) && HoldsAny(word, {"%d", "%e"}));
      return moment ? Source::kClock : Source::kHour;
    }
  }
  return Source::kClock;
}

}  // namespace

std::string NamesOfGate(Bits sources) {
  return NamesOf(kGateNames, sources);
}

std::string NamesOfTaint(Bits sources) {
  return NamesOf(kTaintNames, sources);
}

Bits SourceNamed(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kGateNames), std::end(kGateNames),
                   [&](const Named& one) { return one.first == name; });
  return found == std::end(kGateNames) ? Bits{0} : found->second;
}

Bits SourceOfProgram(const std::vector<std::string>& words, std::size_t at) {
  const std::string_view program = BaseName(words[at]);
  if (program == "date") {
    return SourceOfDate(words, at);
  }
  if (IsAny(program, {"nvram", "uci", "fw_printenv", "cfg_get", "envram",
                      "flash_get", "xmldbc", "ubus"})) {
    return SourceOfSetting(words, at);
  }
  if (program == "uname") {
    return AnyWord(words, at + 1, {"n", "a"}) ? Source::kHost : Bits{0};
  }
  if (program == "iw" || program == "iwconfig") {
    return AnyWord(words, at + 1, {"reg"}) ? Source::kHost : Bits{0};
  }
  if (program == "ip" || program == "ethtool") {
    return AnyWord(words, at + 1, {"link", "addr", "-P"}) ? Source::kHost
                                                          : Bits{0};
  }
  if (IsAny(program,
            {"base64", "base32", "xxd", "openssl", "uudecode", "basenc"})) {
    const bool decodes =
        program == "uudecode" ||
        std::any_of(words.begin(), words.end(), [](const std::string& word) {
          return IsAny(word, {"-d", "-D", "--decode", "-r", "-rp", "-di"});
        });
    return decodes ? Source::kDecoded : Bits{0};
  }
  if (program.starts_with("$") &&
      AnyWord(words, at + 1, {"http://", "https://"})) {
    return Source::kNetwork;  // whichever program fetches here
  }
  const bool alone = words.size() == at + 1;
  if (IsAny(program, {"env", "printenv", "set", "export"})) {
    return alone || words.back() == "-p" ? Source::kSecrets : Bits{0};
  }
  if (IsAny(program, {"md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum",
                      "sha224sum", "sha384sum", "b2sum"})) {
    return Source::kDigest;
  }
  const auto* known =
      std::find_if(std::begin(kPrograms), std::end(kPrograms),
                   [&](const Named& one) { return one.first == program; });
  return known == std::end(kPrograms) ? Bits{0} : known->second;
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): a table
Bits SourceOfPath(std::string_view path) {
  Bits sources = 0;
  const bool address =
      HoldsAny(path, {"sys/class/net/"}) && HoldsAny(path, {"/address"});
  if (address ||
      HoldsAny(path, {"etc/machine-id", "etc/hostname", "kernel/hostname",
                      "dmi/id/", "/serial-number", "/serial_number",
                      "etc/serial", "etc/timezone", "etc/localtime", "etc/TZ",
                      "default/locale", "etc/locale", "/serial-nr", "/eth_addr",
                      "/macaddr", "/cmdline_serial"})) {
    sources |= Source::kHost;
  }
  if (NamesSecrets(path) ||
      HoldsAny(path, {"etc/passwd", "wpa_supplicant", "etc/config/wireless",
                      "etc/config/*", "hostapd", "chap-secrets", "pap-secrets",
                      "/etc/ppp", "id_rsa", "id_ed25519", "/environ",
                      "htpasswd", "/nvram", "config.xml"})) {
    sources |= Source::kSecrets;
  }
  if (HoldsAny(path, {"/dev/random", "/dev/urandom"})) {
    sources |= Source::kRandom;
  }
  if (HoldsAny(path, {"/dev/ttyS", "/dev/ttyU", "/dev/ttyA", "/dev/ttyG",
                      "/var/log/", "/var/spool/mail", "/var/mail",
                      "/dev/hidraw", "/dev/input", "/dev/rfcomm"})) {
    sources |= Source::kMessage;
  }
  if (HoldsAny(path, {"/dev/tcp/", "/dev/udp/"})) {
    sources |= Source::kNetwork;
  }
  if (HoldsAny(path, {"/media/", "/mnt/", "/tmp/", "/dev/shm", "/dev/sd"})) {
    sources |= Source::kPlaced;
  }
  if (HoldsAny(path, {"/proc/cmdline"})) {
    sources |= Source::kStartup;
  }
  return sources;
}

Bits SourceOfVariable(std::string_view name) {
  if (IsRequestVariable(name) ||
      IsAny(name,
            {"SSH_ORIGINAL_COMMAND", "PAM_USER", "PAM_RHOST", "REMOTE_USER",
             "REMOTE_ADDR", "SSH_CLIENT", "SSH_CONNECTION", "UDP_PEER"})) {
    return Source::kRequest;
  }
  if (IsAny(name, {"HOSTNAME", "HOST", "TZ", "LANG", "LC_ALL"})) {
    return Source::kHost;
  }
  if (IsAny(name, {"USER", "LOGNAME", "SUDO_USER", "UID", "EUID"})) {
    return Source::kUser;
  }
  if (IsAny(name, {"RANDOM", "SRANDOM"})) {
    return Source::kRandom;
  }
  if (IsAny(name, {"EPOCHSECONDS", "EPOCHREALTIME"})) {
    return Source::kClock;
  }
  const bool credential = !IsAny(name, {"PWD", "OLDPWD", "pwd"}) &&
                          (CredentialOf(name) & ScriptSource::kCredential) != 0;
  return credential ? Source::kCredential : Bits{0};
}

bool Hushes(std::string_view program) {
  return IsAny(program, {"wc",     "test",  "[",     "[[",     "true",  "false",
                         "rm",     "mkdir", "cd",    "chmod",  "chown", "mv",
                         "cp",     "touch", "kill",  "sleep",  "ls",    "ln",
                         "logger", "sync",  "mount", "umount", "case"});
}

bool ReadsFiles(std::string_view program) {
  return !Hushes(program) &&
         !IsAny(program,
                {"echo", "printf", "[", "find", "which", "stat", "basename",
                 "dirname", "readlink", "local", "export"});
}

Bits CheckedBy(const std::vector<std::string>& words, std::size_t at) {
  const std::string_view program = BaseName(words[at]);
  if (IsAny(program,
            {"gpgv", "gpgv2", "sqv", "fwtool", "ucert", "signify-openbsd"})) {
    return Source::kSignature;
  }
  if (program == "gpg" || program == "gpg2" || program == "openssl" ||
      program == "cosign" || program == "sq" || program == "veritysetup" ||
      program == "apt-key" || program == "rpm" || program == "rpmkeys") {
    return AnyWord(words, at + 1, {"verify", "-K", "checksig", "-vfy"})
               ? Source::kSignature
               : Bits{0};
  }
  if (program == "usign" || program == "minisign" || program == "signify") {
    return AnyWord(words, at + 1, {"-V", "-Vm"}) ? Source::kSignature : Bits{0};
  }
  const bool sums = program.ends_with("sum");
  if (sums && AnyWord(words, at + 1, {"-c", "--check", "-sc"})) {
    return Source::kDigest;
  }
  return 0;
}

}  // namespace assay::facts
