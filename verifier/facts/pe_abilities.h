// What functions of Windows are for, in the words of code/abilities.h and some
// of their own: process.inject, input.read, service.install, registry.write,
// kernel.watch, kernel.memory, screen.read.
#pragma once

#include <string>
#include <string_view>

namespace assay::facts {

struct PeAbility {
  std::string function = {};      // by name where the number tells it
  std::string_view ability = {};  // "" for a function of no interest
};

// `name` as a PE image imports it: "CreateProcessW", "_popen", or "#13" of a
// library whose numbers are known.
[[nodiscard]] PeAbility PeAbilityOf(std::string_view library,
                                    std::string_view name);

}  // namespace assay::facts
