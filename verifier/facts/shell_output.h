// What a command prints, when its words and its input already tell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::facts {

// echo, printf, cat, and the usual decoders (base64, openssl, xxd, tr, rev);
// nothing for every other program and for what would need a run. `words` hold
// no expansion. Output is cut like a word of a script.
[[nodiscard]] std::optional<std::string> OutputOf(
    const std::vector<std::string>& words,
    const std::optional<std::string>& input);

}  // namespace assay::facts
