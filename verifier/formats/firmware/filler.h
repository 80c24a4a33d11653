// What firmware images hold where they hold nothing: zeros, or erased flash.
#pragma once

#include "verifier/base/bytes.h"
#include "verifier/formats/format.h"

namespace assay::formats {

// Whether all bytes are 0x00, or all are 0xFF.
[[nodiscard]] bool IsBlank(ByteView bytes);

// Claims `range` of `bytes` (cut to what is there): padding if it is erased,
// else slack, but for erased runs at its two ends. False when it is slack.
bool ClaimFiller(ByteView bytes, Range range, ArtifactSink& sink);

}  // namespace assay::formats
