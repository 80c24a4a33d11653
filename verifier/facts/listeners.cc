#include "verifier/facts/listeners.h"

#include <algorithm>
#include <optional>

#include "verifier/base/text.h"
#include "verifier/facts/shell.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using WordList = std::vector<std::string>;

// Servers whose port follows one option.
struct Server {
  std::string_view program;
  char option;  // 0: the port cannot be given
  std::string_view port;
  std::string_view protocol;
  char not_alone;  // with this option it serves inetd, tests or prints
};

constexpr Server kServers[] = {
    {"telnetd", 'p', "23", "tcp", 'i'},
    {"utelnetd", 'p', "23", "tcp", 0},
    {"in.telnetd", 'p', "23", "tcp", 0},
    {"dropbear", 'p', "22", "tcp", 'i'},
    {"sshd", 'p', "22", "tcp", 't'},
    {"httpd", 'p', "80", "tcp", 'i'},
    {"mini_httpd", 'p', "80", "tcp", 0},
    {"uhttpd", 'p', "80", "tcp", 0},
    {"thttpd", 'p', "80", "tcp", 0},
    {"boa", 'p', "80", "tcp", 0},
    {"ttyd", 'p', "7681", "tcp", 0},
    {"shellinaboxd", 'p', "4200", "tcp", 0},
    {"vsftpd", 0, "21", "tcp", 0},
    {"proftpd", 0, "21", "tcp", 0},
    {"snmpd", 0, "161", "udp", 0},
    {"in.tftpd", 0, "69", "udp", 0},
    {"rshd", 0, "514", "tcp", 0},
    {"rlogind", 0, "513", "tcp", 0},
};

bool IsPort(std::string_view text) {
  const auto number = NumberOf(text);
  return number && *number > 0 && *number < 65536;
}

// "loopback" when what follows `option` in `text` is an address that only the
// machine itself can reach.
std::string BoundTo(std::string_view text, std::string_view option) {
  const std::size_t at = text.find(option);
  const std::string_view address =
      at == std::string_view::npos ? "" : text.substr(at + option.size());
  for (const std::string_view own : {"127.", "localhost", "[::1]", "::1"}) {
    if (address.starts_with(own)) {
      return "loopback";
    }
  }
  return {};
}

std::optional<Listener> OfServer(const WordList& words, std::size_t at) {
  const std::string_view program = BaseName(words[at]);
  const auto* server = std::find_if(
      std::begin(kServers), std::end(kServers),
      [&](const Server& known) { return known.program == program; });
  if (server == std::end(kServers)) {
    return std::nullopt;
  }
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if ((server->not_alone != 0 && HasShortOption(word, server->not_alone)) ||
        word == "-V" || word == "--version" || word == "--help") {
      return std::nullopt;
    }
  }
  const auto value = server->option == 0
                         ? std::nullopt
                         : OptionValue(words, at, server->option);
  const std::string_view port = value ? PortOf(*value) : server->port;
  // A port that only running the script would tell stays as it is written.
  return Listener{
      std::string(port.empty() && value ? *value : port),
      std::string(server->protocol), std::string(program),
      BoundTo(OptionValue(words, at, 'b').value_or(std::string_view()), "")};
}

// nc, ncat, netcat: -l listens, -u is UDP; the port follows -p or stands last.
std::optional<Listener> OfNetcat(const WordList& words, std::size_t at) {
  const std::string_view program = BaseName(words[at]);
  if (program != "nc" && program != "ncat" && program != "netcat" &&
      program.substr(0, 3) != "nc.") {
    return std::nullopt;
  }
  bool listens = false;
  bool udp = false;
  std::string_view last;
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    listens |= HasShortOption(words[i], 'l') || words[i] == "--listen";
    udp |= HasShortOption(words[i], 'u') || words[i] == "--udp";
    last = IsPort(words[i]) ? std::string_view(words[i]) : last;
  }
  const std::string_view port = OptionValue(words, at, 'p').value_or(last);
  if (!listens || port.empty()) {
    return std::nullopt;
  }
  return Listener{
      std::string(port), udp ? "udp" : "tcp", std::string(program),
      BoundTo(OptionValue(words, at, 's').value_or(std::string_view()), "")};
}

// socat(1): addresses like TCP4-LISTEN:8023,fork or UDP-L:53.
void OfSocat(const WordList& words, std::size_t at,
             std::vector<Listener>& into) {
  if (BaseName(words[at]) != "socat") {
    return;
  }
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const std::string word = Lower(words[i]);
    const std::size_t colon = word.find(':');
    if (colon == std::string::npos) {
      continue;
    }
    const std::string_view kind = std::string_view(word).substr(0, colon);
    if (kind.ends_with("-listen") || kind.ends_with("-l") ||
        kind.ends_with("-recvfrom") || kind.ends_with("-recv")) {
      const std::string_view rest = std::string_view(word).substr(colon + 1);
      into.push_back({std::string(rest.substr(0, rest.find(','))),
                      kind.substr(0, 3) == "udp" ? "udp" : "tcp", "socat",
                      BoundTo(word, "bind=")});
    }
  }
}

// tcpsvd ADDRESS PORT PROGRAM; gdbserver [HOST]:PORT; python -m http.server.
std::optional<Listener> OfOperands(const WordList& words, std::size_t at) {
  const std::string_view program = BaseName(words[at]);
  if (program == "tcpsvd" || program == "udpsvd") {
    for (std::size_t i = at + 1; i + 1 < words.size(); ++i) {
      if (words[i][0] != '-' && IsPort(words[i + 1])) {
        return Listener{words[i + 1], std::string(program.substr(0, 3)),
                        std::string(program)};
      }
    }
  }
  if (program == "gdbserver") {
    for (std::size_t i = at + 1; i < words.size(); ++i) {
      const std::size_t colon = words[i].rfind(':');
      if (colon != std::string::npos && IsPort(PortOf(words[i]))) {
        return Listener{std::string(PortOf(words[i])), "tcp", "gdbserver"};
      }
    }
  }
  if (program.substr(0, 6) == "python") {
    for (std::size_t i = at + 1; i < words.size(); ++i) {
      if (words[i] == "http.server" || words[i] == "SimpleHTTPServer") {
        const bool given = i + 1 < words.size() && IsPort(words[i + 1]);
        return Listener{given ? words[i + 1] : "8000", "tcp", words[i]};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view PortOf(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  const std::string_view port =
      colon == std::string_view::npos ? address : address.substr(colon + 1);
  return IsPort(port) ? port : std::string_view();
}

std::vector<Listener> ListenersOf(const WordList& words) {
  const std::size_t at = ProgramIndex(words);
  std::vector<Listener> listeners;
  if (at >= words.size()) {
    return listeners;
  }
  for (const auto& listener :
       {OfServer(words, at), OfNetcat(words, at), OfOperands(words, at)}) {
    if (listener) {
      listeners.push_back(*listener);
    }
  }
  OfSocat(words, at, listeners);
  return listeners;
}

void AddListener(const Listener& listener, std::string_view source, Range place,
                 FactWriter& facts) {
  facts.Add({.kind = "listener",
             .value = listener.port,
             .attributes = {{"protocol", listener.protocol},
                            {"program", listener.program},
                            {"source", std::string(source)},
                            {"bound", listener.address}},
             .place = place});
}

void AddListenersOfCommandLine(std::string_view command_line,
                               std::string_view source, Range place,
                               FactWriter& facts) {
  constexpr std::size_t kMostCommands = 100;
  const ShellScript script = ParseShell(command_line, kMostCommands);
  for (const ShellCommand& command : script.commands) {
    for (const Listener& listener : ListenersOf(command.words)) {
      AddListener(listener, source, place, facts);
    }
    if (const auto inner = ScriptArgument(command.words)) {
      for (const ShellCommand& nested :
           ParseShell(*inner, kMostCommands).commands) {
        for (const Listener& listener : ListenersOf(nested.words)) {
          AddListener(listener, source, place, facts);
        }
      }
    }
  }
}

}  // namespace assay::facts
