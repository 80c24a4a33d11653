#include "verifier/facts/command_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "verifier/facts/listeners.h"
#include "verifier/facts/shell_effects.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/shell_relations.h"

namespace assay::facts {
std::string JoinedWords(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    AppendWord(text, word);
  }
  return text;
}

CommandWriter::Followed CommandWriter::Follow(std::string_view text,
                                              const ShellValues& values) const {
  Followed followed{.script = ParseShell(text, limit_, values)};
  followed.flow = FollowShell(followed.script, gate_, given_);
  for (const ShellCommand& command : followed.script.commands) {
    followed.programs.push_back(ProgramOf(command.words));
  }
  followed.keys = KeysBesideMessages(followed.script);
  return followed;
}

void CommandWriter::AddScript(std::string_view text) {
  const Followed followed = Follow(text, {});
  for (std::size_t i = 0; i < followed.script.commands.size(); ++i) {
    const ShellCommand& command = followed.script.commands[i];
    AddCommand(followed, i, "", command.place, command.line);
    AddNested(text, followed, i, command.place, command.line);
  }
  AddGates(followed.flow, std::nullopt, 0);
  AddRelations(followed.script, std::nullopt);
  if (followed.script.truncated) {
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
  const Followed followed = Follow(text, values);
  for (std::size_t i = 0; i < followed.script.commands.size(); ++i) {
    AddCommand(followed, i, within, place, line);
    AddNested(text, followed, i, place, line);
  }
  AddGates(followed.flow, place, line);
  AddRelations(followed.script, place);
  --levels_;
}

void CommandWriter::AddWords(const std::vector<std::string>& words, Range place,
                             std::uint32_t line) {
  facts_.Add({.kind = "command",
              .value = JoinedWords(words),
              .attributes = {{"program", ProgramOf(words)},
                             {"line", fmt::format("{}", line)},
                             {"does", std::string(EffectOf(
                                          words, ProgramIndex(words), {}))},
                             {"gate", NamesOfGate(gate_)},
                             {"tainted", NamesOfTaint(given_)}},
              .place = place});
  if (const auto inner = ScriptArgument(words)) {
    AddInner(*inner, ProgramOf(words), place, line);
  }
}

void CommandWriter::AddCommand(const Followed& followed, std::size_t index,
                               std::string_view within, Range place,
                               std::uint32_t line) {
  const ShellCommand& command = followed.script.commands[index];
  if (command.words.empty() || facts_.full()) {
    return;
  }
  const auto program = [&](std::optional<std::size_t> other) {
    return other ? followed.programs[*other] : std::string();
  };
  const std::string outer = program(command.within);
  const ShellMeaning& meaning = followed.flow.commands[index];
  const bool beside = std::find(followed.keys.begin(), followed.keys.end(),
                                index) != followed.keys.end();
  facts_.Add(
      {.kind = "command",
       .value = JoinedWords(command.words),
       .attributes = {{"program", followed.programs[index]},
                      {"line", line == 0 ? "" : fmt::format("{}", line)},
                      {"pipe_to", program(command.pipe_to)},
                      {"redirect", JoinedWords(command.redirections)},
                      {"within", outer.empty() ? std::string(within) : outer},
                      {"does", std::string(meaning.does)},
                      {"gate", NamesOfGate(meaning.gate)},
                      {"tainted", NamesOfTaint(meaning.tells)},
                      {"key", beside ? "beside" : ""}},
       .place = place});
}

// `place`: of the whole script, when its commands have none of their own.
void CommandWriter::AddRelations(const ShellScript& script,
                                 std::optional<Range> place) {
  for (const ShellSwap& swap : SwapsOf(script)) {
    const ShellCommand& command = script.commands[swap.command];
    facts_.Add({.kind = "script.swap",
                .value = swap.file,
                .attributes = {{"program", swap.between},
                               {"by", JoinedWords(command.words)}},
                .place = place.value_or(command.place)});
  }
  for (const ShellSkip& skip : SkipsOf(script)) {
    const ShellCommand& command = script.commands[skip.command];
    facts_.Add({.kind = "script.skip",
                .value = skip.condition,
                .attributes = {{"command", JoinedWords(command.words)}},
                .place = place.value_or(command.place)});
  }
}

// `place`: of the whole script, when its conditions have none of their own.
void CommandWriter::AddGates(const ShellFlow& flow, std::optional<Range> place,
                             std::uint32_t line) {
  for (const ShellGate& gate : flow.gates) {
    const std::string source = NamesOfGate(gate.sources);
    if (source.empty()) {
      continue;
    }
    facts_.Add(
        {.kind = "gate",
         .value = source,
         .attributes = {{"opens", std::string(gate.opens)},
                        {"comparand", std::string(NameOf(gate.comparand))},
                        {"compared", fmt::format("{}", gate.compared)},
                        {"language", "shell"},
                        {"line", fmt::format("{}", place ? line : gate.line)}},
         .place = place.value_or(gate.place)});
  }
}

// sh -c TEXT, eval TEXT, sh <<EOF, and what a pipeline hands to a shell.
void CommandWriter::AddNested(std::string_view text, const Followed& followed,
                              std::size_t index, Range place,
                              std::uint32_t line) {
  const ShellCommand& command = followed.script.commands[index];
  const std::string& program = followed.programs[index];
  const ShellValues& values = followed.script.values;
  const auto gate = gate_;
  const auto given = given_;
  SetContext(followed.flow.commands[index].gate,
             followed.flow.commands[index].tells | given);
  const auto inner = ScriptArgument(command.words);
  if (inner && inner->substr(0, 1) != "`" && inner->substr(0, 2) != "$(") {
    AddInner(*inner, program, place, line, values);
  }
  if (command.input) {
    AddInner(*command.input, program, place, line, values);
  }
  if (command.here_document && IsShell(program)) {
    const Range body = *command.here_document;
    AddInner(text.substr(body.offset, body.length), program,
             levels_ == 0 ? body : place, line, values);
  }
  SetContext(gate, given);
}

void AddCommandLine(std::string_view command_line, std::string_view source,
                    Range place, FactWriter& facts, const ShellValues& values,
                    ShellSource::Bits given) {
  constexpr std::size_t kMostCommands = 100;
  CommandWriter writer(facts, kMostCommands);
  writer.SetContext(0, given);
  writer.AddInner(command_line, source, place, 0, values);
  AddListenersOfCommandLine(command_line, source, place, facts);
}

}  // namespace assay::facts
