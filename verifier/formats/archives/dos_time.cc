#include "verifier/formats/archives/dos_time.h"

#include <chrono>

namespace assay::formats {

std::optional<std::int64_t> DosTime(std::uint16_t date, std::uint16_t time) {
  using std::chrono::day;
  using std::chrono::month;
  using std::chrono::year;
  const std::chrono::year_month_day days(year(1980 + (date >> 9)),
                                         month(unsigned{date} >> 5U & 15U),
                                         day(date & 31U));
  if (!days.ok()) {
    return std::nullopt;
  }
  const auto whole = std::chrono::sys_days(days).time_since_epoch().count();
  const unsigned clock = time;
  return std::int64_t{whole} * 86'400 + (clock >> 11U) * 3'600U +
         (clock >> 5U & 63U) * 60U + (clock & 31U) * 2U;
}

}  // namespace assay::formats
