// Dates and times of MS-DOS, as ZIP, CAB and RAR keep them.
#pragma once

#include <cstdint>
#include <optional>

namespace assay::formats {

// Seconds since 1970. The zone is not stored; it is taken as UTC. Nothing for
// a date that does not exist.
[[nodiscard]] std::optional<std::int64_t> DosTime(std::uint16_t date,
                                                  std::uint16_t time);

}  // namespace assay::formats
