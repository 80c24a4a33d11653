// What the code signature of a Mach-O image says that the program may do.
// Layout: cs_blobs.h of Apple's xnu; everything is big-endian.
#pragma once

#include "verifier/facts/fact_writer.h"
#include "verifier/formats/executables/macho_view.h"

namespace assay::facts {

// macho.identifier: the name it was signed under; macho.entitlement for each
// right. Nothing is verified here.
void AddSigned(const formats::MachoView& view, FactWriter& facts);

}  // namespace assay::facts
