// Commands that stand as strings in a compiled program which can start others.
// What a program puts together at run time shows as far as it is written down
// ("flashcp %s /dev/mtd%d").

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "verifier/code/abilities.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/shell.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"
#include "verifier/formats/executables/elf_dynamic.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::facts {
namespace {

using formats::ElfDynamic;
using formats::ElfSection;
using formats::ElfSymbol;
using formats::ElfView;
using formats::ForEachSymbol;
namespace elf = formats::elf;

constexpr std::uint64_t kMaxFacts = 500;
constexpr std::size_t kShortest = 6;
constexpr std::size_t kLongest = 4096;

// Programs that fetch, send, listen, install, erase, change accounts, rules
// of the packet filter or the kernel. Their names are hardly words of a
// sentence; those that are, count only with an argument that is none.
bool IsTool(std::string_view program) {
  static constexpr std::array<std::string_view, 108> kTools = {"adduser",
                                                               "arp",
                                                               "ash",
                                                               "base64",
                                                               "bash",
                                                               "busybox",
                                                               "cat",
                                                               "chattr",
                                                               "chmod",
                                                               "chown",
                                                               "chpasswd",
                                                               "cmp",
                                                               "cp",
                                                               "crontab",
                                                               "curl",
                                                               "dd",
                                                               "deluser",
                                                               "dropbear",
                                                               "ebtables",
                                                               "echo",
                                                               "eval",
                                                               "exec",
                                                               "export",
                                                               "find",
                                                               "flash_erase",
                                                               "flash_eraseall",
                                                               "flashcp",
                                                               "ftpget",
                                                               "ftpput",
                                                               "fw_printenv",
                                                               "fw_setenv",
                                                               "gpg",
                                                               "gpgv",
                                                               "grep",
                                                               "halt",
                                                               "hexdump",
                                                               "hostname",
                                                               "httpd",
                                                               "ifconfig",
                                                               "insmod",
                                                               "ip",
                                                               "ip6tables",
                                                               "iptables",
                                                               "iw",
                                                               "iwpriv",
                                                               "kill",
                                                               "killall",
                                                               "ln",
                                                               "md5sum",
                                                               "minisign",
                                                               "mkdir",
                                                               "mkfifo",
                                                               "mkfs",
                                                               "mknod",
                                                               "modprobe",
                                                               "mount",
                                                               "mtd",
                                                               "mv",
                                                               "nandwrite",
                                                               "nc",
                                                               "ncat",
                                                               "nft",
                                                               "nohup",
                                                               "nvram",
                                                               "openssl",
                                                               "opkg",
                                                               "passwd",
                                                               "perl",
                                                               "pkill",
                                                               "poweroff",
                                                               "printf",
                                                               "ps",
                                                               "python",
                                                               "python3",
                                                               "reboot",
                                                               "rm",
                                                               "rmmod",
                                                               "route",
                                                               "scp",
                                                               "sed",
                                                               "sendmail",
                                                               "service",
                                                               "setsid",
                                                               "sftp",
                                                               "sh",
                                                               "sha256sum",
                                                               "signify",
                                                               "socat",
                                                               "ssh",
                                                               "sshd",
                                                               "sshpass",
                                                               "sysctl",
                                                               "systemctl",
                                                               "sysupgrade",
                                                               "tar",
                                                               "tcpdump",
                                                               "telnet",
                                                               "telnetd",
                                                               "tftp",
                                                               "ubiupdatevol",
                                                               "ubus",
                                                               "uci",
                                                               "uclient-fetch",
                                                               "umount",
                                                               "useradd",
                                                               "usermod",
                                                               "usign",
                                                               "wget"};
  static_assert(std::is_sorted(kTools.begin(), kTools.end()));
  return std::binary_search(kTools.begin(), kTools.end(), program) ||
         program.substr(0, 5) == "mkfs.";
}

// "-v", "/tmp/x", ">/dev/null", "a=b", "%s": no word of a sentence.
bool IsArgument(std::string_view word) {
  return std::string_view("-/>|$%'\"").find(word.front()) !=
             std::string_view::npos ||
         word.find_first_of("=/:") != std::string_view::npos;
}

bool LooksLikeCommand(std::string_view text) {
  const auto words = Words(text, 64);
  if (words.empty() || text.front() == ' ') {
    return false;
  }
  if (!IsTool(BaseName(words.front()))) {
    return false;
  }
  return words.size() == 1 ? words.front().front() == '/'
                           : IsArgument(words[1]) || IsArgument(words.back());
}

bool CanStartPrograms(const ElfView& view) {
  const ElfDynamic dynamic(view);
  bool can = false;
  ForEachSymbol(view, dynamic.symbols(), [&](const ElfSymbol& symbol) {
    if (!can && !symbol.defined()) {
      const std::string_view ability =
          code::AbilityOf(dynamic.StringAt(symbol.name).text);
      can = ability == "process.shell" || ability == "process.start";
    }
  });
  return can;
}

class StringReader {
 public:
  StringReader(std::string_view text, FactWriter& facts)
      : text_(text), facts_(facts) {}

  void Read(Range part) {
    std::size_t start = part.offset;
    for (std::size_t at = part.offset; at <= part.end(); ++at) {
      const char c = at < part.end() ? text_[at] : '\0';
      if (c == '\t' || c == '\n' || (c >= ' ' && c != 0x7f)) {
        continue;
      }
      if (c == '\0' && at - start >= kShortest && at - start <= kLongest) {
        AddString({start, at - start});
      }
      start = at + 1;
    }
  }

 private:
  void AddString(Range place) {
    const std::string_view text = text_.substr(place.offset, place.length);
    const bool script = text.substr(0, 2) == "#!";
    if (facts_.full() || (!script && !LooksLikeCommand(text))) {
      return;
    }
    const ShellScript parsed = ParseShell(text, kMaxFacts);
    for (const ShellCommand& command : parsed.commands) {
      const std::string program = ProgramOf(command.words);
      if (!program.empty()) {
        Add(parsed, command, program, place);
      }
    }
  }

  void Add(const ShellScript& script, const ShellCommand& command,
           const std::string& program, Range place) {
    std::string words;
    std::string redirections;
    for (const std::string& word : command.words) {
      AppendWord(words, word);
    }
    for (const std::string& redirection : command.redirections) {
      AppendWord(redirections, redirection);
    }
    facts_.Add(
        {.kind = "command",
         .value = words,
         .attributes = {{"program", program},
                        {"pipe_to",
                         command.pipe_to
                             ? ProgramOf(
                                   script.commands[*command.pipe_to].words)
                             : ""},
                        {"redirect", redirections},
                        {"within", "program"}},
         .place = place});
  }

  std::string_view text_;
  FactWriter& facts_;
};

bool Examine(const Subject& subject, Observations& into) {
  const auto view = ElfView::Parse(subject.content);
  if (!view || !CanStartPrograms(*view)) {
    return false;
  }
  FactWriter facts("program_commands", subject, into, kMaxFacts);
  StringReader reader(AsText(subject.content), facts);
  std::uint64_t left = subject.content.size();  // sections do not overlap
  for (const ElfSection& section : view->sections) {
    if (section.type == elf::kSectionProgbits &&
        (section.flags & elf::kFlagAlloc) != 0 &&
        (section.flags & elf::kFlagExecute) == 0 && section.size <= left &&
        Slice(view->bytes, section.offset, section.size)) {
      left -= section.size;
      reader.Read({section.offset, section.size});
    }
  }
  if (view->sections.empty()) {
    reader.Read({0, subject.content.size()});
  }
  return false;  // strings, no understanding
}

}  // namespace

const Analysis kProgramCommands = {
    .name = "program_commands",
    .title = "Commands that stand as strings in compiled programs",
    .examine = Examine,
};

}  // namespace assay::facts
