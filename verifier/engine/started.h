// Which programs and scripts run without anybody asking for them.
#pragma once

#include "verifier/model/survey.h"

namespace assay::engine {

// What a start-up file, a schedule or a package's script names is started by
// it, and so is what that one names in turn. Adds a fact "started" to every
// program and script that something of the product starts in this way; files
// that are start-up files or schedules themselves have facts that say so. A
// program is looked for where its path says, from the file system or package of
// whoever names it outwards; a bare name in the folders of a usual PATH.
void AddStarted(Survey& survey);

}  // namespace assay::engine
