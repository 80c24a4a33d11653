#include "verifier/facts/shell_effects.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <span>

#include "verifier/base/text.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/shell_runs.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Parts = std::initializer_list<std::string_view>;
using WordList = std::span<const std::string>;

bool Holds(std::string_view text, Parts parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}
bool Begins(std::string_view text, Parts parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.starts_with(part);
  });
}
bool AnyIs(WordList words, Parts others) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return Is(word, others); });
}
bool AnyHolds(WordList words, Parts parts) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return Holds(word, parts);
  });
}
bool AnyBegins(WordList words, Parts parts) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return Begins(word, parts);
  });
}
bool AnyOption(WordList words, char letter) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return HasShortOption(word, letter);
  });
}

bool IsDevice(std::string_view path) {
  return Holds(path, {"/dev/mtd", "/dev/sd", "/dev/hd", "/dev/vd",
                      "/dev/mmcblk", "/dev/nvme", "/dev/ubi", "/dev/disk/",
                      "/dev/mapper/", "/dev/block/", "/dev/$"});
}

// A folder of the system or of its users, not one for what is temporary.
bool IsOfWorth(std::string_view path) {
  if (Begins(path, {"~", "$HOME", "${HOME", "$root", "$ROOT"})) {
    return true;
  }
  const std::string whole = std::string(path) + "/";
  return path.starts_with('/') &&
         !Begins(whole, {"/tmp/", "/var/tmp/", "/run/", "/var/run/",
                         "/var/cache/", "/var/lock/", "/dev/shm/", "/dev/null/",
                         "/proc/", "/sys/"}) &&
         !Holds(path, {"/tmp/", "/tmp.", "/cache", "/.cache"});
}

// A place whose files make the system, by its first steps.
bool IsOfSystem(std::string_view path) {
  return path == "/" || Begins(path, {"/etc", "/bin", "/sbin", "/lib", "/usr",
                                      "/boot", "/opt", "/root", "/*"});
}

bool RemovesMuch(WordList words) {
  const bool deep = AnyOption(words, 'r') || AnyOption(words, 'R') ||
                    AnyIs(words, {"--recursive"});
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    const std::size_t star = word.find('*');
    return IsOfWorth(word) &&
           (deep || (star != std::string::npos && star + 1 == word.size() &&
                     star > 0 && word[star - 1] == '/'));
  });
}

bool Destroys(std::string_view program, WordList words) {
  if (program == "rm") {
    return RemovesMuch(words);
  }
  if (program == "find") {
    return AnyBegins(words, {"/"}) &&
           (AnyIs(words, {"-delete", "rm", "shred", "unlink"})) &&
           !AnyIs(words, {"-mtime", "-mmin", "-atime", "-empty", "-ctime",
                          "-newer", "-lname", "-xtype", "-amin"}) &&
           std::any_of(words.begin(), words.end(), IsOfWorth);
  }
  if (program == "dd") {
    return std::any_of(words.begin(), words.end(),
                       [](const std::string& word) {
                         return word.starts_with("of=") && IsDevice(word);
                       }) &&
           AnyHolds(words,
                    {"if=/dev/zero", "if=/dev/urandom", "if=/dev/random"});
  }
  if (program == "mtd" || program == "mtd_debug") {
    return AnyIs(words, {"erase"});
  }
  if (program == "sqlite3" || program == "mysql" || program == "psql") {
    return AnyHolds(
        words, {"DROP ", "drop ", "DELETE FROM", "delete from", "TRUNCATE "});
  }
  if (program == "truncate" || program == "chmod") {
    const bool empties =
        program == "truncate" || AnyIs(words, {"000", "0", "0000", "a-rwx"});
    return empties && std::any_of(words.begin(), words.end(), IsOfWorth);
  }
  if (program == "cp" || program == "cat") {
    return AnyIs(words, {"/dev/zero", "/dev/urandom"}) &&
           std::any_of(words.begin(), words.end(), IsDevice);
  }
  return program.starts_with("mkfs") || program.starts_with("flash_erase") ||
         program.starts_with("ubirmvol") ||
         Is(program, {"wipefs", "blkdiscard", "shred", "flash_eraseall",
                      "ubidetach", "sgdisk", "nand_erase", "jffs2reset",
                      "firstboot", "mke2fs", "ubiformat"});
}

bool Stops(std::string_view program, WordList words) {
  if (Is(program, {"reboot", "halt", "poweroff", "shutdown"})) {
    return true;
  }
  if (program == "init" || program == "telinit") {
    return AnyIs(words, {"0", "6"});
  }
  if (program == "kill" || program == "killall5") {
    return AnyIs(words, {"-1"}) && AnyIs(words, {"-9", "-KILL"});
  }
  return program == "systemctl" &&
         AnyIs(words, {"poweroff", "reboot", "halt", "kexec", "emergency"});
}

const Parts kGuards = {"firewall", "auditd", "rsyslog",  "syslog",   "fail2ban",
                       "apparmor", "ufw",    "nftables", "iptables", "clamav",
                       "selinux",  "klogd",  "journald", "snort",    "suricata",
                       "watchdog", "aide",   "tripwire", "ossec",    "logd"};
const Parts kDoors = {"telnet", "dropbear", "sshd", "ssh.",  "ssh",
                      "adbd",   "vnc",      "ftpd", "rlogin"};

bool EndsService(WordList words) {
  return AnyIs(words, {"stop", "disable", "mask", "kill"});
}

bool Disables(std::string_view program, std::string_view path, WordList words) {
  if (program == "iptables" || program == "ip6tables") {
    return (AnyIs(words, {"-F", "--flush", "-X"}) && words.size() < 4) ||
           (AnyIs(words, {"-P", "--policy"}) && AnyIs(words, {"ACCEPT"}) &&
            AnyIs(words, {"INPUT", "FORWARD"}));
  }
  if (program == "nft") {
    return AnyIs(words, {"flush"}) && AnyIs(words, {"ruleset"});
  }
  if (program == "systemctl" || program == "service" ||
      program == "rc-service" || program == "update-rc.d" ||
      path.find("init.d/") != std::string_view::npos) {
    return EndsService(words) &&
           (AnyHolds(words, kGuards) || Holds(program, kGuards));
  }
  if (Is(program, {"killall", "pkill"})) {
    return AnyHolds(words, kGuards);
  }
  return (program == "ufw" && AnyIs(words, {"disable", "reset"})) ||
         (program == "setenforce" && AnyIs(words, {"0", "Permissive"})) ||
         (program == "auditctl" && AnyIs(words, {"-D", "-e"})) ||
         Is(program, {"aa-teardown", "aa-disable"});
}

bool Opens(std::string_view program, std::string_view path, WordList words) {
  if (Is(program, {"telnetd", "utelnetd", "dropbear", "sshd", "adbd",
                   "in.telnetd", "gdbserver", "tcpsvd", "rshd", "x11vnc"})) {
    return true;
  }
  if (Is(program, {"nc", "ncat", "netcat", "socat"})) {
    return AnyOption(words, 'e') || AnyOption(words, 'c') ||
           AnyOption(words, 'l') ||
           AnyHolds(words, {"LISTEN", "EXEC:", "SYSTEM:", "listen:", "exec:"});
  }
  if (Is(program, {"iptables", "ip6tables"})) {
    return AnyIs(words, {"ACCEPT", "DNAT", "REDIRECT"}) &&
           AnyIs(words, {"-A", "-I", "--append", "--insert"}) &&
           !AnyIs(words, {"OUTPUT", "lo", "POSTROUTING"}) &&
           !AnyHolds(words, {"ESTABLISHED", "RELATED"});
  }
  if (program == "nft") {
    return AnyIs(words, {"add", "insert"}) && AnyHolds(words, {"accept"});
  }
  if (program == "ufw") {
    return AnyIs(words, {"allow"});
  }
  if (program == "ssh" || program == "autossh" || program == "dbclient") {
    return AnyOption(words, 'R');
  }
  const bool starts = AnyIs(words, {"start", "restart", "enable"});
  if (program == "systemctl" || program == "service") {
    return starts && AnyBegins(words, kDoors);
  }
  return starts && path.find("init.d/") != std::string_view::npos &&
         Holds(program, kDoors);
}

const Parts kAccountFiles = {
    "etc/passwd", "etc/shadow",        "authorized_keys",  "etc/sudoers",
    "etc/group",  "etc/ld.so.preload", "dropbear/authori", "etc/inetd.conf"};

bool Grants(std::string_view program, WordList words) {
  const bool locks = AnyIs(words, {"-l", "-L", "--lock"}) &&
                     Is(program, {"passwd", "usermod"}) && words.size() < 4;
  if (locks) {
    return false;
  }
  if (Is(program, {"useradd", "adduser", "usermod", "chpasswd", "passwd",
                   "setcap", "visudo", "smbpasswd"})) {
    return words.size() > 1;
  }
  if (program == "chmod") {
    return AnyIs(words, {"u+s", "+s", "4755", "4777", "04755", "4711", "ug+s",
                         "6755", "g+s", "a+s"});
  }
  if (program == "sed") {
    return AnyOption(words, 'i') && AnyHolds(words, kAccountFiles);
  }
  return Is(program, {"cp", "mv", "install", "tee"}) && words.size() > 1 &&
         Holds(words.back(), kAccountFiles);
}

bool HasUrl(WordList words) {
  return AnyBegins(words, {"http://", "https://", "ftp://"});
}

bool Installs(std::string_view program, WordList words) {
  if (Is(program,
         {"sysupgrade", "flashcp", "nandwrite", "fw_update", "ubiupdatevol",
          "fwupdate", "mcuupdate", "flashrom", "swupdate", "rauc"})) {
    return true;
  }
  if (program == "mtd" || program == "mtd_write") {
    return AnyIs(words, {"write"}) || program == "mtd_write";
  }
  if (Is(program, {"dpkg", "opkg", "ipkg", "rpm", "apk", "apt-get", "pip",
                   "pip3", "npm", "snap"})) {
    return AnyIs(
        words, {"-i", "install", "-U", "-Uvh", "add", "--install", "upgrade"});
  }
  if (program == "dd") {
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word.starts_with("of=") && IsDevice(word);
    });
  }
  if (Is(program, {"tar", "unzip", "cpio", "unsquashfs"})) {
    return std::any_of(words.begin(), words.end(), IsOfSystem);
  }
  return Is(program, {"cp", "mv", "install", "cat", "ln"}) &&
         words.size() > 2 &&
         (IsDevice(words.back()) ||
          Begins(words.back(), {"/usr/", "/bin/", "/sbin/", "/lib/",
                                "/etc/init.d", "/etc/cron", "/opt/"}));
}

bool Sends(std::string_view program, WordList words) {
  if (program == "curl") {
    return AnyBegins(words, {"-d", "--data", "-F", "--form", "-T",
                             "--upload-file", "--json"});
  }
  if (program == "wget" || program == "uclient-fetch") {
    return AnyBegins(words, {"--post-", "--body-", "--header"});
  }
  if (program == "logger") {
    return AnyOption(words, 'n') || AnyIs(words, {"--server"});
  }
  if (program == "tftp") {
    return AnyOption(words, 'p') || AnyIs(words, {"put"});
  }
  if (Is(program, {"scp", "rsync"})) {
    return words.size() > 1 && words.back().find(':') != std::string::npos;
  }
  return Is(program, {"ftpput", "sendmail", "mail", "mailx", "mutt", "msmtp",
                      "ssmtp", "mosquitto_pub", "nc", "ncat", "netcat", "socat",
                      "telnet", "ssh", "dbclient", "snmptrap", "swaks"});
}

bool Fetches(std::string_view program, WordList words) {
  return (program.starts_with("$") && HasUrl(words)) ||
         Is(program, {"curl", "wget", "uclient-fetch", "tftp", "ftpget",
                      "fetch", "aria2c", "scp", "rsync", "sftp", "git",
                      "nslookup", "dig", "host", "drill"});
}

bool Ends(std::string_view program, std::string_view path, WordList words) {
  if (Is(program, {"killall", "pkill", "ifdown", "rmmod"})) {
    return words.size() > 1;
  }
  if (program == "ifconfig" || program == "ip") {
    return AnyIs(words, {"down"});
  }
  return (Is(program, {"systemctl", "service"}) ||
          path.find("init.d/") != std::string_view::npos) &&
         EndsService(words);
}

std::string_view EffectOfRedirection(std::string_view redirection) {
  const std::size_t start = redirection.find('>');
  if (start == std::string_view::npos) {
    return {};
  }
  const std::size_t name = redirection.find_first_not_of(">|&", start);
  const std::string_view path =
      redirection.substr(std::min(name, redirection.size()));
  if (path.ends_with("/sysrq-trigger")) {
    return "stops";
  }
  if (Holds(path, {"/dev/tcp/", "/dev/udp/"})) {
    return "sends";
  }
  if (Holds(path, kAccountFiles)) {
    return "grants";
  }
  return IsDevice(path) ? "installs" : std::string_view();
}

// `words` from the program on.
std::string_view EffectOfProgram(std::string_view path, WordList words) {
  const std::string_view program = BaseName(path);
  if (Destroys(program, words)) {
    return "destroys";
  }
  if (Stops(program, words)) {
    return "stops";
  }
  if (Disables(program, path, words)) {
    return "disables";
  }
  if (Opens(program, path, words)) {
    return "opens";
  }
  if (Grants(program, words)) {
    return "grants";
  }
  if (Installs(program, words)) {
    return "installs";
  }
  if (RunsCode(program, words)) {
    return "runs";
  }
  if (Sends(program, words)) {
    return "sends";
  }
  if (Fetches(program, words)) {
    return "fetches";
  }
  return Ends(program, path, words) ? "ends" : std::string_view();
}

}  // namespace

std::string_view EffectOf(const std::vector<std::string>& words, std::size_t at,
                          const std::vector<std::string>& redirections) {
  for (const std::string& redirection : redirections) {
    const std::string_view effect = EffectOfRedirection(redirection);
    if (!effect.empty()) {
      return effect;
    }
  }
  if (at >= words.size()) {
    return {};
  }
  return EffectOfProgram(words[at], WordList(words).subspan(at));
}

std::string_view WrittenBy(const std::vector<std::string>& words,
                           std::size_t at,
                           const std::vector<std::string>& redirections) {
  for (const std::string& redirection : redirections) {
    const std::string_view text = redirection;
    const std::size_t start = text.find('>');
    const std::size_t name = text.find_first_not_of(">|&", start);
    if (start != std::string_view::npos && name != std::string_view::npos &&
        (start == 0 || text[0] == '1')) {
      return text.substr(name);
    }
  }
  if (at >= words.size()) {
    return {};
  }
  const std::string_view program = BaseName(words[at]);
  if (program.starts_with("$") && HasUrl(words) && words.size() > at + 1) {
    return Begins(words[at + 1], {"http", "ftp"}) ? std::string_view()
                                                  : words[at + 1];
  }
  if (Is(program, {"tar", "unzip"})) {
    const char option = program == "tar" ? 'C' : 'd';
    return OptionValue(words, at, option).value_or("");
  }
  if (Is(program, {"wget", "uclient-fetch"})) {
    const auto named = OptionValue(words, at, 'O');
    const auto url = std::find_if(words.begin(), words.end(), [](auto& word) {
      return Begins(word, {"http", "ftp", "$"}) && Holds(word, {"/"});
    });
    return named                ? *named
           : url != words.end() ? BaseName(*url)
                                : std::string_view();
  }
  if (program == "curl" || program == "gpg" || program == "sort") {
    return OptionValue(words, at, 'o').value_or("");
  }
  if (program == "tftp") {
    return OptionValue(words, at, 'l').value_or("");
  }
  if (program == "ftpget" && words.size() > at + 2) {
    return words[at + 2];
  }
  if (program == "dd") {
    for (const std::string& word : words) {
      if (word.starts_with("of=")) {
        return std::string_view(word).substr(3);
      }
    }
  }
  const bool copies = Is(program, {"cp", "mv", "install", "tee", "scp"});
  return copies && words.size() > at + 1 ? std::string_view(words.back())
                                         : std::string_view();
}

}  // namespace assay::facts
