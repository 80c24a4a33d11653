// Scanning by Vectorscan, made safe.
#pragma once

#include <hs/hs.h>

#include "verifier/base/bytes.h"

namespace assay {

// hs_scan. Version 5.4.9, which Debian 12 has, formats what it scans as a C
// string wherever a database has a pattern with two certain bytes at its end (a
// trace that was left in rdvermicelliDoubleExec): it reads on behind an input
// without NUL, and the C library ends the program for an input of 255 bytes or
// more. The file that defines this takes the place of the function which that
// trace calls.
[[nodiscard]] hs_error_t ScanSafely(const hs_database_t& database,
                                    ByteView bytes, hs_scratch_t* scratch,
                                    match_event_handler on_match,
                                    void* context);

}  // namespace assay
