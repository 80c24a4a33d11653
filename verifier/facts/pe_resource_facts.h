// What the resources of a PE image say: its version record, and programs that
// it carries among them.
#pragma once

#include "verifier/facts/fact_writer.h"
#include "verifier/formats/executables/pe_view.h"

namespace assay::facts {

// pe.version for each text of the version records, pe.carried for each
// resource that is itself a program, and for programs in other data.
void AddResourceFacts(const formats::PeView& view, FactWriter& facts);

}  // namespace assay::facts
