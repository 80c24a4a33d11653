// What norm 13(i) asks, and how far the report answers.
#pragma once

#include "verifier/model/report.h"
#include "verifier/report/html/markup.h"

namespace assay::report::html {

// Pack by pack: whether it was evaluated, the bytes that its question was
// answered for, and its findings that weigh. Needs no program.
void PutNorm(Markup& page, const Report& report);

}  // namespace assay::report::html
