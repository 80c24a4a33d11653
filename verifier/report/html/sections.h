// What follows page one: the frames that the page's program fills, and what
// needs no program.
#pragma once

#include <array>

#include "verifier/model/report.h"
#include "verifier/report/html/frame.h"
#include "verifier/report/html/markup.h"

namespace assay::report::html {

// In the order of the page, which its navigation shows.
inline constexpr std::array<Section, 8> kSections = {{
    {"findings", "Findings"},
    {"content", "Content"},
    {"signatures", "Signatures"},
    {"sbom", "SBOM"},
    {"changes", "Changes"},
    {"norm", "What the norm asks"},
    {"rules", "Rules"},
    {"settings", "Settings"},
}};

void PutSections(Markup& page, const Report& report);

}  // namespace assay::report::html
