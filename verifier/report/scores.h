// How far SBOMs and content agree, as text and as JSON.
#pragma once

#include "verifier/model/reconciliation.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"

namespace assay::report {

// The index, what caps it, and the shares that it is made of, a line each.
void PutScores(Layout& layout, const Scores& scores);

// The member "scores" of the open object.
void PutScores(JsonText& json, const Scores& scores);

}  // namespace assay::report
