#include "verifier/facts/command_writer.h"

#include <fmt/format.h>

#include <optional>

#include "verifier/facts/listeners.h"
#include "verifier/facts/shell_program.h"

namespace assay::facts {
namespace {

std::vector<std::string> ProgramsOf(const ShellScript& script) {
  std::vector<std::string> programs;
  for (const ShellCommand& command : script.commands) {
    programs.push_back(ProgramOf(command.words));
  }
  return programs;
}

}  // namespace

std::string JoinedWords(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    AppendWord(text, word);
  }
  return text;
}

void CommandWriter::AddScript(std::string_view text) {
  const ShellScript script = ParseShell(text, limit_);
  const auto programs = ProgramsOf(script);
  for (std::size_t i = 0; i < script.commands.size(); ++i) {
    const ShellCommand& command = script.commands[i];
    AddCommand(command, programs, i, "", command.place, command.line);
    AddNested(text, script, i, programs[i], command.place, command.line);
  }
  if (script.truncated) {
    facts_.Truncate();
  }
}

void CommandWriter::AddInner(std::string_view text, std::string_view within,
                             Range place, std::uint32_t line,
                             const ShellValues& values) {
  constexpr std::size_t kMostLevels = 4;
  if (levels_ == kMostLevels || text.size() > inner_) {
    return;
  }
  inner_ -= text.size();
  ++levels_;
  const ShellScript script = ParseShell(text, limit_, values);
  const auto programs = ProgramsOf(script);
  for (std::size_t i = 0; i < script.commands.size(); ++i) {
    AddCommand(script.commands[i], programs, i, within, place, line);
    AddNested(text, script, i, programs[i], place, line);
  }
  --levels_;
}

void CommandWriter::AddWords(const std::vector<std::string>& words, Range place,
                             std::uint32_t line) {
  facts_.Add({.kind = "command",
              .value = JoinedWords(words),
              .attributes = {{"program", ProgramOf(words)},
                             {"line", fmt::format("{}", line)}},
              .place = place});
  if (const auto inner = ScriptArgument(words)) {
    AddInner(*inner, ProgramOf(words), place, line);
  }
}

void CommandWriter::AddCommand(const ShellCommand& command,
                               const std::vector<std::string>& programs,
                               std::size_t index, std::string_view within,
                               Range place, std::uint32_t line) {
  if (command.words.empty() || facts_.full()) {
    return;
  }
  const auto program = [&](std::optional<std::size_t> other) {
    return other ? programs[*other] : std::string();
  };
  const std::string outer = program(command.within);
  facts_.Add(
      {.kind = "command",
       .value = JoinedWords(command.words),
       .attributes = {{"program", programs[index]},
                      {"line", line == 0 ? "" : fmt::format("{}", line)},
                      {"pipe_to", program(command.pipe_to)},
                      {"redirect", JoinedWords(command.redirections)},
                      {"within", outer.empty() ? std::string(within) : outer}},
       .place = place});
}

// sh -c TEXT, eval TEXT, sh <<EOF, and what a pipeline hands to a shell.
void CommandWriter::AddNested(std::string_view text, const ShellScript& script,
                              std::size_t index, const std::string& program,
                              Range place, std::uint32_t line) {
  const ShellCommand& command = script.commands[index];
  const auto inner = ScriptArgument(command.words);
  if (inner && inner->substr(0, 1) != "`" && inner->substr(0, 2) != "$(") {
    AddInner(*inner, program, place, line, script.values);
  }
  if (command.input) {
    AddInner(*command.input, program, place, line, script.values);
  }
  if (command.here_document && IsShell(program)) {
    const Range body = *command.here_document;
    AddInner(text.substr(body.offset, body.length), program,
             levels_ == 0 ? body : place, line, script.values);
  }
}

void AddCommandLine(std::string_view command_line, std::string_view source,
                    Range place, FactWriter& facts, const ShellValues& values) {
  constexpr std::size_t kMostCommands = 100;
  CommandWriter(facts, kMostCommands)
      .AddInner(command_line, source, place, 0, values);
  AddListenersOfCommandLine(command_line, source, place, facts);
}

}  // namespace assay::facts
