// AMI's list of variables, "NVAR". No specification is public; the layout is
// that of nvram.h in UEFITool (NVAR entry), which readers of AMI's firmware
// agree on.
#pragma once

#include "verifier/base/byte_source.h"
#include "verifier/formats/format.h"

namespace assay::formats {

// Whether `head` begins with an entry that another entry or erased flash
// follows.
[[nodiscard]] bool HasNvarStore(ByteView head);

// Gives every variable to the sink. An entry may name a later one that holds
// newer data; only the last of such a chain is content.
[[nodiscard]] Result<void> UnpackNvarStore(const ByteSource& source,
                                           ArtifactSink& sink);

}  // namespace assay::formats
