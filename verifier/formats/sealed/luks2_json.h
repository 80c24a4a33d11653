// The JSON area of a LUKS2 header (LUKS2 on-disk format 1.1, section 3).
#pragma once

#include <cstdint>
#include <string_view>

#include "verifier/base/result.h"
#include "verifier/formats/sealed/luks_volume.h"

namespace assay::formats::luks {

// Adds what `text` describes to `volume`, whose device has `device_size`
// bytes. Objects that are not as the specification has them are anomalies
// "luks.bad-metadata"; kMalformed when the whole is no JSON.
[[nodiscard]] Result<void> ReadJson(std::string_view text,
                                    std::uint64_t device_size, Volume& volume);

}  // namespace assay::formats::luks
