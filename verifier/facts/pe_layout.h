// The sections of a PE image, where it departs from what linkers make, and what
// lies behind it.
#pragma once

#include "verifier/facts/fact_writer.h"
#include "verifier/formats/executables/pe_view.h"

namespace assay::facts {

// pe.section for each; pe.oddity as of ELF: "writable-code", "dense-code",
// "entry-late" (execution begins in the last section, and not the first with
// code), "entry-in-data" (outside of code), and "empty-code": memory for code
// that is filled only when the program runs.
void AddSections(const formats::PeView& view, FactWriter& facts);

// pe.overlay: bytes that no table describes.
void AddOverlay(const formats::PeView& view, FactWriter& facts);

}  // namespace assay::facts
