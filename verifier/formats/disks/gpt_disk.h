// A disk with a GUID partition table, from whichever of its tables is intact.
#pragma once

#include "verifier/formats/format.h"

namespace assay::formats::disks {

// Where the disk ends: behind its backup table, or at its last usable sector
// when that is not there. kNotThisFormat without an intact primary table.
[[nodiscard]] Result<std::uint64_t> MeasureGpt(ByteView bytes);

// kMalformed when neither table can be read.
[[nodiscard]] Result<void> UnpackGpt(const ByteSource& source,
                                     ArtifactSink& sink);

}  // namespace assay::formats::disks
