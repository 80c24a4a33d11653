// Programs within configuration files: the Lua of nginx's directives that end
// in "_by_lua", in a block or in quotes.

#include <algorithm>
#include <string_view>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/script_facts.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::string_view kMark = "_by_lua";

// Where the text that `open` begins ends: at its counterpart outside of quotes
// and comments, or at the next quote of its kind.
std::size_t EndOf(std::string_view text, std::size_t open) {
  const bool block = text[open] == '{';
  char quote = block ? '\0' : text[open];
  std::size_t depth = 1;
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {
      ++at;
    } else if (quote != 0) {
      if (c == quote && !block) {
        return at;
      }
      quote = c == quote || c == '\n' ? '\0' : quote;
      quote = block ? quote : text[open];
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (text.substr(at, 2) == "--") {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '{' || c == '}') {
      depth += c == '{' ? 1U : 0U;
      depth -= c == '}' ? 1U : 0U;
      if (depth == 0) {
        return at;
      }
    }
  }
  return text.size();
}

void ReadLua(std::string_view text, std::size_t limit, FactWriter& facts) {
  CommandWriter writer(facts, limit);
  for (std::size_t at = text.find(kMark); at < text.size();
       at = text.find(kMark, at)) {
    at += kMark.size();
    std::size_t open = at;
    open += text.substr(open).starts_with("_block") ? 6U : 0U;
    open = text.find_first_not_of(" \t\r\n", open);
    if (open >= text.size() ||
        (text[open] != '{' && text[open] != '"' && text[open] != '\'')) {
      continue;
    }
    const std::size_t end = EndOf(text, open);
    const auto line = std::count(
        text.begin(), text.begin() + static_cast<std::ptrdiff_t>(open), '\n');
    AddSourceFacts({.language = ScriptLanguage::kLua,
                    .text = text.substr(open + 1, end - open - 1),
                    .offset = open + 1,
                    .line = static_cast<std::uint32_t>(line)},
                   limit, facts, writer);
    at = end;
  }
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view text = AsText(subject.content);
  if (text.empty() || text.size() > kMaxTextFile ||
      text.find(kMark) == std::string_view::npos || !IsText(subject.content) ||
      !ScriptKindOf(subject.artifact, subject.content).interpreter.empty()) {
    return false;
  }
  FactWriter facts("embedded_code", subject, into);
  ReadLua(text, subject.limits.facts, facts);
  return false;
}

}  // namespace

const Analysis kEmbeddedCode = {
    .name = "embedded_code",
    .title = "Programs within configuration files",
    .examine = Examine,
};

}  // namespace assay::facts
