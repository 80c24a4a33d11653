// Names and text from inside a product: data that must never reach a terminal
// or a path as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Printable UTF-8 stays; every other byte (controls, invalid sequences,
// bidirectional and other format characters, the backslash) becomes \xNN.
// Two different inputs never give the same output.
[[nodiscard]] std::string Escaped(std::string_view raw);
[[nodiscard]] bool IsValidUtf8(std::string_view text);

// "/./a//b/" -> "a/b". Keeps ".." (see IsHostileName); no access to any disk.
[[nodiscard]] std::string NormalPath(std::string_view raw);
// Whether extracting to this name could leave the target folder, or the name
// holds a NUL: absolute, or any ".." step.
[[nodiscard]] bool IsHostileName(std::string_view raw);

// Shell-like globs over '/'-separated paths: '?' and '*' stay inside a step,
// '**' spans steps, '{a,b}' alternates. Case matters.
[[nodiscard]] bool GlobMatches(std::string_view glob, std::string_view path);

[[nodiscard]] std::vector<std::string_view> SplitLines(std::string_view text);
[[nodiscard]] std::vector<std::string_view> Split(std::string_view text,
                                                  char separator);
[[nodiscard]] std::string_view Trim(std::string_view text);
[[nodiscard]] std::string Lower(std::string_view text);
// The whole text as a decimal number, or nothing (also on overflow).
[[nodiscard]] std::optional<std::uint64_t> NumberOf(std::string_view text);

[[nodiscard]] std::string Base64(std::string_view bytes);
// Strict RFC 4648 section 4; line breaks are allowed and skipped.
[[nodiscard]] std::optional<std::string> FromBase64(std::string_view text);

}  // namespace assay
