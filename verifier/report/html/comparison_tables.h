// What the page of a comparison says beside its headline.
#pragma once

#include "verifier/model/comparison.h"
#include "verifier/report/html/markup.h"

namespace assay::report::html {

// The two side by side, each in a nutshell.
void PutSides(Markup& page, const Comparison& comparison);
// Why more may differ than is listed, or less.
void PutLimits(Markup& page, const Comparison& comparison);
// How much of each kind came and went.
void PutKinds(Markup& page, const Comparison& comparison);
// The sections behind page one: all changes, all files, settings.
void PutLists(Markup& page, const Comparison& comparison);

}  // namespace assay::report::html
