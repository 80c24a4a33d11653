#include "verifier/cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>

#include "verifier/cli/commands.h"

namespace assay::cli {
namespace {

// What `previous` at `path` is: the options of one kind as patterns of a case.
std::string BashPatterns(const std::vector<CommandText>& all, Offer offer) {
  std::vector<std::string> patterns;
  for (const CommandText& command : all) {
    for (const OptionText& option : command.options) {
      if (!option.positional && !option.value.empty() &&
          option.offer() == offer) {
        for (const std::string& name : option.names) {
          patterns.push_back(fmt::format("'{} {}'", command.path, name));
        }
      }
    }
  }
  return fmt::format("{}", fmt::join(patterns, "|"));
}

// A case for each option whose value begins with a known word.
std::string BashChoices(const std::vector<CommandText>& all) {
  std::map<std::string, std::vector<std::string>> by_words;
  for (const CommandText& command : all) {
    for (const OptionText& option : command.options) {
      if (!option.positional && option.offer() == Offer::kWords) {
        for (const std::string& name : option.names) {
          by_words[fmt::format("{}", fmt::join(option.choices, " "))].push_back(
              fmt::format("'{} {}'", command.path, name));
        }
      }
    }
  }
  std::string cases;
  for (const auto& [words, patterns] : by_words) {
    cases += fmt::format("    {})\n      words='{}' ;;\n",
                         fmt::join(patterns, "|"), words);
  }
  return cases;
}

std::string BashCommands(const std::vector<CommandText>& all) {
  std::string cases;
  for (const CommandText& command : all) {
    std::vector<std::string> words;
    std::vector<std::string> options;
    for (const CommandText::Child& child : command.children) {
      words.push_back(child.name);
    }
    for (const OptionText& option : command.options) {
      if (option.positional) {
        words.insert(words.end(), option.choices.begin(), option.choices.end());
      } else {
        options.insert(options.end(), option.names.begin(), option.names.end());
      }
    }
    cases += fmt::format("    '{}')\n      words='{}'\n      options='{}' ;;\n",
                         command.path, fmt::join(words, " "),
                         fmt::join(options, " "));
  }
  return cases;
}

std::string FishQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' || c == '\\' ? "\\" : "";
    quoted += c;
  }
  return quoted + "'";
}

std::string FishOption(const std::string& at, const OptionText& option) {
  std::string line =
      fmt::format("complete -c assay -n '__assay_at \"{}\"'", at);
  for (const std::string& name : option.names) {
    line += name.rfind("--", 0) == 0 ? " -l " + name.substr(2)
                                     : " -s " + name.substr(1);
  }
  if (!option.value.empty()) {
    switch (option.offer()) {
      case Offer::kFiles:
        line += " -r -F";
        break;
      case Offer::kFolders:
        line += " -x -a '(__fish_complete_directories)'";
        break;
      case Offer::kWords:
        line += fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
        break;
      case Offer::kNothing:
        line += " -x";
        break;
    }
  }
  return line + " -d " + FishQuoted(option.help) + "\n";
}

// Words instead of files, where a command takes no file.
std::string FishWords(const CommandText& command) {
  const std::string head =
      fmt::format("complete -c assay -n '__assay_at \"{}\"' -f", command.path);
  std::string lines;
  for (const CommandText::Child& child : command.children) {
    lines += fmt::format("{} -a {} -d {}\n", head, child.name,
                         FishQuoted(child.summary));
  }
  bool takes_files = false;
  for (const OptionText& option : command.options) {
    takes_files =
        takes_files || (option.positional && option.offer() == Offer::kFiles);
    if (option.positional && !option.choices.empty()) {
      lines +=
          fmt::format("{} -a '{}'\n", head, fmt::join(option.choices, " "));
    }
  }
  return takes_files || !lines.empty() ? lines : head + "\n";
}

int Run(CLI::App& app, const std::string& shell) {
  const std::vector<CommandText> all = DescribeAll(app);
  const auto written = WriteOutput("-", shell == "bash"  ? BashCompletion(all)
                                        : shell == "zsh" ? ZshCompletion(all)
                                                         : FishCompletion(all));
  return written ? static_cast<int>(kExitPass) : Complain(written.error());
}

}  // namespace

std::string CommandPatterns(const std::vector<CommandText>& all,
                            std::string_view between) {
  std::string patterns;
  for (const CommandText& command : all) {
    if (command.path != all.front().path) {
      patterns +=
          fmt::format("{}'{}'", patterns.empty() ? "" : between, command.path);
    }
  }
  return patterns;
}

// Readline splits at "=": "--option=value" comes as three words.
std::string BashCompletion(const std::vector<CommandText>& all) {
  return fmt::format(
      R"(# bash completion for assay, made by "assay completion bash".
_assay() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local at=assay words='' options='' i
  if [[ $word == = ]]; then
    word=
  elif [[ $previous == = ]]; then
    previous=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at ${{COMP_WORDS[i]}}" in
      {}) at+=" ${{COMP_WORDS[i]}}" ;;
    esac
  done
  COMPREPLY=()
  case "$at $previous" in
    {}) return ;;
    {})
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return ;;
    {})
      compopt +o default
      return ;;
{}  esac
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    return
  fi
  case $at in
{}  esac
  if [[ $word == -* ]]; then
    words=$options
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}}
complete -o default -F _assay assay
)",
      CommandPatterns(all, "|"), BashPatterns(all, Offer::kFiles),
      BashPatterns(all, Offer::kFolders), BashPatterns(all, Offer::kNothing),
      BashChoices(all), BashCommands(all));
}

std::string FishCompletion(const std::vector<CommandText>& all) {
  std::string script = fmt::format(
      R"(# fish completion for assay, made by "assay completion fish".
function __assay_at
  set -l at assay
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case {}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
)",
      CommandPatterns(all, " "));
  for (const CommandText& command : all) {
    script += FishWords(command);
    for (const OptionText& option : command.options) {
      script += option.positional ? "" : FishOption(command.path, option);
    }
  }
  return script;
}

void AddCompletion(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand(
      "completion", "Print what completes this command line in a shell");
  AddExamples(command,
              {{"source <(assay completion bash)", "for this bash"},
               {"assay completion fish > ~/.config/fish/completions/assay.fish",
                "for every fish"}});
  auto shell = std::make_shared<std::string>();
  Choices(command->add_option("SHELL", *shell, "whose")->required(),
          {"bash", "zsh", "fish"}, true);
  command->group(kAbout);
  command->callback([&app, shell, &exit] { exit = Run(app, *shell); });
}

}  // namespace assay::cli
