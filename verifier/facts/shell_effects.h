// What a simple command does to the machine, its owner or its network, as far
// as that matters for a product's integrity.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::facts {

// One of
//   destroys  removes or overwrites the system, the user's data or the flash
//   stops     halts or restarts the machine
//   opens     starts a service for logins or a shell, lets packets in
//   grants    makes accounts, keys for logins, rights of root
//   disables  switches off a guard: packet filter, log, audit, access control
//   runs      runs what a file, a variable or its input holds
//   installs  writes programs or firmware
//   sends     gives something to another machine
//   fetches   takes something from another machine
//   ends      stops a service, a link or processes
// or "": nothing of the kind. `at`: the word that names the program.
[[nodiscard]] std::string_view EffectOf(
    const std::vector<std::string>& words, std::size_t at,
    const std::vector<std::string>& redirections);

// The file that a redirection or the program writes to: ">/tmp/x", "-O /tmp/x",
// "cp A B". "" when there is none or it is the standard output.
[[nodiscard]] std::string_view WrittenBy(
    const std::vector<std::string>& words, std::size_t at,
    const std::vector<std::string>& redirections);

}  // namespace assay::facts
