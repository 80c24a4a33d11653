// Pages and handlers of a web server that nothing in the product leads to.
#pragma once

#include "verifier/model/survey.h"

namespace assay::engine {

// Follows the references between files (facts "web.link") from the first
// pages, and from everything that is no page: scripts, settings, programs.
// A page or handler below the same root that is not reached gets a fact
// "web.unlinked". Only roots are judged whose first page leads to another
// page: elsewhere links are made in ways that are not seen.
void AddUnlinked(Survey& survey);

}  // namespace assay::engine
