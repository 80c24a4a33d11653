// What sbom/ranges.cc asks of the files of sbom/ranges, and what they share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sbom/ranges.h"

namespace assay::sbom::ranges {

using Alternatives = std::vector<Alternative>;
using ReadFunction = Result<Alternatives> (*)(std::string_view text);

[[nodiscard]] Result<Alternatives> ReadConan(std::string_view text);
[[nodiscard]] Result<Alternatives> ReadGem(std::string_view text);
[[nodiscard]] Result<Alternatives> ReadMaven(std::string_view text);
[[nodiscard]] Result<Alternatives> ReadNginx(std::string_view text);
[[nodiscard]] Result<Alternatives> ReadNpm(std::string_view text);
[[nodiscard]] Result<Alternatives> ReadNuget(std::string_view text);
[[nodiscard]] Result<Alternatives> ReadOpenssl(std::string_view text);
[[nodiscard]] Result<Alternatives> ReadPypi(std::string_view text);

// kMalformed, naming the notation and the place.
[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view notation,
                                              std::string_view text);

// Makes `all` hold every alternative of its own joined with every one of
// `more`. kLimit when that gives more constraints than people write.
[[nodiscard]] Result<void> Join(const Alternatives& more, Alternatives& all);

// Text between "||", trimmed.
[[nodiscard]] std::vector<std::string_view> SplitAlternatives(
    std::string_view text);

// An operator and the version it stands before: ">= 1.0" gives {">=", "1.0"}.
using Term = std::pair<std::string_view, std::string_view>;

// Cuts a term off the front: characters of `operators`, spaces, then all up to
// the next space or operator. Nothing when no version follows.
[[nodiscard]] std::optional<Term> TakeTerm(std::string_view& text,
                                           std::string_view operators);

// "=", "==" and "" are equal to; nothing for other operators.
[[nodiscard]] std::optional<Comparator> ComparatorOf(std::string_view text);

// The number after a number of any length.
[[nodiscard]] std::string Incremented(std::string_view digits);

}  // namespace assay::sbom::ranges
