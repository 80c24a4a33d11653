// VEX as waivers, where the meaning fits.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/engine/vex.h"
#include "verifier/model/policy.h"

namespace assay::engine {

struct VexWaivers {
  std::vector<Waiver> waivers = {};
  // Statements that are no waivers: "/statements/2: CVE-...: why".
  std::vector<std::string> misfits = {};
};

// A statement fits when it says with a reason that something is not affected by
// what a rule asks for, in a file that it names by digest or path, and no
// statement of that time or later says otherwise of it. Approver is the
// document's author; the waiver ends 365 days after the statement. `name`
// begins the waivers' ids; `knows` tells rules.
[[nodiscard]] VexWaivers WaiversOf(
    const VexDocument& document, std::string_view name,
    const std::function<bool(const std::string&)>& knows);

// A policy's `waivers:`.
[[nodiscard]] std::string WaiversAsYaml(const std::vector<Waiver>& waivers);

}  // namespace assay::engine
