#include "verifier/cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "verifier/base/text.h"

namespace assay::cli {
namespace {

constexpr char kBetween = '\t';  // an example and what it is for

std::string PathOf(const CLI::App& command) {
  std::string path = command.get_name();
  for (const CLI::App* up = command.get_parent(); up != nullptr;
       up = up->get_parent()) {
    path = up->get_name() + " " + path;
  }
  return path;
}

std::vector<Example> ExamplesOf(const CLI::App& command) {
  std::vector<Example> examples;
  const std::string text = command.get_footer();
  for (const std::string_view line : SplitLines(text)) {
    const auto tab = line.find(kBetween);
    if (tab != std::string_view::npos) {
      examples.push_back({std::string(line.substr(0, tab)),
                          std::string(line.substr(tab + 1))});
    }
  }
  return examples;
}

// What the value of an option or an argument is, by its name: a name means the
// same in every command.
std::string ValueOf(const std::string& name) {
  struct Value {
    std::string_view value;
    std::initializer_list<std::string_view> names;
  };
  static const std::vector<Value> kValues = {
      {"FILE",
       {"--policy", "--policy-key", "--sbom", "--signature", "--manifest",
        "--exceptions", "--reference", "--key", "--password-file"}},
      {"FILE|DIR", {"--context"}},
      {"PRODUCT", {"--previous"}},
      {"DIR", {"--rules", "--directory", "--cache"}},
      {"TIME", {"--at"}},
      {"KEY=VALUE", {"--limit"}},
      {"FORMAT[=PATH]", {"--output"}},
      {"NAME", {"--name", "--supplier", "--author", "--profile"}},
      {"VERSION", {"--product-version"}},
      {"LICENCE", {"--licence"}},
      {"LEVEL", {"--fail-on"}},
      {"N", {"--jobs"}},
  };
  for (const Value& one : kValues) {
    if (std::find(one.names.begin(), one.names.end(), name) !=
        one.names.end()) {
      return std::string(one.value);
    }
  }
  return "";
}

// CLI11 joins the name of the type and what validators say with colons.
void DescribeValue(const CLI::Option& option, OptionText& text) {
  if (option.get_items_expected_max() == 0) {
    return;
  }
  const std::string type = option.get_type_name();
  const auto colon = type.find(':');
  text.value = ValueOf(text.name());
  if (text.value.empty()) {
    text.value = type.substr(0, colon);
  }
  const std::string words =
      colon == std::string::npos ? "" : type.substr(colon + 1);
  if (words.find('|') == std::string::npos) {
    return;
  }
  for (const std::string_view word : Split(words, '|')) {
    text.choices.emplace_back(word);
  }
  if (text.value == "TEXT") {
    text.value = words;
  }
}

OptionText DescribeOption(const CLI::Option& option) {
  OptionText text;
  text.positional = option.get_positional();
  if (text.positional) {
    text.names.push_back(option.get_name(true));
  }
  for (const std::string& name : option.get_snames()) {
    text.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    text.names.push_back("--" + name);
  }
  text.help = option.get_description();
  text.required = option.get_required();
  text.everywhere = option.get_group() == kEverywhere;
  // Take-all: given several times, one value each.
  text.repeated =
      option.get_items_expected_max() > 1 ||
      option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  DescribeValue(option, text);
  return text;
}

}  // namespace

Offer OptionText::offer() const {
  if (!choices.empty()) {
    return Offer::kWords;
  }
  if (value == "DIR") {
    return Offer::kFolders;
  }
  const std::array<std::string_view, 5> kPaths = {"FILE", "FILE|DIR", "PRODUCT",
                                                  "TEXT", ""};
  const std::array<std::string_view, 3> kNoPaths = {"ADDRESS", "ID", "COMMAND"};
  const auto has = [](const auto& list, std::string_view one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  };
  return has(kPaths, value) && !has(kNoPaths, name()) ? Offer::kFiles
                                                      : Offer::kNothing;
}

std::string CommandText::Usage() const {
  std::string usage = path;
  const bool has_options =
      std::any_of(options.begin(), options.end(),
                  [](const OptionText& one) { return !one.positional; });
  if (!children.empty()) {
    usage += " COMMAND";
  }
  if (has_options) {
    usage += " [OPTION]...";
  }
  for (const OptionText& one : options) {
    if (one.positional) {
      const std::string name = one.name() + (one.repeated ? "..." : "");
      usage += one.required ? " " + name : " [" + name + "]";
    }
  }
  return usage;
}

void AddExamples(CLI::App* command, std::initializer_list<Example> examples) {
  std::string text;
  for (const Example& one : examples) {
    text += fmt::format("{}{}{}\n", one.command, kBetween, one.purpose);
  }
  command->footer(text);
}

CLI::Option* Choices(CLI::Option* option, const std::vector<std::string>& words,
                     bool only) {
  const auto refuse = [words, only](std::string& value) {
    return !only || std::find(words.begin(), words.end(), value) != words.end()
               ? std::string()
               : fmt::format("\"{}\" is none of {}", Escaped(value),
                             fmt::join(words, ", "));
  };
  return option->check(
      CLI::Validator(refuse, fmt::format("{}", fmt::join(words, "|"))));
}

CommandText Describe(const CLI::App& command) {
  CommandText text{.path = PathOf(command),
                   .group = command.get_group(),
                   .summary = command.get_description(),
                   .examples = ExamplesOf(command)};
  for (const CLI::Option* option : command.get_options()) {
    text.options.push_back(DescribeOption(*option));
  }
  // Those of its own before those of every command.
  const auto rank = [](const OptionText& one) {
    return one.positional ? 0 : one.everywhere ? 2 : 1;
  };
  std::stable_sort(
      text.options.begin(), text.options.end(),
      [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  for (const CLI::App* child : command.get_subcommands({})) {
    text.children.push_back(
        {child->get_name(), child->get_group(), child->get_description()});
  }
  return text;
}

std::vector<CLI::App*> EveryCommand(CLI::App& program) {
  std::vector<CLI::App*> found;
  std::vector<CLI::App*> open = {&program};
  while (!open.empty()) {
    CLI::App* command = open.back();
    open.pop_back();
    found.push_back(command);
    std::vector<CLI::App*> below = command->get_subcommands({});
    open.insert(open.end(), below.rbegin(), below.rend());
  }
  return found;
}

std::vector<CommandText> DescribeAll(CLI::App& program) {
  std::vector<CommandText> texts;
  for (const CLI::App* command : EveryCommand(program)) {
    texts.push_back(Describe(*command));
  }
  return texts;
}

std::string Wrapped(std::string_view text, std::size_t indent,
                    std::size_t width) {
  std::string wrapped;
  std::size_t column = indent;
  for (const std::string_view line : SplitLines(text)) {
    for (const std::string_view word : Split(line, ' ')) {
      if (column > indent && column + 1 + word.size() > width) {
        wrapped += "\n" + std::string(indent, ' ');
        column = indent;
      } else if (column > indent) {
        wrapped += ' ';
        ++column;
      }
      wrapped += word;
      column += word.size();
    }
  }
  return wrapped;
}

}  // namespace assay::cli
