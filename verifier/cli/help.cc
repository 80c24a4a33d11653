#include "verifier/cli/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "verifier/base/text.h"
#include "verifier/cli/exit_codes.h"

namespace assay::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kColumn = 27;  // where explanations begin

std::string Row(const std::string& head, const std::string& text) {
  const std::string left = "  " + head;
  const std::string gap = left.size() + 2 > kColumn
                              ? "\n" + std::string(kColumn, ' ')
                              : std::string(kColumn - left.size(), ' ');
  return left + gap + Wrapped(text, kColumn, kWidth) + "\n";
}

std::string HeadOf(const OptionText& option) {
  // Long names stand in one column.
  std::string head = fmt::format("{}", fmt::join(option.names, ", "));
  if (!option.positional && option.names.size() == 1 &&
      option.names[0].rfind("--", 0) == 0) {
    head = "    " + head;
  }
  if (!option.positional && !option.value.empty()) {
    head += " " + option.value;
  }
  return head;
}

std::string Rows(const CommandText& text, const char* title,
                 bool (*wanted)(const OptionText&)) {
  std::string rows;
  for (const OptionText& option : text.options) {
    if (wanted(option)) {
      rows += Row(HeadOf(option), HelpOf(option));
    }
  }
  return rows.empty() ? "" : fmt::format("\n{}:\n{}", title, rows);
}

std::string ExamplesIn(const CommandText& text) {
  std::string lines;
  for (const Example& one : text.examples) {
    lines += fmt::format("  {}\n      {}\n", one.command,
                         Wrapped(one.purpose, 6, kWidth));
  }
  return lines.empty() ? "" : "\nExamples:\n" + lines;
}

// Groups in the order of their first command.
std::string CommandsIn(const CommandText& text) {
  std::vector<std::string> groups;
  for (const CommandText::Child& child : text.children) {
    if (std::find(groups.begin(), groups.end(), child.group) == groups.end()) {
      groups.push_back(child.group);
    }
  }
  std::string lines;
  for (const std::string& group : groups) {
    lines +=
        fmt::format("\n{}:\n", group == "Subcommands" ? "Commands" : group);
    for (const CommandText::Child& child : text.children) {
      lines += child.group == group ? Row(child.name, child.summary) : "";
    }
  }
  return lines;
}

// How many letters have to be inserted, left out, replaced or swapped with
// their neighbour (optimal string alignment distance).
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> table(
      a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      const std::size_t same = a[i - 1] == b[j - 1] ? 0 : 1;
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1,
                              table[i - 1][j - 1] + same});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

// The nearest of `known`, when a third of its letters or less are wrong or
// `word` is its beginning.
std::optional<std::string> Nearest(std::string_view word,
                                   const std::vector<std::string>& known) {
  constexpr std::size_t kLongest = 40;
  std::optional<std::string> nearest;
  std::size_t least = kLongest;
  for (const std::string& one : known) {
    const bool begins = word.size() > 2 && one.rfind(word, 0) == 0;
    const std::size_t distance = word.size() > kLongest ? kLongest
                                 : begins               ? 1
                                                        : Distance(word, one);
    if (distance < least && distance <= (one.size() + 2) / 3) {
      nearest = one;
      least = distance;
    }
  }
  return nearest;
}

}  // namespace

std::string HelpOf(const OptionText& option) {
  return option.choices.empty() || option.value.find('|') != std::string::npos
             ? option.help
             : fmt::format("{} ({})", option.help,
                           fmt::join(option.choices, ", "));
}

std::string HelpFormatter::make_help(const CLI::App* command,
                                     std::string /*name*/,
                                     CLI::AppFormatMode /*mode*/) const {
  const CommandText text = Describe(*command);
  const bool is_program = command->get_parent() == nullptr;
  std::string help =
      fmt::format("{}\n{}\nUsage: {}\n", Wrapped(text.summary, 0, kWidth),
                  ExamplesIn(text), text.Usage());
  help += CommandsIn(text);
  help += Rows(text, "Arguments",
               [](const OptionText& one) { return one.positional; });
  help += Rows(text, "Options", [](const OptionText& one) {
    return !one.positional && !one.everywhere;
  });
  help += Rows(text, is_program ? "Options of every command" : "Also",
               [](const OptionText& one) { return one.everywhere; });
  if (is_program) {
    help +=
        fmt::format("\nExit codes: {}\n", Wrapped(ExitCodeLine(), 12, kWidth));
  }
  return help;
}

std::string Unknown(std::string_view what, std::string_view word,
                    const std::vector<std::string>& known) {
  const auto nearest = Nearest(word, known);
  return fmt::format(
      "unknown {} '{}'{}", what, Escaped(word),
      nearest ? fmt::format("; did you mean '{}'?", *nearest) : "");
}

std::string Explain(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App* command = &program;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().back();
  }
  const CommandText text = Describe(*command);
  const std::string more = fmt::format("; see \"{} --help\"", text.path);
  const std::vector<std::string> left = program.remaining(true);
  if (left.empty()) {
    return Escaped(error.what()) + more;
  }
  const std::string word = left[0].substr(0, left[0].find('='));
  std::vector<std::string> known;
  if (word.size() > 1 && word[0] == '-') {
    for (const OptionText& option : text.options) {
      if (!option.positional) {
        known.insert(known.end(), option.names.begin(), option.names.end());
      }
    }
    return Unknown("option", word, known) + more;
  }
  for (const CommandText::Child& child : text.children) {
    known.push_back(child.name);
  }
  return known.empty() ? fmt::format("'{}' is one argument too many{}",
                                     Escaped(left[0]), more)
                       : Unknown("command", left[0], known) + more;
}

}  // namespace assay::cli
