// An ADB file that is not packed: Alpine's packages of version 3.
//
// Reference: apk-tools 3.0, doc/apk-v3.5.scd; src/adb.h (blocks, header),
// src/apk_adb.h (fields).
#pragma once

#include "verifier/formats/format.h"

namespace assay::formats {

// Whether `head` begins with the header of such a file and its first block.
[[nodiscard]] bool IsAdbFile(ByteView head);

// Scripts, signatures and files become members of `sink`.
[[nodiscard]] Result<void> UnpackAdbFile(Input& input, ArtifactSink& sink);

}  // namespace assay::formats
