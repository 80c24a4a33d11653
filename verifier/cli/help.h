// Help as people read it: what it is, examples, then the options.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/cli/command_line.h"

namespace assay::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_help(const CLI::App* command, std::string name,
                                      CLI::AppFormatMode mode) const override;
};

// What is wrong with a command line that did not parse, with the word that was
// probably meant.
[[nodiscard]] std::string Explain(const CLI::App& program,
                                  const CLI::ParseError& error);

// What an option is for, with its choices unless its value says them already.
[[nodiscard]] std::string HelpOf(const OptionText& option);

// "unknown WHAT 'WORD'", with the nearest of `known` if one is near.
[[nodiscard]] std::string Unknown(std::string_view what, std::string_view word,
                                  const std::vector<std::string>& known);

}  // namespace assay::cli
