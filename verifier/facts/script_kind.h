// Which interpreter a text file is for.
#pragma once

#include <string>
#include <string_view>

#include "verifier/base/bytes.h"
#include "verifier/model/artifact.h"

namespace assay::facts {

struct ScriptKind {
  // "shell", "python", "javascript", "perl", "ruby", "lua", "php", "tcl",
  // "awk", "make"; another program's base name; "" for no script.
  std::string interpreter = {};
  std::string_view shebang = {};  // behind "#!", borrowed from the content
};

// By shebang; without one by place and name, which only counts for text.
[[nodiscard]] ScriptKind ScriptKindOf(const Artifact& artifact,
                                      ByteView content);

// The script's text: what stands before a binary payload, if there is one.
[[nodiscard]] std::string_view ScriptText(ByteView content);

}  // namespace assay::facts
