#include "verifier/report/comparison_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "verifier/report/layout.h"

namespace assay::report {
namespace {

struct KindWords {
  std::string_view kind = {};
  std::string_view one = {};
  std::string_view title = {};
};

constexpr std::array<KindWords, 53> kKinds = {{
    {"account", "an account", "Accounts"},
    {"address", "a network address", "Network addresses"},
    {"bpf.filter", "a packet filter", "Packet filters"},
    {"bpf.helper", "a function of the kernel that a packet filter calls",
     "Functions of the kernel that packet filters call"},
    {"bpf.program", "a program for the kernel", "Programs for the kernel"},
    {"certificate", "a certificate", "Certificates"},
    {"command", "a command", "Commands"},
    {"component", "a component", "Components"},
    {"cron", "a scheduled command", "Scheduled commands"},
    {"domain", "the name of a host", "Names of hosts"},
    {"elf.ability", "something a program is able to do",
     "What programs are able to do"},
    {"elf.audit", "code loaded to watch programs",
     "Code loaded to watch programs"},
    {"elf.constructors", "code that runs before a program starts",
     "Code that runs before a program starts"},
    {"elf.export", "a function that a library offers",
     "Functions that libraries offer"},
    {"elf.ifunc", "functions chosen while a program starts",
     "Functions chosen while a program starts"},
    {"elf.import", "a system function that a program calls",
     "System functions that programs call"},
    {"elf.needed", "a library that a program loads",
     "Libraries that programs load"},
    {"elf.oddity", "an oddity of a program", "Oddities of programs"},
    {"elf.rpath", "a folder that libraries are loaded from",
     "Folders that libraries are loaded from"},
    {"file", "a file", "Files"},
    {"file.capability", "a program with rights of its own",
     "Programs with rights of their own"},
    {"file.device", "a device file", "Device files"},
    {"file.setgid", "a program that runs as its group",
     "Programs that run as their group"},
    {"file.setuid", "a program that runs as its owner",
     "Programs that run as their owner"},
    {"finding", "a finding", "Findings"},
    {"listener", "a network service", "Network services"},
    {"macho.ability", "something a program is able to do",
     "What programs are able to do"},
    {"macho.constructors", "code that runs before a program starts",
     "Code that runs before a program starts"},
    {"macho.entitlement", "a right that a program asks for",
     "Rights that programs ask for"},
    {"macho.export", "a function that a library offers",
     "Functions that libraries offer"},
    {"macho.import", "a system function that a program calls",
     "System functions that programs call"},
    {"macho.needed", "a library that a program loads",
     "Libraries that programs load"},
    {"macho.oddity", "an oddity of a program", "Oddities of programs"},
    {"macho.rpath", "a folder that libraries are loaded from",
     "Folders that libraries are loaded from"},
    {"opaque", "a part that nothing could look into",
     "Parts that nothing could look into"},
    {"package.script", "a script that runs at installation",
     "Scripts that run at installation"},
    {"password.hash", "a password", "Passwords"},
    {"pe.ability", "something a program is able to do",
     "What programs are able to do"},
    {"pe.carried", "a program within a program", "Programs within programs"},
    {"pe.constructors", "code that runs before a program starts",
     "Code that runs before a program starts"},
    {"pe.export", "a function that a library offers",
     "Functions that libraries offer"},
    {"pe.import", "a system function that a program calls",
     "System functions that programs call"},
    {"pe.needed", "a library that a program loads",
     "Libraries that programs load"},
    {"pe.oddity", "an oddity of a program", "Oddities of programs"},
    {"preload", "code loaded into every program",
     "Code loaded into every program"},
    {"private_key", "a private key", "Private keys"},
    {"rights", "rights of a file", "Rights of files"},
    {"signature", "a signature", "Signatures"},
    {"signer", "a signer", "Signers"},
    {"ssh.authorized_key", "a key that may log in", "Keys that may log in"},
    {"startup", "something that starts by itself", "What starts by itself"},
    {"sudo.rule", "a right to act as somebody else",
     "Rights to act as somebody else"},
    {"url", "a web address", "Web addresses"},
}};

const KindWords* Find(std::string_view kind) {
  const auto* const found =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [&](const KindWords& words) { return words.kind == kind; });
  return found == kKinds.end() ? nullptr : found;
}

std::string Speaking(std::uint64_t changes) {
  return changes == 1
             ? "1 change that leads to control or data speaks"
             : fmt::format("{} changes that lead to control or data speak",
                           changes);
}

// "it has an account: toor (router-1.1!/etc/passwd)".
std::string ReasonOf(const Balance& balance) {
  const Change& change = *balance.change;
  const bool has = change.gained == (balance.riskier == Riskier::kNow);
  std::string place;
  if (balance.place != nullptr) {
    place = change.gained || balance.place->old_path.empty()
                ? balance.place->path
                : balance.place->old_path;
  }
  return fmt::format("it {} {}{}", has ? "has" : "lacks", WordsOf(change),
                     place.empty() ? "" : fmt::format(" ({})", place));
}

}  // namespace

std::string_view TitleOfKind(std::string_view kind) {
  const KindWords* words = Find(kind);
  return words == nullptr ? kind : words->title;
}

std::string WordsOf(const Change& change) {
  const KindWords* words = Find(change.kind);
  std::string one(words == nullptr ? change.kind : words->one);
  std::string_view value = change.value;
  // Of "critical HF-03 RULE: TITLE" a person needs how bad and what.
  const std::size_t title = value.find(": ");
  if (change.kind == "finding" && title != std::string_view::npos) {
    one = fmt::format("a {} finding", value.substr(0, value.find(' ')));
    value.remove_prefix(title + 2);
  }
  return value.empty() ? one : fmt::format("{}: {}", one, value);
}

std::string ShareText(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "none" : PercentText(part, whole);
}

std::string RiskSentence(const Comparison& comparison) {
  const Balance balance = BalanceOf(comparison);
  if (balance.riskier == Riskier::kNeither) {
    return balance.against_now == 0
               ? "Nothing changed that leads to control or data."
               : fmt::format("Neither is plainly riskier: {} against each.",
                             Speaking(balance.against_now));
  }
  const bool now = balance.riskier == Riskier::kNow;
  const std::string& riskier =
      now ? comparison.now.product : comparison.before.product;
  const std::string& other =
      now ? comparison.before.product : comparison.now.product;
  return fmt::format(
      "{} is riskier than {}: {}; {} against it, {} against the other.",
      riskier == other ? (now ? "The newer one" : "The older one") : riskier,
      riskier == other ? "the other" : other, ReasonOf(balance),
      Speaking(now ? balance.against_now : balance.against_before),
      now ? balance.against_before : balance.against_now);
}

std::string FileCounts(const Comparison& comparison) {
  std::array<std::size_t, 5> counts = {};
  for (const ChangedPlace& place : comparison.places) {
    if (place.file) {
      ++counts.at(static_cast<std::size_t>(*place.file));
    }
  }
  std::string text = fmt::format("{} the same", comparison.same);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts.at(i) > 0) {
      text += fmt::format(", {} {}", counts.at(i),
                          NameOf(static_cast<FileChange>(i)));
    }
  }
  return text;
}

}  // namespace assay::report
