// Where an ELF object departs from what linkers make.
#pragma once

#include "verifier/facts/fact_writer.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::facts {

// elf.oddity: "writable-code" (memory that is written and run), "entry-late"
// (execution begins in another than the first executable segment),
// "entry-in-data" (outside of all of them), "dense-code" (an executable
// segment as random as compressed or encrypted bytes).
void AddOddities(const formats::ElfView& view, FactWriter& facts);

}  // namespace assay::facts
