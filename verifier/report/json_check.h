// A signature check as JSON.
#pragma once

#include "verifier/model/signature.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// An element of the open array.
void PutCheck(JsonText& json, const SignatureCheck& check);

}  // namespace assay::report
