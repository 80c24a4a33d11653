// Ports that configuration files open: inetd.conf(5), xinetd.conf(5), and the
// port directives of common servers.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/listeners.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMostCommands = 100;

// IANA's service names that inetd configurations use; others stay names.
std::string PortOfService(std::string_view service) {
  static constexpr std::pair<std::string_view, std::string_view> kPorts[] = {
      {"echo", "7"},   {"discard", "9"},  {"daytime", "13"}, {"chargen", "19"},
      {"ftp", "21"},   {"ssh", "22"},     {"telnet", "23"},  {"time", "37"},
      {"tftp", "69"},  {"finger", "79"},  {"http", "80"},    {"pop3", "110"},
      {"auth", "113"}, {"imap2", "143"},  {"snmp", "161"},   {"https", "443"},
      {"exec", "512"}, {"login", "513"},  {"shell", "514"},  {"rsync", "873"},
      {"swat", "901"}, {"telnets", "992"}};
  for (const auto& [name, port] : kPorts) {
    if (service == name) {
      return std::string(port);
    }
  }
  return std::string(service.substr(service.rfind(':') + 1));
}

// The program with its operands, of which inetd is told the name as well. A
// multi-call program goes by that name.
std::string InetdCommand(const std::vector<std::string_view>& words) {
  const std::string_view name = BaseName(words[5]);
  std::string command(words[5]);
  const bool many = name == "busybox" || name == "toybox";
  for (std::size_t i = many ? 6 : 7; i < words.size(); ++i) {
    AppendWord(command, words[i]);
  }
  return command;
}

// What a super-server runs for whoever connects. "[address:]service".
void AddServed(std::string_view service, std::string_view user,
               std::string_view command, std::string_view source, Range place,
               FactWriter& facts) {
  const std::string_view address =
      service.substr(0, std::min(service.rfind(':'), service.size()));
  const bool near =
      address == "127.0.0.1" || address == "[::1]" || address == "localhost";
  facts.Add({.kind = "startup",
             .value = std::string(command),
             .attributes = {{"kind", std::string(source)},
                            {"user", std::string(user)},
                            {"input", near ? "loopback" : "socket"}},
             .place = place});
  CommandWriter writer(facts, kMostCommands);
  writer.SetContext(0, near ? ShellSource::Bits{0} : ShellSource::kRequest);
  writer.AddInner(command, source, place, 0);
}

bool AddInetd(std::string_view text, FactWriter& facts) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const auto words = Words(line->text);
    if (words.size() < 6 || words[0][0] == '#' ||
        (words[1] != "stream" && words[1] != "dgram")) {
      continue;
    }
    const std::string command = InetdCommand(words);
    const Range place = line->PlaceOf(line->text);
    AddListener({PortOfService(words[0]), std::string(words[2].substr(0, 3)),
                 std::string(words[5])},
                "inetd", place, facts);
    if (words[5] != "internal") {
      AddServed(words[0], words[4], command, "inetd", place, facts);
    }
  }
  return true;
}

// One block "service NAME { key = value ... }" per service.
bool AddXinetd(std::string_view text, FactWriter& facts) {
  std::string service;
  Listener listener;
  bool disabled = false;
  std::string bind;
  std::string user;
  std::string arguments;
  Range place;
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const auto words = Words(line->text);
    if (words.empty() || words[0][0] == '#') {
      continue;
    }
    const std::string_view last = words.back();
    if (words[0] == "service" && words.size() > 1) {
      service = words[1];
      listener = {PortOfService(service), "tcp", ""};
      disabled = false;
      bind.clear();
      user.clear();
      arguments.clear();
      place = line->PlaceOf(line->text);
    } else if (words[0] == "port") {
      listener.port = last;
    } else if (words[0] == "server") {
      listener.program = last;
    } else if (words[0] == "protocol") {
      listener.protocol = last;
    } else if (words[0] == "user") {
      user = last;
    } else if (words[0] == "bind" || words[0] == "interface") {
      bind = std::string(last) + ":";
    } else if (words[0] == "server_args") {
      const std::size_t equals = line->text.find('=');
      arguments =
          Trim(line->text.substr(std::min(equals, line->text.size() - 1) + 1));
    } else if (words[0] == "disable") {
      disabled = last == "yes";
    } else if (words[0] == "}" && !service.empty() && !disabled) {
      AddListener(listener, "xinetd", place, facts);
      if (!listener.program.empty()) {
        std::string command = listener.program;
        if (!arguments.empty()) {
          AppendWord(command, arguments);
        }
        AddServed(bind, user, command, "xinetd", place, facts);
      }
      service.clear();
    }
  }
  return true;
}

// A server's file and the words that open a port in it.
struct Directive {
  std::string_view file;  // path, or its end
  std::string_view key;
  std::string_view program;
  std::string_view protocol;
};

constexpr Directive kDirectives[] = {
    {"sshd_config", "port", "sshd", "tcp"},
    {"sshd_config", "listenaddress", "sshd", "tcp"},
    {"lighttpd.conf", "server.port", "lighttpd", "tcp"},
    {"config/dropbear", "port", "dropbear", "tcp"},
    {"config/uhttpd", "listen_http", "uhttpd", "tcp"},
    {"config/uhttpd", "listen_https", "uhttpd", "tcp"},
    {"apache2/ports.conf", "listen", "apache2", "tcp"},
    {"apache2.conf", "listen", "apache2", "tcp"},
    {"httpd.conf", "listen", "httpd", "tcp"},
    {"nginx.conf", "listen", "nginx", "tcp"},
    {"mini_httpd.conf", "port", "mini_httpd", "tcp"},
    {"thttpd.conf", "port", "thttpd", "tcp"},
    {"boa.conf", "port", "boa", "tcp"},
    {"vsftpd.conf", "listen_port", "vsftpd", "tcp"},
    {"mosquitto.conf", "listener", "mosquitto", "tcp"},
    {"mosquitto.conf", "port", "mosquitto", "tcp"},
    {"redis.conf", "port", "redis-server", "tcp"},
    {"snmpd.conf", "agentaddress", "snmpd", "udp"},
};

// "Port 22", "server.port = 80", "option Port '22'", "listen [::]:80;".
void AddDirective(const Line& line, const Directive& directive,
                  FactWriter& facts) {
  const std::string_view text = Trim(line.text);
  if (text.empty() || text[0] == '#') {
    return;
  }
  std::string plain(text);
  std::replace_if(
      plain.begin(), plain.end(),
      [](char c) {
        return c == '=' || c == '\'' || c == '"' || c == ';' || c == '\t';
      },
      ' ');
  auto words = Words(plain);
  if (!words.empty() && (words[0] == "option" || words[0] == "list")) {
    words.erase(words.begin());
  }
  if (words.size() < 2 || Lower(words[0]) != directive.key) {
    return;
  }
  const bool address = directive.key == "listenaddress";
  if (address && words[1].find(':') == std::string_view::npos) {
    return;  // an address without a port
  }
  if (const std::string_view port = PortOf(words[1]); !port.empty()) {
    AddListener({std::string(port), std::string(directive.protocol),
                 std::string(directive.program)},
                "config", line.PlaceOf(text), facts);
  }
}

bool AddServer(std::string_view path, std::string_view text,
               FactWriter& facts) {
  bool known = false;
  for (const Directive& directive : kDirectives) {
    if (!EndsWithPath(path, directive.file)) {
      continue;
    }
    known = true;
    LineReader lines(text);
    while (const auto line = lines.Next()) {
      AddDirective(*line, directive, facts);
    }
  }
  return known;
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.empty() || subject.content.size() > kMaxTextFile) {
    return false;
  }
  const std::string_view path = PathOf(subject.artifact);
  const std::string_view base = BaseName(path);
  const bool inetd =
      base == "inetd.conf" || BaseName(Folder(path)) == "inetd.conf.d";
  const bool xinetd =
      base == "xinetd.conf" || BaseName(Folder(path)) == "xinetd.d";
  const bool server = std::any_of(
      std::begin(kDirectives), std::end(kDirectives),
      [&](const Directive& known) { return EndsWithPath(path, known.file); });
  if (!inetd && !xinetd && !server) {
    return false;
  }
  FactWriter facts("listener_configs", subject, into);
  const std::string_view text = AsText(subject.content);
  const bool known = inetd    ? AddInetd(text, facts)
                     : xinetd ? AddXinetd(text, facts)
                              : AddServer(path, text, facts);
  return known && IsText(subject.content);
}

}  // namespace

const Analysis kListenerConfigs = {
    .name = "listener_configs",
    .title = "Ports that configuration files open",
    .examine = Examine,
};

}  // namespace assay::facts
