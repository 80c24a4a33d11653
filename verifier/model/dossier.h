// All that is known about a product before rules judge it.
#pragma once

#include <vector>

#include "verifier/model/declarations.h"
#include "verifier/model/exception.h"
#include "verifier/model/reconciliation.h"
#include "verifier/model/reference.h"
#include "verifier/model/signature.h"
#include "verifier/model/survey.h"

namespace assay {

struct Dossier {
  Survey survey = {};
  std::vector<SignatureCheck> checks = {};
  Reconciliation reconciliation = {};
  Declarations declarations = {};
  bool has_previous = false;  // whether facts "new" were looked for
  std::vector<ReferenceSet> references = {};
  std::vector<ReviewedException> exceptions = {};  // those that still count
};

}  // namespace assay
