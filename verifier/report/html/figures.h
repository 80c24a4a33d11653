// Small figures drawn without a program: the sign of a verdict, bars.
#pragma once

#include <cstdint>
#include <string>

#include "verifier/model/ledger.h"
#include "verifier/model/report.h"
#include "verifier/report/html/markup.h"

namespace assay::report::html {

// A tick, a cross or a question mark in a disc. Says nothing to those who do
// not see it: the word stands beside it.
void PutSign(Markup& page, Verdict verdict);

// A bar of all categories of one axis of `whole` bytes, each in its tone, and
// under it their names and shares.
void PutBar(Markup& page, const LedgerAxis& axis, std::uint64_t whole);

}  // namespace assay::report::html
