// YARA rules, compiled together: one scan of the content finds the strings of
// all of them, and only rules that could hold are evaluated.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rules/yara/ast.h"
#include "rules/yara/matcher.h"
#include "verifier/base/bytes.h"
#include "verifier/base/pattern_set.h"

namespace assay::yara {

struct SourceFile {
  std::string name = {};
  std::string text = {};
};

// A mistake in a file, or why a rule of it is not imported.
struct Note {
  std::string file = {};
  Mark mark = {};
  std::string rule = {};  // "" for a mistake
  std::string what = {};
};

// A string of a rule, ready to be looked for.
struct Sought {
  std::vector<Form> forms = {};
  bool is_private = false;
  // Whether scanning for the forms proves it, without a closer look.
  bool exact = true;
};

struct LinkedRule {
  Rule rule = {};  // its strings' patterns are in `strings`
  std::uint32_t file = 0;
  std::uint32_t first_rule = 0;    // of the file: Expr::index counts from it
  std::uint32_t first_string = 0;  // in Program::strings
  bool sleeps = true;              // false without a string of it or of another
};

struct PatternUse {
  std::uint32_t string = 0;
  std::uint32_t form = 0;
};

// Immutable once compiled; shared by all threads.
struct Program {
  std::vector<std::string> files = {};
  std::vector<LinkedRule> rules = {};  // in order of file and place
  std::vector<Sought> strings = {};
  std::vector<std::vector<PatternUse>> uses = {};      // by pattern
  std::vector<std::vector<std::uint32_t>> wakes = {};  // rules, by string
  std::vector<std::uint32_t> awake = {};               // rules, always
  std::shared_ptr<const PatternSet> scanner = {};
};

struct Compiled {
  Program program = {};
  std::vector<Note> mistakes = {};      // no rule of such a file is in it
  std::vector<Note> not_imported = {};  // single rules
};

// Pure; in order of the files.
[[nodiscard]] Compiled Compile(const std::vector<SourceFile>& files);

struct RuleHit {
  std::uint32_t rule = 0;
  // Where its strings occur: a place of each, in the strings' order.
  std::vector<Range> places = {};
};

struct Outcome {
  std::vector<RuleHit> hits = {};  // in order; no private rules
  // Rules that were given up: they would have taken too long.
  std::vector<std::uint32_t> undecided = {};
};

[[nodiscard]] Outcome Scan(const Program& program, ByteView data);

}  // namespace assay::yara
