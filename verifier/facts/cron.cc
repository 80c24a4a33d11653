// Commands that run by the clock: crontab(5) with and without a user field,
// anacrontab(5), and the folders that run-parts(8) runs.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

enum class Table { kNone, kSystem, kUser, kAnacron, kFolder };

Table TableOf(std::string_view path) {
  const std::string_view base = BaseName(path);
  const std::string_view folder = BaseName(Folder(path));
  if (EndsWithPath(path, "etc/crontab") || folder == "cron.d") {
    return Table::kSystem;
  }
  if (base == "anacrontab") {
    return Table::kAnacron;
  }
  // Debian, Red Hat, and BusyBox with OpenWrt.
  if (folder == "crontabs" || EndsWithPath(Folder(path), "var/spool/cron")) {
    return Table::kUser;
  }
  for (const std::string_view name :
       {"cron.hourly", "cron.daily", "cron.weekly", "cron.monthly",
        "cron.yearly"}) {
    if (folder == name) {
      return Table::kFolder;
    }
  }
  return Table::kNone;
}

// A field of crontab(5): numbers, names, "*", lists, ranges and steps.
bool IsTimeField(std::string_view field) {
  return std::all_of(field.begin(), field.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '*' || c == ',' || c == '-' ||
           c == '/' || c == '~' || c == '?';
  });
}

// "NAME=value" and "NAME = value".
bool IsSetting(std::string_view line) {
  const std::size_t equals = line.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         Trim(line.substr(0, equals)).find_first_of(" \t") ==
             std::string_view::npos;
}

// The value, perhaps in quotes, is environment of the lines below.
void Learn(std::string_view setting, ShellValues& values) {
  const std::size_t equals = setting.find('=');
  std::string_view value = Trim(setting.substr(equals + 1));
  if (value.size() > 1 && (value[0] == '"' || value[0] == '\'') &&
      value.back() == value[0]) {
    value = value.substr(1, value.size() - 2);
  }
  ShellText text;
  text.Append(value);
  values.Learn(Trim(setting.substr(0, equals)), text, true);
}

// Number of words before the command: the schedule, and the user if there is.
std::size_t WordsBefore(std::string_view line, Table table) {
  const std::size_t user = table == Table::kSystem ? 1 : 0;
  if (table == Table::kAnacron) {
    return 3;  // period, delay, job
  }
  return (line[0] == '@' ? 1 : 5) + user;
}

void AddEntry(const Line& line, std::string_view entry, Table table,
              std::string_view owner, const ShellValues& values,
              FactWriter& facts) {
  const std::size_t before = WordsBefore(entry, table);
  const auto words = Words(entry, before + 1);
  if (words.size() <= before) {
    return;
  }
  const std::size_t times =
      table == Table::kAnacron ? 2 : before - (table == Table::kSystem ? 1 : 0);
  std::string schedule;
  for (std::size_t i = 0; i < times; ++i) {
    if (words[i][0] != '@' && !IsTimeField(words[i])) {
      return;
    }
    AppendWord(schedule, words[i]);
  }
  const std::string_view user =
      table == Table::kSystem ? words[before - 1] : owner;
  const Range place = line.PlaceOf(entry);
  facts.Add({.kind = "cron",
             .value = std::string(words.back()),
             .attributes = {{"schedule", schedule},
                            {"user", std::string(user)},
                            {"source", "crontab"}},
             .place = place});
  AddCommandLine(words.back(), "cron", place, facts, values);
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = PathOf(subject.artifact);
  const Table table = TableOf(path);
  if (table == Table::kNone || subject.artifact.format == "directory") {
    return false;
  }
  FactWriter facts("cron", subject, into);
  if (table == Table::kFolder) {
    if (BaseName(path) != ".placeholder") {
      facts.Add(
          {.kind = "cron",
           .value = std::string(path),
           .attributes = {{"schedule", std::string(BaseName(Folder(path)))},
                          {"user", "root"},
                          {"source", "folder"}}});
    }
    return false;
  }
  if (subject.content.size() > kMaxTextFile) {
    return false;
  }
  ShellValues values;
  LineReader lines(AsText(subject.content));
  while (const auto line = lines.Next()) {
    const std::string_view entry = Trim(line->text);
    if (entry.empty() || entry[0] == '#') {
      continue;
    }
    if (IsSetting(entry)) {
      Learn(entry, values);
      continue;
    }
    AddEntry(*line, entry, table,
             table == Table::kUser ? BaseName(path) : "root", values, facts);
  }
  return IsText(subject.content);
}

}  // namespace

const Analysis kCron = {
    .name = "cron",
    .title = "Commands that run by the clock",
    .examine = Examine,
};

}  // namespace assay::facts
