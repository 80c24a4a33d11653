// systemd's units: what they run, as whom, when, and where they listen.
// Syntax: systemd.syntax(7); keys: systemd.service(5), systemd.socket(5),
// systemd.timer(5). Desktop entries that a session starts have the same form.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/listeners.h"
#include "verifier/facts/shell.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

struct Setting {
  std::string_view section = {};
  std::string_view key = {};
  std::string value = {};  // continued lines joined by a blank
  Range place = {};
};

std::vector<Setting> ReadSettings(std::string_view text) {
  std::vector<Setting> settings;
  std::string_view section;
  bool continued = false;
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    std::string_view entry = Trim(line->text);
    if (entry.empty() || entry[0] == '#' || entry[0] == ';') {
      continue;
    }
    const bool more = entry.back() == '\\';
    const std::string_view plain =
        Trim(entry.substr(0, entry.size() - (more ? 1 : 0)));
    if (continued && !settings.empty()) {
      Setting& last = settings.back();
      AppendWord(last.value, plain);
      last.place.length = line->offset + line->text.size() - last.place.offset;
      continued = more;
      continue;
    }
    if (entry.front() == '[' && entry.back() == ']') {
      section = entry.substr(1, entry.size() - 2);
      continue;
    }
    const std::size_t equals = plain.find('=');
    if (equals != std::string_view::npos) {
      settings.push_back({section, Trim(plain.substr(0, equals)),
                          std::string(Trim(plain.substr(equals + 1))),
                          line->PlaceOf(entry)});
      continued = more;
    }
  }
  return settings;
}

// Values of all settings with that key, joined by a blank; the first ones when
// there are very many.
std::string ValueOf(const std::vector<Setting>& settings,
                    std::string_view key) {
  std::string all;
  for (const Setting& setting : settings) {
    if (setting.key == key && !setting.value.empty() && all.size() < 1024) {
      AppendWord(all, setting.value);
    }
  }
  return all;
}

// systemd.service(5): "@", "-", ":", "+" and "!" before the path are flags.
std::string_view WithoutFlags(std::string_view command) {
  return command.substr(
      std::min(command.find_first_not_of("@-:+!"), command.size()));
}

// systemd.service(5): "$$" passes a dollar sign on.
std::string WithoutDoubledDollars(std::string_view command) {
  std::string plain;
  for (std::size_t at = 0; at < command.size(); ++at) {
    plain += command[at];
    at += command.substr(at, 2) == "$$" ? 1U : 0U;
  }
  return plain;
}

// Environment=NAME=value "NAME=two words" ...
ShellValues EnvironmentOf(const std::vector<Setting>& settings) {
  constexpr std::size_t kMostNames = 100;
  std::string text;
  for (const Setting& setting : settings) {
    if (setting.key == "Environment") {
      text.append("export ").append(setting.value).append("\n");
    }
  }
  return ParseShell(text, kMostNames).values;
}

class UnitReader {
 public:
  UnitReader(std::string_view path, const std::vector<Setting>& settings,
             FactWriter& facts)
      : path_(path),
        settings_(settings),
        wanted_by_(ValueOf(settings, "WantedBy")),
        user_(ValueOf(settings, "User")),
        service_(ValueOf(settings, "Service")),
        unit_(ValueOf(settings, "Unit")),
        input_(ValueOf(settings, "StandardInput")),
        values_(EnvironmentOf(settings)),
        facts_(facts) {}

  void AddAll() {
    for (const Setting& setting : settings_) {
      if (setting.key.substr(0, 4) == "Exec" && !setting.value.empty()) {
        AddCommand(setting);
      }
      if (setting.key == "ListenStream" || setting.key == "ListenDatagram") {
        AddSocket(setting);
      }
      if (setting.section == "Timer" && setting.key.substr(0, 2) == "On") {
        AddTimer(setting);
      }
      if (setting.key == "Environment") {
        AddPreload(setting);
      }
    }
  }

 private:
  void AddCommand(const Setting& setting) {
    const bool desktop = setting.section == "Desktop Entry";
    if (setting.section != "Service" && setting.section != "Socket" &&
        !desktop) {
      return;
    }
    const std::string_view command = WithoutFlags(setting.value);
    facts_.Add({.kind = "startup",
                .value = std::string(command),
                .attributes = {{"kind", desktop ? "desktop" : "systemd"},
                               {"runlevel", wanted_by_},
                               {"user", user_},
                               {"action", std::string(setting.key)},
                               {"input", input_}},
                .place = setting.place});
    AddCommandLine(
        WithoutDoubledDollars(command), desktop ? "desktop" : "systemd",
        setting.place, facts_, values_,
        input_ == "socket" ? ShellSource::kRequest : ShellSource::Bits{0});
  }

  // Paths, abstract names and vsock are no network ports.
  void AddSocket(const Setting& setting) {
    const std::string_view port = PortOf(setting.value);
    if (!port.empty()) {
      AddListener(
          {std::string(port), setting.key == "ListenDatagram" ? "udp" : "tcp",
           service_.empty() ? std::string(BaseName(path_)) : service_},
          "systemd", setting.place, facts_);
    }
  }

  void AddTimer(const Setting& setting) {
    std::string unit = unit_;
    if (unit.empty()) {
      const std::string_view base = BaseName(path_);
      unit = std::string(base.substr(0, base.rfind('.'))) + ".service";
    }
    facts_.Add({.kind = "cron",
                .value = unit,
                .attributes = {{"schedule",
                                std::string(setting.key) + "=" + setting.value},
                               {"source", "systemd"}},
                .place = setting.place});
  }

  void AddPreload(const Setting& setting) {
    constexpr std::string_view kName = "LD_PRELOAD=";
    const std::string_view value = setting.value;
    const std::size_t at = value.find(kName);
    if (at == std::string_view::npos) {
      return;
    }
    const std::string_view rest = value.substr(at + kName.size());
    facts_.Add(
        {.kind = "preload",
         .value = std::string(rest.substr(0, rest.find_first_of(" \"'"))),
         .attributes = {{"source", "systemd"}},
         .place = setting.place});
  }

  std::string_view path_;
  const std::vector<Setting>& settings_;
  std::string wanted_by_;
  std::string user_;
  std::string service_;
  std::string unit_;
  std::string input_;
  ShellValues values_;
  FactWriter& facts_;
};

bool IsUnit(std::string_view path) {
  const std::string_view base = BaseName(path);
  for (const std::string_view extension : {".service", ".socket", ".timer"}) {
    if (base.ends_with(extension) ||
        (base.ends_with(".conf") &&
         BaseName(Folder(path)).ends_with(std::string(extension) + ".d"))) {
      return true;
    }
  }
  return base.ends_with(".desktop") && BaseName(Folder(path)) == "autostart";
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = PathOf(subject.artifact);
  if (!IsUnit(path) || subject.content.size() > kMaxTextFile) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  const std::vector<Setting> settings = ReadSettings(text);
  FactWriter facts("systemd_units", subject, into);
  UnitReader(path, settings, facts).AddAll();
  return !settings.empty() && IsText(subject.content);
}

}  // namespace

const Analysis kSystemdUnits = {
    .name = "systemd_units",
    .title = "systemd services, sockets and timers",
    .examine = Examine,
};

}  // namespace assay::facts
