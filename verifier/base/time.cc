#include "verifier/base/time.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>

#include "verifier/base/text.h"

namespace assay {
namespace {

constexpr UnixTime kDay = 86400;

std::optional<UnixTime> DaysOf(std::int64_t year, std::int64_t month,
                               std::int64_t day) {
  if (year < 0 || year > 9999 || month < 1 || month > 12) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(year)),
      std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Reads "D:D:D" with two digits each; -1 when it is not that.
UnixTime ClockOf(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') {
    return -1;
  }
  const auto hour = NumberOf(text.substr(0, 2));
  const auto minute = NumberOf(text.substr(3, 2));
  const auto second = NumberOf(text.substr(6, 2));
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 ||
      *second > 60) {
    return -1;
  }
  return static_cast<UnixTime>(*hour * 3600 + *minute * 60 + *second);
}

// "Z", "+HH:MM" or "-HH:MM", in seconds east.
std::optional<UnixTime> ZoneOf(std::string_view text) {
  if (text == "Z" || text == "z") {
    return 0;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') ||
      text[3] != ':') {
    return std::nullopt;
  }
  const auto hours = NumberOf(text.substr(1, 2));
  const auto minutes = NumberOf(text.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  const auto seconds = static_cast<UnixTime>(*hours * 3600 + *minutes * 60);
  return text[0] == '+' ? seconds : -seconds;
}

}  // namespace

std::optional<UnixTime> ParseTime(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = NumberOf(text.substr(0, 4));
  const auto month = NumberOf(text.substr(5, 2));
  const auto day = NumberOf(text.substr(8, 2));
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const auto days = DaysOf(static_cast<std::int64_t>(*year),
                           static_cast<std::int64_t>(*month),
                           static_cast<std::int64_t>(*day));
  if (!days || text.size() == 10) {
    return days ? std::optional(*days * kDay) : std::nullopt;
  }
  if (text.size() < 20 ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  const UnixTime clock = ClockOf(text.substr(11, 8));
  std::string_view zone = text.substr(19);
  if (zone[0] == '.') {
    const std::size_t end = zone.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) {
      return std::nullopt;
    }
    zone.remove_prefix(end);
  }
  const auto east = ZoneOf(zone);
  if (clock < 0 || !east) {
    return std::nullopt;
  }
  return *days * kDay + clock - *east;
}

std::optional<UnixTime> ParseMailTime(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun",
      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::vector<std::string_view> words;
  for (const std::string_view word : Split(Trim(text), ' ')) {
    if (!word.empty()) {
      words.push_back(word);
    }
  }
  if (!words.empty() && words.front().back() == ',') {
    words.erase(words.begin());
  }
  if (words.size() != 5 ||
      (words[4] != "UTC" && words[4] != "GMT" && words[4] != "+0000")) {
    return std::nullopt;
  }
  std::int64_t month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (words[1] == kMonths.at(i)) {
      month = static_cast<std::int64_t>(i) + 1;
    }
  }
  const auto day = NumberOf(words[0]);
  const auto year = NumberOf(words[2]);
  const UnixTime clock = ClockOf(words[3]);
  if (!day || !year || clock < 0) {
    return std::nullopt;
  }
  const auto days = DaysOf(static_cast<std::int64_t>(*year), month,
                           static_cast<std::int64_t>(*day));
  return days ? std::optional(*days * kDay + clock) : std::nullopt;
}

std::string FormatTime(UnixTime time) {
  const UnixTime days = time >= 0 ? time / kDay : (time - (kDay - 1)) / kDay;
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(days))};
  const UnixTime clock = time - days * kDay;
  return fmt::format(
      "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      clock / 3600, clock / 60 % 60, clock % 60);
}

}  // namespace assay
