#include <fmt/format.h>
#include <fmt/ranges.h>

#include "verifier/cli/completion.h"

namespace assay::cli {
namespace {

// For a specification of _arguments in single quotes.
std::string Quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
      continue;
    }
    quoted += std::string_view("[]:\\").find(c) != std::string_view::npos
                  ? std::string("\\") + c
                  : std::string(1, c);
  }
  return quoted;
}

std::string ActionOf(const OptionText& option) {
  switch (option.offer()) {
    case Offer::kFiles:
      return "_files";
    case Offer::kFolders:
      return "_files -/";
    case Offer::kWords:
      return fmt::format("({})", fmt::join(option.choices, " "));
    case Offer::kNothing:
      break;
  }
  return "";
}

std::string SpecificationsOf(const OptionText& option) {
  if (option.positional) {
    return fmt::format("      '{}:{}:{}' \\\n", option.repeated ? "*" : "",
                       Quoted(option.name()), ActionOf(option));
  }
  std::string lines;
  for (const std::string& name : option.names) {
    const bool is_long = name.rfind("--", 0) == 0;
    lines += fmt::format(
        "      '{}{}{}[{}]{}' \\\n", option.repeated ? "*" : "", name,
        is_long && !option.value.empty() ? "=" : "", Quoted(option.help),
        option.value.empty()
            ? ""
            : fmt::format(":{}:{}", Quoted(option.value), ActionOf(option)));
  }
  return lines;
}

std::string CaseOf(const CommandText& command) {
  std::string text = fmt::format("    ('{}')\n", command.path);
  if (!command.children.empty()) {
    text += "    commands=(\n";
    for (const CommandText::Child& child : command.children) {
      text += fmt::format("      '{}:{}'\n", child.name, Quoted(child.summary));
    }
    text += "    )\n";
  }
  text += "    _arguments -s \\\n";
  for (const OptionText& option : command.options) {
    text += SpecificationsOf(option);
  }
  return text + (command.children.empty()
                     ? "      ;;\n"
                     : "      '1:command:{_describe command commands}' ;;\n");
}

}  // namespace

std::string ZshCompletion(const std::vector<CommandText>& all) {
  std::string cases;
  for (const CommandText& command : all) {
    cases += CaseOf(command);
  }
  return fmt::format(R"(#compdef assay
# zsh completion for assay, made by "assay completion zsh".
_assay() {{
  local at=assay i last=1
  local -a commands
  for ((i = 2; i < CURRENT; i++)); do
    case "$at $words[i]" in
      ({}) at="$at $words[i]"; last=$i ;;
    esac
  done
  shift $((last - 1)) words
  ((CURRENT -= last - 1))
  case $at in
{}  esac
}}
if [[ $funcstack[1] == _assay ]]; then
  _assay "$@"
else
  compdef _assay assay
fi
)",
                     CommandPatterns(all, "|"), cases);
}

}  // namespace assay::cli
