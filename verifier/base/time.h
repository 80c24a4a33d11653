// Points in time as products, policies and reports write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Seconds since 1970-01-01T00:00:00Z.
using UnixTime = std::int64_t;

// RFC 3339 ("2026-11-22T10:00:00Z", an offset, or a date alone = midnight
// UTC); nothing when it is anything else.
[[nodiscard]] std::optional<UnixTime> ParseTime(std::string_view text);
// RFC 5322 as in Debian's Release files ("Sat, 10 Jun 2023 08:54:40 UTC").
[[nodiscard]] std::optional<UnixTime> ParseMailTime(std::string_view text);
// "2026-11-22T10:00:00Z"
[[nodiscard]] std::string FormatTime(UnixTime time);

}  // namespace assay
