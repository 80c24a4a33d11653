// Facts of kind "command": what scripts, units, tables and recipes run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/shell.h"
#include "verifier/facts/shell_flow.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {

[[nodiscard]] std::string JoinedWords(const std::vector<std::string>& words);

class CommandWriter {
 public:
  // At most `limit` commands of one script.
  CommandWriter(FactWriter& facts, std::size_t limit)
      : facts_(facts), limit_(limit) {}

  // A file that is a shell script: each command has a place of its own.
  void AddScript(std::string_view text);
  // A script inside of something else, "within" which it runs: `place` and
  // `line` are those of all its commands. `values`: what its environment sets.
  void AddInner(std::string_view text, std::string_view within, Range place,
                std::uint32_t line, const ShellValues& values = {});
  // A command that goes to no shell.
  void AddWords(const std::vector<std::string>& words, Range place,
                std::uint32_t line);
  // What decides about the commands that come and what they are given, as
  // whoever runs them knows.
  void SetContext(ShellSource::Bits gate, ShellSource::Bits given) {
    gate_ = gate;
    given_ = given;
  }

 private:
  // A script with what is known of its commands.
  struct Followed {
    ShellScript script = {};
    ShellFlow flow = {};
    std::vector<std::string> programs = {};
    std::vector<std::size_t> keys = {};  // see KeysBesideMessages()
  };
  [[nodiscard]] Followed Follow(std::string_view text,
                                const ShellValues& values) const;
  void AddCommand(const Followed& followed, std::size_t index,
                  std::string_view within, Range place, std::uint32_t line);
  void AddNested(std::string_view text, const Followed& followed,
                 std::size_t index, Range place, std::uint32_t line);
  void AddGates(const ShellFlow& flow, std::optional<Range> place,
                std::uint32_t line);

  void AddRelations(const ShellScript& script, std::optional<Range> place);

  FactWriter& facts_;
  std::size_t limit_;
  std::size_t levels_ = 0;
  ShellSource::Bits gate_ = 0;
  ShellSource::Bits given_ = 0;
  std::size_t inner_ = kMaxTextFile;  // bytes of scripts in strings, in all
};

// The commands of a line of a unit, a table or a manifest, and the listeners
// that they open. `source`: what runs the line ("cron"); `given`: where its
// input comes from.
void AddCommandLine(std::string_view command_line, std::string_view source,
                    Range place, FactWriter& facts,
                    const ShellValues& values = {},
                    ShellSource::Bits given = 0);

}  // namespace assay::facts
