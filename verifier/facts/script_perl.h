// Perl sources put into the words of PHP, whose grammar of names, calls and
// blocks is near enough, so that one parser reads both: "my ($a, $b) = @_"
// becomes parameters, "return 1 if $x eq 'y'" a condition with a body, qx{...}
// a call, "$1" what the last pattern was compared with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::facts {

struct PerlText {
  std::string text = {};  // with as many lines as the source
  // Offsets in `text` from which on something of the source was put.
  std::vector<std::pair<std::size_t, std::size_t>> places = {};

  // Where in the source what stands at `at` comes from.
  [[nodiscard]] std::size_t SourceOf(std::size_t at) const;
};

[[nodiscard]] PerlText PerlInPhp(std::string_view source);

}  // namespace assay::facts
