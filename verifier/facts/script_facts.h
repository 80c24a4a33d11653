// Facts "call", "gate" and "command" of a Python, JavaScript, PHP or Lua
// source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "verifier/facts/command_writer.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/script_lexer.h"

namespace assay::facts {

struct SourceText {
  ScriptLanguage language = ScriptLanguage::kPython;
  std::string_view text = {};
  bool cgi = false;          // a web server runs it with a request as its input
  std::uint64_t offset = 0;  // of the text in its file
  std::uint32_t line = 0;    // how many lines are before it
};

// At most `limit` calls.
void AddSourceFacts(const SourceText& source, std::size_t limit,
                    FactWriter& facts, CommandWriter& writer);

}  // namespace assay::facts
