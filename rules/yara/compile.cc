#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "rules/yara/parser.h"
#include "rules/yara/program.h"
#include "rules/yara/wake.h"
#include "verifier/base/text.h"

namespace assay::yara {
namespace {

namespace fs = std::filesystem;

// Calls `visit` for every node.
// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
void ForEach(const Expr& expr, const auto& visit) {
  visit(expr);
  for (const Expr& part : expr.of) {
    ForEach(part, visit);
  }
}

std::vector<std::uint32_t> RulesNamedIn(const Expr& condition) {
  std::vector<std::uint32_t> named;
  ForEach(condition, [&](const Expr& expr) {
    if (expr.kind == Expr::Kind::kRule) {
      named.push_back(expr.index);
    }
    named.insert(named.end(), expr.rules.begin(), expr.rules.end());
  });
  return named;
}

class Compiler {
 public:
  Compiled Run(const std::vector<SourceFile>& files) {
    for (const SourceFile& file : files) {
      includes_[file.name];
    }
    for (const SourceFile& file : files) {
      ReadFile(file);
    }
    ApplyIncludes();
    do {
      Spread();
    } while (!CompileScanner());
    for (LinkedRule& linked : program_.rules) {
      if (!linked.rule.unsupported.empty()) {
        compiled_.not_imported.push_back({program_.files[linked.file],
                                          linked.rule.mark, linked.rule.name,
                                          linked.rule.unsupported});
      }
      linked.rule.strings.clear();
    }
    Wake();
    return std::move(compiled_);
  }

 private:
  void ReadFile(const SourceFile& file) {
    ParsedFile parsed = ParseFile(file.text);
    if (!parsed.problem.empty()) {
      compiled_.mistakes.push_back(
          {file.name, parsed.mark, "", std::move(parsed.problem)});
      return;
    }
    if (!ReadIncludes(file.name, parsed.includes)) {
      return;
    }
    const auto first = static_cast<std::uint32_t>(program_.rules.size());
    for (Rule& rule : parsed.rules) {
      LinkedRule linked{
          .rule = std::move(rule),
          .file = static_cast<std::uint32_t>(program_.files.size()),
          .first_rule = first,
          .first_string = static_cast<std::uint32_t>(program_.strings.size())};
      AddStrings(linked.rule);
      program_.rules.push_back(std::move(linked));
    }
    program_.files.push_back(file.name);
  }

  // Every file of the folder is read anyway; others must not be missed.
  bool ReadIncludes(const std::string& file,
                    const std::vector<Include>& includes) {
    const fs::path folder = fs::path(file).parent_path();
    bool known = true;
    for (const Include& include : includes) {
      std::string name =
          (folder / include.name).lexically_normal().generic_string();
      if (includes_.count(name) == 0) {
        known = false;
        compiled_.mistakes.push_back(
            {file, include.mark, "",
             fmt::format("\"{}\" is not among the files that are read: put it "
                         "into the folder of the rules, as *.yar or *.yara",
                         Escaped(include.name))});
      }
      includes_[file].push_back(std::move(name));
    }
    return known;
  }

  // For YARA an included file's global rules speak for who includes it, too.
  void ApplyIncludes() {
    std::map<std::string, std::string> globals;  // one of each file
    for (const LinkedRule& linked : program_.rules) {
      if (linked.rule.is_global) {
        globals[program_.files[linked.file]] = linked.rule.name;
      }
    }
    std::vector<std::string> reasons;
    for (const std::string& file : program_.files) {
      reasons.push_back(GlobalIncludedBy(file, globals));
    }
    for (LinkedRule& linked : program_.rules) {
      if (linked.rule.unsupported.empty()) {
        linked.rule.unsupported = reasons[linked.file];
      }
    }
  }

  std::string GlobalIncludedBy(
      const std::string& file,
      const std::map<std::string, std::string>& globals) {
    std::set<std::string> seen;
    std::vector<std::string> open = includes_[file];
    while (!open.empty()) {
      const std::string name = open.back();
      open.pop_back();
      if (!seen.insert(name).second) {
        continue;
      }
      if (const auto global = globals.find(name); global != globals.end()) {
        return fmt::format(
            "the file includes the global rule {}, which speaks for its own "
            "file alone here",
            global->second);
      }
      const std::vector<std::string>& more = includes_[name];
      open.insert(open.end(), more.begin(), more.end());
    }
    return {};
  }

  void AddStrings(Rule& rule) {
    for (const String& string : rule.strings) {
      Sought sought{.is_private = string.is_private};
      auto forms = FormsOf(string);
      if (forms) {
        sought.forms = std::move(*forms);
      } else if (rule.unsupported.empty()) {
        rule.unsupported = forms.error().what;
      }
      program_.strings.push_back(std::move(sought));
    }
  }

  // What leans on a rule that is not imported is not imported either.
  void Spread() {
    std::map<std::uint32_t, std::string> lost;  // global rules, by file
    for (LinkedRule& linked : program_.rules) {
      for (const std::uint32_t named : RulesNamedIn(linked.rule.condition)) {
        const Rule& other = program_.rules[linked.first_rule + named].rule;
        if (!other.unsupported.empty() && linked.rule.unsupported.empty()) {
          linked.rule.unsupported = fmt::format(
              "depends on rule {}, which is not imported", other.name);
        }
      }
      if (linked.rule.is_global && !linked.rule.unsupported.empty()) {
        lost.try_emplace(linked.file, linked.rule.name);
      }
    }
    for (LinkedRule& linked : program_.rules) {
      const auto found = lost.find(linked.file);
      if (found != lost.end() && linked.rule.unsupported.empty()) {
        linked.rule.unsupported = fmt::format(
            "the file's global rule {} is not imported", found->second);
      }
    }
  }

  // False when rules were struck out for it: then it is to be called again.
  bool CompileScanner() {
    std::vector<Pattern> patterns;
    std::map<std::tuple<Pattern::Kind, std::string, bool, bool>, std::uint32_t>
        numbers;
    program_.uses.clear();
    ForEachForm([&](const LinkedRule&, std::uint32_t string, Form& form,
                    std::uint32_t number) {
      const Pattern& pattern = form.pattern();
      const auto [at, is_new] = numbers.try_emplace(
          {pattern.kind, pattern.text, pattern.caseless, pattern.approximate},
          static_cast<std::uint32_t>(patterns.size()));
      if (is_new) {
        patterns.push_back(pattern);
        program_.uses.emplace_back();
      }
      program_.uses[at->second].push_back({string, number});
      Sought& sought = program_.strings[string];
      sought.exact = sought.exact && form.exact();
    });
    auto scanner = PatternSet::Compile(patterns);
    if (scanner) {
      program_.scanner =
          std::make_shared<const PatternSet>(std::move(*scanner));
      return true;
    }
    StrikeOut(scanner.error().what);
    return false;
  }

  // Compiling all at once names no rule; so only when that fails, each regex is
  // tried alone: exactly, then as a filter, then not at all.
  void StrikeOut(const std::string& why) {
    bool changed = false;
    ForEachForm([&](LinkedRule& linked, std::uint32_t string, Form& form,
                    std::uint32_t /*number*/) {
      if (form.pattern().kind != Pattern::Kind::kRegex ||
          PatternSet::Check(form.pattern())) {
        return;
      }
      changed = true;
      if (NeverMatches(form)) {
        form.Forget();
        return;
      }
      const bool tried = form.pattern().approximate;
      form.Approximate();
      const auto filter = PatternSet::Check(form.pattern());
      if (tried || !filter) {
        linked.rule.unsupported =
            fmt::format("{} cannot be compiled: {}",
                        linked.rule.strings[string - linked.first_string].name,
                        filter ? why : filter.error().what);
      }
    });
    for (LinkedRule& linked : program_.rules) {
      if (!changed && linked.rule.unsupported.empty()) {
        linked.rule.unsupported =
            "the strings of all rules together cannot be "
            "compiled: " +
            why;
      }
    }
  }

  // Hyperscan refuses what contradicts itself: "a\\Bb" next to a blank.
  static bool NeverMatches(const Form& form) {
    const auto refused = PatternSet::Check(form.pattern());
    return !refused &&
           refused.error().what.find("can never match") != std::string::npos;
  }

  // Calls `visit` for the forms of all rules that are imported.
  void ForEachForm(const auto& visit) {
    for (LinkedRule& linked : program_.rules) {
      if (!linked.rule.unsupported.empty()) {
        continue;
      }
      for (std::size_t i = 0; i < linked.rule.strings.size(); ++i) {
        const auto string = static_cast<std::uint32_t>(linked.first_string + i);
        std::uint32_t number = 0;
        for (Form& form : program_.strings[string].forms) {
          if (!form.pattern().text.empty()) {
            visit(linked, string, form, number);
          }
          ++number;
        }
      }
    }
  }

  void Wake() {
    std::vector<std::vector<std::uint32_t>> needs;  // strings, by rule
    program_.wakes.resize(program_.strings.size());
    for (std::uint32_t i = 0; i < program_.rules.size(); ++i) {
      LinkedRule& linked = program_.rules[i];
      const std::uint32_t end =
          i + 1 < program_.rules.size()
              ? program_.rules[i + 1].first_string
              : static_cast<std::uint32_t>(program_.strings.size());
      std::vector<std::uint32_t>& own = needs.emplace_back();
      for (std::uint32_t string = linked.first_string; string < end; ++string) {
        own.push_back(string);
      }
      if (!linked.rule.unsupported.empty()) {
        continue;
      }
      linked.sleeps = HoldsNotWithoutStrings(program_, linked);
      for (const std::uint32_t named : RulesNamedIn(linked.rule.condition)) {
        const auto& more = needs[linked.first_rule + named];
        needs.back().insert(needs.back().end(), more.begin(), more.end());
      }
      std::sort(own.begin(), own.end());
      own.erase(std::unique(own.begin(), own.end()), own.end());
      if (!linked.sleeps) {
        program_.awake.push_back(i);
        continue;
      }
      for (const std::uint32_t string : own) {
        program_.wakes[string].push_back(i);
      }
    }
  }

  std::map<std::string, std::vector<std::string>> includes_;  // by file
  Compiled compiled_;
  Program& program_ = compiled_.program;
};

}  // namespace

Compiled Compile(const std::vector<SourceFile>& files) {
  return Compiler().Run(files);
}

}  // namespace assay::yara
